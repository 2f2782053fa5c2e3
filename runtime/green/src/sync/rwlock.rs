//! `RwLock`, with std's signatures and poisoning. As for [`Mutex`](super::Mutex), the guards also hold a lock that
//! threads outside obey.

use crate::inside::context::{Inside, inside};
use crate::inside::slot::Slot;
use crate::inside::{biased, statics, teardown};
use gorace_analyzer::{ObjIx, ObjectKind, Place};
use gorace_engine::{Reply, RwLockOp};
use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{LockResult, PoisonError, TryLockError, TryLockResult};

/// A lock that many may share to read, or one may have to write: [`std::sync::RwLock`] outside of an
/// execution, checked inside one, where it is granted in the order of arrival.
///
/// A writer that waits keeps new readers out. So reading again in a task that holds a share can deadlock, as
/// std documents, and is reported when it does.
///
/// ```
/// use gorace::sync::RwLock;
/// let lock = RwLock::new(1);
/// let (a, b) = (lock.read().unwrap(), lock.read().unwrap());
/// assert_eq!(*a + *b, 2);
/// drop((a, b));
/// *lock.write().unwrap() += 1;
/// assert_eq!(lock.into_inner().unwrap(), 2);
/// ```
pub struct RwLock<T: ?Sized> {
    slot: Slot,
    /// Poisoned inside an execution; std's own mark belongs to the OS thread, not to the task.
    poisoned: AtomicBool,
    inner: biased::RwLock<T>,
}

/// Shares a [`RwLock`] until it is dropped.
#[must_use = "if unused the RwLock will immediately unlock"]
pub struct RwLockReadGuard<'a, T: ?Sized> {
    lock: &'a RwLock<T>,
    inner: Option<biased::RwLockReadGuard<'a, T>>,
    inside: bool,
}

/// Has a [`RwLock`] alone until it is dropped.
#[must_use = "if unused the RwLock will immediately unlock"]
pub struct RwLockWriteGuard<'a, T: ?Sized> {
    lock: &'a RwLock<T>,
    inner: Option<biased::RwLockWriteGuard<'a, T>>,
    /// Locked inside an execution; whether the task was unwinding then.
    inside: Option<bool>,
}

impl<T> RwLock<T> {
    /// A new lock that nobody holds.
    #[track_caller]
    #[inline]
    pub const fn new(value: T) -> Self {
        RwLock { slot: Slot::new(), poisoned: AtomicBool::new(false), inner: biased::RwLock::new(value) }
    }

    /// The value.
    ///
    /// # Errors
    /// If the lock was poisoned; the error holds the value all the same.
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

impl<T: ?Sized> RwLock<T> {
    /// Shares the lock, waiting for writers that hold it or came earlier.
    ///
    /// # Errors
    /// If a task panicked while it had the lock alone; the error holds the guard all the same.
    #[track_caller]
    #[inline]
    pub fn read(&self) -> LockResult<RwLockReadGuard<'_, T>> {
        let Some(inside) = self.slot.inside_to_look() else {
            return match self.inner.read() {
                Ok(guard) => self.mark(self.reading(guard, false)),
                Err(error) => Err(PoisonError::new(self.reading(error.into_inner(), false))),
            };
        };
        let (this, lock) = statics::find(inside, self, |this| this.object(inside));
        inside.visit(RwLockOp::Read { lock }, Place::here());
        this.read_granted(inside)
    }

