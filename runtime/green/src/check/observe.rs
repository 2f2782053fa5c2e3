//! What one execution shows, as data: taken where it ran, counted where the check keeps its books.

use crate::check::Options;
use crate::check::slow::{self, SlowTask};
use gorace_analyzer::detect::Detectors;
use gorace_analyzer::key::{Key, key};
use gorace_analyzer::trace::Ended;
use gorace_analyzer::verdict::Limit;
use gorace_analyzer::{Code, FindingKind};
use gorace_engine::{Execution, Schedule, Suspicion};

/// See the module.
#[derive(Debug)]
pub(crate) struct Observation {
    pub ended: Ended,
    pub steps: u64,
    /// Those that it met.
    pub limits: Vec<Limit>,
    /// Whether it shows nothing at all.
    pub is_clean: bool,
    /// What it shows that is not allowed, each once.
    pub met: Vec<(FindingKind, Key)>,
    /// The schedule, if it shows anything.
    pub schedule: Schedule,
    /// Tasks that were only slow.
    pub slow: Vec<SlowTask>,
}

impl Observation {
    /// Looks at an execution that ended so and was not yet torn down.
    pub fn of(execution: &mut Execution, detectors: &mut Detectors, options: &Options, ended: Ended) -> Self {
        let mut limits = Vec::new();
        let mut note = |limit, is_met: bool| limits.extend(is_met.then_some(limit));
        note(Limit::WeakValues, execution.used_weak_orders());
        note(Limit::ArcDropOrder, execution.left_untaken());
        note(Limit::TimerOrder, execution.ordered_timers());
        note(Limit::TickerBound, execution.bounded_timers());
        note(Limit::IdleClock, options.idle_clock);
        note(Limit::SpinCut, execution.cut_spins());
        note(Limit::StepLimit, ended == Ended::StepLimit);
        let mut findings = Vec::new();
        let is_suspicious = match execution.suspicion() {
            Suspicion::None => false,
            Suspicion::Race => detectors.has_race(&execution.history()),
            Suspicion::Any => true,
        };
        if is_suspicious {
            detectors.run(execution.trace(), options.max_steps, &mut findings);
        }
        // Allowed or not: what the race does to values was not explored.
        let has_race = findings.iter().any(|finding| finding.kind.code() == Code::DataRace);
        limits.extend(has_race.then_some(Limit::UnexploredRace));
        let is_clean = findings.is_empty();
        let mut met: Vec<(FindingKind, Key)> = Vec::new();
        for finding in findings {
            if options.allow.contains(&finding.kind.code()) {
                continue;
            }
            let key = key(execution.trace(), &finding.kind);
            if met.iter().all(|(_, other)| *other != key) {
                met.push((finding.kind, key));
            }
        }
        Observation {
            ended,
            steps: execution.steps(),
            limits,
            is_clean,
            schedule: if met.is_empty() { Schedule::default() } else { execution.schedule() },
            met,
            slow: if ended == Ended::Quiescent { slow::look(execution) } else { Vec::new() },
        }
    }

    /// Whether it ends the run, unless that is to go on.
    pub fn has_livelock(&self) -> bool {
        self.met.iter().any(|(kind, _)| kind.code() == Code::Livelock)
    }
}
