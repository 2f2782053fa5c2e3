//! The options in an attribute's parentheses: `key = value`, separated by commas.
//!
//! Every mistake is reported, each at its own place, so reading goes on after the first. This is the one list of
//! the keys.

use crate::cursor::Cursor;
use crate::error::{Error, Result};
use crate::suggest::{did_you_mean, list};
use crate::value::Value;
use proc_macro2::TokenStream;
use quote::{TokenStreamExt, quote};

/// What both attributes take.
const KEYS: &[&str] = &[
    "strategy",
    "max_executions",
    "max_preemptions",
    "max_steps",
    "timeout",
    "jobs",
    "seed",
    "clock",
    "keep_going",
    "spurious",
    "expect",
    "allow",
    "crate",
];

/// Which attribute the options belong to.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Attribute {
    /// `#[checked_test]`
    CheckedTest,
    /// `#[main]`, whose verdict is the program's exit code: it takes no `expect`.
    Main,
}

impl Attribute {
    fn keys(self) -> impl Iterator<Item = &'static str> {
        KEYS.iter().copied().filter(move |k| self == Attribute::CheckedTest || *k != "expect")
    }
}

/// The options, checked; `None` and empty where the user gave none.
#[derive(Default)]
#[cfg_attr(test, derive(Debug))]
pub struct Options {
    pub strategy: Option<String>,
    pub max_executions: Option<u64>,
    pub max_preemptions: Option<u32>,
    pub max_steps: Option<u64>,
    pub timeout: Option<String>,
    pub jobs: Option<u64>,
    pub seed: Option<u64>,
    pub clock: Option<String>,
    pub keep_going: bool,
    pub spurious: bool,
    /// A code, whichever of its names was written.
    pub expect: Option<&'static str>,
    /// Codes, whichever of their names were written.
    pub allow: Vec<&'static str>,
    krate: Option<TokenStream>,
}

impl Options {
    /// Reads the tokens between the attribute's parentheses; the error holds all mistakes.
    pub fn parse(attribute: Attribute, tokens: TokenStream) -> Result<Self> {
        let mut input = Cursor::new(tokens);
        let mut options = Options::default();
        let mut seen: Vec<&'static str> = Vec::new();
        let mut mistakes: Option<Error> = None;
        while !input.is_empty() {
            if let Err(mistake) = options.parse_one(attribute, &mut input, &mut seen) {
                match &mut mistakes {
                    Some(all) => all.combine(mistake),
                    None => mistakes = Some(mistake),
                }
                until_comma(&mut input);
            }
            input.punct(',');
        }
        mistakes.map_or(Ok(options), Err)
    }

    /// The path of the library.
    pub fn krate(&self) -> TokenStream {
        self.krate.clone().unwrap_or_else(|| quote!(::gorace))
    }

    fn parse_one(
        &mut self,
        attribute: Attribute,
        input: &mut Cursor,
        seen: &mut Vec<&'static str>,
    ) -> Result<()> {
        let valid = list(attribute.keys());
        let Some(written) = input.ident() else {
            return Err(input.error(format!("expected an option, `key = value`; the keys are {valid}")));
        };
        let name = written.to_string();
        let Some(key) = attribute.keys().find(|k| *k == name) else {
            let hint = did_you_mean(&name, attribute.keys());
            let text = format!("unknown option `{name}`{hint}; the options are {valid}");
            return Err(Error::new(written.span(), text));
        };
        if seen.contains(&key) {
            return Err(Error::new(written.span(), format!("`{key}` is given twice; keep one")));
        }
        seen.push(key);
        let equals = input.punct('=');
        let tokens = until_comma(input);
        if equals.is_none() || tokens.is_empty() {
            return Err(Error::new(written.span(), format!("`{key}` needs a value: `{key} = ..`")));
        }
        self.set(Value { key, tokens })?;
        match &self.strategy {
            Some(strategy) if self.max_preemptions.is_some() && !is_search(strategy) => {
                self.max_preemptions = None;
                let text = format!(
                    "`max_preemptions` is for the strategies `auto` and `exhaustive`: `{strategy}` keeps no bound"
                );
                Err(Error::new(written.span(), text))
            }
            _ => Ok(()),
        }
    }

    fn set(&mut self, value: Value) -> Result<()> {
        match value.key {
            "strategy" => self.strategy = Some(value.strategy()?),
            "max_executions" => self.max_executions = Some(value.number(1..=u64::MAX, "u64")?),
            "max_preemptions" => {
                self.max_preemptions = Some(value.number(0..=u32::MAX.into(), "u32")? as u32)
            }
            "max_steps" => self.max_steps = Some(value.number(1..=u64::MAX, "u64")?),
            "timeout" => self.timeout = Some(value.duration()?),
            "jobs" => self.jobs = Some(value.number(1..=1024, "u64")?),
            "seed" => self.seed = Some(value.number(0..=u64::MAX, "u64")?),
            "clock" => self.clock = Some(value.clock()?),
            "keep_going" => self.keep_going = value.boolean()?,
            "spurious" => self.spurious = value.boolean()?,
            "expect" => self.expect = Some(value.code()?),
            "allow" => self.allow = value.codes()?,
            "crate" => self.krate = Some(value.path()?),
            other => unreachable!("`{other}` is in KEYS and not read"),
        }
        Ok(())
    }
}

