//! The tasks that arrived and were not performed, in no particular but a reproducible order: random choices depend on it.

use gorace_analyzer_core::TaskIx;
use std::hint::select_unpredictable;
use std::ops::Deref;

/// See the module. As a slice it is the tasks.
pub(crate) struct Ready {
    /// The tasks, and room for one more at the least.
    list: Vec<TaskIx>,
    len: usize,
    /// Those of the first 64 tasks that are in it, by bit.
    early: u64,
}

/// Of so many tasks it is known by bit who is ready.
pub(crate) const EARLY: u32 = u64::BITS;

impl Default for Ready {
    fn default() -> Self {
        Ready { list: vec![TaskIx(0)], len: 0, early: 0 }
    }
}

impl Ready {
    pub fn clear(&mut self) {
        (self.len, self.early) = (0, 0);
    }

    #[inline]
    pub fn push(&mut self, task: TaskIx) {
        self.early |= bit(task);
        self.list[self.len] = task;
        self.len += 1;
        if self.len == self.list.len() {
            self.make_room();
        }
    }

    #[cold]
    fn make_room(&mut self) {
        self.list.push(TaskIx(0));
    }

    /// How many there are.
    #[inline(always)]
    pub fn count(&self) -> usize {
        self.len
    }

    /// Removes the one at `at`; the last one takes its place.
    #[inline]
    pub fn swap_remove(&mut self, at: usize) -> TaskIx {
        debug_assert!(at < self.len, "one of those who are ready");
        let task = self.list[at];
        self.len -= 1;
        self.list[at] = self.list[self.len];
        self.early &= !bit(task);
        task
    }

    /// As a [`Ready::push`] of `arrives` and a [`Ready::swap_remove`], where all tasks are among the first: without a
    /// branch, since who is chosen cannot be predicted.
    #[inline(always)]
    pub fn exchange(&mut self, arrives: TaskIx, at: usize) -> TaskIx {
        debug_assert!(at <= self.len, "one of those who are ready, or who arrives");
        // What lies behind the last one, if that is where it comes to lie, is room.
        let there = std::mem::replace(&mut self.list[at], arrives);
        let chosen = select_unpredictable(at == self.len, arrives, there);
        self.early = (self.early | 1_u64.wrapping_shl(arrives.0)) & !1_u64.wrapping_shl(chosen.0);
        chosen
    }

    /// Whether nobody was spawned before `task`, who has just been removed.
    pub fn is_first(&self, task: TaskIx) -> bool {
        match task.0 {
            0..EARLY => self.early & (bit(task) - 1) == 0,
            _ => self.early == 0 && self.iter().all(|other| *other >= task),
        }
    }

    /// Who of the first tasks is ready, by bit.
    #[inline(always)]
    pub fn early(&self) -> u64 {
        self.early
    }

    /// Removes `task`, if it is there.
    pub fn remove(&mut self, task: TaskIx) {
        if let Some(at) = self.iter().position(|ready| *ready == task) {
            self.swap_remove(at);
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
        &self.list[..self.len]
    }
}

#[cfg(test)]
mod tests {
    use super::{EARLY, Ready};
    use crate::rng::SplitMix64;
    use gorace_analyzer_core::TaskIx;

    /// Against a vector, of which nobody is known by bit.
    #[test]
    fn does_what_a_vector_does() {
        let mut rng = SplitMix64::new(1);
        for tasks in [1, 3, 64, 65, 200] {
            let (mut ready, mut model) = (Ready::default(), Vec::new());
            for _ in 0..2_000 {
                let task = TaskIx(rng.below(tasks) as u32);
                match model.iter().position(|other| *other == task) {
                    Some(at) if rng.below(2) == 0 => assert_eq!(ready.swap_remove(at), model.swap_remove(at)),
                    Some(at) => {
                        ready.remove(task);
                        model.swap_remove(at);
                    }
                    None if tasks <= EARLY as usize && rng.below(2) == 0 => {
                        model.push(task);
                        let at = rng.below(model.len());
                        assert_eq!(ready.exchange(task, at), model.swap_remove(at));
                    }
                    None => {
                        ready.push(task);
                        model.push(task);
                    }
                }
                assert_eq!(*ready, *model);
                let early =
                    model.iter().filter(|task| task.0 < EARLY).fold(0, |bits, task| bits | 1 << task.0);
                assert_eq!(ready.early(), early);
                for asked in (0..tasks as u32).map(TaskIx) {
                    assert_eq!(ready.is_first(asked), model.iter().all(|other| *other >= asked));
                }
            }
        }
    }
}
