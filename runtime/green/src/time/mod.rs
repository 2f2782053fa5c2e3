//! Time, as Go's `time` and std's: real outside of an execution, virtual inside, where nobody waits and a timer
//! may fire at any point once its deadline is the earliest (see [`Clock`](crate::check::Clock)).
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

/// A duration in nanoseconds, as far as that goes.
#[cfg(feature = "check")]
#[inline]
pub(crate) fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