/// Whether a strategy searches: random ones draw from all schedules.
fn is_search(strategy: &str) -> bool {
    ["auto", "exhaustive"].contains(&strategy)
}

/// Takes the tokens up to the next comma, which stays.
fn until_comma(input: &mut Cursor) -> TokenStream {
    let mut tokens = TokenStream::new();
    while !input.at_punct(',') {
        let Some(tree) = input.tree() else { break };
        tokens.append(tree);
    }
    tokens
}

#[cfg(test)]
mod tests {
    use super::*;
    use proc_macro2::{Delimiter, Group, TokenTree};

    fn parse(text: &str) -> Options {
        Options::parse(Attribute::CheckedTest, text.parse().unwrap()).unwrap()
    }

    fn mistakes(text: &str) -> Vec<String> {
        let all = Options::parse(Attribute::CheckedTest, text.parse().unwrap()).unwrap_err();
        all.messages()
    }

    fn mistake(text: &str) -> String {
        let mut all = mistakes(text);
        assert_eq!(all.len(), 1, "{all:?}");
        all.remove(0)
    }

    #[test]
    fn nothing_given_is_nothing_set() {
        let options = parse("");
        assert!(options.strategy.is_none() && options.seed.is_none() && options.allow.is_empty());
        assert!(!options.keep_going);
        assert_eq!(options.krate().to_string(), quote!(::gorace).to_string());
    }

    #[test]
    fn every_key_is_read() {
        for key in KEYS {
            let value = match *key {
                "strategy" => "\"pct(12)\"",
                "timeout" => "\"1m\"",
                "clock" => "\"idle\"",
                "keep_going" | "spurious" => "true",
                "expect" => "\"leak\"",
                "allow" => "[]",
                "crate" => "\"a::b\"",
                _ => "7",
            };
            parse(&format!("{key} = {value}"));
        }
    }

    #[test]
    fn values_arrive_as_written_or_canonical() {
        let options = parse(
            r#"strategy = "exhaustive", max_executions = 1_000, max_preemptions = 0, max_steps = 5u64,
               timeout = "500ms", seed = 0xff, clock = "idle", keep_going = true, expect = "data-race",
               allow = ["gr0003", "panic",], crate = "::a::b_c","#,
        );
        assert_eq!(options.strategy.as_deref(), Some("exhaustive"));
        assert_eq!(options.max_executions, Some(1000));
        assert_eq!(options.max_preemptions, Some(0));
        assert_eq!(options.max_steps, Some(5));
        assert_eq!(options.timeout.as_deref(), Some("500ms"));
        assert_eq!(options.seed, Some(255));
        assert_eq!(options.clock.as_deref(), Some("idle"));
        assert!(options.keep_going);
        assert_eq!(options.expect, Some("GR0001"));
        assert_eq!(options.allow, ["GR0003", "GR0004"]);
        assert_eq!(options.krate().to_string(), quote!(::a::b_c).to_string());
    }

