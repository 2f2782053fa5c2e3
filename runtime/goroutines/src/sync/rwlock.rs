//! `RwLock`, with std's signatures and poisoning, in the order of arrival: who waits parks, and keeps no OS thread.
//!
//! As with [`Mutex`](crate::sync::Mutex) the lock itself is std's, taken by `try_read` and `try_write` alone.

use crate::reason::Reason;
use crate::sync::line::Line;
use crate::thread::panicking;
use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::{LockResult, PoisonError, TryLockError, TryLockResult};

/// A read-write lock: [`std::sync::RwLock`] for goroutines. A writer that waits keeps new readers out.
///
/// ```
/// use gorace_goroutines::sync::RwLock;
/// let lock = RwLock::new(1);
/// let (a, b) = (lock.read().unwrap(), lock.read().unwrap());
/// assert_eq!(*a + *b, 2);
/// drop((a, b));
/// *lock.write().unwrap() += 1;
/// assert_eq!(lock.into_inner().unwrap(), 2);
/// ```
pub struct RwLock<T: ?Sized> {
    line: Line<Wants>,
    inner: std::sync::RwLock<T>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Wants {
    Read,
    Write,
}

/// Shares a [`RwLock`] until it is dropped.
#[must_use = "if unused the RwLock will immediately unlock"]
pub struct RwLockReadGuard<'a, T: ?Sized> {
    lock: &'a RwLock<T>,
    inner: Option<std::sync::RwLockReadGuard<'a, T>>,
}

/// Has a [`RwLock`] alone until it is dropped.
#[must_use = "if unused the RwLock will immediately unlock"]
pub struct RwLockWriteGuard<'a, T: ?Sized> {
    lock: &'a RwLock<T>,
    inner: Option<std::sync::RwLockWriteGuard<'a, T>>,
    was_panicking: bool,
}

impl<T> RwLock<T> {
    /// A new lock that nobody holds.
    #[inline]
    pub const fn new(value: T) -> Self {
        RwLock { line: Line::new(), inner: std::sync::RwLock::new(value) }
    }

    /// The value.
    ///
    /// # Errors
    /// If the lock was poisoned; the error holds the value all the same.
    #[inline]
    pub fn into_inner(self) -> LockResult<T> {
        self.inner.into_inner()
    }
}

/// Splits what a `try_` of std's gave: `None` if it would have had to wait.
fn attempted<G, H>(result: TryLockResult<G>, guard: impl Fn(G) -> H) -> Option<LockResult<H>> {
    match result {
        Ok(inner) => Some(Ok(guard(inner))),
        Err(TryLockError::Poisoned(error)) => Some(Err(PoisonError::new(guard(error.into_inner())))),
        Err(TryLockError::WouldBlock) => None,
    }
}

