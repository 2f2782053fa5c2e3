//! Flags and environment variables: the same settings, checked by the same rules.

use crate::Exit;
use crate::args::{Clock, Color, Explore, Print};
use crate::error::{CliError, Outcome};
use crate::shard::Shard;
use gorace_analyzer::variables;
use gorace_engine::Token;
use gorace_engine::explore::Strategy;
use std::ffi::OsString;
use std::time::Duration;

/// Reads a seed: decimal, or hexadecimal with `0x`.
pub fn seed(text: &str) -> Result<u64, String> {
    let number = match text.strip_prefix("0x") {
        Some(hex) => u64::from_str_radix(hex, 16).ok(),
        None => text.parse().ok(),
    };
    number.ok_or_else(|| "expected a number from 0 to 2^64 - 1, decimal or 0x..".to_owned())
}

/// Reads a strategy's word.
pub fn strategy(text: &str) -> Result<Strategy, String> {
    Strategy::from_word(text).ok_or_else(|| format!("expected {}", Strategy::WORDS))
}

/// Reads a duration such as `500ms`, as the library does: one that it can measure with.
pub fn time(text: &str) -> Option<Duration> {
    let unit = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(unit);
    let seconds = match unit {
        "ms" => 0.001,
        "" | "s" => 1.0,
        "m" => 60.0,
        "h" => 3600.0,
        _ => return None,
    };
    Duration::try_from_secs_f64(number.parse::<f64>().ok()? * seconds).ok().filter(|time| !time.is_zero())
}

/// Checks a duration such as `500ms`.
pub fn duration(text: &str) -> Result<String, String> {
    match time(text) {
        Some(_) => Ok(text.to_owned()),
        None => Err("expected a duration from 1 ns to 2^64 s, such as 500ms, 30s or 2m".to_owned()),
    }
}

/// Checks a size such as `4M`.
pub fn stack_size(text: &str) -> Result<String, String> {
    let (digits, unit) = match text.strip_suffix(['K', 'k']) {
        Some(digits) => (digits, 1_u64 << 10),
        None => text.strip_suffix(['M', 'm']).map_or((text, 1), |digits| (digits, 1 << 20)),
    };
    let size = digits.parse::<u64>().ok().and_then(|size| size.checked_mul(unit));
    if size.is_some_and(|size| ((16 << 10)..=(1 << 30)).contains(&size)) {
        Ok(text.to_owned())
    } else {
        Err("expected bytes from 16K to 1024M, such as 1M".to_owned())
    }
}

/// A variable's check: what is expected, if the value is not that.
type Check = fn(&str) -> Result<(), String>;

fn positive(text: &str) -> Result<(), String> {
    let valid = text.parse::<u64>().is_ok_and(|number| number > 0);
    if valid { Ok(()) } else { Err("expected a number from 1 to 2^64 - 1".to_owned()) }
}

fn one_of(text: &str, words: &[&str]) -> Result<(), String> {
    if words.contains(&text) { Ok(()) } else { Err(format!("expected {}", words.join(", "))) }
}

const VARIABLES: &[(&str, Check)] = &[
    ("GORACE_STRATEGY", |text| strategy(text).map(drop)),
    ("GORACE_SEED", |text| seed(text).map(drop)),
    ("GORACE_MAX_EXECUTIONS", positive),
    ("GORACE_MAX_PREEMPTIONS", |text| {
        text.parse::<u32>().map(drop).map_err(|_| "expected a number from 0 to 4294967295".to_owned())
    }),
    ("GORACE_MAX_STEPS", positive),
    ("GORACE_JOBS", |text| {
        let valid = text.parse::<u64>().is_ok_and(|jobs| (1..=1024).contains(&jobs));
        if valid { Ok(()) } else { Err("expected a number of threads from 1 to 1024".to_owned()) }
    }),
    ("GORACE_TIMEOUT", |text| duration(text).map(drop)),
    ("GORACE_CLOCK", |text| one_of(text, &["any", "idle"])),
    ("GORACE_STALL", |text| duration(text).map(drop)),
    ("GORACE_STACK_SIZE", |text| stack_size(text).map(drop)),
    ("GORACE_COLOR", |text| one_of(text, &["auto", "always", "never"])),
    ("GORACE_SHARD", |text| Shard::parse(text).map(drop)),
    ("GORACE_REPLAY", |text| {
        let expected = "expected a schedule token, whole, as a report shows it";
        Token::parse(text).map(drop).map_err(|_| expected.to_owned())
    }),
    ("GORACE_DEFER", |text| one_of(text, &["1", "0", "true", "false"])),
    ("GORACE_RESUME_ANEW", |text| one_of(text, &["1", "0", "true", "false"])),
    ("GORACE_KEEP_GOING", |text| one_of(text, &["1", "0", "true", "false"])),
    ("GORACE_SPURIOUS", |text| one_of(text, &["1", "0", "true", "false"])),
    ("GORACE_NO_TIMES", |text| one_of(text, &["1", "0", "true", "false"])),
    ("GORACE_ASCII", |text| one_of(text, &["1", "0", "true", "false"])),
    ("GORACE_VERBOSE", |text| one_of(text, &["1", "0", "true", "false"])),
];

/// The variables that are checked.
#[cfg(test)]
pub fn names() -> impl Iterator<Item = &'static str> {
    VARIABLES.iter().map(|(name, _)| *name)
}

