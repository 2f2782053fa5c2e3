//! The settings of one check, from lowest to highest: built in, the environment's defaults, attribute or builder,
//! environment.

use crate::check::{Clock, Environment};
use gorace_analyzer::Code;
use gorace_analyzer::record::Program;
use gorace_engine::Schedule;
use gorace_engine::explore::{Budget, Explorer, Strategy};
use std::path::PathBuf;
use std::time::Duration;

/// All settings of one check.
#[derive(Clone, Debug)]
pub(crate) struct Options {
    pub program: Program,
    /// The source file that the check is written in, as the compiler saw it.
    pub source: &'static str,
    pub strategy: Strategy,
    pub seed: u64,
    pub max_executions: u64,
    pub max_preemptions: Option<u32>,
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
            seed: 0,
            max_executions: 20_000,
            max_preemptions: None,
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
    /// What the environment says wins over what the code says.
    pub fn apply(&mut self, environment: &Environment) {
        fn set<T: Clone>(slot: &mut T, value: &Option<T>) {
            if let Some(value) = value {
                *slot = value.clone();
            }
        }
        set(&mut self.strategy, &environment.strategy);
        set(&mut self.seed, &environment.seed);
        set(&mut self.max_executions, &environment.max_executions);
        if environment.max_preemptions.is_some() {
            self.max_preemptions = environment.max_preemptions;
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
