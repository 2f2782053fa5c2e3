//! What an atomic type needs of its value: the engine's bits of it, and std's operations on it.

use crate::sync::atomic::Ordering;
use gorace_engine::{RmwKind, Width};
use std::fmt::Debug;

/// A value that an [`Atomic`](crate::sync::atomic::Atomic) can hold: an integer, a `bool` or a pointer. Nobody
/// else can implement it, since its methods name the engine's types, which have no public path.
pub trait Value: Copy {
    /// Std's own atomic, which has the value outside of executions.
    type Std: Debug + From<Self>;
    /// The size that the engine computes with.
    const WIDTH: Width;

    /// The atomic's name, as reports and schedules have it.
    fn name() -> &'static str;
    /// As the engine's zero-extended 64 bits.
    fn bits(self) -> u64;
    /// The value with these bits; all zero is the default.
    fn of_bits(bits: u64) -> Self;

    /// The value itself, of an atomic that nobody else has.
    fn get_mut(atomic: &mut Self::Std) -> &mut Self;
    /// Std's `load`.
    fn load(atomic: &Self::Std, order: Ordering) -> Self;
    /// Std's `store`.
    fn store(atomic: &Self::Std, value: Self, order: Ordering);
    /// Std's compare-exchange, of the current and the new value, with the orders of success and failure.
    fn compare_exchange(
        atomic: &Self::Std,
        values: (Self, Self),
        orders: (Ordering, Ordering),
        weak: bool,
    ) -> Result<Self, Self>;
    /// Std's operation of this kind, which must be one that it has; gives the old value.
    fn modify(atomic: &Self::Std, kind: RmwKind, operand: Self, order: Ordering) -> Self;
}

/// The operations that all of std's atomics have alike.
macro_rules! common {
    () => {
        #[inline]
        fn get_mut(atomic: &mut Self::Std) -> &mut Self {
            atomic.get_mut()
        }
        #[inline]
        fn load(atomic: &Self::Std, order: Ordering) -> Self {
            atomic.load(order)
        }
        #[inline]
        fn store(atomic: &Self::Std, value: Self, order: Ordering) {
            atomic.store(value, order);
        }
        #[inline]
        fn compare_exchange(
            atomic: &Self::Std,
            (current, new): (Self, Self),
            (success, failure): (Ordering, Ordering),
            weak: bool,
        ) -> Result<Self, Self> {
            if weak {
                atomic.compare_exchange_weak(current, new, success, failure)
            } else {
                atomic.compare_exchange(current, new, success, failure)
            }
        }
    };
}

pub(super) use common;
