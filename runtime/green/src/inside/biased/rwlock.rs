//! `RwLock` with a bias.

use super::{Hold, granted, take_slowly, wait_for_bias, with_bias_away};
use crate::inside::bias::{Bias, Token, Way};
use crate::outside::sync as real;
use std::cell::UnsafeCell;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::sync::{LockResult, PoisonError, TryLockError, TryLockResult};

/// A lock of readers or one writer that is cheap for one thread's executions.
pub(crate) struct RwLock<T: ?Sized> {
    lock: Lock,
    value: UnsafeCell<T>,
}

/// What says who has the value.
struct Lock {
    real: real::RwLock<()>,
    bias: Bias,
}

type RealRead<'a> = real::RwLockReadGuard<'a, ()>;
type RealWrite<'a> = real::RwLockWriteGuard<'a, ()>;

/// Shares the value of a [`RwLock`] until it is dropped.
pub(crate) struct RwLockReadGuard<'a, T: ?Sized> {
    lock: &'a RwLock<T>,
    hold: Hold<RealRead<'a>>,
    /// Stays on its thread, and unwinds as std's.
    _thread: PhantomData<(*const (), &'a T)>,
}

/// Has the value of a [`RwLock`] alone until it is dropped.
pub(crate) struct RwLockWriteGuard<'a, T: ?Sized> {
    lock: &'a RwLock<T>,
    hold: Hold<RealWrite<'a>>,
    /// Stays on its thread, whichever guards the real lock has.
    _thread: PhantomData<*const ()>,
}

// SAFETY: as std's: readers on several threads share the value, and a writer has it alone.
unsafe impl<T: ?Sized + Send + Sync> Sync for RwLock<T> {}

// SAFETY: sharing a guard shares the value, and lets nobody leave the lock.
unsafe impl<T: ?Sized + Sync> Sync for RwLockReadGuard<'_, T> {}

// SAFETY: as for the one that reads.
unsafe impl<T: ?Sized + Sync> Sync for RwLockWriteGuard<'_, T> {}

// As std's: it tells that it is poisoned.
impl<T: ?Sized> UnwindSafe for RwLock<T> {}
impl<T: ?Sized> RefUnwindSafe for RwLock<T> {}

impl<T> RwLock<T> {
    #[inline]
    pub const fn new(value: T) -> Self {
        RwLock {
            lock: Lock { real: real::RwLock::new(()), bias: Bias::new() },
            value: UnsafeCell::new(value),
        }
    }

    #[inline]
    pub fn into_inner(self) -> LockResult<T> {
        let is_poisoned = self.is_poisoned();
        let value = self.value.into_inner();
        if is_poisoned { Err(PoisonError::new(value)) } else { Ok(value) }
    }
}