    /// Has the lock alone, waiting for everybody who holds it or came earlier.
    ///
    /// # Errors
    /// As [`RwLock::read`].
    #[track_caller]
    #[inline]
    pub fn write(&self) -> LockResult<RwLockWriteGuard<'_, T>> {
        let Some(inside) = self.slot.inside_to_look() else {
            return match self.inner.write() {
                Ok(guard) => self.mark(self.writing(guard, None)),
                Err(error) => Err(PoisonError::new(self.writing(error.into_inner(), None))),
            };
        };
        let (this, lock) = statics::find(inside, self, |this| this.object(inside));
        inside.visit(RwLockOp::Write { lock }, Place::here());
        this.write_granted(inside)
    }

    /// Shares the lock if that can be done at once.
    ///
    /// # Errors
    /// [`TryLockError::WouldBlock`] if not, [`TryLockError::Poisoned`] as for [`RwLock::read`].
    #[track_caller]
    #[inline]
    pub fn try_read(&self) -> TryLockResult<RwLockReadGuard<'_, T>> {
        let Some(inside) = self.slot.inside_to_look() else {
            return match self.inner.try_read() {
                Ok(guard) => Ok(self.mark(self.reading(guard, false))?),
                Err(TryLockError::WouldBlock) => Err(TryLockError::WouldBlock),
                Err(TryLockError::Poisoned(error)) => {
                    Err(PoisonError::new(self.reading(error.into_inner(), false)).into())
                }
            };
        };
        let (this, lock) = statics::find(inside, self, |this| this.object(inside));
        match inside.visit(RwLockOp::TryRead { lock }, Place::here()) {
            Reply::Flag(false) => Err(TryLockError::WouldBlock),
            _ => Ok(this.read_granted(inside)?),
        }
    }

    /// Has the lock alone if that can be done at once.
    ///
    /// # Errors
    /// [`TryLockError::WouldBlock`] if not, [`TryLockError::Poisoned`] as for [`RwLock::read`].
    #[track_caller]
    #[inline]
    pub fn try_write(&self) -> TryLockResult<RwLockWriteGuard<'_, T>> {
        let Some(inside) = self.slot.inside_to_look() else {
            return match self.inner.try_write() {
                Ok(guard) => Ok(self.mark(self.writing(guard, None))?),
                Err(TryLockError::WouldBlock) => Err(TryLockError::WouldBlock),
                Err(TryLockError::Poisoned(error)) => {
                    Err(PoisonError::new(self.writing(error.into_inner(), None)).into())
                }
            };
        };
        let (this, lock) = statics::find(inside, self, |this| this.object(inside));
        match inside.visit(RwLockOp::TryWrite { lock }, Place::here()) {
            Reply::Flag(false) => Err(TryLockError::WouldBlock),
            _ => Ok(this.write_granted(inside)?),
        }
    }

    /// Whether a task panicked while it had the lock alone.
    #[track_caller]
    #[inline]
    pub fn is_poisoned(&self) -> bool {
        let Some(inside) = self.slot.inside_to_look() else { return self.is_marked() };
        let (this, lock) = statics::find(inside, self, |this| this.object(inside));
        inside.visit(RwLockOp::IsPoisoned { lock }, Place::here());
        this.is_marked()
    }

    /// Forgets that the lock was poisoned.
    #[track_caller]
    #[inline]
    pub fn clear_poison(&self) {
        let mut this = self;
        if let Some(inside) = self.slot.inside_to_change() {
            this = statics::resolve(inside, self);
            let lock = this.object(inside);
            inside.visit(RwLockOp::ClearPoison { lock }, Place::here());
        }
        this.poisoned.store(false, Relaxed);
        this.inner.clear_poison();
    }

    /// The value, without locking: `&mut self` proves that nobody else has it.
    ///
    /// # Errors
    /// If the lock was poisoned; the error holds the value all the same.
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
    fn object(&self, inside: Inside) -> ObjIx {
        inside.object(&self.slot, ObjectKind::RwLock, std::any::type_name::<Self>, 0)
    }

    #[inline]
    fn read_granted(&self, inside: Inside) -> LockResult<RwLockReadGuard<'_, T>> {
        loop {
            match self.inner.try_read_by(inside.token()) {
                Some(guard) => return self.mark(self.reading(guard, true)),
                None => self.held_elsewhere(inside),
            }
        }
    }

    #[inline]
    fn write_granted(&self, inside: Inside) -> LockResult<RwLockWriteGuard<'_, T>> {
        let panicking = Some(inside.panicking());
        loop {
            match self.inner.try_write_by(inside.token()) {
                Some(guard) => return self.mark(self.writing(guard, panicking)),
                None => self.held_elsewhere(inside),
            }
        }
    }

    /// The engine granted it, but it is taken.
    #[inline]
    fn held_elsewhere(&self, inside: Inside) {
        if inside.tearing_down() {
            return teardown::wait_for_others(inside);
        }
        let at = self.slot.made_at();
        inside.foreign(format!("a RwLock made at {at} is held by a thread outside of the execution"))
    }

    #[inline]
    fn reading<'a>(&'a self, inner: biased::RwLockReadGuard<'a, T>, inside: bool) -> RwLockReadGuard<'a, T> {
        RwLockReadGuard { lock: self, inner: Some(inner), inside }
    }

    #[inline]
    fn writing<'a>(
        &'a self,
        inner: biased::RwLockWriteGuard<'a, T>,
        inside: Option<bool>,
    ) -> RwLockWriteGuard<'a, T> {
        RwLockWriteGuard { lock: self, inner: Some(inner), inside }
    }

    #[inline]
    fn mark<G>(&self, guard: G) -> LockResult<G> {
        if self.is_marked() { Err(PoisonError::new(guard)) } else { Ok(guard) }
    }

    #[inline]
    fn is_marked(&self) -> bool {
        self.poisoned.load(Relaxed) || self.inner.is_poisoned()
    }
}

