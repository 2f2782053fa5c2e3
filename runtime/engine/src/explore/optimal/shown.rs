//! What an execution showed beside the order of its decisions: read from it while it is there, or kept for later.

use crate::execution::Execution;
use gorace_analyzer_core::{EventIx, TaskIx, TaskPath};

/// See the module.
pub trait Shown {
    /// How many tasks there were.
    fn tasks(&self) -> u32;
    /// A task's name in all executions.
    fn path(&self, task: TaskIx) -> &TaskPath;
    /// The task of this name, if there was one.
    fn named(&self, path: &TaskPath) -> Option<TaskIx> {
        let is_it = |task: &TaskIx| self.path(*task) == path;
        // Where main starts all tasks, a task's ordinal is its number.
        let guess = path.ordinals().last().map(|ordinal| TaskIx(*ordinal));
        let guess = guess.filter(|task| task.0 < self.tasks() && is_it(task));
        guess.or_else(|| (0..self.tasks()).map(TaskIx).find(is_it))
    }
    /// The clock, if there was one.
    fn clock(&self) -> Option<TaskIx>;
    /// How many timers an event started.
    fn started_by(&self, event: EventIx) -> usize;
}

impl Shown for Execution {
    fn tasks(&self) -> u32 {
        self.tasks.len() as u32
    }

    fn path(&self, task: TaskIx) -> &TaskPath {
        self.task_path(task)
    }

    fn clock(&self) -> Option<TaskIx> {
        self.clock.task
    }

    fn started_by(&self, event: EventIx) -> usize {
        self.clock.started_by(event)
    }
}
