//! Who only spins: a task that sees again what it has seen, or yields again where it has yielded, is passed over until
//! something it saw changes.

use crate::execution::{Execution, Plain};
use crate::op::Op;
use gorace_analyzer_core::trace::Event;
use gorace_analyzer_core::{ObjIx, OpKind, TaskIx};

/// A task that saw the same this many times in a row spins, ..
const SPIN_LIMIT: u32 = 6;

/// .. unless it counts. So many looks, or yields, of one that does may pass; then it is taken for a spin all the same, since
/// nothing else may ever end it.
const COUNTED: u32 = 128;

/// How a task comes to an operation, by its own state: all that decides what it will do, but what its operations will tell it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Coming {
    /// It was not there often enough to tell.
    Early,
    /// As it came before.
    Again,
    /// It counts how often.
    Counting,
}

impl Execution {
    /// Whether any task has seen what it had seen, or has yielded.
    #[inline(always)]
    pub fn has_suspects(&self) -> bool {
        self.suspects
    }

    /// Whether `task` has, and may be about to spin: whoever runs it is to see that what is told of its comings depends on
    /// what it did alone.
    #[inline]
    pub fn is_suspect(&self, task: TaskIx) -> bool {
        let slot = &self.tasks[task.at()];
        slot.spins > 0 || slot.yields > 0 || matches!(slot.op, Op::Yield)
    }

    /// Whether [`Execution::come_in`] is to be called for `task`, which has come to its next operation.
    #[inline]
    pub fn asks_how_it_comes(&self, task: TaskIx) -> bool {
        let slot = &self.tasks[task.at()];
        slot.spins > 0 || matches!(slot.op, Op::Yield)
    }

    /// `task` has come to its next operation so. Of one of which that is not told, what it sees decides alone, and each yield
    /// is a spin's.
    pub fn come_in(&mut self, task: TaskIx, coming: Coming) {
        self.tasks[task.at()].coming = Some(coming);
    }

    /// `task` yields: it is passed over if it only waits.
    pub(crate) fn step_back(&mut self, task: TaskIx) {
        self.suspects = true;
        let slot = &mut self.tasks[task.at()];
        let only_waits = match slot.coming.take() {
            None | Some(Coming::Again) => true,
            Some(Coming::Early | Coming::Counting) => {
                slot.yields += 1;
                slot.yields >= COUNTED
            }
        };
        if only_waits {
            self.pass_over(task);
        }
    }

    /// `task` steps back until something it saw changes or nobody else can go on.
    #[inline]
    pub(crate) fn pass_over(&mut self, task: TaskIx) {
        let slot = &mut self.tasks[task.at()];
        if !slot.yielded {
            slot.yielded = true;
            self.yielded += 1;
            self.plain = Plain::NEVER;
        }
    }

    /// `task` saw `value` at `object` and changed nothing: if it only does that, it spins, and this says so.
    #[inline]
    pub(crate) fn saw_again(&mut self, task: TaskIx, object: ObjIx, value: u64) -> bool {
        let slot = &mut self.tasks[task.at()];
        let coming = slot.coming.take();
        if !slot.seen.again(object, value) {
            slot.spins = 0;
            return false;
        }
        slot.spins += 1;
        self.suspects = true;
        let limit = match coming {
            None | Some(Coming::Again) => SPIN_LIMIT,
            Some(Coming::Early | Coming::Counting) => COUNTED,
        };
        let spins = slot.spins >= limit;
        if spins {
            self.pass_over(task);
        }
        spins
    }

    /// `task` changed `object`: it does not spin, and whoever spins on the object looks again.
    #[inline]
    pub(crate) fn written(&mut self, task: TaskIx, object: ObjIx) {
        self.tasks[task.at()].does_not_spin();
        if self.yielded > 0 {
            self.let_look_again(object);
        }
    }

    #[inline(never)]
    pub(crate) fn let_look_again(&mut self, object: ObjIx) {
        for other in &mut self.tasks {
            if other.yielded && other.seen.includes(object) {
                other.yielded = false;
                other.spins = 0;
                self.yielded -= 1;
            }
        }
    }
}

/// Whether `task`, who was the last to do anything in these events, has yielded and come to no choice since: to leave it there
/// is no preemption.
pub(crate) fn has_stepped_back(events: &[Event], task: TaskIx) -> bool {
    let mut own = events.iter().rev().take_while(|event| event.task == task);
    own.find(|event| !event.op.is_plain()).is_some_and(|event| event.op == OpKind::Yield)
}
