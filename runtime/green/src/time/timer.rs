//! `Timer`, `after`, `after_func`: Go's one-shot timers.

use crate::chan::{Core, Receiver};
use crate::time::{Alarm, Duration, Instant};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

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
    /// Outside of an execution: the alarm that is set.
    alarm: Mutex<Option<Alarm>>,
}

enum Fires {
    Channel(Arc<Core<Instant>>),
    Function {
        f: Arc<Mutex<dyn FnMut() + Send>>,
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
pub fn after(duration: Duration) -> Receiver<Instant> {
    Timer::new(duration).c
}

/// Runs `f` in a goroutine of its own after so long, unless it is stopped before.
///
/// ```
/// use gorace::time::{self, Duration};
/// let (tx, rx) = gorace::chan(1);
/// let timer = time::after_func(Duration::from_millis(1), move || tx.send(()));
/// rx.recv();
/// assert!(!timer.stop());
/// ```
#[track_caller]
pub fn after_func(duration: Duration, f: impl FnMut() + Send + 'static) -> Timer {
    let fires = Fires::Function {
        f: Arc::new(Mutex::new(f)),
        #[cfg(feature = "check")]
        slot: Slot::new(),
    };
    let timer = Timer { c: Receiver::nil(), inner: Arc::new(Inner { fires, alarm: Mutex::new(None) }) };
    timer.start(duration);
    timer
}

impl Timer {
    /// A timer that fires after so long.
    #[track_caller]
    #[must_use]
    pub fn new(duration: Duration) -> Timer {
        let core = Core::timer();
        let c = Receiver(Some(core.clone()));
        let timer =
            Timer { c, inner: Arc::new(Inner { fires: Fires::Channel(core), alarm: Mutex::new(None) }) };
        timer.start(duration);
        timer
    }

    /// Stops the timer; whether it was still to fire, or its time still to be received.
    #[track_caller]
    pub fn stop(&self) -> bool {
        #[cfg(feature = "check")]
        if let Some(inside) = inside() {
            let timer = self.object(inside);
            return inside.visit(TimerOp::Stop { timer }, Place::here()) == Reply::Flag(true);
        }
        let alarm = self.inner.alarm.lock().unwrap_or_else(PoisonError::into_inner).take();
        let was_set = alarm.is_some_and(Alarm::cancel);
        match &self.inner.fires {
            Fires::Channel(core) => core.plain.try_recv().is_done() || was_set,
            Fires::Function { .. } => was_set,
        }
    }

    /// Starts the timer anew; whether it was still to fire, or its time still to be received.
    #[track_caller]
    pub fn reset(&self, duration: Duration) -> bool {
        #[cfg(feature = "check")]
        if let Some(inside) = inside() {
            let (timer, start) = (self.object(inside), self.prepare(inside));
            let reset = TimerOp::Reset { timer, nanos: super::nanos(duration), start };
            return inside.visit(reset, Place::here()) == Reply::Flag(true);
        }
        let was_set = self.stop();
        self.set_alarm(duration);
        was_set
    }

    #[track_caller]
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

    fn set_alarm(&self, duration: Duration) {
        let alarm = match &self.inner.fires {
            Fires::Channel(core) => {
                let core = core.clone();
                super::at(duration, move || drop(core.plain.try_send(Instant::now())))
            }
            Fires::Function { f, .. } => {
                let f = f.clone();
                super::at(duration, move || {
                    let run = move || f.lock().unwrap_or_else(PoisonError::into_inner)();
                    drop(crate::go(run));
                })
            }
        };
        *self.inner.alarm.lock().unwrap_or_else(PoisonError::into_inner) = Some(alarm);
    }

    /// The task that the next firing starts, if it is to start one.
    #[cfg(feature = "check")]
    fn prepare(&self, inside: Inside) -> Option<TaskIx> {
        let Fires::Function { f, .. } = &self.inner.fires else { return None };
        let f = f.clone();
        // The real lock is never contended: one firing has one task, and it is held by none that waits.
        let code = move || match f.try_lock() {
            Ok(mut f) => f(),
            Err(std::sync::TryLockError::Poisoned(f)) => f.into_inner()(),
            Err(std::sync::TryLockError::WouldBlock) => {
                crate::chan::misuse("the function of a timer is still running")
            }
        };
        task::prepare(inside, Some("after_func".to_owned()), Box::new(code))
    }

    #[cfg(feature = "check")]
    fn object(&self, inside: Inside) -> ObjIx {
        match &self.inner.fires {
            Fires::Channel(core) => core.object(inside),
            Fires::Function { slot, .. } => {
                inside.object(slot, ObjectKind::Timer, std::any::type_name::<Self>, 1)
            }
        }
    }
}

impl fmt::Debug for Timer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Timer").finish_non_exhaustive()
    }
}
