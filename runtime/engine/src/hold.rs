//! A directed execution: one task is held at a certain operation until another task has done one of its own, and
//! then goes on at once.
//!
//! Before and after, the default rule decides. While the task is held, the awaited one runs where it can, so that nobody
//! else does meanwhile what would hide the bug. That the held one goes on at once puts its operation, and what
//! follows it, right behind the other's: between a look at a condition and the wait, between a load and its store.
//! If nobody but the held one can run, it is let go.

use crate::execution::Execution;
use crate::plan::Hold;
use gorace_analyzer_core::{TaskIx, TaskPath};

/// The state of one execution.
#[derive(Debug)]
pub(crate) struct Directed {
    hold: Hold,
    is_over: bool,
}

impl Directed {
    pub fn new(hold: Hold) -> Self {
        Directed { hold, is_over: false }
    }

    pub fn pick(&mut self, execution: &Execution, eligible: &[TaskIx], default: TaskIx) -> TaskIx {
        if self.is_over {
            return default;
        }
        let task = |path: &TaskPath| execution.tasks.iter().position(|task| task.path == *path);
        let awaited = task(&self.hold.until);
        let held = task(&self.hold.task)
            .filter(|task| execution.tasks[*task].count == self.hold.count)
            .map(|task| TaskIx(task as u32));
        let Some(held) = held.filter(|held| eligible.contains(held)) else { return default };
        if awaited.is_some_and(|task| execution.tasks[task].count > self.hold.until_count) {
            self.is_over = true;
            return held;
        }
        let awaited = awaited.map(|task| TaskIx(task as u32)).filter(|task| eligible.contains(task));
        let others = eligible.iter().copied().filter(|task| *task != held);
        let other =
            awaited.or_else(|| others.min_by_key(|task| (execution.clock.task == Some(*task), *task)));
        self.is_over = other.is_none();
        other.unwrap_or(default)
    }
}
