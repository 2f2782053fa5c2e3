//! `Ticker`: Go's `time.Ticker`.

use crate::chan::{Core, Receiver};
use crate::time::{Alarm, Duration, Instant};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError, Weak};

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
    /// Outside of an execution: the alarm of the next tick.
    alarm: Mutex<Option<Alarm>>,
}

const NOT_POSITIVE: &str = "non-positive interval for NewTicker";

impl Ticker {
    /// A ticker with this period.
    ///
    /// # Panics
    /// `non-positive interval for NewTicker`.
    #[track_caller]
    #[must_use]
    pub fn new(period: Duration) -> Ticker {
        assert!(!period.is_zero(), "{NOT_POSITIVE}");
        let core = Core::timer();
        let c = Receiver(Some(core.clone()));
        let ticker = Ticker { c, inner: Arc::new(Inner { core, alarm: Mutex::new(None) }) };
        #[cfg(feature = "check")]
        if let Some(inside) = inside() {
            let (timer, nanos) = (ticker.inner.core.object(inside), super::nanos(period));
            let effect = TimerEffect::Tick { period: Some(nanos) };
            inside.visit(TimerOp::Arm { timer, nanos, effect }, Place::here());
            return ticker;
        }
        Inner::set_alarm(&ticker.inner, period);
        ticker
    }

    /// Stops the ticks. The channel stays open, so that no receiver takes its close for a tick.
    #[track_caller]
    pub fn stop(&self) {
        #[cfg(feature = "check")]
        if let Some(inside) = inside() {
            let timer = self.inner.core.object(inside);
            inside.visit(TimerOp::Stop { timer }, Place::here());
            return;
        }
        self.inner.alarm.lock().unwrap_or_else(PoisonError::into_inner).take().map(Alarm::cancel);
        drop(self.inner.core.plain.try_recv());
    }

    /// Starts it anew with another period.
    ///
    /// # Panics
    /// `non-positive interval for NewTicker`.
    #[track_caller]
    pub fn reset(&self, period: Duration) {
        assert!(!period.is_zero(), "{NOT_POSITIVE}");
        #[cfg(feature = "check")]
        if let Some(inside) = inside() {
            let timer = self.inner.core.object(inside);
            let reset = TimerOp::Reset { timer, nanos: super::nanos(period), start: None };
            inside.visit(reset, Place::here());
            return;
        }
        self.stop();
        Inner::set_alarm(&self.inner, period);
    }
}

impl Inner {
    fn set_alarm(this: &Arc<Inner>, period: Duration) {
        // A ticker that nobody has any more ticks no more.
        let weak: Weak<Inner> = Arc::downgrade(this);
        let alarm = super::at(period, move || {
            if let Some(inner) = weak.upgrade() {
                drop(inner.core.plain.try_send(Instant::now()));
                Inner::set_alarm(&inner, period);
            }
        });
        *this.alarm.lock().unwrap_or_else(PoisonError::into_inner) = Some(alarm);
    }
}

impl fmt::Debug for Ticker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ticker").finish_non_exhaustive()
    }
}
