//! The alarms of the goroutines that have started on a worker: it sets and rings them itself, without a lock.
//!
//! A goroutine runs on its worker alone, and so nobody is late because its worker is busy who could have run before. Those
//! that may move have theirs with the other timers.

use crate::task::Task;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Instant;

/// When an alarm is due, and which of those that are due then it is.
pub(crate) type Key = (Instant, u64);

/// See the module.
#[derive(Default)]
pub(crate) struct Alarms {
    tree: RefCell<BTreeMap<Key, Task>>,
    first: Cell<Option<Instant>>,
    next: Cell<u64>,
    /// What rang last: nothing that is not later is set.
    rung: Cell<Option<Key>>,
}

impl Alarms {
    /// Wakes `task` at `when`, unless it is taken back before. `count` is how many there are, for others to read.
    pub fn set(&self, when: Instant, task: Task, count: &AtomicUsize) -> Key {
        let key = (when, self.next.get());
        self.next.set(key.1 + 1);
        if self.rung.get().is_some_and(|rung| key <= rung) {
            self.rung.set(None);
        }
        if self.first.get().is_none_or(|first| when < first) {
            self.first.set(Some(when));
        }
        let mut tree = self.tree.borrow_mut();
        tree.insert(key, task);
        count.store(tree.len(), Relaxed);
        key
    }

    /// Does not ring it after all, if it has not rung.
    pub fn take_back(&self, key: Key, count: &AtomicUsize) {
        if self.rung.get().is_some_and(|rung| key <= rung) {
            return;
        }
        let mut tree = self.tree.borrow_mut();
        let task = tree.remove(&key);
        self.note(&tree, count);
        drop(tree);
        drop(task);
    }

    /// When the first is due.
    pub fn first(&self) -> Option<Instant> {
        self.first.get()
    }

    /// Whether one is due.
    pub fn is_due(&self) -> bool {
        self.first.get().is_some_and(|first| first <= Instant::now())
    }

    /// Takes all that are due, in their order; who is to be woken is given to `wake`.
    pub fn ring(&self, count: &AtomicUsize, mut wake: impl FnMut(Task)) {
        let now = Instant::now();
        let mut tree = self.tree.borrow_mut();
        while let Some(first) = tree.first_entry()
            && first.key().0 <= now
        {
            let (key, task) = first.remove_entry();
            self.rung.set(Some(key));
            if let Some(woken) = task.wake() {
                wake(woken);
            }
        }
        self.note(&tree, count);
    }

    fn note(&self, tree: &BTreeMap<Key, Task>, count: &AtomicUsize) {
        self.first.set(tree.keys().next().map(|first| first.0));
        count.store(tree.len(), Relaxed);
    }
}
