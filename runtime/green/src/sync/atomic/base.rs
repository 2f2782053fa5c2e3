//! What every atomic type has.
//!
//! One generic type stands for all of them, as one impl costs every user's build a tenth of what one for each
//! would. Inside an execution the value lives in the engine; every store is written through, so that the object is
//! right again once the execution is over.

use crate::inside::context::Inside;
use crate::inside::slot::Slot;
use crate::inside::statics;
use crate::sync::atomic::orders::{check_load, check_store, word};
use crate::sync::atomic::{Ordering, Value};
use gorace_analyzer::{ObjIx, ObjectKind, Place};
use gorace_engine::{Op, Reply, RmwKind};
use std::fmt;

/// An atomic `V`; `AtomicBool`, `AtomicU32` and their like are its names.
///
/// Same methods, same meaning as [`std::sync::atomic`]'s, checked inside an execution. Write those names: without
/// the feature `check` they are std's, and std has no stable name for this one.
pub struct Atomic<V: Value> {
    pub(super) slot: Slot,
    pub(super) inner: V::Std,
}

impl<V: Value> Atomic<V> {
    #[inline]
    #[track_caller]
    pub(super) const fn of(inner: V::Std) -> Self {
        Atomic { slot: Slot::new(), inner }
    }

    /// The value, consuming the atomic.
    #[inline]
    pub fn into_inner(mut self) -> V {
        *V::get_mut(&mut self.inner)
    }

    /// The value, without an atomic operation: `&mut self` proves that nobody else has it.
    #[inline]
    pub fn get_mut(&mut self) -> &mut V {
        V::get_mut(&mut self.inner)
    }

    /// Reads the value.
    #[inline]
    #[track_caller]
    pub fn load(&self, order: Ordering) -> V {
        let Some(inside) = self.slot.inside_to_look() else { return V::load(&self.inner, order) };
        check_load(order, "load");
        let (this, object) = self.find(inside);
        if inside.tearing_down() {
            return V::load(&this.inner, Ordering::Relaxed);
        }
        match inside.visit(Op::Load { object, order: word(order) }, Place::here()) {
            Reply::Value(value) | Reply::Seen(value, _) => V::of_bits(value),
            // The execution ended meanwhile: nothing is modelled any more.
            _ => V::load(&this.inner, Ordering::Relaxed),
        }
    }

    /// Writes the value.
    #[inline]
    #[track_caller]
    pub fn store(&self, value: V, order: Ordering) {
        let Some(inside) = self.slot.inside_to_change() else { return V::store(&self.inner, value, order) };
        check_store(order);
        let (this, object) = self.find(inside);
        this.slot.mark_changed();
        inside.visit(Op::Store { object, value: value.bits(), order: word(order) }, Place::here());
        V::store(&this.inner, value, Ordering::Relaxed);
    }

    /// Writes `value`, gives the old one.
    #[inline]
    #[track_caller]
    pub fn swap(&self, value: V, order: Ordering) -> V {
        self.modify(RmwKind::Swap, value, order)
    }

    /// Writes `new` if the value is `current`.
    ///
    /// # Errors
    /// The value seen, if it was another.
    #[inline]
    #[track_caller]
    pub fn compare_exchange(&self, current: V, new: V, success: Ordering, failure: Ordering) -> Result<V, V> {
        match self.slot.inside_to_change() {
            None => V::compare_exchange(&self.inner, (current, new), (success, failure), false),
            Some(inside) => self.compare(inside, (current, new), (success, failure), false),
        }
    }

    /// As [`Self::compare_exchange`], and may fail spuriously; inside an execution on request only.
    ///
    /// # Errors
    /// The value seen, if it was another.
    #[inline]
    #[track_caller]
    pub fn compare_exchange_weak(
        &self,
        current: V,
        new: V,
        success: Ordering,
        failure: Ordering,
    ) -> Result<V, V> {
        match self.slot.inside_to_change() {
            None => V::compare_exchange(&self.inner, (current, new), (success, failure), true),
            Some(inside) => self.compare(inside, (current, new), (success, failure), true),
        }
    }

