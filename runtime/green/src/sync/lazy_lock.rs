//! `LazyLock`, with std's signatures.

use crate::inside::context::Inside;
use crate::inside::slot::Slot;
use crate::inside::statics;
use crate::outside::sync::OnceLock;
use crate::sync::running::Running;
use gorace_analyzer::{ObjIx, ObjectKind, Place};
use gorace_engine::{OnceEnd, OnceOp, Reply};
use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::{Mutex, PoisonError};

/// A value that is made on first use: [`std::sync::LazyLock`] outside of an execution, checked inside one.
///
/// A `static` one is made anew in every execution; what it lends is never freed, and counted.
///
/// ```
/// use gorace::sync::LazyLock;
/// static ANSWER: LazyLock<u32> = LazyLock::new(|| 6 * 7);
/// assert_eq!(*ANSWER, 42);
/// ```
pub struct LazyLock<T, F = fn() -> T> {
    slot: Slot,
    value: OnceLock<T>,
    /// Taken by whoever makes the value; gone if that panicked.
    init: Mutex<Option<F>>,
}

const POISONED: &str = "LazyLock instance has previously been poisoned";

impl<T, F: FnOnce() -> T> LazyLock<T, F> {
    /// Nothing is made yet.
    #[track_caller]
    #[inline]
    pub const fn new(f: F) -> Self {
        LazyLock { slot: Slot::new(), value: OnceLock::new(), init: Mutex::new(Some(f)) }
    }

    /// The value, made now if it was not.
    ///
    /// # Panics
    /// If making it panics, and from then on.
    #[track_caller]
    #[inline]
    pub fn force(this: &Self) -> &T {
        let Some(inside) = this.slot.inside_to_look() else {
            // What is made already is only looked at.
            if this.value.get().is_none() {
                this.slot.inside_to_change();
            }
            return this.value.get_or_init(|| this.make());
        };
        let (this, once) = statics::find(inside, this, |this| this.object(inside));
        let place = Place::here();
        match inside.visit(OnceOp::Begin { once, force: false }, place) {
            Reply::Flag(true) => {
                this.slot.mark_changed();
                let running = Running::new(inside, once, OnceEnd::Poisoned, place);
                let value = this.make();
                let value = this.value.get_or_init(|| value);
                running.done();
                value
            }
            Reply::Closed if !inside.tearing_down() => panic!("{POISONED}"),
            // It is made; or nothing is modelled any more, and nobody else runs.
            _ => this.value.get_or_init(|| this.make()),
        }
    }

    /// As [`LazyLock::force`], without a look at others: `&mut` proves that there are none.
    ///
    /// # Panics
    /// If making it panics, and from then on.
    #[inline]
    pub fn force_mut(this: &mut Self) -> &mut T {
        if this.value.get().is_none() {
            let value = this.make();
            this.value = OnceLock::from(value);
            this.slot = this.slot.renewed();
        }
        match this.value.get_mut() {
            Some(value) => value,
            None => unreachable!("the value was made just now"),
        }
    }

    #[inline]
    fn make(&self) -> T {
        let init = self.init.lock().unwrap_or_else(PoisonError::into_inner).take();
        match init {
            Some(init) => init(),
            None => panic!("{POISONED}"),
        }
    }
}

impl<T, F> LazyLock<T, F> {
    /// The value, if it was made.
    #[track_caller]
    #[inline]
    pub fn get(this: &Self) -> Option<&T> {
        let Some(inside) = this.slot.inside_to_look() else { return this.value.get() };
        let (this, once) = statics::find(inside, this, |this| this.object(inside));
        match inside.visit(OnceOp::Get { once }, Place::here()) {
            Reply::Flag(false) => None,
            _ => this.value.get(),
        }
    }

    /// The value, if it was made, without a look at others: `&mut` proves that there are none.
    #[inline]
    pub fn get_mut(this: &mut Self) -> Option<&mut T> {
        this.value.get_mut()
    }

    #[inline]
    fn object(&self, inside: Inside) -> ObjIx {
        let initial = u64::from(self.value.get().is_some());
        inside.object(&self.slot, ObjectKind::Once, std::any::type_name::<Self>, initial)
    }
}

impl<T, F> statics::Primitive for LazyLock<T, F> {
    #[inline]
    fn slot(&self) -> &Slot {
        &self.slot
    }

    /// To whoever has seen the value.
    #[inline]
    fn is_lent(&self) -> bool {
        self.value.get().is_some()
    }
}

impl<T, F: FnOnce() -> T> Deref for LazyLock<T, F> {
    type Target = T;

    #[track_caller]
    #[inline]
    fn deref(&self) -> &T {
        LazyLock::force(self)
    }
}

impl<T, F: FnOnce() -> T> DerefMut for LazyLock<T, F> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        LazyLock::force_mut(self)
    }
}

impl<T: Default> Default for LazyLock<T> {
    #[track_caller]
    #[inline]
    fn default() -> Self {
        LazyLock::new(T::default)
    }
}

impl<T: fmt::Debug, F> fmt::Debug for LazyLock<T, F> {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Looks past the model: printing is no operation of the program's.
        match self.value.get() {
            Some(value) => f.debug_tuple("LazyLock").field(value).finish(),
            None => f.write_str("LazyLock(<uninit>)"),
        }
    }
}

impl<T, F> crate::Named for LazyLock<T, F> {
    #[inline]
    fn named(mut self, name: &'static str) -> Self {
        self.slot.set_name(name);
        self
    }
}
