//! Which random strategy runs the schedule with a certain index.
//!
//! Strategies that need the program's profile run the default schedule first, as index 0. It depends on the
//! program alone: whoever runs only some of the indices runs that one too, for itself. A search that
//! ran before has run it already.

use super::Strategy;
use crate::execution::Execution;
use crate::plan::Selection;
use crate::random::{Profile, Sampler};
use std::sync::Arc;

/// The schedules of the random part of a run, one after the other.
#[derive(Clone, Debug)]
pub(crate) struct Portfolio {
    mix: Mix,
    seed: u64,
    /// How many schedules of its own come before the next one.
    index: u64,
    /// Its own are these: from the first on, every so many.
    first: u64,
    every: u64,
    profile: Option<Arc<Profile>>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Mix {
    Random,
    One(Sampler),
    All,
}

/// POS and SURW complement each other and find most; PCT has a bound where tasks wait, URW where they do not.
const ROTATION: [Sampler; 6] =
    [Sampler::Pos, Sampler::Surw, Sampler::Pos, Sampler::Pct { depth: 3 }, Sampler::Surw, Sampler::Urw];

/// Every so many schedules plain random has its turn.
const PLAIN: u64 = 64;

impl Portfolio {
    pub fn new(strategy: &Strategy, seed: u64) -> Self {
        let mix = Mix::of(strategy);
        // Without what it could know, POS is what it is.
        let profile = (mix == Mix::One(Sampler::Pos)).then(Arc::default);
        Portfolio { mix, seed, index: 0, first: 0, every: 1, profile }
    }

    /// The next schedule. The one before must have been absorbed.
    pub fn next(&mut self) -> Selection {
        let (seed, index) = (self.seed, self.nth(self.index));
        self.index += 1;
        let by = self.mix.at(index);
        match (by, &self.profile) {
            (None, _) => Selection::Random { seed, index },
            (Some(by), Some(profile)) => Selection::Sample { by, seed, index, profile: profile.clone() },
            (Some(_), None) => Selection::Profile,
        }
    }

    /// Runs the `part`-th of `of` parts of all schedules, counted from 1: others run the schedules between.
    pub fn share(&mut self, part: u32, of: u32) {
        (self.first, self.every) = (u64::from(part) - 1, u64::from(of));
    }

    /// Which of all schedules a schedule of its own is.
    fn nth(&self, index: u64) -> u64 {
        // What was read from a file may be nearly anything.
        self.first.saturating_add(index.saturating_mul(self.every))
    }

    /// How many schedules of its own come before the next one.
    pub fn index(&self) -> u64 {
        self.index
    }

    /// The schedules from this index on, for whoever runs them meanwhile; `None` before there is a profile for them.
    pub fn from(&self, index: u64) -> Option<Portfolio> {
        let is_ready = self.mix == Mix::Random || self.profile.is_some();
        is_ready.then(|| Portfolio { index, ..self.clone() })
    }

    /// So many of the next schedules were run by somebody else.
    pub fn skip(&mut self, schedules: u64) {
        self.index += schedules;
    }

    /// Goes on at this index. A search that ran before has run the default schedule.
    pub fn resume(&mut self, index: u64, after_search: bool) {
        let has_run_default = after_search && self.mix != Mix::Random;
        self.index = index.max(u64::from(has_run_default));
    }

    /// Whether it goes on after a profile that others have: the default schedule is to be run again, and does not count.
    pub fn lacks_profile(&self) -> bool {
        self.mix != Mix::Random && self.profile.is_none() && self.nth(self.index) > 0
    }

    /// Takes the profile from an execution of the default schedule, if it has none.
    pub fn absorb(&mut self, execution: &Execution) {
        if self.mix != Mix::Random && self.profile.is_none() && execution.raw.is_empty() {
            self.profile = Some(Arc::new(Profile::of(execution)));
            // Whoever ran it, it was schedule 0.
            self.index = self.index.max(u64::from(self.first == 0));
        }
    }

    /// The strategies of the schedules so far, in the order of their first.
    pub fn names(&self) -> Vec<String> {
        let mut names = Vec::new();
        let first = u64::from(self.mix == Mix::All);
        let own = || (0..self.index).map(|index| self.nth(index)).filter(|index| *index >= first);
        if own().next().is_none() {
            names.push(Strategy::Portfolio.to_string());
        }
        for index in own().take(PLAIN as usize + 1) {
            let name = match self.mix.at(index) {
                None => Strategy::Random.to_string(),
                Some(by) => Strategy::from(by).to_string(),
            };
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }
}

impl Strategy {
    /// Which random strategy runs the schedule of this index; `None` for plain random. Index 0 is the default schedule's.
    ///
    /// ```
    /// use gorace_engine::Sampler;
    /// use gorace_engine::explore::Strategy;
    /// assert_eq!(Strategy::Urw.sampler(5), Some(Sampler::Urw));
    /// assert_eq!(Strategy::Portfolio.sampler(1), Some(Sampler::Pos));
    /// assert_eq!(Strategy::Portfolio.sampler(64), None);
    /// ```
    #[inline]
    pub fn sampler(&self, index: u64) -> Option<Sampler> {
        Mix::of(self).at(index)
    }
}

impl Mix {
    fn of(strategy: &Strategy) -> Self {
        match *strategy {
            Strategy::Pos => Mix::One(Sampler::Pos),
            Strategy::Surw => Mix::One(Sampler::Surw),
            Strategy::Urw => Mix::One(Sampler::Urw),
            Strategy::Pct { depth } => Mix::One(Sampler::Pct { depth }),
            Strategy::Auto | Strategy::Portfolio => Mix::All,
            Strategy::Random | Strategy::Exhaustive | Strategy::Replay(_) => Mix::Random,
        }
    }

    /// Which strategy runs the schedule; `None` for plain random.
    fn at(self, index: u64) -> Option<Sampler> {
        match self {
            Mix::Random => None,
            Mix::One(by) => Some(by),
            Mix::All if index > 0 && index.is_multiple_of(PLAIN) => None,
            Mix::All => Some(ROTATION[(index.wrapping_sub(1) % ROTATION.len() as u64) as usize]),
        }
    }
}

impl From<Sampler> for Strategy {
    fn from(sampler: Sampler) -> Self {
        match sampler {
            Sampler::Pos => Strategy::Pos,
            Sampler::Surw => Strategy::Surw,
            Sampler::Urw => Strategy::Urw,
            Sampler::Pct { depth } => Strategy::Pct { depth },
        }
    }
}