impl<T: ?Sized> statics::Primitive for RwLock<T> {
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

impl<T: ?Sized> Drop for RwLockReadGuard<'_, T> {
    #[inline]
    fn drop(&mut self) {
        if self.inside
            && let Some((inside, lock)) = self.lock.slot.known_inside()
        {
            inside.visit_in_drop(RwLockOp::ReadUnlock { lock }, Place::Unknown);
        }
        self.inner = None;
    }
}

impl<T: ?Sized> Drop for RwLockWriteGuard<'_, T> {
    #[inline]
    fn drop(&mut self) {
        let Some(was_panicking) = self.inside else { return };
        if let Some((inside, lock)) = self.lock.slot.known_inside() {
            let poisons = !was_panicking && inside.panicking();
            inside.visit_in_drop(RwLockOp::WriteUnlock { lock }, Place::Unknown);
            // Nobody has run since the release: neither whom it let in, nor who looks for poison.
            if poisons {
                self.lock.poisoned.store(true, Relaxed);
                inside.with(|cx| cx.exec.note_poison(cx.current));
            }
        }
        if let Some(inner) = self.inner.take() {
            inner.release_unpoisoned();
        }
    }
}

impl<T: ?Sized> Deref for RwLockReadGuard<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        match &self.inner {
            Some(inner) => inner,
            None => unreachable!("a guard holds the lock until it is dropped"),
        }
    }
}

impl<T: ?Sized> Deref for RwLockWriteGuard<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        match &self.inner {
            Some(inner) => inner,
            None => unreachable!("a guard holds the lock until it is dropped"),
        }
    }
}

impl<T: ?Sized> DerefMut for RwLockWriteGuard<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        if self.inside.is_some() {
            self.lock.slot.mark_changed();
        } else {
            self.lock.slot.inside_to_change();
        }
        match &mut self.inner {
            Some(inner) => inner,
            None => unreachable!("a guard holds the lock until it is dropped"),
        }
    }
}

impl<T: Default> Default for RwLock<T> {
    #[track_caller]
    #[inline]
    fn default() -> Self {
        RwLock::new(T::default())
    }
}

impl<T> From<T> for RwLock<T> {
    #[track_caller]
    #[inline]
    fn from(value: T) -> Self {
        RwLock::new(value)
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for RwLock<T> {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = f.debug_struct("RwLock");
        // Looks past the model: printing is no operation of the program's.
        let value = match inside() {
            Some(inside) => self.inner.try_read_by(inside.token()),
            None => biased::granted(self.inner.try_read()),
        };
        match value {
            Some(value) => text.field("data", &&*value),
            None => text.field("data", &"<locked>"),
        };
        let poisoned = self.poisoned.load(Relaxed) || self.inner.is_poisoned();
        text.field("poisoned", &poisoned).finish_non_exhaustive()
    }
}

macro_rules! guards {
    ($($guard:ident),*) => {$(
        impl<T: ?Sized + fmt::Debug> fmt::Debug for $guard<'_, T> {
            #[inline]
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(&**self, f)
            }
        }

        impl<T: ?Sized + fmt::Display> fmt::Display for $guard<'_, T> {
            #[inline]
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&**self, f)
            }
        }
    )*};
}
guards!(RwLockReadGuard, RwLockWriteGuard);

impl<T> crate::Named for RwLock<T> {
    #[inline]
    fn named(mut self, name: &'static str) -> Self {
        self.slot.set_name(name);
        self
    }
}
