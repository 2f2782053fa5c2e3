//! What every atomic type has.
//!
//! Inside an execution the value lives in the engine; every store is written through, so that the object is
//! right again once the execution is over.

use crate::sync::atomic::Ordering;
use gorace_analyzer::Order;
use gorace_engine::Reply;

/// The order as traces have it.
#[inline]
pub(super) fn word(order: Ordering) -> Order {
    match order {
        Ordering::Relaxed => Order::Relaxed,
        Ordering::Release => Order::Release,
        Ordering::Acquire => Order::Acquire,
        Ordering::AcqRel => Order::AcqRel,
        _ => Order::SeqCst,
    }
}

/// The value that a reply holds.
#[inline]
pub(super) fn value(reply: Reply) -> u64 {
    match reply {
        Reply::Value(value) | Reply::Seen(value, _) => value,
        _ => 0,
    }
}

/// Refuses, as std does, a load's or a failure's order that publishes.
#[track_caller]
#[inline]
pub(super) fn check_load(order: Ordering, what: &str) {
    match order {
        Ordering::Release => panic!("there is no such thing as a release {what}"),
        Ordering::AcqRel => panic!("there is no such thing as an acquire-release {what}"),
        _ => {}
    }
}

/// Refuses, as std does, a store's order that acquires.
#[track_caller]
#[inline]
pub(super) fn check_store(order: Ordering) {
    match order {
        Ordering::Acquire => panic!("there is no such thing as an acquire store"),
        Ordering::AcqRel => panic!("there is no such thing as an acquire-release store"),
        _ => {}
    }
}

