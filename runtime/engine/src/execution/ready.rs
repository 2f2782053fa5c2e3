//! The tasks that arrived and were not performed, in no particular but a reproducible order: random choices depend on it.

use gorace_analyzer_core::TaskIx;
use std::ops::Deref;

/// See the module. As a slice it is the tasks.
#[derive(Default)]
pub(crate) struct Ready {
    list: Vec<TaskIx>,
    /// Those of the first 64 tasks that are in it, by bit.
    early: u64,
}

const EARLY: u32 = u64::BITS;

impl Ready {
    pub fn clear(&mut self) {
        self.list.clear();
        self.early = 0;
    }

    #[inline]
    pub fn push(&mut self, task: TaskIx) {
        self.early |= bit(task);
        self.list.push(task);
    }

    /// Removes the one at `at`; the last one takes its place.
    #[inline]
    pub fn swap_remove(&mut self, at: usize) -> TaskIx {
        let task = self.list.swap_remove(at);
        self.early &= !bit(task);
        task
    }

    /// Removes `task`, if it is there.
    pub fn remove(&mut self, task: TaskIx) {
        if let Some(at) = self.list.iter().position(|ready| *ready == task) {
            self.swap_remove(at);
        }
    }

    /// Whether `task` is there; `None` if it is not one of the first, of whom that is known without a look at all.
    #[inline]
    pub fn includes(&self, task: TaskIx) -> Option<bool> {
        (task.0 < EARLY).then(|| self.early & bit(task) != 0)
    }

    /// Whether nobody was spawned before `task`. Without a branch that depends on who is there, for the first tasks.
    #[inline]
    pub fn is_first(&self, task: TaskIx) -> bool {
        match task.0 {
            0..EARLY => self.early & (bit(task) - 1) == 0,
            _ => self.early == 0 && self.list.iter().all(|other| *other >= task),
        }
    }
}

/// A task's bit; none if it is not one of the first.
#[inline]
fn bit(task: TaskIx) -> u64 {
    if task.0 < EARLY { 1 << task.0 } else { 0 }
}

impl Deref for Ready {
    type Target = [TaskIx];

    #[inline]
    fn deref(&self) -> &[TaskIx] {
        &self.list
    }
}

#[cfg(test)]
mod tests {
    use super::Ready;
    use crate::rng::SplitMix64;
    use gorace_analyzer_core::TaskIx;

    #[test]
    fn the_first_one_is_the_least() {
        let mut rng = SplitMix64::new(1);
        for tasks in [3, 64, 65, 200] {
            let mut ready = Ready::default();
            let mut model: Vec<u32> = Vec::new();
            for _ in 0..2_000 {
                let task = rng.below(tasks) as u32;
                match model.iter().position(|other| *other == task) {
                    Some(at) if rng.below(2) == 0 => {
                        assert_eq!(ready.swap_remove(at), TaskIx(model.swap_remove(at)))
                    }
                    Some(at) => {
                        ready.remove(TaskIx(task));
                        model.swap_remove(at);
                    }
                    None => {
                        ready.push(TaskIx(task));
                        model.push(task);
                    }
                }
                assert!(ready.iter().map(|task| task.0).eq(model.iter().copied()));
                for asked in 0..tasks as u32 {
                    assert_eq!(ready.is_first(TaskIx(asked)), model.iter().all(|other| *other >= asked));
                    let is_known = (asked < 64).then(|| model.contains(&asked));
                    assert_eq!(ready.includes(TaskIx(asked)), is_known);
                }
            }
        }
    }
}
