//! From a trace to findings: one detector a file, each with its source, what it may miss, and why it
//! reports nothing false.

mod commute;
mod deadlock;
mod first_adds;
mod leak;
mod livelock;
mod panic;
mod race;
mod wait_group;

pub use deadlock::{blocked, cycles, deadlocks, main_goexit, waits_for};
pub use leak::leaks;
pub use livelock::{Spin, livelock, spin};
pub use panic::panics;
pub use race::RaceDetector;
pub use wait_group::wait_groups;

use crate::finding::Finding;
use crate::trace::{Ended, History, Trace};

/// All detectors, with the storage that they keep between executions.
#[derive(Debug, Default)]
pub struct Detectors {
    races: RaceDetector,
}

impl Detectors {
    /// Whether an execution of which nothing but a race could be wrong has one: what [`Detectors::run`] would say
    /// of its trace, at less cost.
    pub fn has_race(&mut self, history: &History<'_>) -> bool {
        !self.races.races(history).is_empty()
    }

    /// What `trace` shows, in the order: races, misuse and panics, deadlocks, leaks, livelock.
    ///
    /// An execution that was abandoned, dropped or diverged shows nothing. One that was cut by the step limit shows
    /// no leak, since a task that could still run might have ended it.
    pub fn run(&mut self, trace: &Trace, max_steps: u64, findings: &mut Vec<Finding>) {
        findings.clear();
        if matches!(trace.ended, Ended::Abandoned | Ended::Dropped | Ended::Diverged) {
            return;
        }
        let mut kinds = Vec::new();
        self.races.detect(trace, &mut kinds);
        wait_groups(trace, &mut kinds);
        panics(trace, &mut kinds);
        use crate::FindingKind::{Misuse, Panic};
        // A misuse ends its task by a panic.
        let fatal = kinds.iter().any(|kind| matches!(kind, Panic { .. } | Misuse { .. }));
        let before = kinds.len();
        deadlocks(trace, &mut kinds);
        leaks(trace, &mut kinds);
        livelock(trace, max_steps, &mut kinds);
        findings.extend(
            kinds
                .into_iter()
                .enumerate()
                .map(|(i, kind)| Finding { kind, after_panic: fatal && i >= before }),
        );
    }
}
