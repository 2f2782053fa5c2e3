//! What holds in the end, and who said so: the command line, then the environment, then the attribute of each test,
//! then the profile and those that it inherits, then what is built in.

use crate::Exit;
use crate::config::file::Profile;
use crate::config::{Config, KEYS, Key};
use crate::error::{CliError, Outcome};
use crate::suggest;
use std::ffi::OsString;
use std::fmt;

/// Profiles that there are in any case.
pub const BUILT_IN: [&str; 2] = ["default", "ci"];

/// Who said a value.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Origin {
    Environment(&'static str),
    Profile { name: String, line: usize },
    BuiltIn,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::Environment(variable) => write!(f, "variable {variable}"),
            Origin::Profile { name, line } => write!(f, "profile `{name}`, line {line}"),
            Origin::BuiltIn => f.write_str("built in"),
        }
    }
}

/// The values of one profile.
#[derive(Debug)]
pub struct Effective {
    /// The profile.
    pub name: String,
    /// One for each key, in their order.
    pub values: Vec<(&'static Key, String, Origin)>,
}

impl Config {
    /// The values of a profile.
    ///
    /// # Errors
    /// If there is no such profile, or a variable of the gate's is not what it should be.
    pub fn effective(&self, name: &str) -> Outcome<Effective> {
        let mut chain: Vec<&Profile> = Vec::new();
        let mut next = Some(name.to_owned());
        while let Some(wanted) = next {
            let found = self.profiles.iter().find(|profile| profile.name == wanted);
            if found.is_none() && !BUILT_IN.contains(&wanted.as_str()) {
                let names = self.profiles.iter().map(|profile| profile.name.as_str()).chain(BUILT_IN);
                let message = format!("no profile is called `{wanted}`");
                return Err(CliError::new(Exit::BadConfiguration, message)
                    .hint(suggest::did_you_mean(&wanted, names)));
            }
            chain.extend(found);
            let inherited = found.and_then(|profile| profile.inherits.clone());
            // All others begin with the values of the default one.
            next = inherited.or_else(|| (wanted != "default").then(|| "default".to_owned()));
        }
        let values = KEYS.iter().map(|key| value(key, &chain)).collect::<Outcome<_>>()?;
        Ok(Effective { name: name.to_owned(), values })
    }
}

fn value(key: &'static Key, chain: &[&Profile]) -> Outcome<(&'static Key, String, Origin)> {
    if let Some(text) = std::env::var_os(key.variable).filter(|text| !text.is_empty()) {
        let text = text.to_string_lossy().into_owned();
        let text = match (text.as_str(), key.builtin) {
            ("1", "false") => "true".to_owned(),
            ("0", "false") => "false".to_owned(),
            _ => text,
        };
        key.check(&text).map_err(|expected| {
            let message = format!("invalid {}: {expected}, got `{text}`", key.variable);
            CliError::new(Exit::BadConfiguration, message)
        })?;
        return Ok((key, text, Origin::Environment(key.variable)));
    }
    for profile in chain {
        if let Some((_, text, line)) = profile.values.iter().find(|(known, ..)| known.name == key.name) {
            return Ok((key, text.clone(), Origin::Profile { name: profile.name.clone(), line: *line }));
        }
    }
    Ok((key, key.builtin.to_owned(), Origin::BuiltIn))
}

impl Effective {
    /// A key's value.
    pub fn text(&self, name: &str) -> &str {
        self.values.iter().find(|(key, ..)| key.name == name).map_or("", |(_, text, _)| text)
    }

    /// Whether a profile says it, and neither the environment nor nobody.
    pub fn is_of_profile(&self, name: &str) -> bool {
        let is_it = |origin: &Origin| matches!(origin, Origin::Profile { .. });
        self.values.iter().any(|(key, _, origin)| key.name == name && is_it(origin))
    }

    /// Whether a switch is on.
    pub fn is_on(&self, name: &str) -> bool {
        self.text(name) == "true"
    }

    /// What profiles say to checks, as variables that are below each test's attribute.
    pub fn variables(&self) -> Vec<(String, OsString)> {
        let of_profiles = self
            .values
            .iter()
            .filter(|(key, _, origin)| key.is_for_checks && matches!(origin, Origin::Profile { .. }));
        of_profiles
            .map(|(key, text, _)| (key.variable.replacen("GORACE_", "GORACE_DEFAULT_", 1), text.into()))
            .collect()
    }
}
