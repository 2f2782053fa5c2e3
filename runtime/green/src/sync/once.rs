//! `Once`, with std's signatures and poisoning.

use crate::inside::context::Inside;
use crate::inside::slot::Slot;
use crate::inside::statics;
use crate::outside;
use crate::sync::running::Running;
use gorace_analyzer::{ObjIx, ObjectKind, Place};
use gorace_engine::{OnceEnd, OnceOp, Reply};
use std::fmt;

/// Runs something once, whoever comes first: [`std::sync::Once`] outside of an execution, checked inside one.
///
/// ```
/// let once = gorace::sync::Once::new();
/// let mut runs = 0;
/// once.call_once(|| runs += 1);
/// once.call_once(|| runs += 1);
/// assert_eq!(runs, 1);
/// ```
pub struct Once {
    slot: Slot,
    inner: outside::sync::Once,
}

/// What [`Once::call_once_force`] tells its closure.
pub struct OnceState {
    poisoned: bool,
}

const POISONED: &str = "Once instance has previously been poisoned";

impl Once {
    /// Nothing has run.
    #[track_caller]
    #[inline]
    pub const fn new() -> Self {
        Once { slot: Slot::new(), inner: outside::sync::Once::new() }
    }

    /// Runs `f` if nobody has yet; returns when it has run, whoever ran it.
    ///
    /// # Panics
    /// If `f` panics, and from then on: the `Once` is poisoned.
    #[track_caller]
    #[inline]
    pub fn call_once<F: FnOnce()>(&self, f: F) {
        match self.slot.inside_to_look() {
            None => {
                self.begin_outside();
                self.inner.call_once(f);
            }
            Some(inside) => {
                let this = statics::resolve(inside, self);
                this.call(inside, false, |_| f(), Place::here());
            }
        }
    }

    /// As [`Once::call_once`], also if it is poisoned; the closure is told whether it was.
    #[track_caller]
    #[inline]
    pub fn call_once_force<F: FnOnce(&OnceState)>(&self, f: F) {
        match self.slot.inside_to_look() {
            None => {
                self.begin_outside();
                self.inner.call_once_force(|state| f(&OnceState { poisoned: state.is_poisoned() }));
            }
            Some(inside) => {
                let this = statics::resolve(inside, self);
                this.call(inside, true, |poisoned| f(&OnceState { poisoned }), Place::here());
            }
        }
    }

    /// Whether it has run to its end.
    #[track_caller]
    #[inline]
    pub fn is_completed(&self) -> bool {
        let Some(inside) = self.slot.inside_to_look() else { return self.inner.is_completed() };
        let this = statics::resolve(inside, self);
        match inside.visit(OnceOp::Get { once: this.object(inside) }, Place::here()) {
            Reply::Flag(is_completed) => is_completed,
            _ => this.inner.is_completed(),
        }
    }

    /// Waits until it has run.
    ///
    /// # Panics
    /// If it is poisoned.
    #[track_caller]
    #[inline]
    pub fn wait(&self) {
        let Some(inside) = self.slot.inside_to_look() else { return self.inner.wait() };
        let once = statics::resolve(inside, self).object(inside);
        let reply = inside.visit(OnceOp::Wait { once, force: false }, Place::here());
        assert!(reply != Reply::Closed || inside.tearing_down(), "{POISONED}");
    }

    /// Waits until it has run, past any poison.
    #[track_caller]
    #[inline]
    pub fn wait_force(&self) {
        let Some(inside) = self.slot.inside_to_look() else { return self.inner.wait_force() };
        let once = statics::resolve(inside, self).object(inside);
        inside.visit(OnceOp::Wait { once, force: true }, Place::here());
    }

    #[track_caller]
    #[inline]
    fn call(&self, inside: Inside, force: bool, f: impl FnOnce(bool), place: Place) {
        let once = self.object(inside);
        let reply = inside.visit(OnceOp::Begin { once, force }, place);
        match reply {
            Reply::Flag(true) | Reply::Value(_) => {
                self.slot.mark_changed();
                let running = Running::new(inside, once, OnceEnd::Poisoned, place).anew_after_goexit();
                f(reply != Reply::Flag(true));
                self.inner.call_once(|| ());
                running.done();
            }
            Reply::Closed if !inside.tearing_down() => panic!("{POISONED}"),
            _ if self.inner.is_completed() => {}
            // Nothing is modelled any more, and nobody else runs: what comes after relies on its having run.
            _ => {
                f(false);
                self.inner.call_once(|| ());
            }
        }
    }

    /// What is done already is only looked at.
    #[inline]
    fn begin_outside(&self) {
        if !self.inner.is_completed() {
            self.slot.inside_to_change();
        }
    }

    #[inline]
    fn object(&self, inside: Inside) -> ObjIx {
        let initial = u64::from(self.inner.is_completed());
        inside.object(&self.slot, ObjectKind::Once, std::any::type_name::<Self>, initial)
    }
}

impl statics::Primitive for Once {
    #[inline]
    fn slot(&self) -> &Slot {
        &self.slot
    }
}

impl OnceState {
    /// Whether the last attempt panicked.
    #[must_use]
    #[inline]
    pub fn is_poisoned(&self) -> bool {
        self.poisoned
    }
}

impl Default for Once {
    #[track_caller]
    #[inline]
    fn default() -> Self {
        Once::new()
    }
}

impl fmt::Debug for Once {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Once").finish_non_exhaustive()
    }
}

impl fmt::Debug for OnceState {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OnceState").field("poisoned", &self.poisoned).finish()
    }
}

impl crate::Named for Once {
    #[inline]
    fn named(mut self, name: &'static str) -> Self {
        self.slot.set_name(name);
        self
    }
}
