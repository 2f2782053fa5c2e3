//! Finding and reading the file.

use crate::Exit;
use crate::config::position::Position;
use crate::config::{KEYS, Key, Rule};
use crate::error::{CliError, Outcome};
use crate::suggest;
use std::path::{Path, PathBuf};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Where it is looked for, below the workspace's root.
const PLACES: [&str; 2] = [".config/gorace.toml", "gorace.toml"];

/// What the file says; nothing if there is none.
#[derive(Debug, Default)]
pub struct Config {
    /// Where it was read.
    pub path: Option<PathBuf>,
    pub(super) profiles: Vec<Profile>,
    /// What is allowed.
    pub rules: Vec<Rule>,
}

/// One profile as it stands in the file.
#[derive(Debug, Default)]
pub(super) struct Profile {
    pub name: String,
    pub inherits: Option<String>,
    /// Each with its line.
    pub values: Vec<(&'static Key, String, usize)>,
}

impl Config {
    /// Reads the file of a workspace, or the one that is named.
    ///
    /// # Errors
    /// If it cannot be read, or something in it is not what it should be.
    pub fn load(root: &Path, named: Option<&Path>) -> Outcome<Self> {
        let found: Vec<PathBuf> = match named {
            Some(path) => vec![path.to_owned()],
            None => PLACES.iter().map(|place| root.join(place)).filter(|path| path.is_file()).collect(),
        };
        match found.as_slice() {
            [] => Ok(Config::default()),
            [path] => {
                let text = std::fs::read_to_string(path).map_err(|error| {
                    CliError::new(Exit::BadConfiguration, format!("cannot read {}: {error}", path.display()))
                })?;
                let config = parse(path, &text)?;
                Ok(Config { path: Some(path.clone()), ..config })
            }
            [one, two, ..] => {
                let message = format!("there are two files: {} and {}", one.display(), two.display());
                Err(CliError::new(Exit::BadConfiguration, message).hint("keep one of them"))
            }
        }
    }
}

fn parse(path: &Path, text: &str) -> Outcome<Config> {
    let file = Position { path, text };
    let root = DeTable::parse(text)
        .map_err(|error| file.error(&error.span().unwrap_or(0..0), error.message().trim()))?;
    let mut config = Config::default();
    for (key, value) in root.get_ref() {
        let name: &str = key.get_ref();
        match name {
            "profile" => {
                for (name, table) in table(&file, value, "[profile.NAME]")? {
                    config.profiles.push(profile(&file, name.get_ref(), table)?);
                }
            }
            "allow" => {
                let Some(rules) = value.get_ref().as_array() else {
                    return Err(file.error(&value.span(), "expected a list: [[allow]]"));
                };
                for rule in rules.iter() {
                    config.rules.push(Rule::read(&file, rule)?);
                }
            }
            _ => {
                let error = file.error(&key.span(), format!("unknown key `{name}`"));
                // A setting outside of a profile is the likeliest slip.
                let hint = match Key::named(name) {
                    Some(_) => format!("it belongs into a profile: [profile.default], then {name} = .."),
                    None => suggest::did_you_mean(name, ["profile", "allow"]),
                };
                return Err(error.hint(hint));
            }
        }
    }
    check_inheritance(&file, &root, &config)?;
    Ok(config)
}

fn table<'t, 'i>(
    file: &Position<'_>,
    value: &'t Spanned<DeValue<'i>>,
    what: &str,
) -> Outcome<&'t DeTable<'i>> {
    let table = value.get_ref().as_table();
    table.ok_or_else(|| file.error(&value.span(), format!("expected a table: {what}")))
}

fn profile(file: &Position<'_>, name: &str, value: &Spanned<DeValue<'_>>) -> Outcome<Profile> {
    let mut profile = Profile { name: name.to_owned(), ..Profile::default() };
    for (key, value) in table(file, value, "[profile.NAME]")? {
        let name: &str = key.get_ref();
        let (line, _) = file.of(key.span().start);
        if name == "inherits" {
            let parent = value.get_ref().as_str().map(str::to_owned);
            let parent = parent.ok_or_else(|| file.error(&value.span(), "expected a profile's name"))?;
            profile.inherits = Some(parent);
            continue;
        }
        let Some(known) = Key::named(name) else {
            let names = KEYS.iter().map(|key| key.name).chain(["inherits"]);
            let error = file.error(&key.span(), format!("unknown key `{name}` in a profile"));
            return Err(error.hint(suggest::did_you_mean(name, names)));
        };
        let text = scalar(value.get_ref()).ok_or_else(|| {
            let kind = value.get_ref().type_str();
            file.error(&value.span(), format!("expected a single value for `{name}`, got a {kind}"))
        })?;
        if let Err(expected) = known.check(&text) {
            return Err(file.error(&value.span(), format!("invalid `{name}`: {expected}, got `{text}`")));
        }
        profile.values.push((known, text, line));
    }
    Ok(profile)
}

/// A value as the variable of the same meaning has it; a list of texts with commas between them.
fn scalar(value: &DeValue<'_>) -> Option<String> {
    if let Some(text) = value.as_str() {
        return Some(text.to_owned());
    }
    if let Some(flag) = value.as_bool() {
        return Some(flag.to_string());
    }
    if let Some(integer) = value.as_integer() {
        let prefix = if integer.radix() == 16 { "0x" } else { "" };
        return Some(format!("{prefix}{}", integer.as_str().replace('_', "")));
    }
    let items = value.as_array()?.iter().map(|item| item.get_ref().as_str());
    Some(items.collect::<Option<Vec<&str>>>()?.join(","))
}

/// Each parent exists, and following them comes to an end.
fn check_inheritance(file: &Position<'_>, root: &Spanned<DeTable<'_>>, config: &Config) -> Outcome<()> {
    let span = |profile: &Profile| {
        let profiles = root.get_ref().get("profile").and_then(|value| value.get_ref().as_table());
        let value = profiles.and_then(|table| table.get(profile.name.as_str()));
        let inherits = value.and_then(|value| value.get_ref().as_table()?.get("inherits"));
        inherits.map_or(0..0, |value| value.span())
    };
    for profile in &config.profiles {
        let mut chain = vec![profile.name.as_str()];
        let mut at = profile;
        while let Some(parent) = &at.inherits {
            if chain.contains(&parent.as_str()) {
                let words = format!("profile `{}` inherits from itself: {}", profile.name, chain.join(", "));
                return Err(file.error(&span(profile), words));
            }
            chain.push(parent);
            match config.profiles.iter().find(|other| other.name == *parent) {
                Some(next) => at = next,
                None if super::effective::BUILT_IN.contains(&parent.as_str()) => break,
                None => {
                    let names = config.profiles.iter().map(|other| other.name.as_str());
                    let error = file.error(&span(at), format!("no profile is called `{parent}`"));
                    return Err(error.hint(suggest::did_you_mean(parent, names)));
                }
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> String {
        match parse(Path::new("gorace.toml"), text) {
            Ok(config) => panic!("it was read: {config:?}"),
            Err(error) => error.to_string(),
        }
    }

    const WHOLE: &str = "[profile.default]\nmax-executions = 1_000\ntimeout = \"30s\"\nclock = \"idle\"\n\n[profile.ci]\n\
         inherits = \"default\"\nrequire-complete = true\nreport = [\"sarif=a.sarif\", \"junit\"]\nseed = 0xff\n\n[[allow]]\n\
         code = \"GR0001\"\nin = \"src/**/*.rs\"\nobject = \"hits*\"\nreason = \"may be stale, #12\"\n";

    #[test]
    fn a_damaged_file_is_an_error_with_its_place_or_is_read() {
        let path = Path::new("gorace.toml");
        let config = parse(path, WHOLE).expect("it is whole");
        assert_eq!((config.profiles.len(), config.rules.len()), (2, 1));
        let mut errors = 0;
        crate::damage::each(WHOLE, |text| match parse(path, text) {
            Ok(config) => drop(config.effective("ci")),
            Err(error) => {
                errors += 1;
                let error = error.to_string();
                assert!(error.starts_with("gorace.toml, line "), "{error}\n{text}");
            }
        });
        assert!(errors > 0);
    }

    #[test]
    fn errors_say_where_and_what_to_do() {
        for (text, expected) in [
            (
                "[profile.ci]\nmax-exections = 3\n",
                "line 2, column 1: unknown key `max-exections` in a profile\nhint: did you mean `max-executions`?",
            ),
            ("[profile.ci]\nmax_executions = 3\n", "did you mean `max-executions`?"),
            ("[profle.ci]\n", "unknown key `profle`\nhint: did you mean `profile`?"),
            ("seed = 3\n", "it belongs into a profile"),
            ("[profile.ci]\nseed = \"x\"\n", "line 2, column 8: invalid `seed`: expected a number"),
            ("[profile.ci]\nseed = { a = 1 }\n", "expected a single value for `seed`, got a table"),
            ("[profile.ci]\nstrict-baseline = 1\n", "expected true or false, got `1`"),
            (
                "[profile.ci]\ninherits = \"deflt\"\n[profile.default]\n",
                "line 2, column 12: no profile is called `deflt`\nhint: did you mean `default`?",
            ),
            ("[profile.a]\ninherits = \"b\"\n[profile.b]\ninherits = \"a\"\n", "inherits from itself"),
            ("[profile.ci]\nreport = [\"junt\"]\n", "did you mean `junit`?"),
            ("profile = 3\n", "expected a table: [profile.NAME]"),
            ("[profile.ci\n", "line 1, column 12"),
            ("[[allow]]\ncode = \"GR0001\"\nin = \"a\"\n", "has no `reason`"),
            ("[[allow]]\ncode = \"GR0001\"\nin = \"a\"\nreason = \" \"\n", "expected a text for `reason`"),
            ("[[allow]]\ncode = \"GR0001\"\nreason = \"r\"\n", "has no `in`, `object` or `test`"),
            (
                "[[allow]]\ncode = \"GR0008\"\nin = \"a\"\nreason = \"r\"\n",
                "no code that can be allowed is called `GR0008`",
            ),
            ("[[allow]]\nin = \"a\"\nreason = \"r\"\n", "has no `code`"),
            ("[[allow]]\ncode = \"GR0001\"\nin = \"[\"\nreason = \"r\"\n", "line 3, column 6: not a glob"),
            ("[[allow]]\nobjct = \"a\"\n", "did you mean `object`?"),
        ] {
            let error = error(text);
            assert!(error.starts_with("gorace.toml, line "), "{error}");
            assert!(error.contains(expected), "{text}\n{error}");
        }
    }
}
