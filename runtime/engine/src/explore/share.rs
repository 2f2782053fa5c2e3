//! Shares of an exploration that other threads run ahead of their turn.
//!
//! An explorer that has given shares away begins the same executions in the same order as one that has not: once it
//! comes to what a share has run, it takes that over ([`Explorer::adopt`]), or, where that does not fit, runs it itself.
//! So nothing that comes of an exploration depends on how many threads there are, or on how fast they are.
//!
//! Shared are the optimal search and random schedules. Depth-first search and rounds of bounded preemptions are not.

use super::explorer::{Running, is_complete};
use super::leaves::Tried;
use super::optimal::{Optimal, Spare, parts_of_mark};
use super::portfolio::Portfolio;
use super::search::Search;
use super::worth::{LEAST, WASTE, Worth, trust};
use super::{Budget, Class, Explorer};
use crate::execution::Execution;
use crate::plan::Plan;
use gorace_analyzer_core::trace::Ended;

/// What is to be done next.
#[derive(Debug)]
pub enum Work {
    /// Run this, and give it to [`Explorer::absorb`].
    Run(Plan),
    /// It is the turn of the share of this name: stop it, and give it to [`Explorer::adopt`].
    Adopt(u64),
    /// It is the turn of this one of the leaves of this name: give what was met to [`Explorer::adopt_leaf`], or say that it is
    /// still to be run ([`Explorer::run_leaf`]).
    Leaf(u64, usize),
}

/// What an explorer knows of its shares.
#[derive(Debug, Default)]
pub(crate) struct Shares {
    names: u64,
    /// Random schedules that were given away: name, first index. Sorted.
    random: Vec<(u64, u64)>,
    /// Shares of the search that are out: name, and how many executions it may run.
    out: Vec<(u64, u64)>,
    /// Executions of shares that did not fit.
    in_vain: u64,
    /// Executions of shares that were taken over.
    adopted: u64,
    pub worth: Worth,
    pub tried: Tried,
}

/// How many random schedules make a share.
const SCHEDULES: u64 = 64;

/// A share of an exploration, which any thread may run.
#[derive(Debug)]
pub struct Share {
    /// What it is called.
    pub name: u64,
    of: Of,
    /// What it was made of, in memory of whoever gave it away.
    given: Option<Box<Optimal>>,
    budget: Budget,
    /// Whether each execution was new.
    ran: Vec<bool>,
    /// No more than this many are run.
    most: u64,
    is_unfit: bool,
    /// Whether its executions can as well be run ahead each by itself.
    is_either: bool,
}

#[derive(Debug)]
enum Of {
    Search(Box<Optimal>),
    Random(Portfolio),
}

impl Share {
    /// A thread that has this memory is about to run it.
    pub fn begin_in(&mut self, spare: &mut Spare) {
        if let Of::Search(part) = &mut self.of {
            let own = Box::new(part.begin_in(spare));
            self.given = Some(std::mem::replace(part, own));
        }
    }

    /// The next execution; `None` when there is none left.
    #[allow(
        clippy::should_implement_trait,
        reason = "a step of a machine, not an iterator: what it gives depends on what is fed in between"
    )]
    pub fn next(&mut self) -> Option<Plan> {
        let is_poor = self.executions() == LEAST && self.is_worth_it() == Some(false);
        if self.is_unfit || self.executions() >= self.most || is_poor {
            return None;
        }
        let selection = match &mut self.of {
            Of::Search(search) => search.next()?,
            Of::Random(schedules) => schedules.next(),
        };
        Some(self.budget.plan(selection))
    }

    /// Takes the execution that [`Share::next`] asked for; whether it was new.
    pub fn absorb(&mut self, execution: &mut Execution, ended: Ended) -> bool {
        let complete = is_complete(ended);
        let is_new = match &mut self.of {
            Of::Search(search) => search.absorb(execution, complete),
            Of::Random(_) => complete,
        };
        self.ran.push(is_new);
        self.is_unfit |=
            ended == Ended::Diverged || matches!(self.of, Of::Search(_)) && execution.disables_timers();
        is_new
    }

    /// Runs at most so many more.
    pub fn stop_after(&mut self, more: u64) {
        self.most = self.most.min(self.executions() + more);
    }

    /// Nothing more is run of it by the thread that has this memory.
    pub fn end_in(&mut self, spare: &mut Spare) {
        if let Of::Search(part) = &mut self.of {
            part.end_in(spare);
        }
    }

    /// It comes back to the thread that ran it, and is not asked for any more.
    pub fn go_back_to(self, spare: &mut Spare) {
        if let Of::Search(part) = self.of {
            part.go_back_to(spare);
        }
    }

    /// Whether each execution that it has run was new.
    pub fn ran(&self) -> &[bool] {
        &self.ran
    }

    /// Something came up that only the explorer's own thread can deal with: it is to run all of it itself.
    pub fn give_up(&mut self) {
        self.is_unfit = true;
    }

    /// How many executions it has run.
    pub fn executions(&self) -> u64 {
        self.ran.len() as u64
    }

    /// Whether it is worth what it takes to give it away, as far as it was run; `None` if that does not show.
    pub fn is_worth_it(&self) -> Option<bool> {
        let Of::Search(part) = &self.of else { return None };
        let executions = self.executions();
        // What plans something above is looked at by two threads.
        let is_heavy = self.is_either && 2 * part.planned_above() > executions;
        (executions > 0).then_some(executions >= LEAST && !is_heavy)
    }
}

