//! Alarms outside of executions: one thread for all of them, which runs each action when its time has come.
//! Actions are short and never wait.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, Once, PoisonError};
use std::time::{Duration, Instant};

type Action = Box<dyn FnOnce() + Send>;

static ALARMS: Mutex<BTreeMap<Key, Action>> = Mutex::new(BTreeMap::new());
static CHANGED: Condvar = Condvar::new();

/// When an action is due, and which of those that are due then it is.
pub(crate) type Key = (Instant, u64);

/// An alarm that somebody may set, take back, and set again: outside of an execution, a timer's.
///
/// Setting, taking back and ringing exclude each other: once [`Alarm::cancel`] has returned, the action has
/// run whole or will never run.
#[derive(Default)]
pub(crate) struct Alarm {
    set: Mutex<Set>,
}

#[derive(Default)]
struct Set {
    key: Option<Key>,
    /// How often it was taken back.
    epoch: u64,
}

/// What an alarm does when it rings; the time until it rings again, if it does.
type Rings = Box<dyn FnMut() -> Option<Duration> + Send>;

impl Alarm {
    /// Runs `rings` at `when`, on a thread of our own, in place of what it was set to before.
    #[inline]
    pub fn set(self: &Arc<Self>, when: Instant, rings: impl FnMut() -> Option<Duration> + Send + 'static) {
        self.cancel();
        Self::set_next(self, &mut lock(&self.set), when, Box::new(rings));
    }

    #[inline]
    fn set_next(this: &Arc<Self>, set: &mut Set, when: Instant, mut rings: Rings) {
        let (alarm, epoch) = (this.clone(), set.epoch);
        let action = move || {
            let mut set = lock(&alarm.set);
            // Else taken back between its time and now.
            if set.epoch == epoch {
                set.key = None;
                if let Some(period) = rings() {
                    // As Go's runtime: at multiples of the period, the missed ones left out.
                    let late = when.elapsed().as_nanos() / period.as_nanos().max(1);
                    let next = when + period.saturating_mul(u32::try_from(late).unwrap_or(u32::MAX - 1) + 1);
                    Self::set_next(&alarm, &mut set, next, rings);
                }
            }
        };
        set.key = Some(at(when, Box::new(action)));
    }

    /// Takes it back; whether that was in time.
    #[inline]
    pub fn cancel(&self) -> bool {
        let mut set = lock(&self.set);
        set.epoch += 1;
        let key = set.key.take();
        let was_set = key.is_some();
        drop(set);
        if let Some(key) = key {
            take_back(key);
        }
        was_set
    }
}

/// The time after so long: longer than a hundred years is for ever.
#[inline]
pub(crate) fn after(duration: Duration) -> Instant {
    Instant::now() + duration.min(Duration::from_secs(100 * 365 * 24 * 3600))
}

/// Runs `action` at `when`, on a thread of our own, unless it is taken back before.
#[inline]
pub(crate) fn at(when: Instant, action: Action) -> Key {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    static RINGER: Once = Once::new();
    RINGER.call_once(|| {
        let ringer = std::thread::Builder::new().name("gorace timers".to_owned()).spawn(ring);
        assert!(ringer.is_ok(), "cannot start the thread of the timers: {ringer:?}");
    });
    let key = (when, NEXT.fetch_add(1, Relaxed));
    lock(&ALARMS).insert(key, action);
    CHANGED.notify_one();
    key
}

/// Does not run it after all. It may be running already.
#[inline]
pub(crate) fn take_back(key: Key) {
    let action = lock(&ALARMS).remove(&key);
    drop(action);
}

#[inline]
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[inline]
fn ring() {
    let mut waiting = lock(&ALARMS);
    loop {
        let now = Instant::now();
        let first = waiting.keys().next().copied();
        match first {
            Some(key) if key.0 <= now => {
                let action = waiting.remove(&key);
                drop(waiting);
                if let Some(action) = action {
                    action();
                }
                waiting = lock(&ALARMS);
            }
            Some((when, _)) => {
                waiting = CHANGED.wait_timeout(waiting, when - now).unwrap_or_else(PoisonError::into_inner).0;
            }
            None => waiting = CHANGED.wait(waiting).unwrap_or_else(PoisonError::into_inner),
        }
    }
}
