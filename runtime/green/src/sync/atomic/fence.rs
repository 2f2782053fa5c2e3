//! `fence`, as std has it.

use crate::inside::context::inside;
use crate::sync::atomic::Ordering;
use crate::sync::atomic::orders::word;
use gorace_analyzer::Place;
use gorace_engine::Op;

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
#[inline]
pub fn fence(order: Ordering) {
    assert!(order != Ordering::Relaxed, "there is no such thing as a relaxed fence");
    match inside() {
        None => std::sync::atomic::fence(order),
        Some(inside) => {
            inside.visit(Op::Fence { order: word(order) }, Place::here());
        }
    }
}
