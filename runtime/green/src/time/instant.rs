//! `Instant`, with std's signatures: virtual inside an execution.

use crate::inside::context::inside;
use gorace_analyzer::Place;
use gorace_engine::{Reply, TimerOp};
use std::ops::{Add, AddAssign, Sub, SubAssign};
use std::time::Duration;

/// A point in time: [`std::time::Instant`] outside of an execution, virtual inside one.
///
/// The two worlds' instants cannot be compared in a way that means anything.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Instant(Kind);

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
enum Kind {
    /// As if the machine had run since [`BEFORE`] when the execution began.
    Virtual(Duration),
    Os(std::time::Instant),
}

/// Programs look back from now; on no machine that runs them was there nothing an hour ago.
const BEFORE: Duration = Duration::from_secs(1_000_000_000);

impl Instant {
    /// The time now. In a loop that only looks at the clock, virtual time passes.
    #[track_caller]
    #[must_use]
    #[inline]
    pub fn now() -> Instant {
        let Some(inside) = inside() else { return Instant(Kind::Os(std::time::Instant::now())) };
        match inside.visit(TimerOp::Now, Place::here()) {
            Reply::Value(nanos) => Instant::of_nanos(nanos),
            _ => Instant::of_nanos(0),
        }
    }

    /// The virtual instant so long after the execution's start.
    #[inline]
    pub(crate) fn of_nanos(nanos: u64) -> Instant {
        Instant(Kind::Virtual(BEFORE + Duration::from_nanos(nanos)))
    }

    /// How long after the execution's start that is, in nanoseconds; the start itself, if it was before.
    #[inline]
    pub(crate) fn to_nanos(self) -> u64 {
        match self.0 {
            Kind::Virtual(this) => super::nanos(this.saturating_sub(BEFORE)),
            Kind::Os(_) => 0,
        }
    }

    /// The same instant of the outside world.
    #[inline]
    pub(crate) fn of_os(instant: std::time::Instant) -> Instant {
        Instant(Kind::Os(instant))
    }

    /// How long ago `earlier` was; nothing if it was later.
    #[must_use]
    #[inline]
    pub fn duration_since(&self, earlier: Instant) -> Duration {
        self.checked_duration_since(earlier).unwrap_or_default()
    }

    /// How long ago `earlier` was; `None` if it was later.
    #[must_use]
    #[inline]
    pub fn checked_duration_since(&self, earlier: Instant) -> Option<Duration> {
        match (self.0, earlier.0) {
            (Kind::Os(this), Kind::Os(earlier)) => this.checked_duration_since(earlier),
            (Kind::Virtual(this), Kind::Virtual(earlier)) => this.checked_sub(earlier),
            _ => None,
        }
    }

    /// How long ago `earlier` was; nothing if it was later.
    #[must_use]
    #[inline]
    pub fn saturating_duration_since(&self, earlier: Instant) -> Duration {
        self.duration_since(earlier)
    }

    /// The time since then.
    #[track_caller]
    #[must_use]
    #[inline]
    pub fn elapsed(&self) -> Duration {
        Instant::now().duration_since(*self)
    }

    /// So much later, if that can be said.
    #[must_use]
    #[inline]
    pub fn checked_add(&self, duration: Duration) -> Option<Instant> {
        Some(Instant(match self.0 {
            Kind::Os(this) => Kind::Os(this.checked_add(duration)?),
            Kind::Virtual(this) => Kind::Virtual(this.checked_add(duration)?),
        }))
    }

    /// So much earlier, if that can be said.
    #[must_use]
    #[inline]
    pub fn checked_sub(&self, duration: Duration) -> Option<Instant> {
        Some(Instant(match self.0 {
            Kind::Os(this) => Kind::Os(this.checked_sub(duration)?),
            Kind::Virtual(this) => Kind::Virtual(this.checked_sub(duration)?),
        }))
    }
}

impl Add<Duration> for Instant {
    type Output = Instant;

    /// # Panics
    /// If the result cannot be said.
    #[inline]
    fn add(self, other: Duration) -> Instant {
        match self.checked_add(other) {
            Some(sum) => sum,
            None => panic!("overflow when adding duration to instant"),
        }
    }
}

impl AddAssign<Duration> for Instant {
    #[inline]
    fn add_assign(&mut self, other: Duration) {
        *self = *self + other;
    }
}

impl Sub<Duration> for Instant {
    type Output = Instant;

    /// # Panics
    /// If the result cannot be said.
    #[inline]
    fn sub(self, other: Duration) -> Instant {
        match self.checked_sub(other) {
            Some(difference) => difference,
            None => panic!("overflow when subtracting duration from instant"),
        }
    }
}

impl SubAssign<Duration> for Instant {
    #[inline]
    fn sub_assign(&mut self, other: Duration) {
        *self = *self - other;
    }
}

impl Sub<Instant> for Instant {
    type Output = Duration;

    #[inline]
    fn sub(self, other: Instant) -> Duration {
        self.duration_since(other)
    }
}
