//! Goroutines outside of executions, on the M:N runtime.

use crate::chan::Never;
use crate::outside::Waits;
use crate::runtime::Goexit;
use gorace_goroutines::{Reason, Task, park_as};
use std::io;
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicBool, Ordering::Acquire, Ordering::Release};

pub(crate) use gorace_goroutines::Builder as Start;
pub(crate) use gorace_goroutines::Shared;
pub(crate) use gorace_goroutines::runtime::num_goroutine as count;
pub(crate) use gorace_goroutines::sync::RawMutex;
pub(crate) use gorace_goroutines::timers::{Key, at as set_alarm, take_back};
pub(crate) use gorace_goroutines::{goroutine_id, sync, thread};

/// Starts a goroutine.
#[track_caller]
#[inline]
pub(crate) fn start<T, F>(mut builder: Start, name: Option<String>, f: F) -> io::Result<thread::JoinHandle<T>>
where
    T: Send + 'static,
    F: FnOnce() -> T + Send + 'static,
{
    if let Some(name) = name {
        builder = builder.name(name);
    }
    builder.go(f)
}

/// Runs a program's main as a goroutine. If it calls `goexit`, the other goroutines run on, and when the last one has
/// ended the process is dead, as Go's is.
#[inline]
pub(crate) fn run_main<R>(main: impl FnOnce() -> R) -> R {
    match gorace_goroutines::run_main(main, |payload| payload.is::<Goexit>()) {
        Ok(value) => value,
        Err(payload) => resume_unwind(payload),
    }
}

/// Waits for what never comes.
#[track_caller]
#[inline]
pub(crate) fn wait_for_ever(never: Never) -> ! {
    let reason = match never {
        Never::Send => Reason::ChanSendNil,
        Never::Recv => Reason::ChanReceiveNil,
        Never::Select => Reason::SelectNoCases,
    };
    loop {
        gorace_goroutines::park(reason);
    }
}

/// Waits once, for one that wakes once.
pub(crate) struct Parker {
    task: Task,
    woken: AtomicBool,
}

impl Parker {
    /// For the calling goroutine or thread.
    #[inline]
    pub fn new() -> Self {
        Parker { task: Task::current(), woken: AtomicBool::new(false) }
    }

    /// Waits until it is woken.
    #[track_caller]
    #[inline]
    pub fn wait(&self, waits: Waits) {
        let reason = match waits {
            Waits::Recv => Reason::ChanReceive,
            Waits::Send => Reason::ChanSend,
            Waits::Select => Reason::Select,
        };
        while !self.woken.load(Acquire) {
            park_as(&self.task, reason);
        }
    }

    #[inline]
    pub fn wake(&self) {
        self.woken.store(true, Release);
        self.task.unpark();
    }
}