impl<T: ?Sized> RwLock<T> {
    /// Shares the lock, waiting for writers that hold it or came earlier.
    ///
    /// # Errors
    /// If somebody panicked while having the lock alone; the error holds the guard all the same.
    #[track_caller]
    pub fn read(&self) -> LockResult<RwLockReadGuard<'_, T>> {
        self.wait_for(Wants::Read, Reason::RwLockRead, || self.attempt_read())
    }

    /// Has the lock alone, waiting for everybody who holds it or came earlier.
    ///
    /// # Errors
    /// As [`RwLock::read`].
    #[track_caller]
    pub fn write(&self) -> LockResult<RwLockWriteGuard<'_, T>> {
        self.wait_for(Wants::Write, Reason::RwLockWrite, || self.attempt_write())
    }

    #[track_caller]
    fn wait_for<R>(&self, wants: Wants, reason: Reason, attempt: impl Fn() -> Option<R>) -> R {
        if self.line.is_empty()
            && let Some(result) = attempt()
        {
            return result;
        }
        loop {
            let waiter = self.line.enter(wants);
            // If it is free, the front of the line is let in, and that may be the caller.
            self.let_in();
            waiter.wait(reason);
            if let Some(result) = attempt() {
                // Readers come in together.
                if wants == Wants::Read {
                    self.let_in();
                }
                return result;
            }
        }
    }

    /// Wakes the front of the line, if it can come in.
    fn let_in(&self) {
        if self.line.is_empty() {
            return;
        }
        let mut is_first = true;
        self.line.wake_while(|wants| {
            let comes_in = match wants {
                Wants::Read => is_first && self.inner.try_read().is_ok_or_poisoned(),
                Wants::Write => is_first && self.inner.try_write().is_ok_or_poisoned(),
            };
            is_first = false;
            comes_in
        });
    }

    /// Shares the lock if that can be done at once.
    ///
    /// # Errors
    /// [`TryLockError::WouldBlock`] if not, [`TryLockError::Poisoned`] as for [`RwLock::read`].
    pub fn try_read(&self) -> TryLockResult<RwLockReadGuard<'_, T>> {
        match self.attempt_read() {
            Some(result) if self.line.is_empty() => Ok(result?),
            _ => Err(TryLockError::WouldBlock),
        }
    }

    /// Has the lock alone if that can be done at once.
    ///
    /// # Errors
    /// As [`RwLock::try_read`].
    pub fn try_write(&self) -> TryLockResult<RwLockWriteGuard<'_, T>> {
        match self.attempt_write() {
            Some(result) => Ok(result?),
            None => Err(TryLockError::WouldBlock),
        }
    }

    fn attempt_read(&self) -> Option<LockResult<RwLockReadGuard<'_, T>>> {
        attempted(self.inner.try_read(), |inner| RwLockReadGuard { lock: self, inner: Some(inner) })
    }

    fn attempt_write(&self) -> Option<LockResult<RwLockWriteGuard<'_, T>>> {
        attempted(self.inner.try_write(), |inner| RwLockWriteGuard {
            lock: self,
            inner: Some(inner),
            was_panicking: panicking(),
        })
    }

    /// Whether somebody panicked while having the lock alone.
    pub fn is_poisoned(&self) -> bool {
        self.inner.is_poisoned()
    }

    /// Forgets that the lock was poisoned.
    pub fn clear_poison(&self) {
        self.inner.clear_poison();
    }

    /// The value, without locking: `&mut self` proves that nobody else has it.
    ///
    /// # Errors
    /// If the lock was poisoned; the error holds the value all the same.
    pub fn get_mut(&mut self) -> LockResult<&mut T> {
        self.inner.get_mut()
    }
}

trait IsFree {
    /// Whether the lock was free, poisoned or not.
    fn is_ok_or_poisoned(&self) -> bool;
}

impl<G> IsFree for TryLockResult<G> {
    fn is_ok_or_poisoned(&self) -> bool {
        !matches!(self, Err(TryLockError::WouldBlock))
    }
}

impl<T: ?Sized> Drop for RwLockReadGuard<'_, T> {
    fn drop(&mut self) {
        self.inner = None;
        self.lock.let_in();
    }
}

impl<T: ?Sized> Drop for RwLockWriteGuard<'_, T> {
    fn drop(&mut self) {
        let lock = &self.lock.inner;
        if std::thread::panicking() {
            // As for a mutex: std's mark may be another goroutine's.
            let poisons = !self.was_panicking && panicking();
            let was_poisoned = lock.is_poisoned();
            self.inner = None;
            if !poisons && !was_poisoned {
                lock.clear_poison();
            }
        } else {
            self.inner = None;
        }
        self.lock.let_in();
    }
}

macro_rules! guards {
    ($($guard:ident),*) => {$(
        impl<T: ?Sized> Deref for $guard<'_, T> {
            type Target = T;

            fn deref(&self) -> &T {
                match &self.inner {
                    Some(inner) => inner,
                    None => unreachable!("a guard holds the lock until it is dropped"),
                }
            }
        }

        impl<T: ?Sized + fmt::Debug> fmt::Debug for $guard<'_, T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(&**self, f)
            }
        }

        impl<T: ?Sized + fmt::Display> fmt::Display for $guard<'_, T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&**self, f)
            }
        }
    )*};
}
guards!(RwLockReadGuard, RwLockWriteGuard);

impl<T: ?Sized> DerefMut for RwLockWriteGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        match &mut self.inner {
            Some(inner) => inner,
            None => unreachable!("a guard holds the lock until it is dropped"),
        }
    }
}

impl<T: Default> Default for RwLock<T> {
    fn default() -> Self {
        RwLock::new(T::default())
    }
}

impl<T> From<T> for RwLock<T> {
    fn from(value: T) -> Self {
        RwLock::new(value)
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for RwLock<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.inner, f)
    }
}
