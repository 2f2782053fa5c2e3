//! `Ticker`: Go's `time.Ticker`.

use crate::chan::{Core, Receiver};
use crate::time::plain::Alarm;
use crate::time::{Duration, Instant};
use std::fmt;
use std::sync::{Arc, Weak};

#[cfg(feature = "check")]
use crate::inside::context::inside;
#[cfg(feature = "check")]
use gorace_analyzer::Place;
#[cfg(feature = "check")]
use gorace_engine::{TimerEffect, TimerOp};

/// Gives the time again and again. Ticks that nobody is there to receive are dropped. A clone is the same ticker.
///
/// Inside an execution it runs ahead of tasks that could run a few times only (the limit `ticker_bound`), and
/// stands still once main has returned and nothing else can run.
///
/// ```
/// use gorace::time::{Duration, Ticker};
/// let ticker = Ticker::new(Duration::from_millis(1));
/// assert!(ticker.c.recv().is_some() && ticker.c.recv().is_some());
/// ticker.stop();
/// ```
#[derive(Clone)]
pub struct Ticker {
    /// Gives the time of each tick. Not closed by [`Ticker::stop`].
    pub c: Receiver<Instant>,
    inner: Arc<Inner>,
}

struct Inner {
    core: Arc<Core<Instant>>,
    /// Outside of an execution: the next tick.
    alarm: Arc<Alarm>,
}

const NEW_NOT_POSITIVE: &str = "non-positive interval for NewTicker";
const RESET_NOT_POSITIVE: &str = "non-positive interval for Ticker.Reset";

impl Ticker {
    /// A ticker with this period.
    ///
    /// # Panics
    /// `non-positive interval for NewTicker`.
    #[track_caller]
    #[must_use]
    #[inline]
    pub fn new(period: Duration) -> Ticker {
        assert!(!period.is_zero(), "{NEW_NOT_POSITIVE}");
        let core = Core::timer();
        let c = Receiver(Some(core.clone()));
        let ticker = Ticker { c, inner: Arc::new(Inner { core, alarm: Arc::default() }) };
        #[cfg(feature = "check")]
        if let Some(inside) = inside() {
            let (timer, nanos) = (ticker.inner.core.object(inside), super::nanos(period));
            let effect = TimerEffect::Tick { period: Some(nanos) };
            inside.visit(TimerOp::Arm { timer, nanos, effect }, Place::here());
            return ticker;
        }
        ticker.inner.set_alarm(period);
        ticker
    }

    /// Stops the ticks. The channel stays open, so that no receiver takes its close for a tick.
    #[track_caller]
    #[inline]
    pub fn stop(&self) {
        #[cfg(feature = "check")]
        if let Some(inside) = self.inner.core.modelled.slot.inside_to_change() {
            let timer = self.inner.core.object(inside);
            inside.visit(TimerOp::Stop { timer }, Place::here());
            return;
        }
        self.inner.alarm.cancel();
        self.inner.core.plain.try_recv();
    }

    /// Starts it anew with another period.
    ///
    /// # Panics
    /// `non-positive interval for Ticker.Reset`.
    #[track_caller]
    #[inline]
    pub fn reset(&self, period: Duration) {
        assert!(!period.is_zero(), "{RESET_NOT_POSITIVE}");
        #[cfg(feature = "check")]
        if let Some(inside) = self.inner.core.modelled.slot.inside_to_change() {
            let timer = self.inner.core.object(inside);
            let reset = TimerOp::Reset { timer, nanos: super::nanos(period), start: None };
            inside.visit(reset, Place::here());
            return;
        }
        self.stop();
        self.inner.set_alarm(period);
    }
}

impl Inner {
    #[inline]
    fn set_alarm(&self, period: Duration) {
        // A ticker whose channel nobody has any more ticks no more.
        let core: Weak<Core<Instant>> = Arc::downgrade(&self.core);
        self.alarm.set(super::plain::after(period), move || {
            core.upgrade()?.plain.try_send(Instant::now());
            Some(period)
        });
    }
}

impl fmt::Debug for Ticker {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ticker").finish_non_exhaustive()
    }
}
