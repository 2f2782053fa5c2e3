//! Alarms outside of executions: one thread for all of them, which runs each action when its time has come.
//! Actions are short and never wait.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Condvar, Mutex, MutexGuard, Once, PoisonError};
use std::time::{Duration, Instant};

type Action = Box<dyn FnOnce() + Send>;

static ALARMS: Mutex<BTreeMap<Alarm, Action>> = Mutex::new(BTreeMap::new());
static CHANGED: Condvar = Condvar::new();

/// One alarm: when, and which of those that ring then.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Alarm {
    when: Instant,
    number: u64,
}

/// Runs `action` after so long, on a thread of our own.
pub(crate) fn at(after: Duration, action: impl FnOnce() + Send + 'static) -> Alarm {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    static RINGER: Once = Once::new();
    RINGER.call_once(|| {
        let ringer = std::thread::Builder::new().name("gorace timers".to_owned()).spawn(ring);
        assert!(ringer.is_ok(), "cannot start the thread of the timers: {ringer:?}");
    });
    // Longer than a hundred years is for ever.
    let when = Instant::now() + after.min(Duration::from_secs(100 * 365 * 24 * 3600));
    let alarm = Alarm { when, number: NEXT.fetch_add(1, Relaxed) };
    alarms().insert(alarm, Box::new(action));
    CHANGED.notify_one();
    alarm
}

impl Alarm {
    /// Takes it back; whether that was in time.
    pub fn cancel(self) -> bool {
        alarms().remove(&self).is_some()
    }
}

fn alarms() -> MutexGuard<'static, BTreeMap<Alarm, Action>> {
    ALARMS.lock().unwrap_or_else(PoisonError::into_inner)
}

fn ring() {
    let mut waiting = alarms();
    loop {
        let now = Instant::now();
        let first = waiting.keys().next().copied();
        match first {
            Some(alarm) if alarm.when <= now => {
                let action = waiting.remove(&alarm);
                drop(waiting);
                if let Some(action) = action {
                    action();
                }
                waiting = alarms();
            }
            Some(alarm) => {
                let left = alarm.when - now;
                waiting = CHANGED.wait_timeout(waiting, left).unwrap_or_else(PoisonError::into_inner).0;
            }
            None => waiting = CHANGED.wait(waiting).unwrap_or_else(PoisonError::into_inner),
        }
    }
}
