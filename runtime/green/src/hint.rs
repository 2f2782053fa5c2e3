//! Hints shaped as std's. Without the feature `check` they *are* std's.

#[cfg(feature = "check")]
use crate::inside::context::inside;

/// Says that the caller spins: inside an execution it steps back for others, as
/// [`yield_now`](crate::thread::yield_now) does.
///
/// ```
/// use gorace::sync::atomic::{AtomicBool, Ordering};
/// let ready = AtomicBool::new(true);
/// while !ready.load(Ordering::Acquire) {
///     gorace::hint::spin_loop();
/// }
/// ```
#[cfg(feature = "check")]
#[inline(always)]
#[track_caller]
pub fn spin_loop() {
    match inside() {
        None => std::hint::spin_loop(),
        Some(_) => crate::thread::yield_now(),
    }
}

#[cfg(not(feature = "check"))]
pub use std::hint::spin_loop;