/// Checks a value by the rules of the variable `name`; whatever has none is taken as it is.
pub fn check(name: &str, text: &str) -> Result<(), String> {
    VARIABLES.iter().find(|(known, _)| *known == name).map_or(Ok(()), |(_, check)| check(text))
}

/// Checks the environment before anything is built.
///
/// # Errors
/// The first variable that is not what it should be.
pub fn check_environment() -> Outcome<()> {
    for (name, check) in VARIABLES {
        let Some(value) = std::env::var_os(name).filter(|value| !value.is_empty()) else { continue };
        let text = value.to_string_lossy();
        if let Err(expected) = check(&text) {
            return Err(CliError::new(
                Exit::BadConfiguration,
                format!("invalid {name}: {expected}, got `{text}`"),
            )
            .hint(format!("correct the environment variable, or unset it: env -u {name} gorace ..")));
        }
    }
    Ok(())
}

/// Tells of variables that look like gorace's and are none: what they were to change stays as it is.
pub fn tell_of_unknown() {
    let set: Vec<String> = std::env::vars_os()
        .filter(|(_, value)| !value.is_empty())
        .filter_map(|(name, _)| name.into_string().ok())
        .collect();
    for sentence in variables::unknown(set.iter().map(String::as_str)) {
        eprintln!("warning: {sentence}");
    }
}

fn is_set(name: &str) -> bool {
    std::env::var(name).is_ok_and(|value| value == "1" || value == "true")
}

/// The flags as variables for the program.
pub fn variables(explore: &Explore, print: &Print) -> Vec<(&'static str, OsString)> {
    let mut variables: Vec<(&'static str, OsString)> = Vec::new();
    let mut set = |name, value: Option<String>| {
        if let Some(value) = value {
            variables.push((name, value.into()));
        }
    };
    set("GORACE_STRATEGY", explore.strategy.as_ref().map(Strategy::to_string));
    let clock = explore.clock.map(|clock| match clock {
        Clock::Any => "any",
        Clock::Idle => "idle",
    });
    set("GORACE_CLOCK", clock.map(str::to_owned));
    set("GORACE_SEED", explore.seed.map(|seed| seed.to_string()));
    set("GORACE_MAX_EXECUTIONS", explore.max_executions.map(|n| n.to_string()));
    set("GORACE_MAX_PREEMPTIONS", explore.max_preemptions.map(|n| n.to_string()));
    set("GORACE_MAX_STEPS", explore.max_steps.map(|n| n.to_string()));
    set("GORACE_TIMEOUT", explore.timeout.clone());
    set("GORACE_JOBS", explore.jobs.map(|n| n.to_string()));
    set("GORACE_STACK_SIZE", explore.stack_size.clone());
    let on = |flag: bool| flag.then(|| "1".to_owned());
    set("GORACE_KEEP_GOING", on(explore.keep_going));
    set("GORACE_SPURIOUS", on(explore.spurious));
    set("GORACE_NO_TIMES", on(print.no_times));
    set("GORACE_ASCII", on(print.ascii));
    set("GORACE_VERBOSE", on(print.verbose));
    let colour = print.color.map(|color| match color {
        Color::Auto => "auto",
        Color::Always => "always",
        Color::Never => "never",
    });
    set("GORACE_COLOR", colour.map(str::to_owned));
    variables
}

impl Print {
    /// The flags, and the variables where there are none.
    #[must_use]
    pub fn with_environment(mut self) -> Self {
        self.no_times |= is_set("GORACE_NO_TIMES");
        self.verbose |= is_set("GORACE_VERBOSE");
        self.ascii |= is_set("GORACE_ASCII");
        if self.color.is_none() {
            self.color = match std::env::var("GORACE_COLOR").as_deref() {
                Ok("always") => Some(Color::Always),
                Ok("never") => Some(Color::Never),
                _ => None,
            };
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The values are those of the test of the same name in the library, and what it says of them.
    #[test]
    fn values_at_the_borders() {
        let duration = "a duration from 1 ns to 2^64 s, such as 500ms, 30s or 2m";
        let count = "a number from 1 to 2^64 - 1";
        for (name, expected, good, bad) in [
            (
                "GORACE_TIMEOUT",
                duration,
                ["0.000001ms", "1.5h", "18446744073709500000s"],
                ["0.0000000001ms", "0s", "99999999999999999999s"],
            ),
            ("GORACE_STALL", duration, ["1", "2m", "500ms"], ["1.2.3s", "s", "1d"]),
            (
                "GORACE_MAX_EXECUTIONS",
                count,
                ["1", "2", "18446744073709551615"],
                ["0", "-1", "18446744073709551616"],
            ),
            (
                "GORACE_MAX_STEPS",
                count,
                ["1", "2", "18446744073709551615"],
                ["0", "x", "18446744073709551616"],
            ),
            (
                "GORACE_MAX_PREEMPTIONS",
                "a number from 0 to 4294967295",
                ["0", "1", "4294967295"],
                ["-1", "many", "4294967296"],
            ),
        ] {
            for text in good {
                assert_eq!(check(name, text), Ok(()), "{name}={text}");
            }
            for text in bad {
                assert_eq!(check(name, text), Err(format!("expected {expected}")), "{name}={text}");
            }
        }
    }
}
