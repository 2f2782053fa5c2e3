//! The environment variables that a check obeys. All start with `GORACE_`; the bare `GORACE` is Go's.

use gorace_engine::Token;
use gorace_engine::explore::Strategy;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::time::Duration;

/// What the environment says.
#[derive(Clone, Debug, Default)]
pub(crate) struct Environment {
    pub strategy: Option<Strategy>,
    pub seed: Option<u64>,
    pub max_executions: Option<u64>,
    pub max_preemptions: Option<u32>,
    pub max_steps: Option<u64>,
    pub jobs: Option<usize>,
    pub timeout: Option<Duration>,
    pub clock: Option<Clock>,
    pub spurious: Option<bool>,
    pub stall: Option<Duration>,
    pub stack_size: Option<usize>,
    pub replay: Option<Token>,
    pub keep_going: bool,
    /// Findings are kept and fail nothing: whoever asked for it reads and judges them.
    pub defer: bool,
    /// The part of the checked tests that is to run, and of how many.
    pub shard: Option<(u32, u32)>,
    pub no_times: bool,
    pub ascii: bool,
    pub verbose: bool,
    pub color: Option<Color>,
    /// Where a check writes how far it is.
    pub progress: Option<OsString>,
    /// The file that asks a check to stop, once it is there.
    pub stop: Option<OsString>,
    pub out_dir: Option<OsString>,
    pub resume: Option<OsString>,
    /// What an earlier run left there and does not fit any more is passed over.
    pub resume_anew: bool,
    pub run: Option<String>,
}

/// When timers fire inside an execution, where time is virtual.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Clock {
    /// At any point once the deadline is the earliest: whoever runs may have been slow. Finds what depends on
    /// being fast.
    #[default]
    Any,
    /// Only when nothing else can run. A result is then never `Verified`.
    Idle,
}

/// `GORACE_COLOR`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Color {
    Auto,
    Always,
    Never,
}

/// A setting that is not what it should be: from a variable, an attribute or a builder.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SettingError {
    name: String,
    expected: &'static str,
    got: String,
}

impl fmt::Display for SettingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "invalid {}: expected {}, got `{}`", self.name, self.expected, self.got)
    }
}

impl std::error::Error for SettingError {}

impl Environment {
    /// Reads the process's environment.
    ///
    /// # Errors
    /// The first variable whose value is not what it should be.
    pub fn read() -> Result<Self, SettingError> {
        Self::from(&|name| std::env::var_os(name))
    }

    /// Reads what holds where neither the code nor the environment says anything: `GORACE_DEFAULT_SEED` for
    /// `GORACE_SEED`, and so on. That is how a profile of the configuration reaches a check.
    ///
    /// # Errors
    /// The first variable whose value is not what it should be.
    pub fn defaults() -> Result<Self, SettingError> {
        Self::from(&|name| std::env::var_os(name.replacen("GORACE_", "GORACE_DEFAULT_", 1)))
    }

    fn from(get: &dyn Fn(&str) -> Option<OsString>) -> Result<Self, SettingError> {
        let reader = Reader(get);
        Ok(Environment {
            strategy: reader.parsed("GORACE_STRATEGY", Strategy::WORDS, Strategy::from_word)?,
            seed: reader.parsed("GORACE_SEED", "a number from 0 to 2^64 - 1, decimal or 0x..", seed)?,
            max_executions: reader.parsed("GORACE_MAX_EXECUTIONS", POSITIVE, positive)?,
            max_preemptions: reader
                .parsed("GORACE_MAX_PREEMPTIONS", PREEMPTIONS, |text| text.parse().ok())?,
            max_steps: reader.parsed("GORACE_MAX_STEPS", POSITIVE, positive)?,
            jobs: reader.parsed("GORACE_JOBS", JOBS, jobs)?,
            timeout: reader.parsed("GORACE_TIMEOUT", DURATION, duration)?,
            clock: reader.parsed("GORACE_CLOCK", CLOCKS, clock)?,
            spurious: reader.parsed("GORACE_SPURIOUS", SWITCH, switch)?,
            stall: reader.parsed("GORACE_STALL", DURATION, duration)?,
            stack_size: reader.parsed(
                "GORACE_STACK_SIZE",
                "bytes from 16K to 1024M, such as 1M",
                stack_size,
            )?,
            replay: reader.parsed(
                "GORACE_REPLAY",
                "a schedule token, whole, as a report shows it",
                |text| Token::parse(text).ok(),
            )?,
            keep_going: reader.flag("GORACE_KEEP_GOING")?,
            defer: reader.flag("GORACE_DEFER")?,
            shard: reader.parsed("GORACE_SHARD", "a part such as 1/4", shard)?,
            no_times: reader.flag("GORACE_NO_TIMES")?,
            ascii: reader.flag("GORACE_ASCII")?,
            verbose: reader.flag("GORACE_VERBOSE")?,
            color: reader.parsed("GORACE_COLOR", "auto, always or never", color)?,
            progress: get("GORACE_PROGRESS").filter(|file| !file.is_empty()),
            stop: get("GORACE_STOP").filter(|file| !file.is_empty()),
            out_dir: get("GORACE_OUT_DIR").filter(|dir| !dir.is_empty()),
            resume: get("GORACE_RESUME").filter(|dir| !dir.is_empty()),
            resume_anew: reader.flag("GORACE_RESUME_ANEW")?,
            run: reader.parsed("GORACE_RUN", "a folder's name", |text| Some(text.to_owned()))?,
        })
    }
}

