//! `Condvar`, with std's signatures: who waits parks, and is woken in the order of waiting.

use crate::reason::Reason;
use crate::sync::line::Line;
use crate::sync::mutex::MutexGuard;
use crate::thread::after;
use std::fmt;
use std::sync::{LockResult, PoisonError};
use std::time::{Duration, Instant};

/// A condition variable: [`std::sync::Condvar`] for goroutines.
///
/// ```
/// use gorace_goroutines::sync::{Condvar, Mutex};
/// let (ready, condvar) = (Mutex::new(true), Condvar::new());
/// let guard = condvar.wait_while(ready.lock().unwrap(), |ready| !*ready).unwrap();
/// assert!(*guard);
/// ```
pub struct Condvar(Line);

/// Whether a wait ended because its time was over.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct WaitTimeoutResult(bool);

impl WaitTimeoutResult {
    /// Whether the time was over.
    #[must_use]
    pub fn timed_out(&self) -> bool {
        self.0
    }
}

impl Condvar {
    /// A new condition variable that nobody waits on.
    #[inline]
    pub const fn new() -> Self {
        Condvar(Line::new())
    }

    /// Unlocks, waits for a notification, and locks again.
    ///
    /// # Errors
    /// If the mutex is poisoned; the error holds the guard all the same.
    #[track_caller]
    pub fn wait<'a, T>(&self, guard: MutexGuard<'a, T>) -> LockResult<MutexGuard<'a, T>> {
        let mutex = guard.mutex();
        let waiter = self.0.enter(());
        drop(guard);
        waiter.wait(Reason::Cond);
        mutex.lock()
    }

    /// Waits until `condition` is false.
    ///
    /// # Errors
    /// As [`Condvar::wait`].
    #[track_caller]
    pub fn wait_while<'a, T, F>(
        &self,
        mut guard: MutexGuard<'a, T>,
        mut condition: F,
    ) -> LockResult<MutexGuard<'a, T>>
    where
        F: FnMut(&mut T) -> bool,
    {
        while condition(&mut *guard) {
            guard = self.wait(guard)?;
        }
        Ok(guard)
    }

    /// As [`Condvar::wait`], for so long at most; tells whether that ended it.
    ///
    /// # Errors
    /// As [`Condvar::wait`].
    #[track_caller]
    pub fn wait_timeout<'a, T>(
        &self,
        guard: MutexGuard<'a, T>,
        duration: Duration,
    ) -> LockResult<(MutexGuard<'a, T>, WaitTimeoutResult)> {
        let mutex = guard.mutex();
        let deadline = after(duration);
        let waiter = self.0.enter(());
        drop(guard);
        let woken = waiter.wait_until(Reason::Cond, deadline) || !self.0.leave(&waiter);
        let ended = WaitTimeoutResult(!woken);
        match mutex.lock() {
            Ok(guard) => Ok((guard, ended)),
            Err(error) => Err(PoisonError::new((error.into_inner(), ended))),
        }
    }

    /// Waits until `condition` is false, for so long at most.
    ///
    /// # Errors
    /// As [`Condvar::wait`].
    #[track_caller]
    pub fn wait_timeout_while<'a, T, F>(
        &self,
        mut guard: MutexGuard<'a, T>,
        duration: Duration,
        mut condition: F,
    ) -> LockResult<(MutexGuard<'a, T>, WaitTimeoutResult)>
    where
        F: FnMut(&mut T) -> bool,
    {
        let start = Instant::now();
        loop {
            if !condition(&mut *guard) {
                return Ok((guard, WaitTimeoutResult(false)));
            }
            let Some(left) = duration.checked_sub(start.elapsed()) else {
                return Ok((guard, WaitTimeoutResult(true)));
            };
            guard = self.wait_timeout(guard, left)?.0;
        }
    }

    /// Wakes one waiter, if there is one.
    #[inline]
    pub fn notify_one(&self) {
        if !self.0.is_empty() {
            self.0.wake_one();
        }
    }

    /// Wakes all waiters.
    #[inline]
    pub fn notify_all(&self) {
        if !self.0.is_empty() {
            self.0.wake_all();
        }
    }
}

impl Default for Condvar {
    fn default() -> Self {
        Condvar::new()
    }
}

impl fmt::Debug for Condvar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Condvar").finish_non_exhaustive()
    }
}
