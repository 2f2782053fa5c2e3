//! `Mutex` with a bias.

use super::{Hold, granted, take_slowly, wait_for_bias, with_bias_away};
use crate::inside::bias::{Bias, Token, Way};
use crate::outside::sync as real;
use std::cell::UnsafeCell;
use std::marker::PhantomData;
use std::mem::MaybeUninit;
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
    /// The guard of the real lock, while somebody has the value by it: whoever has the value has this too. Here, and not in
    /// the guard of the value, so that one that was got by the bias is two words that nobody needs to copy.
    kept: UnsafeCell<MaybeUninit<Real<'static>>>,
}

type Real<'a> = real::MutexGuard<'a, ()>;

/// Has the value of a [`Mutex`] until it is dropped.
pub(crate) struct MutexGuard<'a, T: ?Sized> {
    mutex: &'a Mutex<T>,
    /// By the bias, or by the real lock, whose guard is kept.
    hold: Hold<()>,
    /// Stays on its thread, whichever guards the real lock has.
    _thread: PhantomData<*const ()>,
}

// SAFETY: as std's: whoever has a guard has the value alone, so that sharing the mutex hands the value from one thread to
// another one, and never shares it. The real guard that is kept is taken on the thread that kept it, since guards stay on
// theirs.
unsafe impl<T: ?Sized + Send> Send for Mutex<T> {}
// SAFETY: as above.
unsafe impl<T: ?Sized + Send> Sync for Mutex<T> {}

// SAFETY: sharing a guard shares the value, and lets nobody leave the lock.
unsafe impl<T: ?Sized + Sync> Sync for MutexGuard<'_, T> {}

// As std's: it tells that it is poisoned.
impl<T: ?Sized> UnwindSafe for Mutex<T> {}
impl<T: ?Sized> RefUnwindSafe for Mutex<T> {}

impl<T> Mutex<T> {
    #[inline]
    pub const fn new(value: T) -> Self {
        let kept = UnsafeCell::new(MaybeUninit::uninit());
        Mutex {
            lock: Lock { real: real::Mutex::new(()), bias: Bias::new(), kept },
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

impl<T: ?Sized> Mutex<T> {
    #[track_caller]
    #[inline]
    pub fn lock(&self) -> LockResult<MutexGuard<'_, T>> {
        let real = self.lock.real.lock().unwrap_or_else(PoisonError::into_inner);
        wait_for_bias(&self.lock.bias, Way::Alone);
        self.marked(self.guard(self.lock.keep(real)))
    }

    #[inline]
    pub fn try_lock(&self) -> TryLockResult<MutexGuard<'_, T>> {
        match with_bias_away(&self.lock.bias, self.lock.attempt(), Way::Alone) {
            Some(real) => Ok(self.marked(self.guard(self.lock.keep(real)))?),
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
    fn guard(&self, hold: Hold<()>) -> MutexGuard<'_, T> {
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
    fn lock_slowly(&self, token: Token) -> Option<Hold<()>> {
        Some(match take_slowly(&self.bias, token, Way::Alone, || self.attempt())? {
            Hold::Bias => Hold::Bias,
            Hold::Real(real) => self.keep(real),
        })
    }

    /// Keeps the guard of the real lock until the value is let go of.
    fn keep(&self, real: Real<'_>) -> Hold<()> {
        // SAFETY: the caller has the value, and so this place alone. What is kept is given back before the borrow that it
        // was got by ends: by the guard of the value, which borrows the lock as long; of one that is leaked nobody gets it.
        unsafe { (*self.kept.get()).write(std::mem::transmute::<Real<'_>, Real<'static>>(real)) };
        Hold::Real(())
    }

    /// Drops the guard that was kept last: lets go of the real lock.
    ///
    /// # Safety
    /// As for [`Lock::take_kept`].
    #[cold]
    unsafe fn drop_kept(&self) {
        // SAFETY: the caller's promise.
        drop(unsafe { self.take_kept() });
    }

    /// The guard that was kept last.
    ///
    /// # Safety
    /// The caller has the value by the real lock, and lets go of it by what it is given, or keeps that again.
    unsafe fn take_kept(&self) -> Real<'_> {
        // SAFETY: it was kept when the value was got, and the caller's promise that it is read once.
        unsafe { (*self.kept.get()).assume_init_read() }
    }
}

impl<'a, T: ?Sized> MutexGuard<'a, T> {
    /// Lets go, and poisons nothing: std counts panics by OS thread, and the mark may be another task's, or the
    /// teardown's.
    #[inline(always)]
    pub fn release_unpoisoned(self) {
        if let Hold::Real(()) = self.hold {
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
    pub fn wait_by<R>(self, wait: impl FnOnce(Real<'a>) -> (Real<'a>, R)) -> (Self, Option<R>) {
        let mutex = self.mutex;
        match self.hold {
            Hold::Bias => {
                drop(self);
                (mutex.lock().unwrap_or_else(PoisonError::into_inner), None)
            }
            Hold::Real(()) => {
                std::mem::forget(self);
                // SAFETY: this guard had the value by it, and is not dropped.
                let (real, result) = wait(unsafe { mutex.lock.take_kept() });
                wait_for_bias(&mutex.lock.bias, Way::Alone);
                (mutex.guard(mutex.lock.keep(real)), Some(result))
            }
        }
    }
}

impl<T: ?Sized> Drop for MutexGuard<'_, T> {
    #[inline(always)]
    fn drop(&mut self) {
        match self.hold {
            Hold::Bias => self.mutex.lock.bias.leave(Way::Alone),
            // SAFETY: this guard has the value by it, and is dropped once.
            Hold::Real(()) => unsafe { self.mutex.lock.drop_kept() },
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
