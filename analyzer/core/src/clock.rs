//! Vector clocks (Lamport 1978, Fidge 1988, Mattern 1989).
//!
//! A clock maps tasks to how many of their events it covers. It is kept sparse, sorted by task: with three
//! tasks that is three pairs, and with ten thousand tasks that know only their parent it stays small too.

use crate::ids::TaskIx;

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
    pub fn get(&self, task: TaskIx) -> u32 {
        match self.find(task) {
            Ok(i) => self.entries[i].1,
            Err(_) => 0,
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

    /// Becomes a copy of `other`, keeping its own storage.
    pub fn copy_from(&mut self, other: &VectorClock) {
        self.entries.clear();
        self.entries.extend_from_slice(&other.entries);
    }

    /// Forgets everything, keeping its storage.
    pub fn clear(&mut self) {
        self.entries.clear();
    }

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
