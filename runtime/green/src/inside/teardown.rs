//! The end of tasks that are left when an execution is over: they unwind, children before their parents, by
//! a payload of our own that is resumed into them.
//!
//! Operations in destructors are then answered without the engine: receives and joins say closed, waits
//! return, sends drop their value. A lock is the one thing that is waited for: while another task's guard
//! exists, the destructor is suspended until that task has unwound. A task that cannot be ended is
//! abandoned: never resumed, its stack kept, since others may borrow from it.

use crate::inside::code::Code;
use crate::inside::context::Inside;
use crate::inside::stack::{Back, Switch};
use crate::inside::task::resume;
use gorace_analyzer::Listed;
use gorace_analyzer::TaskIx;
use gorace_engine::{Op, Reply};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

/// The payload that unwinds a task in teardown. It reaches no hook.
pub(crate) struct Unwind;

/// How often a task may swallow the unwinding, and destructors may make new values of statics.
const PATIENCE: u32 = 100;
/// How many operations its destructors may do.
const ANSWERS: u32 = 100_000;

/// Unwinds the running task, which the execution's end found here.
pub(crate) fn unwind(inside: Inside) -> ! {
    loop {
        let patience = inside.with(|cx| {
            let slot = &mut cx.tasks[cx.current.at()];
            slot.patience += 1;
            slot.patience
        });
        if patience <= PATIENCE {
            resume_unwind(Box::new(Unwind));
        }
        inside.suspend(Switch::Stuck);
    }
}

/// Whether the running task goes on with its code in teardown: it swallowed the unwinding, or was found in a
/// destructor that returned quietly.
pub(crate) fn is_to_unwind(inside: Inside) -> bool {
    !std::thread::panicking() && !inside.with(|cx| cx.dropping)
}

/// Answers an operation in teardown; `None`: the task is to unwind.
pub(crate) fn answer(inside: Inside, op: Op) -> Option<Reply> {
    if is_to_unwind(inside) {
        return None;
    }
    let patience = inside.with(|cx| {
        let slot = &mut cx.tasks[cx.current.at()];
        slot.patience += 1;
        slot.patience
    });
    while patience > ANSWERS && !inside.with(|cx| cx.dropping) {
        inside.suspend(Switch::Stuck);
    }
    Some(match op {
        Op::Recv { .. } | Op::TryRecv { .. } | Op::Join { .. } | Op::Send { .. } | Op::TrySend { .. } => {
            Reply::Closed
        }
        Op::Select { default: true } => Reply::Default,
        Op::Select { default: false } => Reply::Arm(0, None),
        Op::IsFinished { .. } => Reply::Flag(true),
        Op::Choose { .. } | Op::Len { .. } => Reply::Value(0),
        _ => Reply::Unit,
    })
}

/// Suspends a destructor in teardown because another task's guard is in its way.
///
/// # Panics
/// Outside of any task, where there is nothing to suspend; whoever drops values there catches it.
pub(crate) fn wait_for_others(inside: Inside) {
    assert!(!inside.with(|cx| cx.dropping), "a lock is held for ever by a task that could not be ended");
    inside.suspend(Switch::Stuck);
}

/// Suspends a destructor in teardown for ever: there is no answer that it could go on with.
pub(crate) fn never(inside: Inside) -> ! {
    loop {
        wait_for_others(inside);
    }
}

/// Ends all tasks of the execution that is over, then drops what its statics held.
pub(crate) fn tear_down(inside: Inside) {
    if inside.with(|cx| cx.shadows.is_empty() && !cx.tasks.iter().any(|task| task.is_left())) {
        return;
    }
    let mut left: Vec<TaskIx> = inside.with(|cx| {
        cx.special.set_tearing_down(true);
        (0..cx.tasks.len() as u32).rev().map(TaskIx).filter(|task| cx.tasks[task.at()].is_left()).listed()
    });
    let mut progress = true;
    while progress && !left.is_empty() {
        progress = false;
        left.retain(|&task| {
            let unstarted = inside.with(|cx| cx.tasks[task.at()].take_unstarted());
            if unstarted.is_some() {
                drop_outside(inside, unstarted);
                progress = true;
                return false;
            }
            let is_over = !matches!(resume(inside, task), Back::Suspended(_));
            progress |= is_over;
            !is_over
        });
    }
    let keep = !left.is_empty();
    for task in left {
        let stack = inside.with(|cx| {
            cx.abandoned += 1;
            cx.tasks[task.at()].stack.take()
        });
        if let Some(stack) = stack {
            stack.abandon();
        }
    }
    end_statics(inside, keep);
    inside.with(|cx| cx.special.set_tearing_down(false));
}

/// Drops what the execution's statics held. A destructor may use statics in its turn: it finds them new, and what it
/// leaves in them is dropped after that.
fn end_statics(inside: Inside, keep: bool) {
    inside.with(|cx| cx.dropping = true);
    let mut turns = 0;
    loop {
        let shadows = inside.with(|cx| std::mem::take(&mut cx.shadows));
        if shadows.is_empty() {
            break;
        }
        turns += 1;
        let lent = shadows.end(keep || turns > PATIENCE);
        inside.with(|cx| cx.lent += lent);
    }
    inside.with(|cx| cx.dropping = false);
}

/// Drops a value of the execution outside of any task.
fn drop_outside<T>(inside: Inside, value: T) {
    inside.with(|cx| cx.dropping = true);
    // A destructor's panic has nobody to go to: the execution was judged before.
    let _ = catch_unwind(AssertUnwindSafe(|| drop(value)));
    inside.with(|cx| cx.dropping = false);
}

impl crate::inside::task_slots::TaskSlot {
    pub fn is_left(&self) -> bool {
        self.stack.is_some() || self.code.is_some()
    }

    /// The code of a task that never began to run.
    fn take_unstarted(&mut self) -> Option<Code> {
        if self.stack.is_some() { None } else { self.code.take() }
    }
}
