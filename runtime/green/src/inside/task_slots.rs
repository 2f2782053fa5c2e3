//! What the context keeps of each task. Those of one execution are made anew for the next where they lie: a copy of what
//! was just written in parts makes the processor wait.

use crate::inside::code::Code;
use crate::inside::comings::Comings;
use crate::inside::locals::Locals;
use crate::inside::stack::Stack;
use crate::thread::Thread;
use gorace_analyzer::Frame;
use std::ops::{Deref, Index, IndexMut};
use std::panic::Location;

/// What the panic hook saw.
#[derive(Debug)]
pub(crate) struct SeenPanic {
    pub message: String,
    pub place: Option<Frame>,
    /// In Go's words, if an object forbade what the task did.
    pub misuse: Option<&'static str>,
}

/// One task's own part of the context.
#[derive(Default)]
pub(crate) struct TaskSlot {
    pub stack: Option<Stack>,
    pub code: Option<Code>,
    /// Set by the panic hook; may be stale once the program caught the panic.
    pub panicking: bool,
    /// What the hook saw last of its panics.
    pub seen_panic: Option<Box<SeenPanic>>,
    /// Set by `goexit`; may be stale once the program caught the unwinding.
    pub leaving: bool,
    /// How often it was unwound or answered in teardown.
    pub patience: u32,
    pub locals: Locals,
    /// The line of the user's that its operations are for, while the library does some of its own.
    pub behalf: Option<&'static Location<'static>>,
    /// What `thread::current()` gives, once somebody asked.
    pub thread: Option<Thread>,
    /// How it came to its last operations, if it may be about to spin.
    pub comings: Comings,
}

impl TaskSlot {
    fn renew(&mut self) {
        // All are named, so that none is forgotten.
        let TaskSlot {
            stack,
            code,
            panicking,
            seen_panic,
            leaving,
            patience,
            locals,
            behalf,
            thread,
            comings,
        } = self;
        (*stack, *code, *behalf, *thread) = (None, None, None, None);
        *seen_panic = None;
        (*panicking, *leaving, *patience) = (false, false, 0);
        locals.clear();
        comings.clear();
    }
}

/// See the module. As a slice it is the slots of the running execution's tasks.
#[derive(Default)]
pub(crate) struct TaskSlots {
    slots: Vec<TaskSlot>,
    /// How many of them are the running execution's.
    known: usize,
}

impl TaskSlots {
    /// Forgets all of them.
    pub fn clear(&mut self) {
        self.slots[..self.known].iter_mut().for_each(TaskSlot::renew);
        self.known = 0;
    }

    /// Adds the next task's; the clock's, for one, has no code.
    pub fn push(&mut self, code: Option<Code>) {
        if self.known == self.slots.len() {
            self.slots.push(TaskSlot::default());
        }
        self.slots[self.known].code = code;
        self.known += 1;
    }
}

impl Deref for TaskSlots {
    type Target = [TaskSlot];

    #[inline]
    fn deref(&self) -> &[TaskSlot] {
        &self.slots[..self.known]
    }
}

impl Index<usize> for TaskSlots {
    type Output = TaskSlot;

    #[inline(always)]
    fn index(&self, at: usize) -> &TaskSlot {
        &self.slots[at]
    }
}

impl IndexMut<usize> for TaskSlots {
    #[inline(always)]
    fn index_mut(&mut self, at: usize) -> &mut TaskSlot {
        &mut self.slots[at]
    }
}
