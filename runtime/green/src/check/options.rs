//! The settings of one check, from lowest to highest: built in, the environment's defaults, attribute or builder,
//! environment.

use crate::check::env::unkept_bound;
use crate::check::{Clock, Environment, SettingError};
use gorace_analyzer::Code;
use gorace_analyzer::record::Program;
use gorace_engine::Schedule;
use gorace_engine::explore::{Budget, Explorer, Strategy};
use std::path::PathBuf;
use std::time::Duration;

/// Where a setting comes from, from lowest to highest.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub(crate) enum Level {
    #[default]
    BuiltIn,
    Defaults,
    Code,
    Environment,
}

/// All settings of one check.
#[derive(Clone, Debug)]
pub(crate) struct Options {
    pub program: Program,
    /// The source file that the check is written in, as the compiler saw it.
    pub source: &'static str,
    pub strategy: Strategy,
    pub strategy_from: Level,
    pub seed: u64,
    pub max_executions: u64,
    pub max_preemptions: Option<u32>,
    pub bound_from: Level,
    pub max_steps: u64,
    pub timeout: Duration,
    /// Timers fire only when nothing else can run.
    pub idle_clock: bool,
    /// Waits may wake, and weak compare-exchanges fail, for no reason.
    pub spurious: bool,
    pub keep_going: bool,
    pub allow: Vec<Code>,
    /// The finding that the test is about: with it and nothing else the test passes.
    pub expect: Option<Code>,
    pub stack_size: usize,
    pub stall: Duration,
    /// Where what is left to do is kept, and where an earlier run kept it.
    pub resume: Option<PathBuf>,
    /// Whether what it does not get to is kept.
    pub is_one_of_several: bool,
    /// How many OS threads explore, at least 1.
    pub jobs: usize,
    /// The part of the random schedules that is run, and of how many; others run the rest.
    pub shard: Option<(u32, u32)>,
    /// Where findings are kept; `None`: nowhere.
    pub store: bool,
}

/// Executions after the first finding, to say in how many of them it shows.
const AFTER_FINDING: u64 = 1_000;

impl Default for Options {
    fn default() -> Self {
        Options {
            program: Program::default(),
            source: "",
            strategy: Strategy::Auto,
            strategy_from: Level::BuiltIn,
            seed: 0,
            max_executions: 20_000,
            max_preemptions: None,
            bound_from: Level::BuiltIn,
            max_steps: 200_000,
            timeout: Duration::from_secs(30),
            idle_clock: false,
            spurious: false,
            keep_going: false,
            allow: Vec::new(),
            expect: None,
            stack_size: 1 << 20,
            stall: Duration::from_secs(10),
            resume: None,
            is_one_of_several: false,
            jobs: 1,
            shard: None,
            store: true,
        }
    }
}

impl Options {
    /// What the environment says wins over what the code says, and that over the environment's defaults.
    pub fn apply(&mut self, environment: &Environment, from: Level) {
        fn set<T: Clone>(slot: &mut T, value: &Option<T>) {
            if let Some(value) = value {
                *slot = value.clone();
            }
        }
        if let Some(strategy) = &environment.strategy {
            (self.strategy, self.strategy_from) = (strategy.clone(), from);
        }
        set(&mut self.seed, &environment.seed);
        set(&mut self.max_executions, &environment.max_executions);
        if let Some(bound) = environment.max_preemptions {
            (self.max_preemptions, self.bound_from) = (Some(bound), from);
        }
        set(&mut self.max_steps, &environment.max_steps);
        set(&mut self.jobs, &environment.jobs);
        set(&mut self.timeout, &environment.timeout);
        set(&mut self.stall, &environment.stall);
        if let Some(clock) = environment.clock {
            self.idle_clock = clock == Clock::Idle;
        }
        set(&mut self.spurious, &environment.spurious);
        set(&mut self.stack_size, &environment.stack_size);
        self.keep_going |= environment.keep_going;
        if let Some(token) = &environment.replay {
            self.strategy = Strategy::Replay(token.schedule.clone());
        }
    }

