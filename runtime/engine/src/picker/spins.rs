//! Who only spins: a task that sees again what it has seen is passed over until something it saw changes.

use crate::execution::{Execution, Plain};
use gorace_analyzer_core::{ObjIx, TaskIx};

/// A task that saw the same this many times in a row spins.
const SPIN_LIMIT: u32 = 6;

impl Execution {
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
            return false;
        }
        slot.spins += 1;
        let spins = slot.spins >= SPIN_LIMIT;
        if spins {
            self.pass_over(task);
        }
        spins
    }

    /// `task` changed `object`: it does not spin, and whoever spins on the object looks again.
    #[inline]
    pub(crate) fn written(&mut self, task: TaskIx, object: ObjIx) {
        let slot = &mut self.tasks[task.at()];
        slot.spins = 0;
        slot.seen.forget();
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