pub(crate) const DURATION: &str = "a duration from 1 ns to 2^64 s, such as 500ms, 30s or 2m";
pub(crate) const POSITIVE: &str = "a number from 1 to 2^64 - 1";
const PREEMPTIONS: &str = "a number from 0 to 4294967295";
const SWITCH: &str = "1 or 0";
pub(crate) const CLOCKS: &str = "any or idle";

struct Reader<'a>(&'a dyn Fn(&str) -> Option<OsString>);

impl Reader<'_> {
    fn parsed<T>(
        &self,
        name: &str,
        expected: &'static str,
        parse: fn(&str) -> Option<T>,
    ) -> Result<Option<T>, SettingError> {
        let Some(value) = self.value(name) else { return Ok(None) };
        match value.to_str().and_then(parse) {
            None => Err(wrong(name, expected, &value)),
            parsed => Ok(parsed),
        }
    }

    fn value(&self, name: &str) -> Option<OsString> {
        (self.0)(name).filter(|value| !value.is_empty())
    }

    fn flag(&self, name: &str) -> Result<bool, SettingError> {
        Ok(self.parsed(name, SWITCH, switch)?.unwrap_or(false))
    }
}

fn wrong(name: &str, expected: &'static str, got: &OsStr) -> SettingError {
    SettingError { name: name.to_owned(), expected, got: got.to_string_lossy().into_owned() }
}

/// Reads an attribute's text with the rules of the variable of the same name.
pub(crate) fn attribute<T>(
    name: &str,
    text: &str,
    expected: &'static str,
    parse: impl Fn(&str) -> Option<T>,
) -> Result<T, SettingError> {
    parse(text).ok_or_else(|| SettingError { name: name.to_owned(), expected, got: text.to_owned() })
}

/// A bound on preemptions, named so, beside a strategy that keeps none.
pub(crate) fn unkept_bound(name: &str, strategy: &Strategy) -> SettingError {
    wrong(name, "the strategy auto or exhaustive, which keep it", OsStr::new(&strategy.to_string()))
}

pub(crate) fn duration(text: &str) -> Option<Duration> {
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

pub(crate) fn clock(text: &str) -> Option<Clock> {
    match text {
        "any" => Some(Clock::Any),
        "idle" => Some(Clock::Idle),
        _ => None,
    }
}

fn switch(text: &str) -> Option<bool> {
    match text {
        "1" | "true" => Some(true),
        "0" | "false" => Some(false),
        _ => None,
    }
}

fn seed(text: &str) -> Option<u64> {
    match text.strip_prefix("0x") {
        Some(hex) => u64::from_str_radix(hex, 16).ok(),
        None => text.parse().ok(),
    }
}

fn shard(text: &str) -> Option<(u32, u32)> {
    let (part, of) = text.split_once('/')?;
    let (part, of) = (part.parse().ok()?, of.parse().ok()?);
    (1..=of).contains(&part).then_some((part, of))
}

fn positive(text: &str) -> Option<u64> {
    text.parse().ok().filter(|n| *n > 0)
}

/// A thread more than there are cores does no harm, a million do.
pub(crate) const JOBS: &str = "a number of threads from 1 to 1024";

pub(crate) fn jobs(text: &str) -> Option<usize> {
    text.parse().ok().filter(|jobs| (1..=1024).contains(jobs))
}

fn stack_size(text: &str) -> Option<usize> {
    let (digits, unit) = match text.strip_suffix(['K', 'k']) {
        Some(digits) => (digits, 1 << 10),
        None => text.strip_suffix(['M', 'm']).map_or((text, 1), |digits| (digits, 1 << 20)),
    };
    let size = digits.parse::<usize>().ok()?.checked_mul(unit)?;
    ((16 << 10)..=(1 << 30)).contains(&size).then_some(size)
}

fn color(text: &str) -> Option<Color> {
    match text {
        "auto" => Some(Color::Auto),
        "always" => Some(Color::Always),
        "never" => Some(Color::Never),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(name: &'static str, value: &'static str) -> Result<Environment, SettingError> {
        Environment::from(&|asked| (asked == name).then(|| value.into()))
    }

    #[test]
    fn a_switch_that_is_not_set_leaves_the_attribute_alone() {
        assert_eq!(read("GORACE_SEED", "1").unwrap().spurious, None);
        assert_eq!(read("GORACE_SPURIOUS", "1").unwrap().spurious, Some(true));
        assert_eq!(read("GORACE_SPURIOUS", "false").unwrap().spurious, Some(false));
        let error = read("GORACE_SPURIOUS", "yes").unwrap_err().to_string();
        assert_eq!(error, "invalid GORACE_SPURIOUS: expected 1 or 0, got `yes`");
    }

    /// A CI engine that passes a variable on passes on an empty one, too.
    #[test]
    fn an_empty_variable_is_one_that_is_not_set() {
        let none = format!("{:?}", Environment::from(&|_| None).unwrap());
        let empty = Environment::from(&|_| Some(OsString::new())).unwrap();
        assert_eq!(format!("{empty:?}"), none);
    }

    /// The values are those of the test of the same name in the command line, which takes and refuses the same.
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
                assert!(read(name, text).is_ok(), "{name}={text}");
            }
            for text in bad {
                let error = read(name, text).unwrap_err().to_string();
                assert_eq!(error, format!("invalid {name}: expected {expected}, got `{text}`"));
            }
        }
    }
}
