//! `Shared`: a plain variable as Go has it, whose every access is checked for races.
//!
//! It is memory-safe in every mode: one lock inside keeps two tasks apart even where the program forgot to.

use crate::cell::nesting;
use std::fmt;
use std::sync::{PoisonError, RwLock};

#[cfg(feature = "check")]
use crate::inside::context::{Inside, inside};
#[cfg(feature = "check")]
use crate::inside::slot::Slot;
#[cfg(feature = "check")]
use crate::inside::{statics, teardown};
#[cfg(feature = "check")]
use gorace_analyzer::{ObjIx, ObjectKind, Place};

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
    slot: Slot,
    inner: RwLock<T>,
}

impl<T> Shared<T> {
    /// A variable with this value.
    #[track_caller]
    pub const fn new(value: T) -> Self {
        Shared {
            #[cfg(feature = "check")]
            slot: Slot::new(),
            inner: RwLock::new(value),
        }
    }

    /// A copy of the value: one read.
    #[track_caller]
    pub fn get(&self) -> T
    where
        T: Clone,
    {
        self.with(T::clone)
    }

    /// Replaces the value: one write.
    #[track_caller]
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
    pub fn with<R>(&self, f: impl FnOnce(&T) -> R) -> R {
        #[cfg(feature = "check")]
        if let Some(inside) = inside() {
            let this = statics::resolve(inside, self);
            let _open = this.open(inside, false);
            loop {
                match this.inner.try_read() {
                    Ok(value) => return f(&value),
                    Err(std::sync::TryLockError::Poisoned(error)) => return f(&error.into_inner()),
                    Err(std::sync::TryLockError::WouldBlock) => this.held_elsewhere(inside),
                }
            }
        }
        let _open = nesting::Open::enter(self, false);
        f(&self.inner.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Changes the value in place: one write, open until `f` returns.
    ///
    /// # Panics
    /// If the same task or thread is accessing the variable.
    #[track_caller]
    pub fn with_mut<R>(&self, f: impl FnOnce(&mut T) -> R) -> R {
        #[cfg(feature = "check")]
        if let Some(inside) = inside() {
            let this = statics::resolve(inside, self);
            let _open = this.open(inside, true);
            this.slot.mark_changed();
            loop {
                match this.inner.try_write() {
                    Ok(mut value) => return f(&mut value),
                    Err(std::sync::TryLockError::Poisoned(error)) => return f(&mut error.into_inner()),
                    Err(std::sync::TryLockError::WouldBlock) => this.held_elsewhere(inside),
                }
            }
        }
        let _open = nesting::Open::enter(self, true);
        f(&mut self.inner.write().unwrap_or_else(PoisonError::into_inner))
    }

    #[cfg(feature = "check")]
    #[track_caller]
    fn open(&self, inside: Inside, write: bool) -> Open {
        let object = inside.object(&self.slot, ObjectKind::Cell, std::any::type_name::<Self>, 0);
        if !inside.access(object, write, Place::here()) {
            inside.misuse(nesting::NESTED);
        }
        Open { inside, object }
    }

    /// The engine gave the access, but the real lock is taken: in teardown by a task that is still to unwind,
    /// otherwise by a thread that we do not control.
    #[cfg(feature = "check")]
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

/// An access that is open; ends with it.
#[cfg(feature = "check")]
struct Open {
    inside: Inside,
    object: ObjIx,
}

#[cfg(feature = "check")]
impl Drop for Open {
    fn drop(&mut self) {
        self.inside.release_access(self.object);
    }
}

impl<T: Default> Default for Shared<T> {
    #[track_caller]
    fn default() -> Self {
        Shared::new(T::default())
    }
}

impl<T: ?Sized> fmt::Debug for Shared<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The value is left out: printing must be no access.
        f.debug_struct("Shared").finish_non_exhaustive()
    }
}

impl<T> crate::Named for Shared<T> {
    #[cfg_attr(not(feature = "check"), allow(unused_mut, unused_variables))]
    fn named(mut self, name: &'static str) -> Self {
        #[cfg(feature = "check")]
        self.slot.set_name(name);
        self
    }
}
