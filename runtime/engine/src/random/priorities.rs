//! A random priority for each pending operation, drawn when it is first compared.

use crate::rng::SplitMix64;
use gorace_analyzer_core::TaskIx;

/// By task; 0 where none is drawn for what the task is about to do.
#[derive(Debug)]
pub(crate) struct Priorities(Vec<u64>);

impl Priorities {
    /// For so many tasks, or more.
    pub fn for_tasks(tasks: usize) -> Self {
        Priorities(Vec::with_capacity(tasks))
    }

    /// The priority of what `task` is about to do.
    pub fn get(&mut self, task: TaskIx, rng: &mut SplitMix64) -> u64 {
        if self.0.len() <= task.at() {
            self.0.resize(task.at() + 1, 0);
        }
        let priority = &mut self.0[task.at()];
        if *priority == 0 {
            *priority = rng.next_u64() | 1;
        }
        *priority
    }

    /// `task`'s next priority is a new one: it has run, or what it raced with has.
    pub fn redraw(&mut self, task: TaskIx) {
        if let Some(priority) = self.0.get_mut(task.at()) {
            *priority = 0;
        }
    }
}
