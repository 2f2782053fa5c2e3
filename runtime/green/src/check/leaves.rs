//! Single executions of a check that several threads run.
//!
//! The session gives away leaves that come soon. Other threads take the last that nobody has begun, so that those whose turn
//! comes first are left to the session, which need not take over what it runs itself. While it waits for one that another
//! thread has begun, it runs others ahead as well. So nobody waits longer than an execution takes.
//!
//! An execution that shows anything is none of these: the session runs it again, and looks at it.

use crate::check::execute::{MAX_ABANDONED, MAX_LENT, execute, tear_down};
use crate::check::session::Body;
use crate::inside::context::Context;
use gorace_engine::explore::{Analysis, Class, Explorer, Leaves, Ran};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{
    AtomicU8, AtomicUsize, Ordering::AcqRel, Ordering::Acquire, Ordering::Relaxed, Ordering::Release,
};
use std::sync::{Arc, Mutex, PoisonError};

/// So many leaves are given away at once ..
const AT_ONCE: usize = 32;
/// .. and so many may wait for their turn. More would have to be looked for further off, where more is planned before their
/// turn comes, and then they are run in vain.
const OUT: usize = 128;

/// Leaves that were given away together.
#[derive(Debug)]
pub(crate) struct Batch {
    pub leaves: Leaves,
    slots: Box<[Slot]>,
    /// How many of the first of them nobody has looked at.
    left: AtomicUsize,
}

/// One of them, and what came of it. Apart from the others, since different threads have them.
#[derive(Debug)]
#[repr(align(128))]
struct Slot {
    state: AtomicU8,
    ran: Mutex<Ran>,
}

/// Nobody has begun it.
const FREE: u8 = 0;
/// Somebody runs it.
const BEGUN: u8 = 1;
/// It can be taken over.
const RAN: u8 = 2;
/// It was run, and cannot be.
const UNFIT: u8 = 3;
/// Its turn is over.
const OVER: u8 = 4;

impl Slot {
    /// Begins it, unless somebody has.
    fn begin(&self) -> bool {
        self.state.compare_exchange(FREE, BEGUN, AcqRel, Acquire).is_ok()
    }

    fn take(&self) -> Ran {
        std::mem::take(&mut *self.ran.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Batch {
    /// The last one that nobody has begun, which is begun now.
    fn last(&self) -> Option<usize> {
        loop {
            let left = self.left.load(Relaxed);
            let number = left.checked_sub(1)?;
            if self.left.compare_exchange(left, number, Relaxed, Relaxed).is_ok()
                && self.slots[number].begin()
            {
                return Some(number);
            }
        }
    }

    /// Whether nobody has looked at any.
    fn is_untouched(&self) -> bool {
        self.left.load(Relaxed) == self.slots.len()
    }

    /// Runs the last one that nobody has begun; whether there was one.
    pub fn run_last(&self, cx: &mut Context, body: &Body, analysis: &mut Analysis) -> bool {
        let Some(number) = self.last() else { return false };
        let slot = &self.slots[number];
        let fits = catch_unwind(AssertUnwindSafe(|| self.run(number, cx, body, analysis)));
        slot.state.store(if matches!(fits, Ok(true)) { RAN } else { UNFIT }, Release);
        fits.unwrap_or_else(|panic| resume_unwind(panic));
        true
    }

    fn run(&self, number: usize, cx: &mut Context, body: &Body, analysis: &mut Analysis) -> bool {
        let ended = execute(cx, body, &self.leaves.plan(number));
        let is_foreign = cx.foreign.take().is_some();
        let shows_nothing =
            !is_foreign && cx.lent <= MAX_LENT && cx.abandoned <= MAX_ABANDONED && cx.exec.shows_nothing();
        let mut ran = self.slots[number].ran.lock().unwrap_or_else(PoisonError::into_inner);
        let fits = self.leaves.look(number, (&mut cx.exec, ended), shows_nothing, analysis, &mut ran);
        drop(ran);
        tear_down(cx);
        fits
    }

    /// Has a leaf taken over that was run, and gives the rest of it.
    pub fn adopt(&self, number: usize, explorer: &mut Explorer) -> (Option<Class>, Ran) {
        let mut ran = self.slots[number].take();
        (explorer.adopt_leaf(&self.leaves, number, &mut ran), ran)
    }
}

/// What the session has given away.
#[derive(Debug, Default)]
pub(crate) struct Given {
    /// Each with how many of its leaves are still to come.
    batches: Vec<(Arc<Batch>, usize)>,
    left: Vec<Ran>,
    /// Those of which none is to come, though another thread may still be at one of them.
    over: Vec<Arc<Batch>>,
    analysis: Analysis,
}

/// What came of a leaf whose turn it is.
pub(crate) enum Turn {
    /// It was run, and is one of these.
    Ran(Arc<Batch>),
    /// Nobody has begun it, and nobody will.
    Free,
    /// What was run cannot be taken over.
    Unfit,
}

impl Given {
    /// Gives more away, if hardly any are left that nobody has begun.
    pub fn more(&mut self, explorer: &mut Explorer) -> Option<Arc<Batch>> {
        let has_enough = self.batches.last().is_some_and(|(last, _)| last.is_untouched());
        if has_enough || self.batches.iter().map(|(_, left)| left).sum::<usize>() >= OUT {
            return None;
        }
        // Whoever frees what another thread has got waits for it.
        if let Some(at) = self.over.iter_mut().position(|batch| Arc::get_mut(batch).is_some())
            && let Some(over) = Arc::into_inner(self.over.swap_remove(at))
        {
            explorer.take_back(over.leaves);
        }
        let is_out = |name| self.batches.iter().any(|(batch, _)| batch.leaves.name() == name);
        let leaves = explorer.leaves(AT_ONCE, &is_out)?;
        let mut slot =
            || Slot { state: AtomicU8::new(FREE), ran: Mutex::new(self.left.pop().unwrap_or_default()) };
        let slots: Box<[_]> = (0..leaves.len()).map(|_| slot()).collect();
        let batch = Arc::new(Batch { left: AtomicUsize::new(slots.len()), leaves, slots });
        self.batches.push((batch.clone(), batch.slots.len()));
        Some(batch)
    }

    /// The turn of a leaf has come. While somebody runs it, others are run.
    pub fn take(&mut self, name: u64, number: usize, cx: &mut Context, body: &Body) -> Turn {
        let Given { batches, analysis, .. } = self;
        let Some(at) = batches.iter().position(|(batch, _)| batch.leaves.name() == name) else {
            return Turn::Free;
        };
        let batch = batches[at].0.clone();
        let slot = &batch.slots[number];
        if !slot.begin() {
            while slot.state.load(Acquire) == BEGUN {
                if !batches.iter().any(|(batch, _)| batch.run_last(cx, body, analysis)) {
                    std::thread::yield_now();
                }
            }
        }
        batches[at].1 -= 1;
        if batches[at].1 == 0 {
            self.over.push(batches.remove(at).0);
        }
        let turn = slot.state.swap(OVER, AcqRel);
        if turn == RAN {
            return Turn::Ran(batch);
        }
        self.left.push(slot.take());
        if turn == UNFIT { Turn::Unfit } else { Turn::Free }
    }

    /// What was left of one is used again.
    pub fn reuse(&mut self, ran: Ran) {
        self.left.push(ran);
    }

    /// How many were run that nobody has asked for.
    pub fn in_vain(&self) -> u64 {
        let slots = self.batches.iter().flat_map(|(batch, _)| &batch.slots);
        slots.filter(|slot| matches!(slot.state.load(Acquire), RAN | UNFIT)).count() as u64
    }
}
