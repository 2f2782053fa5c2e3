//! Shares of an exploration that other threads run ahead of their turn.
//!
//! An explorer that has given shares away begins the same executions in the same order as one that has not: once it
//! comes to what a share has run, it takes that over ([`Explorer::adopt`]), or, where that does not fit, runs it itself.
//! So nothing that comes of an exploration depends on how many threads there are, or on how fast they are.
//!
//! Shared are the optimal search and random schedules. Depth-first search and rounds of bounded preemptions are not.

use super::explorer::{Running, is_complete};
use super::optimal::Optimal;
use super::portfolio::Portfolio;
use super::search::Search;
use super::{Budget, Class, Explorer};
use crate::execution::Execution;
use crate::plan::Plan;
use gorace_analyzer_core::trace::Ended;
use std::ops::RangeInclusive;

/// What is to be done next.
#[derive(Debug)]
pub enum Work {
    /// Run this, and give it to [`Explorer::absorb`].
    Run(Plan),
    /// It is the turn of the share of this name: stop it, and give it to [`Explorer::adopt`].
    Adopt(u64),
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
    worth: Worth,
}

/// Whether shares of the search are worth what it takes to give them away. Some programs have none but single
/// executions, which cost more by another thread.
#[derive(Debug, Default)]
struct Worth {
    /// Shares that came back since that was looked at last, and how many executions they had run.
    came_back: u64,
    ran: u64,
    /// Nothing is given away before so many executions were begun; how long the last such pause was.
    until: u64,
    pause: u64,
}

impl Worth {
    /// So many shares tell.
    const SHARES: u64 = 16;
    /// Of fewer executions than this they are not worth it.
    const EXECUTIONS: u64 = 4;
    /// Pauses, in executions: each is twice as long as the one before it, so that what is tried in vain is a small part of
    /// all.
    const PAUSES: RangeInclusive<u64> = 64..=1 << 16;

    /// A share has run so many executions, of which `begun` were begun by now.
    fn came_back(&mut self, ran: u64, begun: u64) {
        self.came_back += 1;
        self.ran += ran;
        if self.came_back < Worth::SHARES {
            return;
        }
        let is_worth_it = self.ran >= Worth::SHARES * Worth::EXECUTIONS;
        let (least, most) = (*Worth::PAUSES.start(), *Worth::PAUSES.end());
        self.pause = if is_worth_it { 0 } else { (2 * self.pause).clamp(least, most) };
        self.until = begun.saturating_add(self.pause);
        (self.came_back, self.ran) = (0, 0);
    }
}

/// How many random schedules make a share.
const SCHEDULES: u64 = 64;

/// Where sequences are planned in doubt, of so many executions one may be in vain.
const WASTE: u64 = 20;

/// Fewer executions than this are not worth a share.
pub const LEAST: u64 = 8;

/// How many executions more may be given away where they may turn out to be in vain: of those `begun`, so many that were
/// given away were `adopted` and `in_vain`, and `out` may come to be either.
#[inline]
pub fn trust(begun: u64, adopted: u64, in_vain: u64, out: u64) -> u64 {
    let lost = in_vain.saturating_mul(WASTE / 2).saturating_add(out);
    (begun / WASTE).saturating_add(adopted / 2).saturating_sub(lost)
}

/// A share of an exploration, which any thread may run.
#[derive(Debug)]
pub struct Share {
    /// What it is called.
    pub name: u64,
    of: Of,
    budget: Budget,
    /// Whether each execution was new.
    ran: Vec<bool>,
    /// No more than this many are run.
    most: u64,
    is_unfit: bool,
}

#[derive(Debug)]
enum Of {
    Search(Box<Optimal>),
    Random(Portfolio),
}

impl Share {
    /// The next execution; `None` when there is none left.
    #[allow(
        clippy::should_implement_trait,
        reason = "a step of a machine, not an iterator: what it gives depends on what is fed in between"
    )]
    pub fn next(&mut self) -> Option<Plan> {
        if self.is_unfit || self.executions() >= self.most {
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

    /// Something came up that only the explorer's own thread can deal with: it is to run all of it itself.
    pub fn give_up(&mut self) {
        self.is_unfit = true;
    }

    /// How many executions it has run.
    pub fn executions(&self) -> u64 {
        self.ran.len() as u64
    }
}

impl Explorer {
    /// As [`Explorer::next`], for one that gives shares away.
    pub fn next_work(&mut self) -> Option<Work> {
        if self.stopped.is_none()
            && self.has_ended().is_none()
            && let Some(name) = self.due()
        {
            return Some(Work::Adopt(name));
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

    /// A share of what is left to do, if there is one that is worth it.
    pub fn share(&mut self) -> Option<Share> {
        if self.stopped.is_some() {
            return None;
        }
        let room = self.room().min(self.trust());
        if room < LEAST {
            return None;
        }
        let is_search = self.running == Running::Search;
        if is_search && self.begun < self.shares.worth.until {
            return None;
        }
        let name = self.shares.names + 1;
        let (of, most) = match (self.running, &mut self.search) {
            (Running::Search, Some(Search::Optimal(search))) => {
                let part = search.split(name)?;
                self.shares.out.push((name, room));
                (Of::Search(Box::new(part)), room)
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
        self.shares.names = name;
        Some(Share { name, of, budget: self.budget, ran: Vec::new(), most, is_unfit: false })
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
        let out: u64 = out.iter().map(|(_, most)| *most).sum();
        trust(self.begun, *adopted, *in_vain, out).min((self.begun / WASTE).max(LEAST))
    }

    /// How many executions may still be begun in what is running.
    fn room(&self) -> u64 {
        let of_all = self.last_begun.unwrap_or(u64::MAX).min(self.budget.max_executions);
        let most = if self.running == Running::Search { of_all.min(self.for_search()) } else { of_all };
        most.saturating_sub(self.begun)
    }

    /// Takes over what the share whose turn it is has run: whether each execution was new, each to be given to
    /// [`Explorer::count_adopted`]. `None`: it is not what would have been run, and is run anew.
    pub fn adopt(&mut self, share: Option<Share>) -> Option<Vec<bool>> {
        let room = self.room();
        let due = self.due();
        if self.running == Running::Search {
            self.shares.worth.came_back(share.as_ref().map_or(0, Share::executions), self.begun);
        }
        self.shares.out.retain(|(name, _)| Some(*name) != due);
        let adopted = share.and_then(|share| {
            let executions = share.executions();
            let fits = !share.is_unfit && executions <= room;
            let is_adopted = fits
                && match (share.of, &mut self.search) {
                    (Of::Search(part), Some(Search::Optimal(search))) => search.adopt(*part),
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
            is_adopted.then_some(share.ran)
        });
        match (&mut self.search, self.running) {
            (_, Running::Random) => _ = self.shares.random.remove(0),
            (Some(Search::Optimal(search)), _) if adopted.is_none() => search.give_up(),
            _ => {}
        }
        adopted
    }

    /// Counts an execution that a share has run.
    pub fn count_adopted(&mut self, is_new: bool, ended: Ended, steps: u64) -> Class {
        self.begun += 1;
        self.note_running();
        self.settle(is_new, ended, steps)
    }
}
