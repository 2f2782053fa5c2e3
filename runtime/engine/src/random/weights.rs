//! How many operations of some kind each task, with all that it starts, had in the profile; and how many of
//! them are left while an execution goes on.
//!
//! A task's descendants count as its own until it starts them, so that a draw among the tasks that exist is a
//! draw among all operations to come.

use crate::execution::Execution;
use crate::op::Op;
use crate::rng::SplitMix64;
use gorace_analyzer_core::{TaskIx, TaskPath};

/// Of a profile; sorted by path.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Weights(Vec<(TaskPath, u32)>);

impl Weights {
    /// `count` more operations of the task at `path`, and so of each of its ancestors.
    pub fn add(&mut self, path: &TaskPath, count: u32) {
        for len in 1..=path.ordinals().len() {
            let path = TaskPath::from(Box::from(&path.ordinals()[..len]));
            match self.0.binary_search_by(|(known, _)| known.cmp(&path)) {
                Ok(at) => self.0[at].1 += count,
                Err(at) => self.0.insert(at, (path, count)),
            }
        }
    }

    fn of(&self, path: &TaskPath) -> u32 {
        self.0.binary_search_by(|(known, _)| known.cmp(path)).map_or(0, |at| self.0[at].1)
    }
}

/// Of one execution, by task.
#[derive(Debug)]
pub(super) struct Remaining(Vec<u32>);

impl Remaining {
    pub fn for_tasks(tasks: usize) -> Self {
        Remaining(Vec::with_capacity(tasks))
    }

    /// Gets to know the tasks that are new. Those that somebody is to start have none of their own until then.
    pub fn meet(&mut self, weights: &Weights, execution: &Execution) {
        while let Some(task) = execution.tasks.get(self.0.len()) {
            let is_main = self.0.is_empty();
            let count = if is_main || task.is_clock() { weights.of(&task.path) } else { 0 };
            if !is_main {
                // Of the clock, which nobody starts: it is there with the first timer.
                self.take(TaskIx(0), count);
            }
            self.0.push(count);
        }
    }

    pub fn of(&self, task: TaskIx) -> u32 {
        self.0[task.at()]
    }

    /// `task` has one to come that was not counted.
    pub fn add_one(&mut self, task: TaskIx) {
        self.0[task.at()] += 1;
    }

    /// `task` has `count` fewer to come.
    pub fn take(&mut self, task: TaskIx, count: u32) {
        let left = &mut self.0[task.at()];
        *left = left.saturating_sub(count);
    }

    /// What `task` is about to do bears on whose operations are left: it starts a task, which is given, or ends.
    pub fn hand_over(&mut self, weights: &Weights, execution: &Execution, task: TaskIx) -> Option<TaskIx> {
        match execution.tasks[task.at()].op {
            Op::Spawn { child } => {
                let count = weights.of(&execution.tasks[child.at()].path);
                self.take(task, count);
                self.0[child.at()] = count;
                Some(child)
            }
            Op::Exit => {
                self.0[task.at()] = 0;
                None
            }
            _ => None,
        }
    }

    /// One of `tasks`, each with the probability that its operations have among all of theirs. Who has none left
    /// counts as if it had one: more came up than in the profile.
    pub fn draw_among(&self, tasks: &[TaskIx], rng: &mut SplitMix64) -> TaskIx {
        let weight = |task: &TaskIx| self.of(*task).max(1) as usize;
        let mut at = rng.below(tasks.iter().map(weight).sum());
        let is_drawn = |task: &&TaskIx| {
            let weight = weight(task);
            let is_drawn = at < weight;
            at = at.wrapping_sub(weight);
            is_drawn
        };
        tasks.iter().find(is_drawn).copied().unwrap_or(tasks[0])
    }

    /// One of all tasks, likewise; `None` if nobody has any left.
    pub fn draw(&self, rng: &mut SplitMix64) -> Option<TaskIx> {
        let sum: usize = self.0.iter().map(|left| *left as usize).sum();
        let mut at = Some(sum).filter(|sum| *sum > 0).map(|sum| rng.below(sum))?;
        for (task, left) in self.0.iter().enumerate() {
            if at < *left as usize {
                return Some(TaskIx(task as u32));
            }
            at -= *left as usize;
        }
        None
    }
}
