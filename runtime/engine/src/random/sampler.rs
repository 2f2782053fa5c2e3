//! Which random strategy an execution is run by, and its state.

use super::pct::Pct;
use super::pos::Pos;
use super::profile::Profile;
use super::surw::Surw;
use super::urw::Urw;
use crate::execution::Execution;
use crate::rng::SplitMix64;
use gorace_analyzer_core::TaskIx;
use std::sync::Arc;

/// A random strategy that knows the program's [`Profile`]. (Plain random needs none.)
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Sampler {
    /// Partial order sampling.
    Pos,
    /// The selectively uniform random walk.
    Surw,
    /// The uniform random walk.
    Urw,
    /// Probabilistic concurrency testing.
    Pct {
        /// How many ordering constraints a bug needs: one more than priorities change.
        depth: u32,
    },
}

/// The state of one execution; see [`Sampler`].
#[derive(Debug)]
pub(crate) struct Sampling {
    rng: SplitMix64,
    state: State,
}

#[derive(Debug)]
enum State {
    Pos(Pos),
    Surw(Surw),
    Urw(Urw),
    Pct(Pct),
}

impl Sampling {
    pub fn new(by: Sampler, seed: u64, index: u64, profile: &Arc<Profile>) -> Self {
        let mut rng = SplitMix64::of_schedule(seed, index);
        let state = match by {
            Sampler::Pos => State::Pos(Pos::new(profile.tasks())),
            Sampler::Surw => State::Surw(Surw::new(profile, &mut rng)),
            Sampler::Urw => State::Urw(Urw::new(profile)),
            Sampler::Pct { depth } => State::Pct(Pct::new(depth, profile, &mut rng)),
        };
        Sampling { rng, state }
    }

    /// Who of the `eligible`, of whom there is at least one, runs next.
    pub fn pick(&mut self, execution: &Execution, eligible: &[TaskIx]) -> TaskIx {
        let rng = &mut self.rng;
        match &mut self.state {
            State::Pos(pos) => pos.pick(execution, eligible, rng),
            State::Surw(surw) => surw.pick(execution, eligible, rng),
            State::Urw(urw) => urw.pick(execution, eligible, rng),
            State::Pct(pct) => pct.pick(execution, eligible, rng),
        }
    }

    /// Which of `n` alternatives is taken.
    pub fn alternative(&mut self, n: u32) -> u32 {
        self.rng.below(n as usize) as u32
    }
}
