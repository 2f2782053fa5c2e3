//! `Thread`, `ThreadId`, `current`, `park`, `unpark`: handles on goroutines and threads.

use crate::reason::Reason;
use crate::task::{self, Task, park_as, park_until};
use std::fmt;
use std::num::NonZero;
use std::time::{Duration, Instant};

/// A handle on a goroutine or a thread.
#[derive(Clone)]
pub struct Thread(pub(crate) Task);

/// What tells a goroutine or a thread from all others.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ThreadId(NonZero<u64>);

/// The calling goroutine, or else the calling thread.
///
/// ```
/// use gorace_goroutines::thread;
/// let main = thread::current();
/// let handle = thread::spawn(move || main.unpark());
/// thread::park();
/// handle.join().unwrap();
/// ```
#[must_use]
pub fn current() -> Thread {
    Thread(Task::current())
}

/// Waits until somebody gives the caller its token by [`Thread::unpark`], and takes it.
#[track_caller]
pub fn park() {
    let me = Task::current();
    while !me.take_token() {
        park_as(&me, Reason::Park);
    }
}

/// As [`park`], for so long at most.
#[track_caller]
pub fn park_timeout(duration: Duration) {
    let me = Task::current();
    let deadline = after(duration);
    while !me.take_token() && Instant::now() < deadline {
        park_until(&me, Reason::Park, deadline);
    }
}

/// Waits for so long.
#[track_caller]
pub fn sleep(duration: Duration) {
    let me = Task::current();
    if me.goroutine().is_none() {
        return std::thread::sleep(duration);
    }
    let deadline = after(duration);
    while Instant::now() < deadline {
        park_until(&me, Reason::Sleep, deadline);
    }
}

/// Steps back for others that can run.
pub fn yield_now() {
    task::yield_now();
}

/// Whether the calling goroutine, or thread, unwinds.
///
/// Std counts by thread. While one goroutine of a worker waits in a destructor, unwinding, another one of that worker
/// counts as not unwinding.
#[must_use]
pub fn panicking() -> bool {
    std::thread::panicking() && crate::sched::local::local().is_none_or(|local| local.unwinding.get() == 0)
}

/// The time after so long: longer than a hundred years is for ever.
pub(crate) fn after(duration: Duration) -> Instant {
    Instant::now() + duration.min(Duration::from_secs(100 * 365 * 24 * 3600))
}

impl Thread {
    /// Gives it the token: its current or its next [`park`] returns. A token given twice is there once.
    pub fn unpark(&self) {
        self.0.give_token();
    }

    /// What tells it from all others.
    #[must_use]
    pub fn id(&self) -> ThreadId {
        ThreadId(NonZero::<u64>::MIN.saturating_add(self.0.id() - 1))
    }

    /// Its name, if it has one.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.0.name()
    }
}

impl fmt::Debug for Thread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Thread").field("id", &self.id()).field("name", &self.name()).finish_non_exhaustive()
    }
}

impl fmt::Debug for ThreadId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ThreadId({})", self.0)
    }
}
