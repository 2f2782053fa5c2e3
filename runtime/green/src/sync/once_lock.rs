//! `OnceLock`, with std's signatures.

use crate::inside::context::Inside;
use crate::inside::slot::Slot;
use crate::inside::statics;
use crate::outside;
use crate::sync::running::Running;
use gorace_analyzer::{ObjIx, ObjectKind, Place};
use gorace_engine::{OnceEnd, OnceOp, Reply};
use std::fmt;

/// A value that is set once: [`std::sync::OnceLock`] outside of an execution, checked inside one.
///
/// A `static` one starts every execution empty; what it lends is never freed, and counted.
///
/// ```
/// use gorace::sync::OnceLock;
/// static NAME: OnceLock<String> = OnceLock::new();
/// assert_eq!(NAME.get_or_init(|| "gorace".to_owned()), "gorace");
/// ```
pub struct OnceLock<T> {
    slot: Slot,
    inner: outside::sync::OnceLock<T>,
}

impl<T> OnceLock<T> {
    /// An empty one.
    #[track_caller]
    #[inline]
    pub const fn new() -> Self {
        OnceLock { slot: Slot::new(), inner: outside::sync::OnceLock::new() }
    }

    /// The value, if it is set.
    #[track_caller]
    #[inline]
    pub fn get(&self) -> Option<&T> {
        let Some(inside) = self.slot.inside_to_look() else { return self.inner.get() };
        let (this, once) = statics::find(inside, self, |this| this.object(inside));
        match inside.visit(OnceOp::Get { once }, Place::here()) {
            Reply::Flag(false) => None,
            _ => this.inner.get(),
        }
    }

    /// The value, without a look at others: `&mut self` proves that there are none.
    #[inline]
    pub fn get_mut(&mut self) -> Option<&mut T> {
        self.inner.get_mut()
    }

    /// Sets the value, if it is not set; waits for whoever is setting it.
    ///
    /// # Errors
    /// The value given back, if one was set.
    #[track_caller]
    #[inline]
    pub fn set(&self, value: T) -> Result<(), T> {
        let mut value = Some(value);
        self.get_or_init_at(Place::here(), || match value.take() {
            Some(value) => value,
            None => unreachable!("a value is set once"),
        });
        value.map_or(Ok(()), Err)
    }

    /// The value, which `f` makes if it is not set. If `f` panics, the next one tries.
    #[track_caller]
    #[inline]
    pub fn get_or_init<F: FnOnce() -> T>(&self, f: F) -> &T {
        self.get_or_init_at(Place::here(), f)
    }

    /// Waits until the value is set.
    #[track_caller]
    #[inline]
    pub fn wait(&self) -> &T {
        let Some(inside) = self.slot.inside_to_look() else { return self.inner.wait() };
        let (this, once) = statics::find(inside, self, |this| this.object(inside));
        inside.visit(OnceOp::Wait { once, force: false }, Place::here());
        match this.inner.get() {
            Some(value) => value,
            None => crate::inside::teardown::never(inside),
        }
    }

    /// The value.
    #[inline]
    pub fn into_inner(self) -> Option<T> {
        self.inner.into_inner()
    }

    /// Takes the value out, which leaves it empty.
    #[inline]
    pub fn take(&mut self) -> Option<T> {
        self.slot = self.slot.renewed();
        self.inner.take()
    }

    #[inline]
    pub(crate) fn get_or_init_at(&self, place: Place, f: impl FnOnce() -> T) -> &T {
        let Some(inside) = self.slot.inside_to_look() else {
            // What is set already is only looked at.
            if self.inner.get().is_none() {
                self.slot.inside_to_change();
            }
            return self.inner.get_or_init(f);
        };
        let (this, once) = statics::find(inside, self, |this| this.object(inside));
        if inside.visit(OnceOp::Begin { once, force: false }, place) != Reply::Flag(true) {
            // It is set; or nothing is modelled any more, and nobody else runs.
            return this.inner.get_or_init(f);
        }
        this.slot.mark_changed();
        let running = Running::new(inside, once, OnceEnd::Reset, place);
        let value = f();
        let value = this.inner.get_or_init(|| value);
        running.done();
        value
    }

    #[inline]
    fn object(&self, inside: Inside) -> ObjIx {
        let initial = u64::from(self.inner.get().is_some());
        inside.object(&self.slot, ObjectKind::Once, std::any::type_name::<Self>, initial)
    }
}

impl<T> statics::Primitive for OnceLock<T> {
    #[inline]
    fn slot(&self) -> &Slot {
        &self.slot
    }

    /// To whoever has seen the value.
    #[inline]
    fn is_lent(&self) -> bool {
        self.inner.get().is_some()
    }
}

impl<T> Default for OnceLock<T> {
    #[track_caller]
    #[inline]
    fn default() -> Self {
        OnceLock::new()
    }
}

impl<T> From<T> for OnceLock<T> {
    #[track_caller]
    #[inline]
    fn from(value: T) -> Self {
        OnceLock { slot: Slot::new(), inner: outside::sync::OnceLock::from(value) }
    }
}

impl<T: Clone> Clone for OnceLock<T> {
    #[track_caller]
    #[inline]
    fn clone(&self) -> Self {
        self.get().map_or_else(OnceLock::new, |value| OnceLock::from(value.clone()))
    }
}

impl<T: PartialEq> PartialEq for OnceLock<T> {
    #[track_caller]
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        self.get() == other.get()
    }
}

impl<T: Eq> Eq for OnceLock<T> {}

impl<T: fmt::Debug> fmt::Debug for OnceLock<T> {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Looks past the model: printing is no operation of the program's.
        fmt::Debug::fmt(&self.inner, f)
    }
}

impl<T> crate::Named for OnceLock<T> {
    #[inline]
    fn named(mut self, name: &'static str) -> Self {
        self.slot.set_name(name);
        self
    }
}
