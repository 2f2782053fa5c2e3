//! Time, as Go's `time` and std's: real outside of an execution, virtual inside, where nobody waits and a timer
//! may fire at any point once its deadline is the earliest (see [`Clock`](crate::check::Clock)). In both, more than a
//! hundred years are for ever: such a timer does not fire.
//!
//! Timers are those of Go 1.23: their channels have length and capacity 0, and no stale value is received after
//! `stop` or `reset`.

#[cfg(feature = "check")]
mod instant;
pub(crate) mod plain;
mod sleep;
mod ticker;
mod timer;

#[cfg(feature = "check")]
pub use instant::Instant;
pub use sleep::sleep;
pub use std::time::Duration;
#[cfg(not(feature = "check"))]
pub use std::time::Instant;
pub use ticker::Ticker;
pub use timer::{Timer, after, after_func};

/// The time now.
///
/// ```
/// use gorace::time::{self, Duration};
/// let start = time::now();
/// time::sleep(Duration::from_millis(1));
/// assert!(start.elapsed() >= Duration::from_millis(1));
/// ```
#[track_caller]
#[must_use]
#[inline]
pub fn now() -> Instant {
    Instant::now()
}

/// An instant of the outside world.
#[inline]
pub(crate) fn of_os(instant: std::time::Instant) -> Instant {
    #[cfg(feature = "check")]
    return Instant::of_os(instant);
    #[cfg(not(feature = "check"))]
    instant
}

/// A duration in nanoseconds; [`NEVER`](gorace_engine::NEVER) if it is for ever, since no program sees the end of that. Virtual
/// time would come to it at once.
#[cfg(feature = "check")]
#[inline]
pub(crate) fn nanos(duration: Duration) -> u64 {
    if is_for_ever(duration) { gorace_engine::NEVER } else { duration.as_nanos() as u64 }
}

/// Whether a wait for so long is one without an end, as std's is for what no deadline can tell.
#[cfg(feature = "check")]
#[inline]
pub(crate) fn is_for_ever(duration: Duration) -> bool {
    duration > plain::LONGEST
}
