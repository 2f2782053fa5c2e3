//! `[[allow]]`: findings that do not count, each rule with its reason.
//!
//! A rule names a code and at least one of a file, an object and a test, as globs; never a line, which shifts. It allows
//! what has a site that fits all that it names. That nothing was explored cannot be allowed.

use crate::config::position::Position;
use crate::error::Outcome;
use crate::suggest;
use globset::{GlobBuilder, GlobMatcher};
use gorace_analyzer::Code;
use gorace_analyzer::describe::Site;
use std::ops::Range;
use toml::Spanned;
use toml::de::DeValue;

/// The keys, each with its meaning.
pub const RULE_KEYS: [(&str, &str); 5] = [
    ("code", "which findings: a code or its word"),
    ("in", "a glob of files, one of which the finding is in; `*` stays in its folder, `**` does not"),
    ("object", "a glob of names, one of which the finding's objects have"),
    ("test", "a glob of tests"),
    ("reason", "why that is allowed"),
];

/// One rule.
#[derive(Debug)]
pub struct Rule {
    code: Code,
    file: Option<GlobMatcher>,
    object: Option<GlobMatcher>,
    test: Option<GlobMatcher>,
    /// Why what it allows is allowed.
    pub reason: String,
    /// Where it stands, counted from 1.
    pub line: usize,
}

impl Rule {
    /// Whether it allows a finding of this code, in this test, that is known by these sites.
    pub fn allows(&self, code: Code, test: &str, sites: &[Site]) -> bool {
        let fits =
            |glob: &Option<GlobMatcher>, text: &str| glob.as_ref().is_none_or(|glob| glob.is_match(text));
        // A channel has the names of its two ends.
        let object = |names: &str| names.split(", ").chain([names]).any(|name| fits(&self.object, name));
        let site = |site: &Site| fits(&self.file, &site.file) && object(&site.object);
        let is_anywhere = self.file.is_none() && self.object.is_none();
        self.code == code && fits(&self.test, test) && (is_anywhere || sites.iter().any(site))
    }

    /// What it says, for a warning about it.
    pub fn words(&self) -> String {
        let parts = [("in", &self.file), ("object", &self.object), ("test", &self.test)];
        let given = parts.into_iter().filter_map(|(key, glob)| Some((key, glob.as_ref()?)));
        let words: Vec<String> = given.map(|(key, glob)| format!("{key} = \"{}\"", glob.glob())).collect();
        format!("{} {}", self.code, words.join(", "))
    }

    /// Reads one.
    ///
    /// # Errors
    /// If a key is missing, unknown or not what it should be.
    pub fn read(file: &Position<'_>, value: &Spanned<DeValue<'_>>) -> Outcome<Self> {
        let Some(table) = value.get_ref().as_table() else {
            return Err(file.error(&value.span(), "expected a table: [[allow]]"));
        };
        let mut texts: Vec<(&str, &str, Range<usize>)> = Vec::new();
        for (key, value) in table {
            let name: &str = key.get_ref();
            let Some((known, _)) = RULE_KEYS.into_iter().find(|(known, _)| *known == name) else {
                let error = file.error(&key.span(), format!("unknown key `{name}` in [[allow]]"));
                return Err(error.hint(suggest::did_you_mean(name, RULE_KEYS.map(|(key, _)| key))));
            };
            match value.get_ref().as_str() {
                Some(text) if !text.trim().is_empty() => texts.push((known, text, value.span())),
                _ => return Err(file.error(&value.span(), format!("expected a text for `{known}`"))),
            }
        }
        let get = |wanted: &str| texts.iter().find(|(key, ..)| *key == wanted);
        let missing = |what: &str| file.error(&value.span(), format!("this [[allow]] has no `{what}`"));
        let Some((_, reason, _)) = get("reason") else {
            return Err(missing("reason").hint("say why: reason = \"the counter may be stale, see #123\""));
        };
        let Some((_, code, span)) = get("code") else {
            return Err(missing("code").hint("gorace explain --list shows all codes"));
        };
        let code = Code::parse(code)
            .filter(|code| *code != Code::NothingExplored)
            .ok_or_else(|| file.error(span, format!("no code that can be allowed is called `{code}`")))?;
        let glob = |key: &str| -> Outcome<Option<GlobMatcher>> {
            let Some((_, text, span)) = get(key) else { return Ok(None) };
            // In paths a single star stays within its folder.
            let glob = GlobBuilder::new(text).literal_separator(key == "in").backslash_escape(true).build();
            let glob = glob.map_err(|error| file.error(span, format!("not a glob: {}", error.kind())))?;
            Ok(Some(glob.compile_matcher()))
        };
        let rule = Rule {
            code,
            file: glob("in")?,
            object: glob("object")?,
            test: glob("test")?,
            reason: (*reason).to_owned(),
            line: file.of(value.span().start).0,
        };
        if rule.file.is_none() && rule.object.is_none() && rule.test.is_none() {
            return Err(
                missing("in`, `object` or `test").hint("a rule for all of a code would hide new bugs")
            );
        }
        Ok(rule)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;
    use toml::de::DeTable;

    fn rule(text: &str) -> Rule {
        let table = DeTable::parse(text).expect("TOML");
        let rules =
            table.get_ref().get("allow").and_then(|value| value.get_ref().as_array()).expect("a list");
        let file = Position { path: Path::new("gorace.toml"), text };
        Rule::read(&file, rules.iter().next().expect("a rule")).expect("a rule")
    }

    fn site(file: &str, object: &str) -> Site {
        Site { file: file.to_owned(), object: object.to_owned(), ..Site::default() }
    }

    #[test]
    fn a_rule_allows_what_fits_all_that_it_names() {
        let rule =
            rule("[[allow]]\ncode = \"data_race\"\nin = \"src/*.rs\"\nobject = \"hit*\"\nreason = \"r\"\n");
        let allows = |code, sites: &[Site]| rule.allows(code, "t", sites);
        assert!(allows(Code::DataRace, &[site("src/a.rs", "other"), site("src/a.rs", "hits")]));
        assert!(!allows(Code::Deadlock, &[site("src/a.rs", "hits")]), "another code");
        assert!(!allows(Code::DataRace, &[site("src/b/a.rs", "hits")]), "a star stays in its folder");
        assert!(!allows(Code::DataRace, &[site("src/a.rs", "other")]), "another object");
        assert!(
            !allows(Code::DataRace, &[site("x.rs", "hits"), site("src/a.rs", "other")]),
            "no one site fits"
        );
        assert!(!allows(Code::DataRace, &[]), "nothing to be known by");
    }

    #[test]
    fn a_channel_is_named_by_either_end() {
        let rule = rule("[[allow]]\ncode = \"GR0003\"\nobject = \"rx\"\nreason = \"r\"\n");
        assert!(rule.allows(Code::Leak, "t", &[site("a.rs", "tx, rx")]));
        assert!(!rule.allows(Code::Leak, "t", &[site("a.rs", "tx, rx2")]));
    }

    #[test]
    fn a_rule_for_a_test_needs_no_site() {
        let rule = rule("[[allow]]\ncode = \"GR0006\"\ntest = \"slow::*\"\nreason = \"r\"\n");
        assert!(rule.allows(Code::Livelock, "slow::a::b", &[]));
        assert!(!rule.allows(Code::Livelock, "fast::a", &[]));
    }
}
