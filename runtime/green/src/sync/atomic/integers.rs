//! Atomic integers and `AtomicBool`, with std's signatures.

use crate::sync::atomic::value::common;
use crate::sync::atomic::{Atomic, Ordering, Value};
use gorace_engine::{RmwKind, Width};
use std::sync::atomic as std_atomic;

macro_rules! integer {
    ($($value:ident $std:ident $unsigned:ident $bits:literal $signed:literal,)*) => {$(
        impl Value for $value {
            type Std = std_atomic::$std;
            const WIDTH: Width = Width { bits: $bits, signed: $signed };
            #[inline]
            fn name() -> &'static str {
                concat!("gorace::sync::atomic::", stringify!($std))
            }
            #[inline]
            fn bits(self) -> u64 {
                self as $unsigned as u64
            }
            #[inline]
            fn of_bits(bits: u64) -> Self {
                bits as $value
            }
            common!();
            #[inline]
            fn modify(atomic: &Self::Std, kind: RmwKind, operand: Self, order: Ordering) -> Self {
                match kind {
                    RmwKind::Swap => atomic.swap(operand, order),
                    RmwKind::Add => atomic.fetch_add(operand, order),
                    RmwKind::Sub => atomic.fetch_sub(operand, order),
                    RmwKind::And => atomic.fetch_and(operand, order),
                    RmwKind::Nand => atomic.fetch_nand(operand, order),
                    RmwKind::Or => atomic.fetch_or(operand, order),
                    RmwKind::Xor => atomic.fetch_xor(operand, order),
                    RmwKind::Max => atomic.fetch_max(operand, order),
                    RmwKind::Min => atomic.fetch_min(operand, order),
                }
            }
        }
        impl Bitwise for $value {}
        impl Integer for $value {}
    )*};
}

integer! {
    u8 AtomicU8 u8 8 false,
    u16 AtomicU16 u16 16 false,
    u32 AtomicU32 u32 32 false,
    u64 AtomicU64 u64 64 false,
    i8 AtomicI8 u8 8 true,
    i16 AtomicI16 u16 16 true,
    i32 AtomicI32 u32 32 true,
    i64 AtomicI64 u64 64 true,
    usize AtomicUsize u64 64 false,
    isize AtomicIsize u64 64 true,
}

impl Value for bool {
    type Std = std_atomic::AtomicBool;
    const WIDTH: Width = Width { bits: 1, signed: false };
    #[inline]
    fn name() -> &'static str {
        "gorace::sync::atomic::AtomicBool"
    }
    #[inline]
    fn bits(self) -> u64 {
        u64::from(self)
    }
    #[inline]
    fn of_bits(bits: u64) -> Self {
        bits != 0
    }
    common!();
    #[inline]
    fn modify(atomic: &Self::Std, kind: RmwKind, operand: Self, order: Ordering) -> Self {
        match kind {
            RmwKind::Swap => atomic.swap(operand, order),
            RmwKind::And => atomic.fetch_and(operand, order),
            RmwKind::Nand => atomic.fetch_nand(operand, order),
            RmwKind::Or => atomic.fetch_or(operand, order),
            RmwKind::Xor => atomic.fetch_xor(operand, order),
            RmwKind::Add | RmwKind::Sub | RmwKind::Max | RmwKind::Min => {
                unreachable!("expected an operation of `AtomicBool`, got {kind:?}")
            }
        }
    }
}
impl Bitwise for bool {}

/// A value whose bits can be combined.
pub trait Bitwise: Value {}

/// A value that can be counted with.
pub trait Integer: Bitwise {}

macro_rules! fetch {
    ($bound:ident: $($(#[$doc:meta])* $method:ident $kind:ident,)*) => {
        impl<V: $bound> Atomic<V> {
            $($(#[$doc])*
            #[inline]
            #[track_caller]
            pub fn $method(&self, value: V, order: Ordering) -> V {
                self.modify(RmwKind::$kind, value, order)
            })*
        }
    };
}

fetch! {
    Bitwise:
    /// Bitwise and; gives the old value.
    fetch_and And,
    /// Bitwise not-and; gives the old value.
    fetch_nand Nand,
    /// Bitwise or; gives the old value.
    fetch_or Or,
    /// Bitwise exclusive or; gives the old value.
    fetch_xor Xor,
}

fetch! {
    Integer:
    /// Adds, wrapping around; gives the old value.
    fetch_add Add,
    /// Subtracts, wrapping around; gives the old value.
    fetch_sub Sub,
    /// The greater one; gives the old value.
    fetch_max Max,
    /// The lesser one; gives the old value.
    fetch_min Min,
}

impl Atomic<bool> {
    /// Logical not; gives the old value.
    #[inline]
    #[track_caller]
    pub fn fetch_not(&self, order: Ordering) -> bool {
        self.fetch_xor(true, order)
    }
}
