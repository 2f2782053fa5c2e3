//! `Mutex`, with std's signatures and poisoning: who waits parks, and keeps no OS thread.
//!
//! The lock itself is std's, taken by `try_lock` alone; a line beside it has those who wait. A mistake in the line
//! can make somebody wait too long, and can never let two in.

use crate::reason::Reason;
use crate::sync::line::Line;
use crate::thread::panicking;
use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::{LockResult, PoisonError, TryLockError, TryLockResult};

/// A mutual exclusion lock: [`std::sync::Mutex`] for goroutines.
///
/// ```
/// use gorace_goroutines::sync::Mutex;
/// let m = Mutex::new(1);
/// *m.lock().unwrap() += 1;
/// assert_eq!(m.into_inner().unwrap(), 2);
/// ```
pub struct Mutex<T: ?Sized> {
    line: Line,
    inner: std::sync::Mutex<T>,
}

/// Holds a [`Mutex`] until it is dropped.
#[must_use = "if unused the Mutex will immediately unlock"]
pub struct MutexGuard<'a, T: ?Sized> {
    mutex: &'a Mutex<T>,
    inner: Option<std::sync::MutexGuard<'a, T>>,
    was_panicking: bool,
}

/// How often who finds it locked tries again before it waits.
const SPINS: usize = 20;

impl<T> Mutex<T> {
    /// A new mutex, unlocked.
    #[inline]
    pub const fn new(value: T) -> Self {
        Mutex { line: Line::new(), inner: std::sync::Mutex::new(value) }
    }

    /// The value.
    ///
    /// # Errors
    /// If the mutex was poisoned; the error holds the value all the same.
    #[inline]
    pub fn into_inner(self) -> LockResult<T> {
        self.inner.into_inner()
    }
}

impl<T: ?Sized> Mutex<T> {
    /// Locks, waiting for whoever holds it.
    ///
    /// # Errors
    /// If somebody panicked while holding the mutex; the error holds the guard all the same.
    #[track_caller]
    #[inline]
    pub fn lock(&self) -> LockResult<MutexGuard<'_, T>> {
        match self.attempt() {
            Some(result) => result,
            None => self.lock_contended(),
        }
    }

    #[cold]
    #[track_caller]
    fn lock_contended(&self) -> LockResult<MutexGuard<'_, T>> {
        for _ in 0..SPINS {
            std::hint::spin_loop();
            if let Some(result) = self.attempt() {
                return result;
            }
        }
        loop {
            let waiter = self.line.enter(());
            if let Some(result) = self.attempt() {
                // If it was woken meanwhile, its own unlock wakes the next.
                self.line.leave(&waiter);
                return result;
            }
            waiter.wait(Reason::Mutex);
            if let Some(result) = self.attempt() {
                return result;
            }
        }
    }

    /// Locks if nobody holds it.
    ///
    /// # Errors
    /// [`TryLockError::WouldBlock`] if somebody does, [`TryLockError::Poisoned`] as for [`Mutex::lock`].
    #[inline]
    pub fn try_lock(&self) -> TryLockResult<MutexGuard<'_, T>> {
        match self.attempt() {
            Some(result) => Ok(result?),
            None => Err(TryLockError::WouldBlock),
        }
    }

    #[inline]
    fn attempt(&self) -> Option<LockResult<MutexGuard<'_, T>>> {
        match self.inner.try_lock() {
            Ok(inner) => Some(Ok(self.guard(inner))),
            Err(TryLockError::Poisoned(error)) => Some(Err(PoisonError::new(self.guard(error.into_inner())))),
            Err(TryLockError::WouldBlock) => None,
        }
    }

    #[inline]
    fn guard<'a>(&'a self, inner: std::sync::MutexGuard<'a, T>) -> MutexGuard<'a, T> {
        MutexGuard { mutex: self, inner: Some(inner), was_panicking: panicking() }
    }

    /// Whether somebody panicked while holding the mutex.
    #[inline]
    pub fn is_poisoned(&self) -> bool {
        self.inner.is_poisoned()
    }

    /// Forgets that the mutex was poisoned.
    #[inline]
    pub fn clear_poison(&self) {
        self.inner.clear_poison();
    }

    /// The value, without locking: `&mut self` proves that nobody else has it.
    ///
    /// # Errors
    /// If the mutex was poisoned; the error holds the value all the same.
    #[inline]
    pub fn get_mut(&mut self) -> LockResult<&mut T> {
        self.inner.get_mut()
    }
}

impl<'a, T: ?Sized> MutexGuard<'a, T> {
    pub(crate) fn mutex(&self) -> &'a Mutex<T> {
        self.mutex
    }
}

impl<T: ?Sized> Drop for MutexGuard<'_, T> {
    #[inline]
    fn drop(&mut self) {
        unlock(self);
    }
}

#[inline]
fn unlock<T: ?Sized>(guard: &mut MutexGuard<'_, T>) {
    let mutex = guard.mutex;
    if std::thread::panicking() {
        // Std's mark goes by the thread's panics: it may be another goroutine's that waits while it unwinds.
        let poisons = !guard.was_panicking && panicking();
        let was_poisoned = mutex.inner.is_poisoned();
        guard.inner = None;
        if !poisons && !was_poisoned {
            mutex.inner.clear_poison();
        }
    } else {
        guard.inner = None;
    }
    if !mutex.line.is_empty() {
        mutex.line.wake_one();
    }
}

impl<T: ?Sized> Deref for MutexGuard<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        match &self.inner {
            Some(inner) => inner,
            None => unreachable!("a guard holds the lock until it is dropped"),
        }
    }
}

impl<T: ?Sized> DerefMut for MutexGuard<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        match &mut self.inner {
            Some(inner) => inner,
            None => unreachable!("a guard holds the lock until it is dropped"),
        }
    }
}

impl<T: Default> Default for Mutex<T> {
    fn default() -> Self {
        Mutex::new(T::default())
    }
}

impl<T> From<T> for Mutex<T> {
    fn from(value: T) -> Self {
        Mutex::new(value)
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for Mutex<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.inner, f)
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for MutexGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

impl<T: ?Sized + fmt::Display> fmt::Display for MutexGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&**self, f)
    }
}
