//! `go` and `Builder`: start a goroutine.

use crate::coroutine::Body;
use crate::registry::{self, Listed};
use crate::sched::{SCHED, local, submit};
use crate::span::Span;
use crate::stack;
use crate::task::{Goroutine, Kind, NOWHERE, Task};
use crate::thread::{JoinHandle, Packet, Thread};
use std::io;
use std::panic::{AssertUnwindSafe, Location, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU32};

/// Starts a goroutine. The handle may be dropped.
///
/// A panic is given to whoever joins; what it means that nobody does is the caller's to decide.
///
/// # Panics
/// If no worker could be started.
///
/// ```
/// let answer = gorace_goroutines::go(|| 6 * 7);
/// assert_eq!(answer.join().unwrap(), 42);
/// ```
#[track_caller]
pub fn go<F, T>(f: F) -> JoinHandle<T>
where
    F: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
{
    match Builder::new().go(f) {
        Ok(handle) => handle,
        Err(error) => panic!("cannot start a goroutine: {error}"),
    }
}

/// Names a goroutine, gives it a stack size, or lets it move, before it is started.
///
/// ```
/// let handle = gorace_goroutines::Builder::new().name("deep".into()).stack_size(8 << 20).go(|| ()).unwrap();
/// handle.join().unwrap();
/// ```
#[derive(Debug, Default)]
#[must_use = "must eventually start the goroutine"]
pub struct Builder {
    name: Option<String>,
    stack_size: Option<usize>,
    migratable: bool,
}

impl Builder {
    /// No name, a stack of [`DEFAULT_STACK_SIZE`](crate::DEFAULT_STACK_SIZE), and one OS thread from the first step to the
    /// last.
    pub fn new() -> Self {
        Builder::default()
    }

    /// The goroutine's name, for dumps.
    pub fn name(mut self, name: String) -> Self {
        self.name = Some(name);
        self
    }

    /// The size of the stack in bytes of address space: memory is used where the stack was touched. It is rounded
    /// up to a power of two from 16 KiB to 1 GiB.
    pub fn stack_size(mut self, size: usize) -> Self {
        self.stack_size = Some(size);
        self
    }

    /// Lets the goroutine go on on another OS thread than the one that it started on, so that any idle worker can
    /// run it, as in Go.
    ///
    /// # Safety
    /// Nothing that is alive across a call that may wait, in `f` or in what it calls, depends on the OS thread: no `Rc`
    /// that others of that thread share, no guard of std's locks, no borrow of a thread-local value, no
    /// address of one, no wait while it unwinds. The compiler checks none of it.
    pub unsafe fn migratable(mut self) -> Self {
        self.migratable = true;
        self
    }

    /// Starts the goroutine.
    ///
    /// # Errors
    /// If no worker could be started.
    #[track_caller]
    pub fn go<F, T>(self, f: F) -> io::Result<JoinHandle<T>>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        SCHED.start()?;
        let packet = Packet::new();
        let theirs = packet.clone();
        let code = move || {
            let result = catch_unwind(AssertUnwindSafe(f));
            // Before anybody can know of its end, so that nobody counts it who does.
            registry::remove(&Task::current());
            theirs.finish(result);
        };
        // SAFETY: the code is `Send` and lives for ever: so the bounds say.
        let task = unsafe { self.into_task(code, Some(Location::caller())) };
        registry::add(&task);
        submit(task.clone());
        Ok(JoinHandle { packet, thread: Thread(task), os: None })
    }

    /// The goroutine that does `code`, started at `started`; main is started nowhere.
    ///
    /// # Safety
    /// As for [`Body::new`].
    pub(crate) unsafe fn into_task(
        self,
        code: impl FnOnce(),
        started: Option<&'static Location<'static>>,
    ) -> Task {
        let id = local::next_id();
        // SAFETY: the caller's promise.
        let body = unsafe { Body::new(code, Span::new(id, self.name.as_deref(), started)) };
        let goroutine = Goroutine {
            body,
            class: stack::class_of(self.stack_size.unwrap_or(stack::DEFAULT_STACK_SIZE)),
            migratable: self.migratable,
            home: AtomicU32::new(NOWHERE),
            listed: Listed::new(),
            unwinding: AtomicBool::new(false),
        };
        let name = self.name.map(String::into_boxed_str);
        Task::new(id, name, started, Kind::Goroutine(goroutine))
    }
}
