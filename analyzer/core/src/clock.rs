//! Vector clocks (Lamport 1978, Fidge 1988, Mattern 1989).
//!
//! A clock maps tasks to how many of their events it covers. It is kept sparse, sorted by task: with three
//! tasks that is three pairs, and with ten thousand tasks that know only their parent it stays small too.

use crate::ids::TaskIx;

/// What a clock of any kind can do.
pub trait Clock: Default {
    /// The count for `task`; 0 if it is not covered at all.
    fn get(&self, task: TaskIx) -> u32;

    /// Sets the count for `task`.
    fn set(&mut self, task: TaskIx, count: u32);

    /// Covers also what `other` covers.
    fn join(&mut self, other: &Self);

    /// Becomes a copy of `other`, keeping its own storage.
    fn copy_from(&mut self, other: &Self);

    /// Forgets everything, keeping its storage.
    fn clear(&mut self);

    /// Covers one more event of `task`: gives the count.
    fn tick(&mut self, task: TaskIx) -> u32 {
        let count = self.get(task) + 1;
        self.set(task, count);
        count
    }
}

/// A clock of few tasks, those with a number below [`FewTasks::TASKS`]: one array, so that most executions are
/// judged without a branch or an allocation.
#[derive(Clone, Copy, Debug, Default)]
pub struct FewTasks([u32; FewTasks::TASKS]);

impl FewTasks {
    /// Of how many tasks.
    pub const TASKS: usize = 8;
}

impl Clock for FewTasks {
    fn get(&self, task: TaskIx) -> u32 {
        self.0[task.at()]
    }

    fn set(&mut self, task: TaskIx, count: u32) {
        self.0[task.at()] = count;
    }

    fn join(&mut self, other: &Self) {
        for (own, count) in self.0.iter_mut().zip(other.0) {
            *own = (*own).max(count);
        }
    }

    fn copy_from(&mut self, other: &Self) {
        *self = *other;
    }

    fn clear(&mut self) {
        *self = FewTasks::default();
    }
}

/// How many events of each task are covered.
///
/// ```
/// use gorace_analyzer_core::{clock::VectorClock, TaskIx};
/// let mut a = VectorClock::default();
/// a.set(TaskIx(0), 3);
/// let mut b = VectorClock::default();
/// b.set(TaskIx(1), 1);
/// b.join(&a);
/// assert_eq!((b.get(TaskIx(0)), b.get(TaskIx(1)), b.get(TaskIx(2))), (3, 1, 0));
/// ```
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct VectorClock {
    entries: Vec<(TaskIx, u32)>,
}

impl VectorClock {
    /// The count for `task`; 0 if it is not covered at all.
    #[inline]
    pub fn get(&self, task: TaskIx) -> u32 {
        // Where a clock covers all tasks up to this one, there is nothing to look for.
        match self.entries.get(task.at()) {
            Some((found, count)) if *found == task => *count,
            _ => self.find(task).map_or(0, |at| self.entries[at].1),
        }
    }

    /// Sets the count for `task`.
    pub fn set(&mut self, task: TaskIx, count: u32) {
        match self.find(task) {
            Ok(i) => self.entries[i].1 = count,
            Err(i) => self.entries.insert(i, (task, count)),
        }
    }

    /// The tasks that are covered, each with its count.
    pub fn iter(&self) -> impl Iterator<Item = (TaskIx, u32)> + '_ {
        self.entries.iter().copied()
    }

    /// Covers also what `other` covers.
    pub fn join(&mut self, other: &VectorClock) {
        if other.entries.len() * 8 < self.entries.len() {
            for &(task, count) in &other.entries {
                if self.get(task) < count {
                    self.set(task, count);
                }
            }
            return;
        }
        let mut i = 0;
        for &(task, count) in &other.entries {
            while i < self.entries.len() && self.entries[i].0 < task {
                i += 1;
            }
            if i < self.entries.len() && self.entries[i].0 == task {
                self.entries[i].1 = self.entries[i].1.max(count);
            } else {
                self.entries.insert(i, (task, count));
            }
        }
    }

    /// The tasks that are covered, in their order, with their counts.
    pub fn counts(&self) -> impl Iterator<Item = (TaskIx, u32)> + '_ {
        self.entries.iter().copied()
    }

    /// Becomes a copy of `other`, keeping its own storage.
    pub fn copy_from(&mut self, other: &VectorClock) {
        self.entries.clear();
        self.entries.extend_from_slice(&other.entries);
    }

    /// Forgets everything, keeping its storage.
    pub fn clear(&mut self) {
        self.entries.clear();
    }

    #[inline]
    fn find(&self, task: TaskIx) -> Result<usize, usize> {
        if self.entries.len() <= 8 {
            for (i, entry) in self.entries.iter().enumerate() {
                if entry.0 >= task {
                    return if entry.0 == task { Ok(i) } else { Err(i) };
                }
            }
            return Err(self.entries.len());
        }
        self.entries.binary_search_by_key(&task, |entry| entry.0)
    }
}

impl Clock for VectorClock {
    fn get(&self, task: TaskIx) -> u32 {
        self.get(task)
    }

    fn set(&mut self, task: TaskIx, count: u32) {
        self.set(task, count);
    }

    fn join(&mut self, other: &Self) {
        self.join(other);
    }

    fn copy_from(&mut self, other: &Self) {
        self.copy_from(other);
    }

    fn clear(&mut self) {
        self.clear();
    }
}
