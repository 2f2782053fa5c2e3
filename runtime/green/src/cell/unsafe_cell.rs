//! Checked memory for people who write `unsafe`: raw pointers, lent to a closure that says what it does.
//!
//! It keeps nobody apart outside of an execution, as std's does not. Inside one, an access that conflicts with
//! another task's open closure is a data race and waits for that closure's end, so that the race is told before
//! it can do harm. One task may access it within its own closures: raw pointers are no references.

use std::fmt;

#[cfg(feature = "check")]
use crate::inside::context::Inside;
#[cfg(feature = "check")]
use crate::inside::slot::Slot;
#[cfg(feature = "check")]
use crate::inside::statics;
#[cfg(feature = "check")]
use gorace_analyzer::{ObjIx, ObjectKind, OpKind, Place};

/// [`std::cell::UnsafeCell`] with its accesses told: shaped as loom's.
///
/// Like std's it is not `Sync`; a type that is made of it says so itself, and promises what it then must keep.
/// Two accesses by different tasks, one of them [`with_mut`](UnsafeCell::with_mut), that nothing orders are a
/// data race (GR0001). The pointer must not be used after the closure has returned.
///
/// ```
/// use gorace::cell::UnsafeCell;
/// let cell = UnsafeCell::new(1);
/// // SAFETY: nobody else has a pointer to it.
/// cell.with_mut(|value| unsafe { *value += 1 });
/// assert_eq!(cell.into_inner(), 2);
/// ```
pub struct UnsafeCell<T: ?Sized> {
    #[cfg(feature = "check")]
    slot: Slot,
    inner: std::cell::UnsafeCell<T>,
}

impl<T> UnsafeCell<T> {
    /// Memory with this value.
    #[track_caller]
    #[inline]
    pub const fn new(value: T) -> Self {
        UnsafeCell {
            #[cfg(feature = "check")]
            slot: Slot::new(),
            inner: std::cell::UnsafeCell::new(value),
        }
    }

    /// The value, consuming the memory.
    #[inline]
    pub fn into_inner(self) -> T {
        self.inner.into_inner()
    }
}

impl<T: ?Sized> UnsafeCell<T> {
    /// Lends a pointer to read by: one read, open until `f` returns.
    #[track_caller]
    #[inline]
    pub fn with<R>(&self, f: impl FnOnce(*const T) -> R) -> R {
        #[cfg(feature = "check")]
        if let Some(inside) = self.slot.inside_to_look() {
            let (this, _open) = self.open(inside, OpKind::Read);
            return f(this.inner.get());
        }
        f(self.inner.get())
    }

    /// Lends a pointer to write by: one write, open until `f` returns.
    #[track_caller]
    #[inline]
    pub fn with_mut<R>(&self, f: impl FnOnce(*mut T) -> R) -> R {
        #[cfg(feature = "check")]
        if let Some(inside) = self.slot.inside_to_change() {
            let (this, _open) = self.open(inside, OpKind::Write);
            this.slot.mark_changed();
            return f(this.inner.get());
        }
        f(self.inner.get())
    }

    /// The value, without an access: `&mut self` proves that nobody else has it.
    #[inline]
    pub fn get_mut(&mut self) -> &mut T {
        self.inner.get_mut()
    }

    #[cfg(feature = "check")]
    #[track_caller]
    #[inline]
    fn open(&self, inside: Inside, op: OpKind) -> (&Self, Open) {
        let (this, object) = statics::find(inside, self, |this| {
            inside.object(&this.slot, ObjectKind::Cell, std::any::type_name::<Self>, 1)
        });
        inside.access(object, op, Place::here());
        (this, Open { inside, object })
    }
}

#[cfg(feature = "check")]
impl<T: ?Sized> statics::Primitive for UnsafeCell<T> {
    #[inline]
    fn slot(&self) -> &Slot {
        &self.slot
    }
}

/// An access that is open; ends with it.
#[cfg(feature = "check")]
struct Open {
    inside: Inside,
    object: ObjIx,
}

#[cfg(feature = "check")]
impl Drop for Open {
    #[inline]
    fn drop(&mut self) {
        self.inside.release_access(self.object);
    }
}

impl<T: Default> Default for UnsafeCell<T> {
    #[track_caller]
    #[inline]
    fn default() -> Self {
        UnsafeCell::new(T::default())
    }
}

impl<T> From<T> for UnsafeCell<T> {
    #[track_caller]
    #[inline]
    fn from(value: T) -> Self {
        UnsafeCell::new(value)
    }
}

impl<T: ?Sized> fmt::Debug for UnsafeCell<T> {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnsafeCell").finish_non_exhaustive()
    }
}

impl<T> crate::Named for UnsafeCell<T> {
    #[cfg_attr(not(feature = "check"), allow(unused_mut, unused_variables))]
    #[inline]
    fn named(mut self, name: &'static str) -> Self {
        #[cfg(feature = "check")]
        self.slot.set_name(name);
        self
    }
}
