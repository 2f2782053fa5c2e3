//! `Mutex` with a bias.

use super::{Hold, granted, take_slowly, wait_for_bias, with_bias_away};
use crate::inside::bias::{Bias, Token, Way};
use crate::outside::sync as real;
use std::cell::UnsafeCell;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::sync::{LockResult, PoisonError, TryLockError, TryLockResult};

/// A mutex that is cheap for one thread's executions.
pub(crate) struct Mutex<T: ?Sized> {
    lock: Lock,
    value: UnsafeCell<T>,
}

/// What says who has the value.
struct Lock {
    real: real::Mutex<()>,
    bias: Bias,
}

type Real<'a> = real::MutexGuard<'a, ()>;

/// Has the value of a [`Mutex`] until it is dropped.
pub(crate) struct MutexGuard<'a, T: ?Sized> {
    mutex: &'a Mutex<T>,
    hold: Hold<Real<'a>>,
    /// Stays on its thread, whichever guards the real lock has.
    _thread: PhantomData<*const ()>,
}

// SAFETY: as std's: whoever has a guard has the value alone, so that sharing the mutex hands the value from one thread to
// another one, and never shares it.
unsafe impl<T: ?Sized + Send> Sync for Mutex<T> {}

// SAFETY: sharing a guard shares the value, and lets nobody leave the lock.
unsafe impl<T: ?Sized + Sync> Sync for MutexGuard<'_, T> {}

// As std's: it tells that it is poisoned.
impl<T: ?Sized> UnwindSafe for Mutex<T> {}
impl<T: ?Sized> RefUnwindSafe for Mutex<T> {}

impl<T> Mutex<T> {
    #[inline]
    pub const fn new(value: T) -> Self {
        Mutex { lock: Lock { real: real::Mutex::new(()), bias: Bias::new() }, value: UnsafeCell::new(value) }
    }

    #[inline]
    pub fn into_inner(self) -> LockResult<T> {
        let is_poisoned = self.is_poisoned();
        let value = self.value.into_inner();
        if is_poisoned { Err(PoisonError::new(value)) } else { Ok(value) }
    }
}

impl<T: ?Sized> Mutex<T> {
    #[track_caller]
    #[inline]
    pub fn lock(&self) -> LockResult<MutexGuard<'_, T>> {
        let real = self.lock.real.lock().unwrap_or_else(PoisonError::into_inner);
        wait_for_bias(&self.lock.bias, Way::Alone);
        self.marked(self.guard(Hold::Real(real)))
    }

    #[inline]
    pub fn try_lock(&self) -> TryLockResult<MutexGuard<'_, T>> {
        match with_bias_away(&self.lock.bias, self.lock.attempt(), Way::Alone) {
            Some(real) => Ok(self.marked(self.guard(Hold::Real(real)))?),
            None => Err(TryLockError::WouldBlock),
        }
    }

    /// Locks, if nobody holds it, for the running execution, whose token this is. Poison is not looked for.
    #[inline(always)]
    pub fn try_lock_by(&self, token: Token) -> Option<MutexGuard<'_, T>> {
        if self.lock.bias.take(token, Way::Alone) {
            return Some(self.guard(Hold::Bias));
        }
        self.lock.lock_slowly(token).map(|hold| self.guard(hold))
    }

    /// Whether somebody has a guard.
    #[inline]
    pub fn is_held(&self) -> bool {
        self.lock.bias.is_held() || matches!(self.lock.real.try_lock(), Err(TryLockError::WouldBlock))
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
    fn guard<'a>(&'a self, hold: Hold<Real<'a>>) -> MutexGuard<'a, T> {
        MutexGuard { mutex: self, hold, _thread: PhantomData }
    }

    #[inline]
    fn marked<G>(&self, guard: G) -> LockResult<G> {
        if self.is_poisoned() { Err(PoisonError::new(guard)) } else { Ok(guard) }
    }
}

impl Lock {
    #[inline]
    fn attempt(&self) -> Option<Real<'_>> {
        granted(self.real.try_lock())
    }

    /// For an execution that does not own the lock yet, or never will, or finds it held.
    #[cold]
    fn lock_slowly(&self, token: Token) -> Option<Hold<Real<'_>>> {
        take_slowly(&self.bias, token, Way::Alone, || self.attempt())
    }
}

impl<'a, T: ?Sized> MutexGuard<'a, T> {
    /// Lets go, and poisons nothing: std counts panics by OS thread, and the mark may be another task's, or the
    /// teardown's.
    #[inline(always)]
    pub fn release_unpoisoned(self) {
        if let Hold::Real(_) = self.hold {
            let mutex = self.mutex;
            let was_poisoned = mutex.is_poisoned();
            drop(self);
            if !was_poisoned {
                mutex.clear_poison();
            }
        }
    }

    /// Lends the guard of the real lock to `wait`, which lets go of it and takes it again, and gives what that gave.
    ///
    /// There is none if an execution has taken the lock, and left its guard to whoever came after it on the same thread.
    /// Then it is only let go of and taken again, which to a condition variable is a wakeup for no reason.
    #[inline]
    pub fn wait_by<R>(mut self, wait: impl FnOnce(Real<'a>) -> (Real<'a>, R)) -> (Self, Option<R>) {
        let mutex = self.mutex;
        match std::mem::replace(&mut self.hold, Hold::Bias) {
            Hold::Bias => {
                drop(self);
                (mutex.lock().unwrap_or_else(PoisonError::into_inner), None)
            }
            Hold::Real(real) => {
                std::mem::forget(self);
                let (real, result) = wait(real);
                wait_for_bias(&mutex.lock.bias, Way::Alone);
                (mutex.guard(Hold::Real(real)), Some(result))
            }
        }
    }
}

impl<T: ?Sized> Drop for MutexGuard<'_, T> {
    #[inline(always)]
    fn drop(&mut self) {
        if let Hold::Bias = self.hold {
            self.mutex.lock.bias.leave(Way::Alone);
        }
    }
}

impl<T: ?Sized> Deref for MutexGuard<'_, T> {
    type Target = T;

    #[inline(always)]
    fn deref(&self) -> &T {
        // SAFETY: the guard has the value alone, by the bias or by the real lock with the bias taken away; see `Bias`.
        unsafe { &*self.mutex.value.get() }
    }
}

impl<T: ?Sized> DerefMut for MutexGuard<'_, T> {
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: as in `deref`, and this guard is borrowed alone.
        unsafe { &mut *self.mutex.value.get() }
    }
}
