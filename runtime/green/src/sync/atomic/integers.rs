//! Atomic integers, with std's signatures.

use crate::inside::context::{Inside, inside};
use crate::inside::slot::Slot;
use crate::inside::statics;
use crate::sync::atomic::Ordering;
use crate::sync::atomic::base::{atomic, check_load, check_store, fetch, value, word};
use gorace_analyzer::{ObjIx, ObjectKind, Place};
use gorace_engine::{Op, Reply, RmwKind, Width};
use std::fmt;

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
            #[inline]
            fn cast_unsigned_bits(self) -> $unsigned {
                self as $unsigned
            }
            #[inline]
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