    /// Of a bound on preemptions and a strategy that keeps none the one from above wins; a bound that is lost so is told by
    /// [`Options::lost_bound`].
    ///
    /// # Errors
    /// If the bound is not from below: it would do nothing, without a word.
    pub fn check_bound(&self) -> Result<(), SettingError> {
        let is_kept = self.strategy.is_search() || matches!(self.strategy, Strategy::Replay(_));
        if self.max_preemptions.is_none() || is_kept || self.bound_from < self.strategy_from {
            return Ok(());
        }
        Err(unkept_bound(
            match self.bound_from {
                Level::Environment => "GORACE_MAX_PREEMPTIONS",
                Level::Defaults => "max-preemptions of the profile",
                Level::Code | Level::BuiltIn => "max_preemptions",
            },
            &self.strategy,
        ))
    }

    /// What is to be said of a bound that the code gives and a strategy from above does not keep.
    pub fn lost_bound(&self) -> Option<String> {
        let bound = self.max_preemptions.filter(|_| self.bound_from == Level::Code)?;
        let is_lost = !self.strategy.is_search() && !matches!(self.strategy, Strategy::Replay(_));
        is_lost.then(|| {
            format!("the test's max_preemptions = {bound} is for searches: {} keeps no bound", self.strategy)
        })
    }

    /// Runs one part of what is to be run, if that can be divided by itself: random schedules can. Else the whole test is
    /// one part's; whether it is this one's.
    pub fn take_part(&mut self, part: u32, of: u32) -> bool {
        match self.strategy {
            Strategy::Auto | Strategy::Exhaustive | Strategy::Replay(_) => self.program.is_in_part(part, of),
            _ => {
                self.shard = Some((part, of));
                true
            }
        }
    }

    /// An explorer with these settings, which tries the `known` schedules first.
    pub fn explorer(&self, budget: Budget, known: Vec<Schedule>) -> Explorer {
        let mut explorer = Explorer::new(self.strategy.clone(), self.seed, budget, known);
        if let Some((part, of)) = self.shard {
            explorer.share_schedules(part, of);
        }
        explorer
    }

    pub fn budget(&self) -> Budget {
        // Schedule i of n: the first of them is the first part's.
        let max_executions = match self.shard {
            Some((part, of)) => (self.max_executions + u64::from(of - part)) / u64::from(of),
            None => self.max_executions,
        };
        Budget {
            max_executions,
            max_preemptions: self.max_preemptions,
            max_steps: self.max_steps,
            idle_clock: self.idle_clock,
            // A schedule that is replayed says by itself where something spurious happened.
            spurious: self.spurious || matches!(self.strategy, Strategy::Replay(_)),
            after_finding: (!self.keep_going).then_some(AFTER_FINDING),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A strategy or a bound, each from somewhere.
    fn options(strategy: (&str, Level), bound: Level) -> Options {
        let mut options = Options::default();
        let strategy_alone =
            Environment { strategy: Strategy::from_word(strategy.0), ..Environment::default() };
        options.apply(&strategy_alone, strategy.1);
        options.apply(&Environment { max_preemptions: Some(2), ..Environment::default() }, bound);
        options
    }

    #[test]
    fn a_strategy_from_above_leaves_a_bound_and_one_beside_or_below_it_contradicts_it() {
        let levels = [Level::Defaults, Level::Code, Level::Environment];
        for strategy in levels {
            for bound in levels {
                assert_eq!(options(("random", strategy), bound).check_bound().is_ok(), bound < strategy);
                assert_eq!(options(("auto", strategy), bound).check_bound(), Ok(()));
            }
        }
        let error = options(("urw", Level::Code), Level::Environment).check_bound().unwrap_err().to_string();
        let expected = "invalid GORACE_MAX_PREEMPTIONS: expected the strategy auto or exhaustive, which keep it, got `urw`";
        assert_eq!(error, expected);
    }

    #[test]
    fn a_bound_of_the_code_is_not_left_without_a_word() {
        let left = options(("surw", Level::Environment), Level::Code).lost_bound();
        assert_eq!(left.unwrap(), "the test's max_preemptions = 2 is for searches: surw keeps no bound");
        // The command line says it once for all tests.
        assert_eq!(options(("surw", Level::Environment), Level::Defaults).lost_bound(), None);
        assert_eq!(options(("exhaustive", Level::Environment), Level::Code).lost_bound(), None);
    }
}
