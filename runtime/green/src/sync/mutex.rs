//! `Mutex`, with std's signatures and poisoning.
//!
//! Inside an execution the engine says whose turn it is, and the guard also holds a lock that threads outside obey: if
//! that is taken although the engine gave it, somebody whom we do not control has it.

use crate::inside::context::{Inside, inside};
use crate::inside::slot::Slot;
use crate::inside::{biased, statics, teardown};
use gorace_analyzer::{ObjIx, ObjectKind, Place};
use gorace_engine::{Op, Reply};
use std::fmt;
use std::mem::ManuallyDrop;
use std::ops::{Deref, DerefMut};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{LockResult, PoisonError, TryLockError, TryLockResult};

/// A mutual exclusion lock: [`std::sync::Mutex`] outside of an execution, checked inside one.
///
/// Locking it again in the task that holds it is a deadlock of one, and is reported as such.
///
/// ```
/// use gorace::sync::Mutex;
/// let m = Mutex::new(1);
/// *m.lock().unwrap() += 1;
/// assert_eq!(m.into_inner().unwrap(), 2);
/// ```
pub struct Mutex<T: ?Sized> {
    pub(crate) slot: Slot,
    /// Poisoned inside an execution; std's own mark belongs to the OS thread, not to the task.
    poisoned: AtomicBool,
    pub(crate) inner: biased::Mutex<T>,
}

/// Holds a [`Mutex`] until it is dropped.
#[must_use = "if unused the Mutex will immediately unlock"]
pub struct MutexGuard<'a, T: ?Sized> {
    pub(crate) mutex: &'a Mutex<T>,
    /// None once it is let go of, which is done by hand.
    pub(crate) inner: ManuallyDrop<Option<biased::MutexGuard<'a, T>>>,
    /// Locked inside an execution; whether the task was unwinding then.
    inside: Option<bool>,
}

impl<T> Mutex<T> {
    /// A new mutex, unlocked.
    #[track_caller]
    #[inline]
    pub const fn new(value: T) -> Self {
        Mutex { slot: Slot::new(), poisoned: AtomicBool::new(false), inner: biased::Mutex::new(value) }
    }

    /// The value.
    ///
    /// # Errors
    /// If the mutex was poisoned; the error holds the value all the same.
    #[inline]
    pub fn into_inner(self) -> LockResult<T> {
        let poisoned = self.poisoned.load(Relaxed);
        match self.inner.into_inner() {
            Ok(value) if !poisoned => Ok(value),
            Ok(value) => Err(PoisonError::new(value)),
            Err(error) => Err(error),
        }
    }
}

