//! The settings of one exploration: flags, else environment variables, else the configuration's profile, else what is
//! built in.

use crate::Exit;
use crate::args::{Clock, Explore, Format};
use crate::error::{CliError, Outcome};
use gorace_engine::explore::Strategy;
use std::ffi::OsString;
use std::time::Duration;

/// What a profile says, each by the variable that it is to a check: `GORACE_DEFAULT_SEED`.
pub type Defaults = [(String, OsString)];

/// All settings.
#[derive(Clone, Debug)]
pub struct Options {
    /// What searches, or the random strategies that take turns.
    pub strategy: Strategy,
    /// Only schedules with at most so many preemptions are searched.
    pub max_preemptions: Option<u32>,
    pub seed: u64,
    pub max_executions: u64,
    pub max_steps: u64,
    pub timeout: Duration,
    /// How long one execution may take.
    pub stall: Duration,
    pub idle_clock: bool,
    pub keep_going: bool,
    pub show_output: bool,
}

/// How a recorded schedule is run again, beside what it is.
pub struct Again<'a> {
    /// What the run that recorded it said.
    pub explore: &'a Explore,
    pub defaults: &'a Defaults,
    /// What is printed this time.
    pub format: Format,
}

/// Executions after the first finding, to say in how many of them it shows.
pub const AFTER_FINDING: u64 = 100;

impl Options {
    /// Those that the flags, the environment and a profile say.
    ///
    /// # Errors
    /// If they ask for what this door cannot do yet.
    pub fn new(explore: &Explore, defaults: &Defaults) -> Outcome<Self> {
        let variable = |name: &str| said(name, defaults);
        let named = variable("GORACE_STRATEGY").and_then(|word| Strategy::from_word(&word));
        let strategy = explore.strategy.clone().or(named).unwrap_or_default();
        let bound = explore.max_preemptions.or_else(|| variable("GORACE_MAX_PREEMPTIONS")?.parse().ok());
        // A profile is for other programs as well.
        if explore.spurious || matches!(said("GORACE_SPURIOUS", &[]).as_deref(), Some("1" | "true")) {
            return Err(CliError::new(
                Exit::BadCommandLine,
                "--spurious is for programs that use gorace's types",
            )
            .hint("leave it out"));
        }
        let number = |flag: Option<u64>, name: &str, default: u64| {
            flag.or_else(|| variable(name)?.parse().ok()).unwrap_or(default)
        };
        let seed =
            explore.seed.or_else(|| crate::settings::seed(&variable("GORACE_SEED")?).ok()).unwrap_or(0);
        let idle = match explore.clock {
            Some(clock) => clock == Clock::Idle,
            None => variable("GORACE_CLOCK").as_deref() != Some("any"),
        };
        let keep_going = variable("GORACE_KEEP_GOING");
        Ok(Options {
            strategy,
            max_preemptions: bound,
            seed,
            max_executions: number(explore.max_executions, "GORACE_MAX_EXECUTIONS", 20_000),
            max_steps: number(explore.max_steps, "GORACE_MAX_STEPS", 200_000),
            timeout: duration(explore.timeout.clone().or_else(|| variable("GORACE_TIMEOUT")).as_deref(), 30),
            stall: duration(variable("GORACE_STALL").as_deref(), 10),
            idle_clock: idle,
            keep_going: explore.keep_going || matches!(keep_going.as_deref(), Some("1" | "true")),
            show_output: explore.show_output,
        })
    }

    /// Whether schedules are searched, and not drawn. Ordinary programs are too large for that, unless it is asked for.
    pub fn is_search(&self) -> bool {
        match self.strategy {
            Strategy::Exhaustive => true,
            Strategy::Auto => self.max_preemptions.is_some(),
            _ => false,
        }
    }
}

/// What the environment says, else a profile.
pub fn said(variable: &str, defaults: &Defaults) -> Option<String> {
    let default = variable.replacen("GORACE_", "GORACE_DEFAULT_", 1);
    let of_profile = || defaults.iter().find(|(name, _)| *name == default)?.1.clone().into_string().ok();
    std::env::var(variable).ok().filter(|value| !value.is_empty()).or_else(of_profile)
}

/// A duration that was checked when it was read.
fn duration(text: Option<&str>, default: u64) -> Duration {
    text.and_then(crate::settings::time).unwrap_or(Duration::from_secs(default))
}
