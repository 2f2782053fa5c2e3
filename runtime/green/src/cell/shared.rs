//! `Shared`: a plain variable as Go has it, whose every access is checked for races.
//!
//! It is memory-safe in every mode: one lock inside keeps two tasks apart even where the program forgot to.

use crate::cell::nesting;
#[cfg(not(feature = "check"))]
use crate::outside::sync::{RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::fmt;
use std::sync::{PoisonError, TryLockError};

#[cfg(feature = "check")]
use crate::inside::biased::{RwLock, RwLockReadGuard, RwLockWriteGuard};
#[cfg(feature = "check")]
use crate::inside::context::Inside;
#[cfg(feature = "check")]
use crate::inside::slot::Slot;
#[cfg(feature = "check")]
use crate::inside::{statics, teardown};
#[cfg(feature = "check")]
use gorace_analyzer::{ObjIx, ObjectKind, OpKind, Place, misuse::NESTED_ACCESS};

/// A plain variable that several tasks may reach, without any synchronisation of its own.
///
/// Two accesses by different tasks, one of them a write, that nothing orders are a data race (GR0001). A
/// closure passed to [`with`](Shared::with) or [`with_mut`](Shared::with_mut) must not access the same
/// variable again, except to read within a read: that panics (GR0005).
///
/// ```
/// use gorace::cell::Shared;
/// let hits = Shared::new(0);
/// hits.with_mut(|hits| *hits += 1);
/// assert_eq!(hits.get(), 1);
/// ```
pub struct Shared<T: ?Sized> {
    #[cfg(feature = "check")]
    pub(crate) slot: Slot,
    inner: RwLock<T>,
}

impl<T> Shared<T> {
    /// A variable with this value.
    #[track_caller]
    #[inline]
    pub const fn new(value: T) -> Self {
        Shared {
            #[cfg(feature = "check")]
            slot: Slot::new(),
            inner: RwLock::new(value),
        }
    }

    /// A copy of the value: one read.
    #[track_caller]
    #[inline]
    pub fn get(&self) -> T
    where
        T: Clone,
    {
        self.with(T::clone)
    }

    /// Replaces the value: one write.
    #[track_caller]
    #[inline]
    pub fn set(&self, value: T) {
        let old = self.with_mut(|slot| std::mem::replace(slot, value));
        drop(old);
    }
}

impl<T: ?Sized> Shared<T> {
    /// Looks at the value: one read, open until `f` returns.
    ///
    /// # Panics
    /// If the same task or thread is writing the variable.
    #[track_caller]
    #[inline]
    pub fn with<R>(&self, f: impl FnOnce(&T) -> R) -> R {
        #[cfg(feature = "check")]
        if let Some(inside) = self.slot.inside_to_look() {
            let (this, object) = statics::find(inside, self, |this| this.object(inside, ObjectKind::Cell));
            return this.read_inside(inside, object, (OpKind::Read, Place::here()), f);
        }
        let _open = nesting::Open::enter(self, false);
        f(&self.inner.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Changes the value in place: one write, open until `f` returns.
    ///
    /// # Panics
    /// If the same task or thread is accessing the variable.
    #[track_caller]
    #[inline]
    pub fn with_mut<R>(&self, f: impl FnOnce(&mut T) -> R) -> R {
        #[cfg(feature = "check")]
        if let Some(inside) = self.slot.inside_to_change() {
            let (this, object) = statics::find(inside, self, |this| this.object(inside, ObjectKind::Cell));
            return this.write_inside(inside, object, (OpKind::Write, Place::here()), f);
        }
        let _open = nesting::Open::enter(self, true);
        f(&mut self.inner.write().unwrap_or_else(PoisonError::into_inner))
    }

    /// One read inside an execution, of the object that this is there.
    #[cfg(feature = "check")]
    #[track_caller]
    #[inline]
    pub(crate) fn read_inside<R>(
        &self,
        inside: Inside,
        object: ObjIx,
        access: Access,
        f: impl FnOnce(&T) -> R,
    ) -> R {
        let _open = Open::new(inside, object, access);
        loop {
            match self.inner.try_read_by(inside.token()) {
                Some(value) => return f(&value),
                None => self.held_elsewhere(inside),
            }
        }
    }

    /// One write inside an execution, of the object that this is there.
    #[cfg(feature = "check")]
    #[track_caller]
    #[inline]
    pub(crate) fn write_inside<R>(
        &self,
        inside: Inside,
        object: ObjIx,
        access: Access,
        f: impl FnOnce(&mut T) -> R,
    ) -> R {
        let _open = Open::new(inside, object, access);
        self.slot.mark_changed();
        loop {
            match self.inner.try_write_by(inside.token()) {
                Some(mut value) => return f(&mut value),
                None => self.held_elsewhere(inside),
            }
        }
    }

    /// The value outside of an execution, if no other thread is changing it.
    #[inline]
    pub(crate) fn try_read(&self) -> Option<RwLockReadGuard<'_, T>> {
        match self.inner.try_read() {
            Err(TryLockError::WouldBlock) => None,
            Err(TryLockError::Poisoned(error)) => Some(error.into_inner()),
            Ok(value) => Some(value),
        }
    }

    /// The value outside of an execution, to be changed, if no other thread has it.
    #[inline]
    pub(crate) fn try_write(&self) -> Option<RwLockWriteGuard<'_, T>> {
        match self.inner.try_write() {
            Err(TryLockError::WouldBlock) => None,
            Err(TryLockError::Poisoned(error)) => Some(error.into_inner()),
            Ok(value) => Some(value),
        }
    }

    /// The object that this is in an execution, of this kind.
    #[cfg(feature = "check")]
    #[inline]
    pub(crate) fn object(&self, inside: Inside, kind: ObjectKind) -> ObjIx {
        inside.object(&self.slot, kind, std::any::type_name::<Self>, 0)
    }

    /// The engine gave the access, but the lock is taken: in teardown by a task that is still to unwind,
    /// otherwise by a thread that we do not control.
    #[cfg(feature = "check")]
    #[inline]
    fn held_elsewhere(&self, inside: Inside) {
        if inside.tearing_down() {
            teardown::wait_for_others(inside);
        } else {
            let at = self.slot.made_at();
            inside.foreign(format!(
                "a Shared made at {at} is being accessed by a thread outside of the execution"
            ));
        }
    }
}

#[cfg(feature = "check")]
impl<T: ?Sized> statics::Primitive for Shared<T> {
    #[inline]
    fn slot(&self) -> &Slot {
        &self.slot
    }
}

/// How, and where.
#[cfg(feature = "check")]
pub(crate) type Access = (OpKind, Place);

/// An access that is open; ends with it.
#[cfg(feature = "check")]
struct Open {
    inside: Inside,
    object: ObjIx,
}

#[cfg(feature = "check")]
impl Open {
    #[track_caller]
    #[inline(always)]
    fn new(inside: Inside, object: ObjIx, (op, place): Access) -> Self {
        if !inside.access(object, op, place) {
            inside.misuse(NESTED_ACCESS);
        }
        Open { inside, object }
    }
}

#[cfg(feature = "check")]
impl Drop for Open {
    #[inline]
    fn drop(&mut self) {
        self.inside.release_access(self.object);
    }
}

impl<T: Default> Default for Shared<T> {
    #[track_caller]
    #[inline]
    fn default() -> Self {
        Shared::new(T::default())
    }
}

impl<T: ?Sized> fmt::Debug for Shared<T> {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The value is left out: printing must be no access.
        f.debug_struct("Shared").finish_non_exhaustive()
    }
}

impl<T: ?Sized> Shared<T> {
    /// Gives the variable its name.
    #[cfg_attr(not(feature = "check"), allow(unused_variables, clippy::unused_self))]
    #[inline]
    pub(crate) fn set_name(&mut self, name: &'static str) {
        #[cfg(feature = "check")]
        self.slot.set_name(name);
    }
}

impl<T> crate::Named for Shared<T> {
    #[inline]
    fn named(mut self, name: &'static str) -> Self {
        self.set_name(name);
        self
    }
}
