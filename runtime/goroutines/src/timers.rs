//! Timers that are no worker's: one tree ordered by time, and one thread that does what is due.
//!
//! An action is short and never waits. Setting and taking back are logarithmic; an alarm that was taken back leaves
//! nothing behind. Alarms of one instant ring in the order in which they were set.

use crate::task::Task;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed, Ordering::SeqCst};
use std::sync::{Condvar, Mutex, MutexGuard, Once, PoisonError};
use std::time::Instant;

/// When something is due, and which of the things that are due then it is.
pub type Key = (Instant, u64);

enum Action {
    Wake(Task),
    Run(Box<dyn FnOnce() + Send>),
}

static ALARMS: Mutex<BTreeMap<Key, Action>> = Mutex::new(BTreeMap::new());
static CHANGED: Condvar = Condvar::new();

/// How many alarms are set or ringing.
static PENDING: AtomicUsize = AtomicUsize::new(0);

/// Wakes `task` at `when`, unless it is taken back before.
pub(crate) fn wake_at(when: Instant, task: Task) -> Key {
    set(when, Action::Wake(task))
}

/// Runs `action` at `when` on the timers' thread, unless it is taken back before. It must be short and not wait.
///
/// # Panics
/// If the OS cannot start the timers' thread.
pub fn at(when: Instant, action: Box<dyn FnOnce() + Send>) -> Key {
    set(when, Action::Run(action))
}

/// Does not do it after all. It may be done already, or be on its way.
pub fn take_back(key: Key) {
    let action = lock().remove(&key);
    if action.is_some() {
        PENDING.fetch_sub(1, SeqCst);
    }
    // What it holds is the user's, and dropped outside of the lock.
    drop(action);
}

/// How many alarms are set.
pub(crate) fn pending() -> usize {
    PENDING.load(SeqCst)
}

/// Somebody who waits for a point in time without an alarm: counted as one.
pub(crate) struct Waiting;

impl Waiting {
    pub fn new() -> Self {
        PENDING.fetch_add(1, SeqCst);
        Waiting
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        PENDING.fetch_sub(1, SeqCst);
    }
}

fn set(when: Instant, action: Action) -> Key {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    static RINGER: Once = Once::new();
    RINGER.call_once(|| {
        if let Err(error) = crate::service::start("gorace timers", ring) {
            panic!("cannot start the thread of the timers: {error}");
        }
    });
    let key = (when, NEXT.fetch_add(1, Relaxed));
    PENDING.fetch_add(1, SeqCst);
    let mut alarms = lock();
    alarms.insert(key, action);
    let is_first = alarms.keys().next() == Some(&key);
    drop(alarms);
    if is_first {
        CHANGED.notify_one();
    }
    key
}

fn lock() -> MutexGuard<'static, BTreeMap<Key, Action>> {
    ALARMS.lock().unwrap_or_else(PoisonError::into_inner)
}

fn ring() {
    let mut alarms = lock();
    loop {
        let now = Instant::now();
        match alarms.first_entry() {
            Some(first) if first.key().0 <= now => {
                let action = first.remove();
                drop(alarms);
                match action {
                    Action::Wake(task) => task.unpark(),
                    Action::Run(action) => action(),
                }
                // Only now: nobody may think that nothing is to come while an action runs.
                PENDING.fetch_sub(1, SeqCst);
                alarms = lock();
            }
            Some(first) => {
                let left = first.key().0 - now;
                alarms = CHANGED.wait_timeout(alarms, left).unwrap_or_else(PoisonError::into_inner).0;
            }
            None => alarms = CHANGED.wait(alarms).unwrap_or_else(PoisonError::into_inner),
        }
    }
}