impl<T: ?Sized> Mutex<T> {
    /// Locks, waiting for whoever holds it.
    ///
    /// # Errors
    /// If another task panicked while it held the mutex; the error holds the guard all the same.
    #[track_caller]
    #[inline(always)]
    pub fn lock(&self) -> LockResult<MutexGuard<'_, T>> {
        let Some(inside) = self.slot.inside_to_look() else { return self.wrap(self.wait_for_it(), None) };
        let (this, object) = statics::find(inside, self, |this| this.object(inside));
        inside.visit(Op::Lock { mutex: object }, Place::here());
        this.guard(inside)
    }

    /// Locks if nobody holds it.
    ///
    /// # Errors
    /// [`TryLockError::WouldBlock`] if somebody does, [`TryLockError::Poisoned`] as for [`Mutex::lock`].
    #[track_caller]
    #[inline]
    pub fn try_lock(&self) -> TryLockResult<MutexGuard<'_, T>> {
        let Some(inside) = self.slot.inside_to_look() else {
            return match self.inner.try_lock() {
                Ok(guard) => Ok(self.wrap(guard, None)?),
                Err(TryLockError::WouldBlock) => Err(TryLockError::WouldBlock),
                Err(TryLockError::Poisoned(error)) => {
                    Err(TryLockError::Poisoned(PoisonError::new(self.raw(error.into_inner(), None))))
                }
            };
        };
        let (this, object) = statics::find(inside, self, |this| this.object(inside));
        match inside.visit(Op::TryLock { mutex: object }, Place::here()) {
            Reply::Flag(false) => Err(TryLockError::WouldBlock),
            _ => Ok(this.guard(inside)?),
        }
    }

    /// Whether a task panicked while it held the mutex.
    #[track_caller]
    #[inline]
    pub fn is_poisoned(&self) -> bool {
        let Some(inside) = self.slot.inside_to_look() else { return self.is_marked() };
        let (this, mutex) = statics::find(inside, self, |this| this.object(inside));
        inside.visit(Op::IsPoisoned { mutex }, Place::here());
        this.is_marked()
    }

    /// Forgets that the mutex was poisoned.
    #[track_caller]
    #[inline]
    pub fn clear_poison(&self) {
        let this = match self.slot.inside_to_change() {
            Some(inside) => {
                let this = statics::resolve(inside, self);
                inside.visit(Op::ClearPoison { mutex: this.object(inside) }, Place::here());
                this
            }
            None => self,
        };
        this.poisoned.store(false, Relaxed);
        this.inner.clear_poison();
    }

    /// The value, without locking: `&mut self` proves that nobody else has it.
    ///
    /// # Errors
    /// If the mutex was poisoned; the error holds the value all the same.
    #[inline]
    pub fn get_mut(&mut self) -> LockResult<&mut T> {
        let poisoned = self.poisoned.load(Relaxed);
        match self.inner.get_mut() {
            Ok(value) if !poisoned => Ok(value),
            Ok(value) => Err(PoisonError::new(value)),
            Err(error) => Err(error),
        }
    }

    #[inline]
    pub(crate) fn object(&self, inside: Inside) -> ObjIx {
        inside.object(&self.slot, ObjectKind::Mutex, std::any::type_name::<Self>, 0)
    }

    /// The guard that the engine granted. Inlined, so that it is made where it is to lie: a copy of what was just
    /// written in parts makes the processor wait. For the same reason nothing is called while there is a guard already.
    #[inline(always)]
    pub(crate) fn guard(&self, inside: Inside) -> LockResult<MutexGuard<'_, T>> {
        let panicking = inside.panicking();
        self.wrap(self.take_free(inside), Some(panicking))
    }

    /// The lock, which is free if all who use it are controlled.
    #[inline(always)]
    fn take_free(&self, inside: Inside) -> biased::MutexGuard<'_, T> {
        loop {
            match self.inner.try_lock_by(inside.token()) {
                Some(guard) => return guard,
                None => held_elsewhere(inside, &self.slot),
            }
        }
    }

    /// The lock, waited for; whether it is poisoned is seen as inside.
    #[inline(never)]
    fn wait_for_it(&self) -> biased::MutexGuard<'_, T> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    #[inline]
    fn raw<'a>(&'a self, inner: biased::MutexGuard<'a, T>, inside: Option<bool>) -> MutexGuard<'a, T> {
        MutexGuard { mutex: self, inner: ManuallyDrop::new(Some(inner)), inside }
    }

    #[inline(always)]
    fn wrap<'a>(
        &'a self,
        inner: biased::MutexGuard<'a, T>,
        inside: Option<bool>,
    ) -> LockResult<MutexGuard<'a, T>> {
        let guard = self.raw(inner, inside);
        if self.is_marked() { Err(PoisonError::new(guard)) } else { Ok(guard) }
    }

    #[inline]
    fn is_marked(&self) -> bool {
        self.poisoned.load(Relaxed) || self.inner.is_poisoned()
    }
}

impl<T: ?Sized> statics::Primitive for Mutex<T> {
    #[inline]
    fn slot(&self) -> &Slot {
        &self.slot
    }

    /// To whoever has a guard.
    #[inline]
    fn is_lent(&self) -> bool {
        self.inner.is_held()
    }
}

/// The engine gave the lock, but it is taken: in teardown by a task that is still to unwind, otherwise by a
/// thread that we do not control.
#[cold]
fn held_elsewhere(inside: Inside, slot: &Slot) {
    if inside.tearing_down() {
        return teardown::wait_for_others(inside);
    }
    inside.foreign(format!("a Mutex made at {} is held by a thread outside of the execution", slot.made_at()))
}

