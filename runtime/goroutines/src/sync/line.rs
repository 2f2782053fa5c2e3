//! Those who wait for one thing, longest first.

use crate::reason::Reason;
use crate::task::{Task, park_as, park_until};
use std::collections::VecDeque;
use std::sync::atomic::{
    AtomicBool, AtomicUsize,
    Ordering::{Acquire, Release, SeqCst},
    fence,
};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// Somebody who waits.
pub(crate) struct Waiter<K> {
    task: Task,
    woken: AtomicBool,
    /// What it wants.
    pub kind: K,
}

impl<K> Waiter<K> {
    /// Waits until it is woken.
    #[track_caller]
    pub fn wait(&self, reason: Reason) {
        while !self.woken.load(Acquire) {
            park_as(&self.task, reason);
        }
    }

    /// Waits until it is woken, or until `deadline`; whether it was woken.
    #[track_caller]
    pub fn wait_until(&self, reason: Reason, deadline: Instant) -> bool {
        while !self.woken.load(Acquire) {
            if Instant::now() >= deadline {
                return false;
            }
            park_until(&self.task, reason, deadline);
        }
        true
    }

    fn wake(&self) {
        // The waiter may be gone the moment that it reads this.
        let task = self.task.clone();
        self.woken.store(true, Release);
        task.unpark();
    }
}

/// See the module.
pub(crate) struct Line<K = ()> {
    waiters: Mutex<VecDeque<Arc<Waiter<K>>>>,
    /// The line's length, to be read without its lock.
    len: AtomicUsize,
}

impl<K> Line<K> {
    pub const fn new() -> Self {
        Line { waiters: Mutex::new(VecDeque::new()), len: AtomicUsize::new(0) }
    }

    fn waiters(&self) -> MutexGuard<'_, VecDeque<Arc<Waiter<K>>>> {
        self.waiters.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether nobody waits. What the caller did before is seen by whoever stands in line after that.
    #[inline]
    pub fn is_empty(&self) -> bool {
        fence(SeqCst);
        self.len.load(SeqCst) == 0
    }

    /// Whether somebody waits. Orders nothing: for callers whose own accesses are all `SeqCst`.
    #[inline]
    pub fn has_waiters(&self) -> bool {
        self.len.load(SeqCst) > 0
    }

    /// Stands in line. Behind that the caller must look once more whether it has to wait.
    pub fn enter(&self, kind: K) -> Arc<Waiter<K>> {
        let waiter = Arc::new(Waiter { task: Task::current(), woken: AtomicBool::new(false), kind });
        let mut waiters = self.waiters();
        waiters.push_back(waiter.clone());
        self.len.store(waiters.len(), SeqCst);
        drop(waiters);
        fence(SeqCst);
        waiter
    }

    /// Leaves the line without having been woken; `false`: it was woken meanwhile.
    pub fn leave(&self, waiter: &Arc<Waiter<K>>) -> bool {
        let mut waiters = self.waiters();
        let at = waiters.iter().position(|other| Arc::ptr_eq(other, waiter));
        if let Some(at) = at {
            waiters.remove(at);
            self.len.store(waiters.len(), SeqCst);
        }
        at.is_some()
    }

    /// Wakes those at the front of the line for as long as `next` says so.
    pub fn wake_while(&self, mut next: impl FnMut(&K) -> bool) {
        let mut woken = Vec::new();
        let mut waiters = self.waiters();
        while waiters.front().is_some_and(|first| next(&first.kind)) {
            woken.extend(waiters.pop_front());
        }
        self.len.store(waiters.len(), SeqCst);
        drop(waiters);
        woken.iter().for_each(|waiter| waiter.wake());
    }

    /// Wakes the one who waits longest, if anybody waits.
    pub fn wake_one(&self) {
        let mut waiters = self.waiters();
        let first = waiters.pop_front();
        self.len.store(waiters.len(), SeqCst);
        drop(waiters);
        if let Some(first) = first {
            first.wake();
        }
    }

    /// Wakes everybody who waits.
    pub fn wake_all(&self) {
        self.wake_while(|_| true);
    }
}
