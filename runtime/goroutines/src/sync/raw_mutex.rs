//! A lock without data, which anybody may unlock.

use crate::reason::Reason;
use crate::sync::line::Line;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};

/// Go's `sync.Mutex`, for whoever builds on this crate.
///
/// ```
/// let lock = gorace_goroutines::sync::RawMutex::new();
/// lock.lock();
/// assert!(!lock.try_lock());
/// assert!(lock.unlock() && !lock.unlock());
/// ```
pub struct RawMutex {
    locked: AtomicBool,
    line: Line,
}

/// How often who finds it locked looks again before it waits.
const SPINS: usize = 50;

impl RawMutex {
    /// A new lock that nobody holds.
    #[must_use]
    pub const fn new() -> Self {
        RawMutex { locked: AtomicBool::new(false), line: Line::new() }
    }

    /// Locks if nobody holds it; whether it did.
    #[must_use]
    #[inline]
    pub fn try_lock(&self) -> bool {
        self.locked.compare_exchange(false, true, SeqCst, SeqCst).is_ok()
    }

    /// Locks, waiting for whoever holds it.
    #[track_caller]
    #[inline]
    pub fn lock(&self) {
        if !self.try_lock() {
            self.lock_contended();
        }
    }

    #[cold]
    #[track_caller]
    fn lock_contended(&self) {
        for _ in 0..SPINS {
            std::hint::spin_loop();
            if !self.locked.load(SeqCst) && self.try_lock() {
                return;
            }
        }
        loop {
            let waiter = self.line.enter(());
            if self.try_lock() {
                // If it was woken meanwhile, its own unlock wakes the next.
                self.line.leave(&waiter);
                return;
            }
            waiter.wait(Reason::Mutex);
            if self.try_lock() {
                return;
            }
        }
    }

    /// Unlocks, whoever locked; `false` if it was not locked.
    #[inline]
    pub fn unlock(&self) -> bool {
        let was_locked = self.locked.swap(false, SeqCst);
        // In the one order of all that is `SeqCst`: who stood in line before the swap is seen, and who does so behind it
        // sees the lock free.
        if self.line.has_waiters() {
            self.line.wake_one();
        }
        was_locked
    }
}

impl Default for RawMutex {
    fn default() -> Self {
        RawMutex::new()
    }
}
