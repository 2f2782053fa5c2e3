//! Who only spins: a task that sees again what it has seen is passed over until something it saw changes.

use crate::execution::{Execution, Plain};
use gorace_analyzer_core::{ObjIx, TaskIx};

/// A task that saw the same this many times in a row spins ..
const SPIN_LIMIT: u32 = 6;

/// .. and is to say after so many in which state it is. Before that, and from the first on, whoever runs it has time to make
/// its states comparable: a round of a spin or more.
const TELLS: u32 = 4;

impl Execution {
    /// Whether any task has seen what it had seen.
    #[inline(always)]
    pub fn has_suspects(&self) -> bool {
        self.suspects
    }

    /// Whether `task` has, and changed nothing since: it may be about to spin.
    #[inline]
    pub fn is_suspect(&self, task: TaskIx) -> bool {
        self.tasks[task.at()].spins > 0
    }

    /// Whether [`Execution::come_in`] is to be called for `task`.
    #[inline]
    pub fn wants_state(&self, task: TaskIx) -> bool {
        self.tasks[task.at()].spins >= TELLS
    }

    /// `task` comes to its next operation in this state: all that decides what it will do, but what its operations will
    /// tell it, as one number. One that comes to ever new states counts something, and does not spin; of one whose states are not
    /// told, what it sees decides alone.
    pub fn come_in(&mut self, task: TaskIx, state: u64) {
        self.tasks[task.at()].images.come(state);
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
        if !slot.seen.again(object, value) {
            slot.spins = 0;
            slot.images.forget();
            return false;
        }
        if slot.images.is_new() {
            return false;
        }
        slot.spins += 1;
        self.suspects = true;
        let spins = slot.spins >= SPIN_LIMIT;
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
                other.images.forget();
                self.yielded -= 1;
            }
        }
    }
}
