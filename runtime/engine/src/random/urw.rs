//! URW: the uniform random walk (Zhao, Wolff, Mathur, Roychoudhury, ASPLOS 2025).
//!
//! A task runs with the probability that its operations to come, with those of the tasks it will start, have
//! among all that are to come. If every execution has as many as the profile and nobody waits, each
//! interleaving is equally likely.

use super::profile::Profile;
use super::weights::Remaining;
use crate::execution::Execution;
use crate::rng::SplitMix64;
use gorace_analyzer_core::TaskIx;
use std::sync::Arc;

/// The state of one execution.
#[derive(Debug)]
pub(super) struct Urw {
    profile: Arc<Profile>,
    left: Remaining,
}

impl Urw {
    pub fn new(profile: &Arc<Profile>) -> Self {
        Urw { profile: profile.clone(), left: Remaining::for_tasks(profile.tasks()) }
    }

    pub fn pick(&mut self, execution: &Execution, eligible: &[TaskIx], rng: &mut SplitMix64) -> TaskIx {
        self.left.meet(self.profile.all(), execution);
        let chosen = self.left.draw_among(eligible, rng);
        self.left.take(chosen, 1);
        self.left.hand_over(self.profile.all(), execution, chosen);
        chosen
    }
}
