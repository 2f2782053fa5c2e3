//! PCT: probabilistic concurrency testing (Burckhardt, Kothari, Musuvathi, Nagarakatte, ASPLOS 2010).
//!
//! Tasks have random priorities and the highest that can run does. Of the steps of the profile, `depth - 1`
//! are drawn beforehand; whoever is about to run at one of them falls below all others first. A bug that `depth`
//! ordering constraints bring about shows in a schedule with a probability of at least `1 / (n k^(depth - 1))`,
//! for `n` tasks and `k` steps, if no execution is longer than the profile and nobody yields.
//!
//! A task that yields falls below everybody, as in shuttle; else one that spins would run until it is passed over.

use super::profile::Profile;
use crate::execution::Execution;
use crate::op::Op;
use crate::rng::SplitMix64;
use gorace_analyzer_core::Listed;
use gorace_analyzer_core::TaskIx;

/// The state of one execution.
#[derive(Debug)]
pub(super) struct Pct {
    /// By task. Random ones are above all others; a change point gives its own number, a yield a negative one.
    priorities: Vec<i64>,
    /// The steps before which priorities change, in their order, each with the priority that it gives.
    changes: Vec<(u64, i64)>,
    /// How many of them have been made.
    made: usize,
    step: u64,
    yields: i64,
}

impl Pct {
    pub fn new(depth: u32, profile: &Profile, rng: &mut SplitMix64) -> Self {
        let steps = profile.steps().max(1);
        // More than one for each step would change nothing more.
        let many = u64::from(depth.saturating_sub(1)).min(steps as u64) as i64;
        let mut changes = (0..many).map(|priority| (1 + rng.below(steps) as u64, priority)).listed();
        changes.sort_unstable();
        Pct { priorities: Vec::with_capacity(profile.tasks()), changes, made: 0, step: 0, yields: 0 }
    }

    pub fn pick(&mut self, execution: &Execution, eligible: &[TaskIx], rng: &mut SplitMix64) -> TaskIx {
        while self.priorities.len() < execution.tasks.len() {
            self.priorities.push(i64::from(u32::MAX) + (rng.next_u64() >> 2) as i64);
        }
        self.step += 1;
        let mut chosen = self.highest(eligible);
        while let Some((_, priority)) = self.changes.get(self.made).filter(|(step, _)| *step == self.step) {
            self.priorities[chosen.at()] = *priority;
            self.made += 1;
            chosen = self.highest(eligible);
        }
        if matches!(execution.tasks[chosen.at()].op, Op::Yield) {
            self.yields += 1;
            self.priorities[chosen.at()] = -self.yields;
        }
        chosen
    }

    fn highest(&self, eligible: &[TaskIx]) -> TaskIx {
        let key = |task: &TaskIx| (self.priorities[task.at()], *task);
        eligible.iter().copied().max_by_key(key).unwrap_or(eligible[0])
    }
}