impl Explorer {
    /// As [`Explorer::next`], for one that gives shares away.
    pub fn next_work(&mut self) -> Option<Work> {
        if self.stopped.is_none()
            && self.has_ended().is_none()
            && let Some(name) = self.due()
        {
            return Some(match parts_of_mark(name) {
                Some((leaves, number)) => Work::Leaf(leaves, number),
                None => Work::Adopt(name),
            });
        }
        self.next().map(Work::Run)
    }

    /// The share whose turn it is.
    fn due(&mut self) -> Option<u64> {
        match self.running {
            Running::Search if self.begun < self.for_search() => match &mut self.search {
                Some(Search::Optimal(search)) => search.due(),
                _ => None,
            },
            Running::Random => {
                let first = self.shares.random.first();
                first.filter(|(_, first)| *first == self.portfolio.index()).map(|(name, _)| *name)
            }
            _ => None,
        }
    }

    /// A share of what is left to do, if there is one that is worth it. `or_leaves` says whether executions can be
    /// [run ahead](Explorer::leaves) each by itself too.
    pub fn share(&mut self, or_leaves: bool) -> Option<Share> {
        if self.stopped.is_some() {
            return None;
        }
        let room = self.room().min(self.trust());
        if room < LEAST {
            return None;
        }
        self.shares.tried.look(self.begun);
        let Shares { worth, tried, .. } = &self.shares;
        let is_either = or_leaves && tried.fits() && !tried.are_few;
        let is_worth_it = self.begun >= worth.until && (!is_either || worth.is_proven);
        let name = self.shares.names + 1;
        let (of, most) = match (self.running, &mut self.search) {
            (Running::Search, Some(Search::Optimal(search))) => {
                if !is_worth_it || is_either && search.would_plan_above() {
                    return None;
                }
                let part = search.split(name)?;
                let most = room;
                self.shares.out.push((name, most));
                (Of::Search(Box::new(part)), most)
            }
            (Running::Random, _) => {
                let last = self.shares.random.last().map_or(self.portfolio.index(), |(_, first)| *first);
                let first = last + SCHEDULES;
                if first + SCHEDULES - self.portfolio.index() > self.room() {
                    return None;
                }
                let schedules = self.portfolio.from(first)?;
                self.shares.random.push((name, first));
                (Of::Random(schedules), SCHEDULES)
            }
            _ => return None,
        };
        self.shares.names += 1;
        Some(Share {
            name,
            of,
            given: None,
            budget: self.budget,
            ran: Vec::new(),
            most,
            is_unfit: false,
            is_either,
        })
    }

    /// Shares have ended, or were stopped: [whether each was worth it](Share::is_worth_it).
    pub fn note_ended(&mut self, shares: impl IntoIterator<Item = bool>) {
        shares.into_iter().for_each(|is_worth_it| self.shares.worth.note(is_worth_it, self.begun));
    }

    /// How many executions a share may run, as far as it depends on how many may turn out to be in vain. Where nothing
    /// is in doubt, hardly any do.
    fn trust(&self) -> u64 {
        let is_certain = match &self.search {
            Some(Search::Optimal(search)) if self.running == Running::Search => {
                !search.has_doubt() && self.shares.in_vain == 0
            }
            _ => true,
        };
        if is_certain {
            return u64::MAX;
        }
        let Shares { out, in_vain, adopted, .. } = &self.shares;
        let out = out.iter().fold(0_u64, |all, (_, most)| all.saturating_add(*most));
        trust(self.begun, *adopted, *in_vain, out).min((self.begun / WASTE).max(LEAST))
    }

    /// How many executions may still be begun in what is running.
    pub(super) fn room(&self) -> u64 {
        let of_all = self.last_begun.unwrap_or(u64::MAX).min(self.budget.max_executions);
        let most = if self.running == Running::Search { of_all.min(self.for_search()) } else { of_all };
        most.saturating_sub(self.begun)
    }

    /// Takes over what the share whose turn it is [has run](Share::ran), each execution to be given to
    /// [`Explorer::count_adopted`]. Whether it could: else it is not what would have been run, and is run anew.
    pub fn adopt(&mut self, share: Option<&mut Share>) -> bool {
        let room = self.room();
        let due = self.due();
        self.shares.out.retain(|(name, _)| Some(*name) != due);
        let is_adopted = share.is_some_and(|share| {
            let executions = share.executions();
            let fits = !share.is_unfit && executions <= room;
            let is_adopted = fits
                && match (&mut share.of, &mut self.search) {
                    (Of::Search(part), Some(Search::Optimal(search))) => search.adopt(part),
                    (Of::Random(_), _) => {
                        self.portfolio.skip(executions);
                        true
                    }
                    _ => false,
                };
            match is_adopted {
                true => self.shares.adopted += executions,
                false => self.shares.in_vain += executions,
            }
            share.given = None;
            is_adopted
        });
        match (&mut self.search, self.running) {
            (_, Running::Random) => _ = self.shares.random.remove(0),
            (Some(Search::Optimal(search)), _) if !is_adopted => search.give_up(),
            _ => {}
        }
        is_adopted
    }

    /// Counts an execution that a share has run.
    pub fn count_adopted(&mut self, is_new: bool, ended: Ended, steps: u64) -> Class {
        self.begun += 1;
        self.note_running();
        self.settle(is_new, ended, steps)
    }
}
