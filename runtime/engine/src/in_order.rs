//! Follows an order of events as far as that can be done: for shortening schedules by moving what tasks did.
//!
//! Each event that a task is to have has a rank, and of the tasks that can run the one whose next event has the
//! lowest runs. Who is beyond what is known of it comes last, by the default rule.

use crate::execution::Execution;
use crate::plan::{Deviation, Order};
use crate::task::Task;
use gorace_analyzer_core::TaskIx;

/// The state of one execution.
#[derive(Debug)]
pub(crate) struct InOrder {
    order: Order,
    /// Where each task stands in the order.
    places: Vec<Option<usize>>,
}

impl InOrder {
    pub fn new(order: Order) -> Self {
        InOrder { order, places: Vec::new() }
    }

    pub fn pick(&mut self, execution: &Execution, eligible: &[TaskIx], default: TaskIx) -> TaskIx {
        while let Some(task) = execution.tasks.get(self.places.len()) {
            self.places.push(self.order.tasks.iter().position(|(path, _)| *path == task.path));
        }
        let rank = |task: &TaskIx| {
            let ranks = self.places[task.at()].map(|at| &self.order.tasks[at].1);
            let next = execution.tasks[task.at()].count as usize;
            ranks.and_then(|ranks| ranks.get(next)).copied().unwrap_or(u32::MAX)
        };
        let first = eligible.iter().map(|task| (rank(task), *task)).min();
        first.filter(|(rank, _)| *rank < u32::MAX).map_or(default, |(_, task)| task)
    }

    /// Which of `n` alternatives `task` takes.
    pub fn alternative(&self, task: &Task, n: u32) -> u32 {
        due(&self.order.choices, task).min(n - 1)
    }
}

/// The alternative that a loosely followed schedule has for the next event of `task`, if it is another than the
/// first.
pub(crate) fn due(choices: &[Deviation], task: &Task) -> u32 {
    let taken = choices.iter().find_map(|deviation| match deviation {
        Deviation::Choice { task: path, count, taken } if *count == task.count && *path == task.path => {
            Some(*taken)
        }
        _ => None,
    });
    taken.unwrap_or(0)
}
