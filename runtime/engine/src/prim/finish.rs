//! The end of a task's closure, where destructors of thread-locals come between it and the task's exit.
//!
//! Std's `is_finished` and the end of a `scope` look at the closure, `join` at the exit; a thread-local's destructor may
//! thus wait for what its own scope's owner does afterwards. A task without such destructors has no event of this kind:
//! its exit is both.

use crate::AccessKind;
use crate::execution::Execution;
use crate::footprint::{ALL_TASKS, Access, Footprint};
use crate::op::Reply;
use crate::prim::Primitive;
use crate::task::Task;
use gorace_analyzer_core::{EventIx, OpKind, TaskIx};

/// An operation on the end of closures.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FinishOp {
    /// The running task's closure is done, and its thread-locals are to be destroyed.
    Finish,
    /// Waits until `task`'s closure is done.
    Await {
        /// Whose.
        task: TaskIx,
    },
}

impl Task {
    /// The event by which its closure was done: its exit, if no destructors came before that.
    #[inline]
    pub fn finished(&self) -> Option<EventIx> {
        self.finish.or(self.exit)
    }
}

/// What the end of `task`'s closure touches.
pub(super) fn touched(task: TaskIx) -> Footprint {
    Footprint::of(&[Access::to_task(task, AccessKind::Exit), Access::to_all_tasks(AccessKind::Exit)])
}

impl Primitive for FinishOp {
    fn kind(self) -> OpKind {
        match self {
            FinishOp::Finish => OpKind::Finish,
            FinishOp::Await { .. } => OpKind::Join,
        }
    }

    fn footprint(self, _execution: &Execution, task: TaskIx) -> Footprint {
        match self {
            FinishOp::Finish => touched(task),
            FinishOp::Await { .. } => Footprint::NONE,
        }
    }

    fn perform(self, execution: &mut Execution, task: TaskIx) {
        match self {
            FinishOp::Finish => {
                let event = execution.append(task, OpKind::Finish, |_| {});
                execution.tasks[task.at()].finish = Some(event);
                execution.written(task, ALL_TASKS);
                execution.let_go_on(task, event, |task| &mut task.awaited_by);
                execution.complete(task, Reply::Unit);
            }
            FinishOp::Await { task: target } => {
                let finished = execution.tasks[target.at()].finished();
                execution.wait_for_end(task, target, finished, |task| &mut task.awaited_by);
            }
        }
    }
}
