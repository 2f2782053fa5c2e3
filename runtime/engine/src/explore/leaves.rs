//! Leaves of an exploration that other threads run ahead of their turn, one execution each.
//!
//! Where parts of the search are worth less than what it takes to give them away, its executions still need not be run in
//! their order: see [`optimal::Leaves`]. What an explorer takes over so counts as if it had run it.

use super::explorer::Running;
use super::optimal::{self, Analysis, Ran};
use super::search::Search;
use super::worth::trust;
use super::{Budget, Class, Explorer};
use crate::execution::Execution;
use crate::plan::Plan;
use gorace_analyzer_core::trace::Ended;

/// See the module.
#[derive(Debug)]
pub struct Leaves {
    leaves: optimal::Leaves,
    budget: Budget,
}

/// What came of leaves.
#[derive(Debug, Default)]
pub(super) struct Tried {
    batches: u64,
    /// Leaves whose turn has not come.
    out: u64,
    adopted: u64,
    in_vain: u64,
    /// None are looked for before so many executions were begun.
    again: u64,
    /// When so many executions were begun, it was looked at last how many of them had been adopted: these.
    window: Option<(u64, u64)>,
    /// Whether there were too few leaves then for another thread.
    pub are_few: bool,
    /// How many have been adopted and in vain of late, in halves for each window before this one.
    of_late: (u64, u64),
    /// Leaves in whose place others can be put.
    spare: Option<optimal::Leaves>,
}

impl Tried {
    /// Whether most that are run ahead can be taken over, as far as that is known.
    pub fn fits(&self) -> bool {
        2 * self.in_vain <= self.adopted
    }

    /// Looks at whether there are enough, when so many executions were begun.
    pub fn look(&mut self, begun: u64) {
        let (from, before) = *self.window.get_or_insert((begun, self.adopted));
        if begun >= from + WINDOW {
            // With two threads it is half of all executions if there are.
            self.are_few = 4 * (self.adopted - before) < begun - from;
            self.window = Some((begun, self.adopted));
            self.of_late = (self.of_late.0 / 2, self.of_late.1 / 2);
        }
    }

    /// How many leaves more may be given away, where they may turn out to be in vain. Whether they do changes in the course of a
    /// search: while much is planned, more is planned on the way to them.
    fn trust(&self, begun: u64) -> u64 {
        trust(begun.min(2 * WINDOW), self.of_late.0, self.of_late.1, self.out)
    }
}

/// Fewer leaves than this are not worth to be given away.
const LEAST: usize = 4;

/// So many decisions wait for their turn, since all that each may need is kept.
const ALL: usize = 1 << 16;

/// So many parts are left to be given away as a whole, if that may be worth more.
const LARGE: usize = 2;

/// So many executions show whether another thread has enough leaves.
const WINDOW: u64 = 256;

/// If there are no more, they are looked for again after so many executions.
const AGAIN: u64 = 8;

impl Leaves {
    /// What they are called.
    pub fn name(&self) -> u64 {
        self.leaves.name()
    }

    /// How many there are.
    #[allow(clippy::len_without_is_empty, reason = "there is always one")]
    pub fn len(&self) -> usize {
        self.leaves.len()
    }

    /// How one of them is run.
    pub fn plan(&self, number: usize) -> Plan {
        self.budget.plan(self.leaves.selection(number))
    }

    /// Looks at the execution of one, which is still there: whether the explorer can take it over. What it needs for that goes
    /// into `ran`. It `shows_nothing`, or cannot be taken over.
    pub fn look(
        &self,
        number: usize,
        (execution, ended): (&mut Execution, Ended),
        shows_nothing: bool,
        analysis: &mut Analysis,
        ran: &mut Ran,
    ) -> bool {
        let is_plain = ended == Ended::Quiescent && shows_nothing && !execution.disables_timers();
        analysis.look(&self.leaves, number, execution, is_plain, ran)
    }
}

impl Explorer {
    /// So many leaves that come soon, or fewer. Others are given away already whose marks are of those that are `out`.
    pub fn leaves(&mut self, most: usize, is_out: &dyn Fn(u64) -> bool) -> Option<Leaves> {
        // Whether a leaf can be taken over shows when it was run.
        let room = self.room().min(self.shares.tried.trust(self.begun));
        let most = most.min(usize::try_from(room).unwrap_or(most));
        let is_worth_it = self.begun >= self.shares.tried.again && most >= LEAST;
        if !is_worth_it || self.stopped.is_some() || self.running != Running::Search {
            return None;
        }
        let Some(Search::Optimal(search)) = &mut self.search else { return None };
        let most = most.min((ALL / search.len().max(1)).saturating_sub(self.shares.tried.out as usize));
        if most < LEAST {
            return None;
        }
        // What is given away as a leaf cannot be a part, and these may be large ones.
        let many = if self.begun < self.shares.worth.until { 0 } else { LARGE };
        let is_out = |mark| optimal::parts_of_mark(mark).is_none_or(|(name, _)| is_out(name));
        let tried = &mut self.shares.tried;
        tried.batches += 1;
        let leaves = search.give_leaves(tried.batches, (LEAST, most), many, &is_out, &mut tried.spare);
        match &leaves {
            Some(leaves) => tried.out += leaves.len() as u64,
            None => tried.again = self.begun + AGAIN,
        }
        Some(Leaves { leaves: leaves?, budget: self.budget })
    }

    /// Takes back leaves of which nobody will run any more.
    pub fn take_back(&mut self, leaves: Leaves) {
        self.shares.tried.spare = Some(leaves.leaves);
    }

    /// Takes over what was met by the leaf whose turn it is; `None` if that does not fit, and it is still to be run.
    pub fn adopt_leaf(&mut self, leaves: &Leaves, number: usize, ran: &mut Ran) -> Option<Class> {
        let Some(Search::Optimal(search)) = &mut self.search else { return None };
        if !search.adopt_leaf(&leaves.leaves, number, ran) {
            self.run_leaf(true);
            return None;
        }
        self.shares.tried.out = self.shares.tried.out.saturating_sub(1);
        self.shares.tried.adopted += 1;
        self.shares.tried.of_late.0 += 1;
        Some(self.count_adopted(true, Ended::Quiescent, ran.steps()))
    }

    /// The leaf whose turn it is is run now. Whether it was run `in_vain`.
    pub fn run_leaf(&mut self, in_vain: bool) {
        self.shares.tried.out = self.shares.tried.out.saturating_sub(1);
        self.shares.tried.in_vain += u64::from(in_vain);
        self.shares.tried.of_late.1 += u64::from(in_vain);
        if let Some(Search::Optimal(search)) = &mut self.search {
            search.give_up();
        }
    }
}