    #[inline]
    #[track_caller]
    fn compare(
        &self,
        inside: Inside,
        (current, new): (V, V),
        (success, failure): (Ordering, Ordering),
        weak: bool,
    ) -> Result<V, V> {
        check_load(failure, "failure ordering");
        let (this, object) = self.find(inside);
        this.slot.mark_changed();
        let (expected, replacement) = (current.bits(), new.bits());
        let (success, failure) = (word(success), word(failure));
        let op = Op::CompareExchange { object, expected, new: replacement, success, failure, weak };
        if let Reply::Seen(seen, false) = inside.visit(op, Place::here()) {
            return Err(V::of_bits(seen));
        }
        V::compare_exchange(&this.inner, (current, new), (Ordering::Relaxed, Ordering::Relaxed), false)
    }

    /// Reads, computes and writes back until nobody came in between, or `f` gives `None`.
    ///
    /// # Errors
    /// The value seen, if `f` gave `None`.
    #[inline]
    #[track_caller]
    pub fn fetch_update<F>(&self, set: Ordering, fetch: Ordering, mut f: F) -> Result<V, V>
    where
        F: FnMut(V) -> Option<V>,
    {
        let mut seen = self.load(fetch);
        while let Some(new) = f(seen) {
            match self.compare_exchange_weak(seen, new, set, fetch) {
                Ok(old) => return Ok(old),
                Err(other) => seen = other,
            }
        }
        Err(seen)
    }

    /// As [`Self::fetch_update`].
    ///
    /// # Errors
    /// The value seen, if `f` gave `None`.
    #[inline]
    #[track_caller]
    pub fn try_update(&self, set: Ordering, fetch: Ordering, f: impl FnMut(V) -> Option<V>) -> Result<V, V> {
        self.fetch_update(set, fetch, f)
    }

    /// As [`Self::fetch_update`], with an `f` that always gives a value; gives the old one.
    #[inline]
    #[track_caller]
    pub fn update(&self, set: Ordering, fetch: Ordering, mut f: impl FnMut(V) -> V) -> V {
        let mut seen = self.load(fetch);
        loop {
            match self.compare_exchange_weak(seen, f(seen), set, fetch) {
                Ok(old) => return old,
                Err(other) => seen = other,
            }
        }
    }

    #[inline]
    fn find(&self, inside: Inside) -> (&Self, ObjIx) {
        statics::find(inside, self, |this| {
            let initial = V::load(&this.inner, Ordering::Relaxed).bits();
            inside.object(&this.slot, ObjectKind::Atomic, V::name, initial)
        })
    }

    /// One read-modify-write; gives the old value.
    #[inline]
    #[track_caller]
    pub(super) fn modify(&self, kind: RmwKind, operand: V, order: Ordering) -> V {
        match self.slot.inside_to_change() {
            None => V::modify(&self.inner, kind, operand, order),
            Some(inside) => {
                let this = self.announce(inside, kind, operand.bits(), order);
                // Not by a load and a store: a check's body may share it with other executions and with threads outside.
                V::modify(&this.inner, kind, operand, Ordering::Relaxed)
            }
        }
    }

    /// The engine's half of a read-modify-write. Its value and the real one are equal once this returns: nobody
    /// runs until the caller has changed the real one as well.
    #[inline]
    #[track_caller]
    pub(super) fn announce(&self, inside: Inside, kind: RmwKind, operand: u64, order: Ordering) -> &Self {
        let (this, object) = self.find(inside);
        this.slot.mark_changed();
        let op = Op::Rmw { object, kind, operand, width: V::WIDTH, order: word(order) };
        inside.visit(op, Place::here());
        this
    }
}

impl<V: Value> statics::Primitive for Atomic<V> {
    #[inline]
    fn slot(&self) -> &Slot {
        &self.slot
    }
}

impl<V: Value> Default for Atomic<V> {
    #[inline]
    #[track_caller]
    fn default() -> Self {
        Self::from(V::of_bits(0))
    }
}

impl<V: Value> From<V> for Atomic<V> {
    #[inline]
    #[track_caller]
    fn from(value: V) -> Self {
        Self::of(V::Std::from(value))
    }
}

impl<V: Value> fmt::Debug for Atomic<V> {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Looks past the model: printing is no operation of the program's.
        fmt::Debug::fmt(&self.inner, f)
    }
}

impl<V: Value> crate::Named for Atomic<V> {
    #[inline]
    fn named(mut self, name: &'static str) -> Self {
        self.slot.set_name(name);
        self
    }
}
