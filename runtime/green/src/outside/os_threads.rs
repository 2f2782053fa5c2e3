//! Goroutines outside of executions, without the M:N runtime: OS threads, which are counted, and alarms on one more.

use crate::outside::Waits;
use crate::runtime::Goexit;
use std::collections::BTreeMap;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Condvar, Mutex, MutexGuard, Once, PoisonError};
use std::time::Instant;

pub(crate) use std::sync::Arc as Shared;
pub(crate) use std::{sync, thread};

/// The goroutines of the process that have not ended.
static LIVING: Mutex<usize> = Mutex::new(0);
static ENDED: Condvar = Condvar::new();

#[inline]
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How many goroutines there are, main among them.
#[inline]
pub(crate) fn count() -> usize {
    1 + *lock(&LIVING)
}

/// No two goroutines share a thread.
#[inline]
pub(crate) fn goroutine_id() -> u64 {
    0
}

/// One goroutine, counted for as long as this lives.
struct Counted;

impl Counted {
    #[inline]
    fn new() -> Self {
        *lock(&LIVING) += 1;
        Counted
    }
}

impl Drop for Counted {
    #[inline]
    fn drop(&mut self) {
        *lock(&LIVING) -= 1;
        ENDED.notify_all();
    }
}

/// How a goroutine is started.
pub(crate) struct Start(thread::Builder);

impl Default for Start {
    #[inline]
    fn default() -> Self {
        Start(thread::Builder::new())
    }
}

/// Starts a goroutine.
#[inline]
pub(crate) fn start<T, F>(builder: Start, name: Option<String>, f: F) -> io::Result<thread::JoinHandle<T>>
where
    T: Send + 'static,
    F: FnOnce() -> T + Send + 'static,
{
    let builder = match name {
        Some(name) => builder.0.name(name),
        None => builder.0,
    };
    let counted = Counted::new();
    builder.spawn(move || {
        let _counted = counted;
        f()
    })
}

/// Runs a program's main. If it calls `goexit`, the other goroutines run on, and when the last one has ended the
/// process is dead, as Go's is.
#[inline]
pub(crate) fn run_main<R>(main: impl FnOnce() -> R) -> R {
    match catch_unwind(AssertUnwindSafe(main)) {
        Ok(value) => value,
        Err(payload) if payload.is::<Goexit>() => {
            let mut number = lock(&LIVING);
            while *number > 0 {
                number = ENDED.wait(number).unwrap_or_else(PoisonError::into_inner);
            }
            crate::go::fatal("no goroutines (main called runtime.Goexit) - deadlock!")
        }
        Err(payload) => resume_unwind(payload),
    }
}

/// Waits for what never comes.
#[inline]
pub(crate) fn wait_for_ever(_never: crate::chan::Never) -> ! {
    loop {
        thread::park();
    }
}

type Action = Box<dyn FnOnce() + Send>;

static ALARMS: Mutex<BTreeMap<Key, Action>> = Mutex::new(BTreeMap::new());
static CHANGED: Condvar = Condvar::new();

/// When an action is due, and which of those that are due then it is.
pub(crate) type Key = (Instant, u64);

/// Runs `action` at `when`, on a thread of our own, unless it is taken back before. It is short and never waits.
#[inline]
pub(crate) fn set_alarm(when: Instant, action: Action) -> Key {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    static RINGER: Once = Once::new();
    RINGER.call_once(|| {
        let ringer = thread::Builder::new().name("gorace timers".to_owned()).spawn(ring);
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

/// Waits once, for one that wakes once.
pub(crate) struct Parker {
    woken: Mutex<bool>,
    wake: Condvar,
}

impl Parker {
    /// For the calling thread.
    #[inline]
    pub fn new() -> Self {
        Parker { woken: Mutex::new(false), wake: Condvar::new() }
    }

    /// Waits until it is woken.
    #[inline]
    pub fn wait(&self, _waits: Waits) {
        let mut woken = lock(&self.woken);
        while !*woken {
            woken = self.wake.wait(woken).unwrap_or_else(PoisonError::into_inner);
        }
    }

    #[inline]
    pub fn wake(&self) {
        *lock(&self.woken) = true;
        self.wake.notify_one();
    }
}

/// A lock without data, which anybody may unlock.
#[derive(Default)]
pub(crate) struct RawMutex {
    locked: Mutex<bool>,
    unlocked: Condvar,
}

impl RawMutex {
    #[inline]
    pub fn lock(&self) {
        let mut locked = lock(&self.locked);
        while *locked {
            locked = self.unlocked.wait(locked).unwrap_or_else(PoisonError::into_inner);
        }
        *locked = true;
    }

    /// Locks if nobody holds it; whether it did.
    #[inline]
    pub fn try_lock(&self) -> bool {
        !std::mem::replace(&mut *lock(&self.locked), true)
    }

    /// Unlocks; `false` if it was not locked.
    #[inline]
    pub fn unlock(&self) -> bool {
        let was_locked = std::mem::replace(&mut *lock(&self.locked), false);
        self.unlocked.notify_one();
        was_locked
    }
}
