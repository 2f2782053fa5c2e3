//! Atomics, with std's signatures. Inside an execution their values live in the engine; every store is
//! written through, so that the object is right again once the execution is over.
//!
//! Orders weaker than `SeqCst` order memory as they should, but values are explored as if all were
//! sequentially consistent: the limit `weak_values`, named in the verdict.

use crate::inside::context::{Inside, inside};
use crate::inside::slot::Slot;
use crate::inside::statics;
use gorace_analyzer::{ObjIx, ObjectKind, Order, Place};
use gorace_engine::{Op, Reply, RmwKind, Width};
use std::fmt;

pub use std::sync::atomic::{Ordering, compiler_fence};

/// An atomic fence.
///
/// # Panics
/// With [`Ordering::Relaxed`], as std's.
///
/// ```
/// use gorace::sync::atomic::{Ordering, fence};
/// fence(Ordering::SeqCst);
/// ```
#[track_caller]
pub fn fence(order: Ordering) {
    assert!(order != Ordering::Relaxed, "there is no such thing as a relaxed fence");
    match inside() {
        None => std::sync::atomic::fence(order),
        Some(inside) => {
            inside.visit(Op::Fence { order: word(order) }, Place::here());
        }
    }
}

fn word(order: Ordering) -> Order {
    match order {
        Ordering::Relaxed => Order::Relaxed,
        Ordering::Release => Order::Release,
        Ordering::Acquire => Order::Acquire,
        Ordering::AcqRel => Order::AcqRel,
        _ => Order::SeqCst,
    }
}

fn value(reply: Reply) -> u64 {
    match reply {
        Reply::Value(value) | Reply::Seen(value, _) => value,
        _ => 0,
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

            /// Reads the value.
            #[inline]
            #[track_caller]
            pub fn load(&self, order: Ordering) -> $value {
                match inside() {
                    None => self.inner.load(order),
                    Some(inside) => {
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
                        self.update(inside, RmwKind::Swap, value, order, |inner| inner.swap(value, Ordering::Relaxed))
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
            fn update(
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
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                // Looks past the model: printing is no operation of the program's.
                fmt::Debug::fmt(&self.inner, f)
            }
        }

        impl$(<$param>)? crate::Named for $name$(<$param>)? {
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
                    Some(inside) => self.update(inside, RmwKind::$kind, value, order, |inner| {
                        inner.$method(value, Ordering::Relaxed)
                    }),
                }
            })*
        }
    };
}

macro_rules! integer {
    ($($name:ident $value:ident $unsigned:ident $bits:literal $signed:literal,)*) => {$(
        atomic! {
            #[doc = concat!("An atomic `", stringify!($value), "`.")]
            $name[] $value, 0, Width { bits: $bits, signed: $signed },
            |value: $value| u64::from(value.cast_unsigned_bits()), |bits: u64| $value::from_bits_of(bits)
        }
        fetch! {
            $name, $value:
            /// Adds, wrapping around; gives the old value.
            fetch_add Add,
            /// Subtracts, wrapping around; gives the old value.
            fetch_sub Sub,
            /// Bitwise and; gives the old value.
            fetch_and And,
            /// Bitwise not-and; gives the old value.
            fetch_nand Nand,
            /// Bitwise or; gives the old value.
            fetch_or Or,
            /// Bitwise exclusive or; gives the old value.
            fetch_xor Xor,
            /// The greater one; gives the old value.
            fetch_max Max,
            /// The lesser one; gives the old value.
            fetch_min Min,
        }
        impl Bits for $value {
            type Unsigned = $unsigned;
            fn cast_unsigned_bits(self) -> $unsigned {
                self as $unsigned
            }
            fn from_bits_of(bits: u64) -> Self {
                bits as $value
            }
        }
    )*};
}

/// An integer as the engine's zero-extended 64 bits, and back.
trait Bits: Copy {
    type Unsigned;
    fn cast_unsigned_bits(self) -> Self::Unsigned;
    fn from_bits_of(bits: u64) -> Self;
}

integer! {
    AtomicU8 u8 u8 8 false,
    AtomicU16 u16 u16 16 false,
    AtomicU32 u32 u32 32 false,
    AtomicU64 u64 u64 64 false,
    AtomicI8 i8 u8 8 true,
    AtomicI16 i16 u16 16 true,
    AtomicI32 i32 u32 32 true,
    AtomicI64 i64 u64 64 true,
    AtomicUsize usize u64 64 false,
    AtomicIsize isize u64 64 true,
}

atomic! {
    /// An atomic `bool`.
    AtomicBool[] bool, false, Width { bits: 1, signed: false }, |value: bool| u64::from(value), |bits: u64| bits != 0
}
fetch! {
    AtomicBool, bool:
    /// Logical and; gives the old value.
    fetch_and And,
    /// Logical not-and; gives the old value.
    fetch_nand Nand,
    /// Logical or; gives the old value.
    fetch_or Or,
    /// Logical exclusive or; gives the old value.
    fetch_xor Xor,
}

impl AtomicBool {
    /// Logical not; gives the old value.
    #[inline]
    #[track_caller]
    pub fn fetch_not(&self, order: Ordering) -> bool {
        self.fetch_xor(true, order)
    }
}

atomic! {
    /// An atomic pointer.
    AtomicPtr[T] *mut T, std::ptr::null_mut(), Width { bits: 64, signed: false },
    |value: *mut T| value.expose_provenance() as u64,
    |bits: u64| std::ptr::with_exposed_provenance_mut(bits as usize)
}
