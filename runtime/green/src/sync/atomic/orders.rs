//! Memory orders: as traces have them, and which of them an operation takes.

use crate::sync::atomic::Ordering;
use gorace_analyzer::Order;

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