impl<T: ?Sized> RwLock<T> {
    #[track_caller]
    #[inline]
    pub fn read(&self) -> LockResult<RwLockReadGuard<'_, T>> {
        let real = self.lock.real.read().unwrap_or_else(PoisonError::into_inner);
        wait_for_bias(&self.lock.bias, Way::Read);
        self.marked(self.reading(Hold::Real(real)))
    }

    #[track_caller]
    #[inline]
    pub fn write(&self) -> LockResult<RwLockWriteGuard<'_, T>> {
        let real = self.lock.real.write().unwrap_or_else(PoisonError::into_inner);
        wait_for_bias(&self.lock.bias, Way::Alone);
        self.marked(self.writing(Hold::Real(real)))
    }

    #[inline]
    pub fn try_read(&self) -> TryLockResult<RwLockReadGuard<'_, T>> {
        match with_bias_away(&self.lock.bias, self.lock.attempt_read(), Way::Read) {
            Some(real) => Ok(self.marked(self.reading(Hold::Real(real)))?),
            None => Err(TryLockError::WouldBlock),
        }
    }

    #[inline]
    pub fn try_write(&self) -> TryLockResult<RwLockWriteGuard<'_, T>> {
        match with_bias_away(&self.lock.bias, self.lock.attempt_write(), Way::Alone) {
            Some(real) => Ok(self.marked(self.writing(Hold::Real(real)))?),
            None => Err(TryLockError::WouldBlock),
        }
    }

    /// Shares the lock, if that can be done at once, for the running execution, whose token this is. Poison is not looked
    /// for.
    #[inline(always)]
    pub fn try_read_by(&self, token: Token) -> Option<RwLockReadGuard<'_, T>> {
        if self.lock.bias.take(token, Way::Read) {
            return Some(self.reading(Hold::Bias));
        }
        self.lock.read_slowly(token).map(|hold| self.reading(hold))
    }

    /// Has the lock alone, if that can be done at once, for the running execution, whose token this is. Poison is not
    /// looked for.
    #[inline(always)]
    pub fn try_write_by(&self, token: Token) -> Option<RwLockWriteGuard<'_, T>> {
        if self.lock.bias.take(token, Way::Alone) {
            return Some(self.writing(Hold::Bias));
        }
        self.lock.write_slowly(token).map(|hold| self.writing(hold))
    }

    /// Whether somebody has a guard.
    #[inline]
    pub fn is_held(&self) -> bool {
        self.lock.bias.is_held() || matches!(self.lock.real.try_write(), Err(TryLockError::WouldBlock))
    }

    #[inline]
    pub fn is_poisoned(&self) -> bool {
        self.lock.real.is_poisoned()
    }

    #[inline]
    pub fn clear_poison(&self) {
        self.lock.real.clear_poison();
    }

    #[inline]
    pub fn get_mut(&mut self) -> LockResult<&mut T> {
        let is_poisoned = self.is_poisoned();
        let value = self.value.get_mut();
        if is_poisoned { Err(PoisonError::new(value)) } else { Ok(value) }
    }

    #[inline(always)]
    fn reading<'a>(&'a self, hold: Hold<RealRead<'a>>) -> RwLockReadGuard<'a, T> {
        RwLockReadGuard { lock: self, hold, _thread: PhantomData }
    }

    #[inline(always)]
    fn writing<'a>(&'a self, hold: Hold<RealWrite<'a>>) -> RwLockWriteGuard<'a, T> {
        RwLockWriteGuard { lock: self, hold, _thread: PhantomData }
    }

    #[inline]
    fn marked<G>(&self, guard: G) -> LockResult<G> {
        if self.is_poisoned() { Err(PoisonError::new(guard)) } else { Ok(guard) }
    }
}

impl Lock {
    #[inline]
    fn attempt_read(&self) -> Option<RealRead<'_>> {
        granted(self.real.try_read())
    }

    #[inline]
    fn attempt_write(&self) -> Option<RealWrite<'_>> {
        granted(self.real.try_write())
    }

    /// For an execution that does not own the lock yet, or never will, or finds it held.
    #[cold]
    fn read_slowly(&self, token: Token) -> Option<Hold<RealRead<'_>>> {
        take_slowly(&self.bias, token, Way::Read, || self.attempt_read())
    }

    /// The same to write, for which it may also own too little of it.
    #[cold]
    fn write_slowly(&self, token: Token) -> Option<Hold<RealWrite<'_>>> {
        take_slowly(&self.bias, token, Way::Alone, || self.attempt_write())
    }
}

impl<T: ?Sized> RwLockWriteGuard<'_, T> {
    /// Lets go, and poisons nothing: std counts panics by OS thread, and the mark may be another task's, or the
    /// teardown's.
    #[inline(always)]
    pub fn release_unpoisoned(self) {
        if let Hold::Real(_) = self.hold {
            let lock = self.lock;
            let was_poisoned = lock.is_poisoned();
            drop(self);
            if !was_poisoned {
                lock.clear_poison();
            }
        }
    }
}

impl<T: ?Sized> Drop for RwLockReadGuard<'_, T> {
    #[inline(always)]
    fn drop(&mut self) {
        if let Hold::Bias = self.hold {
            self.lock.lock.bias.leave(Way::Read);
        }
    }
}

impl<T: ?Sized> Drop for RwLockWriteGuard<'_, T> {
    #[inline(always)]
    fn drop(&mut self) {
        if let Hold::Bias = self.hold {
            self.lock.lock.bias.leave(Way::Alone);
        }
    }
}

impl<T: ?Sized> Deref for RwLockReadGuard<'_, T> {
    type Target = T;

    #[inline(always)]
    fn deref(&self) -> &T {
        // SAFETY: nobody writes while the guard is there, by the bias or by the real lock with the bias taken away; see
        // `Bias`.
        unsafe { &*self.lock.value.get() }
    }
}

impl<T: ?Sized> Deref for RwLockWriteGuard<'_, T> {
    type Target = T;

    #[inline(always)]
    fn deref(&self) -> &T {
        // SAFETY: the guard has the value alone, by the bias or by the real lock with the bias taken away; see `Bias`.
        unsafe { &*self.lock.value.get() }
    }
}

impl<T: ?Sized> DerefMut for RwLockWriteGuard<'_, T> {
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: as in `deref`, and this guard is borrowed alone.
        unsafe { &mut *self.lock.value.get() }
    }
}
