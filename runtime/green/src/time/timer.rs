//! `Timer`, `after`, `after_func`: Go's one-shot timers.

use crate::chan::{Core, Receiver};
use crate::time::plain::Alarm;
use crate::time::{Duration, Instant};
use std::fmt;
use std::sync::Arc;

#[cfg(feature = "check")]
use crate::inside::code::Code;
#[cfg(feature = "check")]
use crate::inside::context::{Inside, inside};
#[cfg(feature = "check")]
use crate::inside::slot::Slot;
#[cfg(feature = "check")]
use crate::inside::task;
#[cfg(feature = "check")]
use gorace_analyzer::{ObjIx, ObjectKind, Place, TaskIx};
#[cfg(feature = "check")]
use gorace_engine::{Reply, TimerEffect, TimerOp};

/// A timer that fires once, until it is reset. A clone is the same timer.
///
/// ```
/// use gorace::time::{Duration, Timer};
/// let timer = Timer::new(Duration::from_secs(3600));
/// assert!(timer.stop());
/// timer.reset(Duration::from_millis(1));
/// assert!(timer.c.recv().is_some());
/// ```
#[derive(Clone)]
pub struct Timer {
    /// Gives the time when the timer fires; nil for [`after_func`].
    pub c: Receiver<Instant>,
    inner: Arc<Inner>,
}

struct Inner {
    fires: Fires,
    /// Outside of an execution: when it fires.
    alarm: Arc<Alarm>,
}

enum Fires {
    Channel(Arc<Core<Instant>>),
    Function {
        f: Arc<dyn Fn() + Send + Sync>,
        #[cfg(feature = "check")]
        slot: Slot,
    },
}

/// The channel of a timer that fires after so long.
///
/// ```
/// use gorace::time::{self, Duration};
/// assert!(time::after(Duration::from_millis(1)).recv().is_some());
/// ```
#[track_caller]
#[must_use]
#[inline]
pub fn after(duration: Duration) -> Receiver<Instant> {
    Timer::new(duration).c
}

/// Runs `f` in a goroutine of its own after so long, unless it is stopped before; once more for each
/// [`reset`](Timer::reset), if need be while an earlier run is not over.
///
/// ```
/// use gorace::time::{self, Duration};
/// let (tx, rx) = gorace::chan(1);
/// let timer = time::after_func(Duration::from_millis(1), move || tx.send(()));
/// rx.recv();
/// assert!(!timer.stop());
/// ```
#[track_caller]
#[inline]
pub fn after_func(duration: Duration, f: impl Fn() + Send + Sync + 'static) -> Timer {
    let fires = Fires::Function {
        f: Arc::new(f),
        #[cfg(feature = "check")]
        slot: Slot::new(),
    };
    let timer = Timer { c: Receiver::nil(), inner: Arc::new(Inner { fires, alarm: Arc::default() }) };
    timer.start(duration);
    timer
}

impl Timer {
    /// A timer that fires after so long.
    #[track_caller]
    #[must_use]
    #[inline]
    pub fn new(duration: Duration) -> Timer {
        let core = Core::timer();
        let c = Receiver(Some(core.clone()));
        let timer =
            Timer { c, inner: Arc::new(Inner { fires: Fires::Channel(core), alarm: Arc::default() }) };
        timer.start(duration);
        timer
    }

    /// Stops the timer; whether it was still to fire, or its time still to be received. Nothing is received
    /// afterwards; a function that has started runs on.
    #[track_caller]
    #[inline]
    pub fn stop(&self) -> bool {
        #[cfg(feature = "check")]
        if let Some(inside) = self.slot().inside_to_change() {
            let timer = self.object(inside);
            return inside.visit(TimerOp::Stop { timer }, Place::here()) == Reply::Flag(true);
        }
        let was_set = self.inner.alarm.cancel();
        match &self.inner.fires {
            Fires::Channel(core) => core.plain.try_recv().is_done() || was_set,
            Fires::Function { .. } => was_set,
        }
    }

    /// Starts the timer anew; whether it was still to fire, or its time still to be received.
    #[track_caller]
    #[inline]
    pub fn reset(&self, duration: Duration) -> bool {
        #[cfg(feature = "check")]
        if let Some(inside) = self.slot().inside_to_change() {
            let (timer, start) = (self.object(inside), self.prepare(inside));
            let reset = TimerOp::Reset { timer, nanos: super::nanos(duration), start };
            return inside.visit(reset, Place::here()) == Reply::Flag(true);
        }
        let was_set = self.stop();
        self.set_alarm(duration);
        was_set
    }

    #[track_caller]
    #[inline]
    fn start(&self, duration: Duration) {
        #[cfg(feature = "check")]
        if let Some(inside) = inside() {
            let timer = self.object(inside);
            let effect = match self.prepare(inside) {
                Some(task) => TimerEffect::Start(task),
                None if matches!(self.inner.fires, Fires::Function { .. }) => return,
                None => TimerEffect::Tick { period: None },
            };
            inside.visit(TimerOp::Arm { timer, nanos: super::nanos(duration), effect }, Place::here());
            return;
        }
        self.set_alarm(duration);
    }

    #[inline]
    fn set_alarm(&self, duration: Duration) {
        let when = super::plain::after(duration);
        match &self.inner.fires {
            Fires::Channel(core) => {
                let core = core.clone();
                self.inner.alarm.set(when, move || {
                    core.plain.try_send(Instant::now());
                    None
                });
            }
            Fires::Function { f, .. } => {
                let f = f.clone();
                self.inner.alarm.set(when, move || {
                    let f = f.clone();
                    drop(crate::go(move || f()));
                    None
                });
            }
        }
    }

    /// The task that the next firing starts, if it is to start one.
    #[cfg(feature = "check")]
    #[inline]
    fn prepare(&self, inside: Inside) -> Option<TaskIx> {
        let Fires::Function { f, .. } = &self.inner.fires else { return None };
        let f = f.clone();
        task::prepare(inside, Some("after_func".to_owned()), Code::of(move || f()))
    }

    #[cfg(feature = "check")]
    #[inline]
    fn object(&self, inside: Inside) -> ObjIx {
        match &self.inner.fires {
            Fires::Channel(core) => core.object(inside),
            Fires::Function { slot, .. } => {
                inside.object(slot, ObjectKind::Timer, std::any::type_name::<Self>, 1)
            }
        }
    }

    #[cfg(feature = "check")]
    #[inline]
    fn slot(&self) -> &Slot {
        match &self.inner.fires {
            Fires::Channel(core) => &core.modelled.slot,
            Fires::Function { slot, .. } => slot,
        }
    }
}

impl fmt::Debug for Timer {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Timer").finish_non_exhaustive()
    }
}
