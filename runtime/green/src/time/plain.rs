//! Alarms outside of executions: each action runs when its time has come. Actions are short and never wait.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

pub(crate) use crate::outside::{Key, set_alarm as at, take_back};

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

/// What is longer than a hundred years is for ever.
pub(crate) const LONGEST: Duration = Duration::from_secs(100 * 365 * 24 * 3600);

/// The time after so long.
#[inline]
pub(crate) fn after(duration: Duration) -> Instant {
    Instant::now() + duration.min(LONGEST)
}

#[inline]
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