impl<T: ?Sized> Drop for MutexGuard<'_, T> {
    #[inline]
    fn drop(&mut self) {
        if !self.drops_in_line() {
            self.drop_otherwise();
        }
    }
}

impl<T: ?Sized> MutexGuard<'_, T> {
    /// Unlocks and lets go, if nobody is to run before that, nobody waits, and nobody panics; else nothing is done. All the
    /// rest stands apart and comes last, so that nothing is kept for a call here.
    #[inline(always)]
    fn drops_in_line(&mut self) -> bool {
        if self.inside.is_some()
            && let Some((inside, mutex)) = self.mutex.slot.known_to_running()
            && inside.is_plain()
            && inside.unlocks_in_line(mutex, Place::Unknown)
        {
            self.inner.take();
            return true;
        }
        false
    }

    #[inline(never)]
    fn drop_otherwise(&mut self) {
        if self.inside.is_none() {
            self.inner.take();
            return;
        }
        if !self.unlocks_at_once() {
            self.unlock();
        }
        self.release();
    }

    /// Whether it was unlocked where nobody else is to run before that, and nobody asks whether it is poisoned.
    fn unlocks_at_once(&self) -> bool {
        self.mutex.slot.known_inside().is_some_and(|(inside, mutex)| {
            !inside.may_panic() && inside.unlocks_at_once(mutex, Place::Unknown)
        })
    }

    fn unlock(&self) {
        let Some((inside, mutex)) = self.mutex.slot.known_inside() else { return };
        let poisons = self.inside == Some(false) && inside.panicking();
        inside.visit_in_drop(Op::Unlock { mutex }, Place::Unknown);
        // Nobody has run since the unlock: neither whom it let in, nor who looks for poison.
        if poisons {
            self.mutex.poisoned.store(true, Relaxed);
            inside.with(|cx| cx.exec.note_poison(cx.current));
        }
    }

    /// Lets go of the lock around the value.
    fn release(&mut self) {
        if let Some(inner) = self.inner.take() {
            inner.release_unpoisoned();
        }
    }
}

impl<T: ?Sized> Deref for MutexGuard<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        match &*self.inner {
            Some(inner) => inner,
            None => unreachable!("a guard holds the lock until it is dropped"),
        }
    }
}

impl<T: ?Sized> DerefMut for MutexGuard<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        if self.inside.is_some() {
            self.mutex.slot.mark_changed();
        } else {
            self.mutex.slot.inside_to_change();
        }
        match &mut *self.inner {
            Some(inner) => inner,
            None => unreachable!("a guard holds the lock until it is dropped"),
        }
    }
}

impl<T: Default> Default for Mutex<T> {
    #[track_caller]
    #[inline]
    fn default() -> Self {
        Mutex::new(T::default())
    }
}

impl<T> From<T> for Mutex<T> {
    #[track_caller]
    #[inline]
    fn from(value: T) -> Self {
        Mutex::new(value)
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for Mutex<T> {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = f.debug_struct("Mutex");
        // Looks past the model: printing is no operation of the program's.
        let value = match inside() {
            Some(inside) => self.inner.try_lock_by(inside.token()),
            None => biased::granted(self.inner.try_lock()),
        };
        match value {
            Some(value) => text.field("data", &&*value),
            None => text.field("data", &"<locked>"),
        };
        let poisoned = self.poisoned.load(Relaxed) || self.inner.is_poisoned();
        text.field("poisoned", &poisoned).finish_non_exhaustive()
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for MutexGuard<'_, T> {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

impl<T: ?Sized + fmt::Display> fmt::Display for MutexGuard<'_, T> {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&**self, f)
    }
}

impl<T> crate::Named for Mutex<T> {
    #[inline]
    fn named(mut self, name: &'static str) -> Self {
        self.slot.set_name(name);
        self
    }
}

impl<T: ?Sized> MutexGuard<'_, T> {
    /// Lets go of the lock around the value alone; the engine's is released by the operation that follows.
    #[inline]
    pub(crate) fn release_value(mut self) {
        self.inside = None;
        self.release();
    }
}