/// The parts that every atomic type has. `$bits` turns a value into the engine's 64 bits, `$back` back.
macro_rules! atomic {
    ($(#[$doc:meta])* $name:ident[$($param:ident)?] $value:ty, $zero:expr, $width:expr, $bits:expr, $back:expr) => {
        $(#[$doc])*
        #[doc = concat!("\n\nSee [`std::sync::atomic::", stringify!($name), "`]: same methods, same meaning, checked inside an execution.")]
        pub struct $name$(<$param>)? {
            slot: Slot,
            inner: std::sync::atomic::$name$(<$param>)?,
        }

        impl$(<$param>)? $name$(<$param>)? {
            /// A new atomic with this value.
            #[inline]
            #[track_caller]
            pub const fn new(value: $value) -> Self {
                $name { slot: Slot::new(), inner: std::sync::atomic::$name::new(value) }
            }

            /// The value, consuming the atomic.
            #[inline]
            pub fn into_inner(self) -> $value {
                self.inner.into_inner()
            }

            /// The value, without an atomic operation: `&mut self` proves that nobody else has it.
            #[inline]
            pub fn get_mut(&mut self) -> &mut $value {
                self.inner.get_mut()
            }

            /// A pointer to the value. What is done through it is no operation that a check sees; inside an
            /// execution a write through it is lost.
            #[inline]
            pub const fn as_ptr(&self) -> *mut $value {
                self.inner.as_ptr()
            }

            /// Reads the value.
            #[inline]
            #[track_caller]
            pub fn load(&self, order: Ordering) -> $value {
                match inside() {
                    None => self.inner.load(order),
                    Some(inside) => {
                        check_load(order, "load");
                        let (this, object) = self.find(inside);
                        this.ask(inside, Op::Load { object, order: word(order) }, |inner| inner.load(Ordering::Relaxed))
                    }
                }
            }

            /// Writes the value.
            #[inline]
            #[track_caller]
            pub fn store(&self, value: $value, order: Ordering) {
                let Some(inside) = inside() else { return self.inner.store(value, order) };
                check_store(order);
                let (this, object) = self.find(inside);
                this.slot.mark_changed();
                inside.visit(Op::Store { object, value: ($bits)(value), order: word(order) }, Place::here());
                this.inner.store(value, Ordering::Relaxed);
            }

            /// Writes `value`, gives the old one.
            #[inline]
            #[track_caller]
            pub fn swap(&self, value: $value, order: Ordering) -> $value {
                match inside() {
                    None => self.inner.swap(value, order),
                    Some(inside) => {
                        self.update_by(inside, RmwKind::Swap, value, order, |inner| inner.swap(value, Ordering::Relaxed))
                    }
                }
            }

            /// Writes `new` if the value is `current`.
            ///
            /// # Errors
            /// The value seen, if it was another.
            #[inline]
            #[track_caller]
            pub fn compare_exchange(
                &self,
                current: $value,
                new: $value,
                success: Ordering,
                failure: Ordering,
            ) -> Result<$value, $value> {
                match inside() {
                    None => self.inner.compare_exchange(current, new, success, failure),
                    Some(inside) => self.compare(inside, (current, new), (success, failure), false),
                }
            }

            #[inline]
            #[track_caller]
            fn compare(
                &self,
                inside: Inside,
                (current, new): ($value, $value),
                (success, failure): (Ordering, Ordering),
                weak: bool,
            ) -> Result<$value, $value> {
                check_load(failure, "failure ordering");
                let (this, object) = self.find(inside);
                this.slot.mark_changed();
                let op = Op::CompareExchange {
                    object,
                    expected: ($bits)(current),
                    new: ($bits)(new),
                    success: word(success),
                    failure: word(failure),
                    weak,
                };
                if let Reply::Seen(seen, false) = inside.visit(op, Place::here()) {
                    return Err(($back)(seen));
                }
                this.inner.compare_exchange(current, new, Ordering::Relaxed, Ordering::Relaxed)
            }

            /// As [`Self::compare_exchange`], and may fail spuriously; inside an execution on request only.
            ///
            /// # Errors
            /// The value seen, if it was another.
            #[inline]
            #[track_caller]
            pub fn compare_exchange_weak(
                &self,
                current: $value,
                new: $value,
                success: Ordering,
                failure: Ordering,
            ) -> Result<$value, $value> {
                match inside() {
                    None => self.inner.compare_exchange_weak(current, new, success, failure),
                    Some(inside) => self.compare(inside, (current, new), (success, failure), true),
                }
            }

            /// Reads, computes and writes back until nobody came in between, or `f` gives `None`.
            ///
            /// # Errors
            /// The value seen, if `f` gave `None`.
            #[inline]
            #[track_caller]
            pub fn fetch_update<F>(&self, set: Ordering, fetch: Ordering, mut f: F) -> Result<$value, $value>
            where
                F: FnMut($value) -> Option<$value>,
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
            pub fn try_update(
                &self,
                set: Ordering,
                fetch: Ordering,
                f: impl FnMut($value) -> Option<$value>,
            ) -> Result<$value, $value> {
                self.fetch_update(set, fetch, f)
            }

            /// As [`Self::fetch_update`], with an `f` that always gives a value; gives the old one.
            #[inline]
            #[track_caller]
            pub fn update(&self, set: Ordering, fetch: Ordering, mut f: impl FnMut($value) -> $value) -> $value {
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
                let this = statics::resolve(inside, self);
                let initial = ($bits)(this.inner.load(Ordering::Relaxed));
                (this, inside.object(&this.slot, ObjectKind::Atomic, std::any::type_name::<Self>, initial))
            }

            #[inline]
            #[track_caller]
            fn ask(
                &self,
                inside: Inside,
                op: Op,
                real: impl FnOnce(&std::sync::atomic::$name$(<$param>)?) -> $value,
            ) -> $value {
                if inside.tearing_down() {
                    return real(&self.inner);
                }
                ($back)(value(inside.visit(op, Place::here())))
            }

            #[inline]
            #[track_caller]
            fn update_by(
                &self,
                inside: Inside,
                kind: RmwKind,
                operand: $value,
                order: Ordering,
                real: impl Fn(&std::sync::atomic::$name$(<$param>)?) -> $value,
            ) -> $value {
                let (this, object) = self.find(inside);
                this.slot.mark_changed();
                let op = Op::Rmw { object, kind, operand: ($bits)(operand), width: $width, order: word(order) };
                inside.visit(op, Place::here());
                // The engine's value and the real one are equal at this point: nobody ran in between.
                real(&this.inner)
            }
        }

        impl$(<$param>)? Default for $name$(<$param>)? {
            #[inline]
            #[track_caller]
            fn default() -> Self {
                $name::new($zero)
            }
        }

        impl$(<$param>)? From<$value> for $name$(<$param>)? {
            #[inline]
            #[track_caller]
            fn from(value: $value) -> Self {
                $name::new(value)
            }
        }

        impl$(<$param>)? fmt::Debug for $name$(<$param>)? {
            #[inline]
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                // Looks past the model: printing is no operation of the program's.
                fmt::Debug::fmt(&self.inner, f)
            }
        }

        impl$(<$param>)? crate::Named for $name$(<$param>)? {
            #[inline]
            fn named(mut self, name: &'static str) -> Self {
                self.slot.set_name(name);
                self
            }
        }
    };
}

macro_rules! fetch {
    ($name:ident, $value:ty: $($(#[$doc:meta])* $method:ident $kind:ident,)*) => {
        impl $name {
            $($(#[$doc])*
            #[inline]
            #[track_caller]
            pub fn $method(&self, value: $value, order: Ordering) -> $value {
                match inside() {
                    None => self.inner.$method(value, order),
                    Some(inside) => self.update_by(inside, RmwKind::$kind, value, order, |inner| {
                        inner.$method(value, Ordering::Relaxed)
                    }),
                }
            })*
        }
    };
}

pub(super) use {atomic, fetch};