    #[test]
    fn all_mistakes_are_reported() {
        let all = mistakes(r#"sed = 1, strategy = 5, seed = 2, seed = 3, keep_going, 7, max_steps = "#);
        let begins = [
            "unknown option `sed`; did you mean `seed`?; the options are `strategy`,",
            "`strategy` takes a strategy in quotes",
            "`seed` is given twice",
            "`keep_going` needs a value",
            "expected an option, `key = value`; the keys are",
            "`max_steps` needs a value",
        ];
        assert_eq!(all.len(), begins.len(), "{all:#?}");
        for (mistake, begin) in all.iter().zip(begins) {
            assert!(mistake.starts_with(begin), "{mistake:?} does not begin with {begin:?}");
        }
    }

    #[test]
    fn values_may_come_from_a_macro() {
        let invisible = |text: &str| {
            let tokens: TokenStream = text.parse().unwrap();
            TokenTree::Group(Group::new(Delimiter::None, tokens))
        };
        let (name, number, truth, text) =
            (invisible("seed"), invisible("7"), invisible("true"), invisible("\"leak\""));
        let tokens = quote!(#name = #number, keep_going = #truth, allow = [#text, #text], expect = #text);
        let options = Options::parse(Attribute::CheckedTest, tokens).unwrap();
        assert_eq!((options.seed, options.keep_going), (Some(7), true));
        assert_eq!((options.allow.len(), options.expect), (2, Some("GR0003")));

        let two = invisible("7 8");
        let error = Options::parse(Attribute::CheckedTest, quote!(seed = #two)).unwrap_err();
        assert!(error.messages()[0].starts_with("`seed` takes a whole number"));
    }

    #[test]
    fn strings_may_be_raw_or_have_escapes() {
        let options = parse(r##"strategy = "p\x6fs", timeout = r"3s", allow = [r#"leak"#, "\u{70}anic"]"##);
        assert_eq!(options.strategy.as_deref(), Some("pos"));
        assert_eq!(options.timeout.as_deref(), Some("3s"));
        assert_eq!(options.allow, ["GR0003", "GR0004"]);
        assert!(mistake(r#"strategy = b"pos""#).ends_with(r#"found `b"pos"`"#));
    }

    #[test]
    fn keywords_are_read_as_keys_and_raw_identifiers_are_not() {
        assert!(mistake("fn = 3").starts_with("unknown option `fn`"));
        assert!(mistake("r#seed = 3").starts_with("unknown option `r#seed`; did you mean `seed`?"));
    }

    #[test]
    fn numbers_keep_to_their_range() {
        assert_eq!(
            mistake("seed = -1"),
            "`seed` takes a whole number from 0 to 18446744073709551615; found `-1`"
        );
        assert!(mistake("max_executions = 0").contains("from 1 to"));
        assert!(mistake("jobs = 0").starts_with("`jobs` takes a whole number from 1 to 1024; found `0`"));
        assert!(mistake("max_preemptions = 4294967296").contains("from 0 to 4294967295"));
        assert!(mistake("max_steps = 1.5").contains("found `1.5`"));
        assert!(mistake("max_steps = \"9\"").contains("found `\"9\"`"));
        assert!(mistake("seed = 5i32").contains("found `5i32`"));
    }

    #[test]
    fn strategies_are_checked() {
        assert!(mistake("strategy = \"pct(0)\"").starts_with("unknown strategy `pct(0)`"));
        assert!(mistake("strategy = \"randm\"").contains("did you mean `random`?"));
        assert!(mistake("strategy = \"random(3)\"").starts_with("unknown strategy `random(3)`"));
    }

    #[test]
    fn a_bound_is_for_searches() {
        for strategy in ["portfolio", "random", "pos", "surw", "urw", "pct", "pct(5)"] {
            let words = "`max_preemptions` is for the strategies `auto` and `exhaustive`";
            for (one, other) in
                [("strategy = \"S\"", "max_preemptions = 2"), ("max_preemptions = 2", "strategy = \"S\"")]
            {
                let text = format!("{one}, {other}").replace('S', strategy);
                assert!(mistake(&text).starts_with(words), "{text}");
            }
        }
        for strategy in ["auto", "exhaustive"] {
            let options = parse(&format!("strategy = \"{strategy}\", max_preemptions = 2"));
            assert_eq!(options.max_preemptions, Some(2));
        }
    }

    #[test]
    fn there_are_two_clocks() {
        assert!(mistake("clock = \"idel\"").starts_with("unknown clock `idel`; did you mean `idle`?"));
        assert!(mistake("clock = idle").starts_with("`clock` takes a clock in quotes, one of `any`, `idle`"));
    }

    #[test]
    fn durations_need_digits_and_a_known_unit() {
        for good in ["1", "30s", "2m", "500ms"] {
            assert_eq!(parse(&format!("timeout = \"{good}\"")).timeout.as_deref(), Some(good));
        }
        for bad in ["", "s", "5h", "1.5s", "-1s", "3 s", "99999999999999999999s"] {
            assert!(mistake(&format!("timeout = \"{bad}\"")).ends_with(&format!("found `{bad}`")), "{bad}");
        }
        assert_eq!(mistake("timeout = \"0ms\""), "`timeout` must be longer than nothing");
    }

    #[test]
    fn findings_are_checked() {
        assert!(
            mistake("expect = \"dead_lock\"")
                .starts_with("unknown finding `dead_lock`; did you mean `deadlock`?")
        );
        assert!(mistake("allow = \"leak\"").starts_with("`allow` takes a list of findings"));
        assert!(mistake("allow = [\"leak\", 3]").starts_with("`allow` takes a list of findings"));
        for list in ["[\"leak\" \"panic\"]", "[,]", "[-\"leak\"]", "(\"leak\")", "[\"leak\"] 3"] {
            assert!(mistake(&format!("allow = {list}")).starts_with("`allow` takes a list"), "{list}");
        }
        assert!(mistake("allow = [\"GR0042\"]").starts_with("unknown finding `GR0042`"));
    }

    #[test]
    fn the_crate_is_a_path() {
        for bad in ["", "a b", "a::", "a-b", "fn main() {}", "a::<u8>"] {
            assert!(mistake(&format!("crate = \"{bad}\"")).starts_with("`crate` takes a path"), "{bad}");
        }
    }

    #[test]
    fn the_crate_has_no_suffix() {
        assert_eq!(mistake("crate = \"a::b\"c"), "unexpected suffix `c` on string literal");
    }

    #[test]
    fn main_has_no_expect() {
        let error = Options::parse(Attribute::Main, quote!(expect = "leak")).unwrap_err().messages().concat();
        assert!(error.starts_with("unknown option `expect`"), "{error}");
        assert_eq!(error.matches("`expect`").count(), 1, "not among the valid ones: {error}");
    }
}
