//! `spawn`, `Builder` and `JoinHandle`: threads, and what goroutines and threads leave behind.
//!
//! What is started here is an OS thread; [`go`](crate::go) starts goroutines. Both are joined alike, and joining parks
//! the goroutine that does it.

use crate::blocking::blocking;
use crate::sched::local;
use crate::task::{Kind, OsThread, Task};
use crate::thread::handle::Thread;
use crate::thread::packet::Packet;
use crate::thread::scope::{Scope, ScopedJoinHandle};
use std::fmt;
use std::io;
use std::panic::{AssertUnwindSafe, Location, catch_unwind};
use std::thread::Result;

/// Starts an OS thread.
///
/// # Panics
/// If the OS cannot start one.
///
/// ```
/// let handle = gorace_goroutines::thread::spawn(|| 1 + 1);
/// assert_eq!(handle.join().unwrap(), 2);
/// ```
#[track_caller]
pub fn spawn<F, T>(f: F) -> JoinHandle<T>
where
    F: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
{
    match Builder::new().spawn(f) {
        Ok(handle) => handle,
        Err(error) => panic!("failed to spawn thread: {error:?}"),
    }
}

/// Names a thread and gives it a stack size before it is started; see [`std::thread::Builder`].
#[derive(Debug, Default)]
#[must_use = "must eventually spawn the thread"]
pub struct Builder {
    name: Option<String>,
    stack_size: Option<usize>,
}

impl Builder {
    /// Std's defaults.
    pub fn new() -> Self {
        Builder::default()
    }

    /// The thread's name.
    pub fn name(mut self, name: String) -> Self {
        self.name = Some(name);
        self
    }

    /// The stack size in bytes.
    pub fn stack_size(mut self, size: usize) -> Self {
        self.stack_size = Some(size);
        self
    }

    /// Starts the thread.
    ///
    /// # Errors
    /// If the OS cannot start it.
    ///
    /// # Panics
    /// If the name has a byte 0, as std's does.
    #[track_caller]
    pub fn spawn<F, T>(self, f: F) -> io::Result<JoinHandle<T>>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        // SAFETY: what is `'static` may run for ever.
        unsafe { self.spawn_unchecked(f) }
    }

    /// As [`Builder::spawn`], for code that borrows.
    ///
    /// # Errors
    /// If the OS cannot start it.
    ///
    /// # Safety
    /// The thread does not outlive what `f` or its result borrows: it is joined before that ends.
    #[track_caller]
    pub unsafe fn spawn_unchecked<F, T>(self, f: F) -> io::Result<JoinHandle<T>>
    where
        F: FnOnce() -> T + Send,
        T: Send,
    {
        // SAFETY: the caller's promise.
        unsafe { self.start(Packet::new(), f) }
    }

    /// # Safety
    /// As for [`Builder::spawn_unchecked`].
    #[track_caller]
    pub(crate) unsafe fn start<F, T>(self, packet: Packet<T>, f: F) -> io::Result<JoinHandle<T>>
    where
        F: FnOnce() -> T + Send,
        T: Send,
    {
        let mut builder = std::thread::Builder::new();
        if let Some(name) = &self.name {
            builder = builder.name(name.clone());
        }
        if let Some(size) = self.stack_size {
            builder = builder.stack_size(size);
        }
        let name = self.name.map(String::into_boxed_str);
        let task =
            Task::new(local::next_id(), name, Some(Location::caller()), Kind::Thread(OsThread::default()));
        let (theirs, me) = (packet.clone(), task.clone());
        let code = move || {
            me.become_thread();
            theirs.finish(catch_unwind(AssertUnwindSafe(f)));
        };
        // SAFETY: the caller's promise.
        let os = unsafe { builder.spawn_unchecked(code) }?;
        Ok(JoinHandle { packet, thread: Thread(task), os: Some(os) })
    }

    /// Starts the thread in a scope.
    ///
    /// # Errors
    /// If the OS cannot start it.
    #[track_caller]
    pub fn spawn_scoped<'scope, F, T>(
        self,
        scope: &'scope Scope<'scope, '_>,
        f: F,
    ) -> io::Result<ScopedJoinHandle<'scope, T>>
    where
        F: FnOnce() -> T + Send + 'scope,
        T: Send + 'scope,
    {
        scope.start(self, f)
    }
}

/// The right to wait for a goroutine or a thread; dropping it lets that go on.
pub struct JoinHandle<T> {
    pub(crate) packet: Packet<T>,
    pub(crate) thread: Thread,
    /// A thread's own handle: its thread-local values are destroyed behind the result.
    pub(crate) os: Option<std::thread::JoinHandle<()>>,
}

impl<T> JoinHandle<T> {
    /// Waits for the end.
    ///
    /// # Errors
    /// The payload of its panic, if it panicked.
    #[track_caller]
    pub fn join(self) -> Result<T> {
        let result = self.packet.join();
        if let Some(os) = self.os {
            // Its own result is nothing, and what is left to wait for is short.
            let wait = move || drop(os.join());
            blocking(wait);
        }
        result
    }

    /// The handle on what is waited for.
    #[must_use]
    pub fn thread(&self) -> &Thread {
        &self.thread
    }

    /// Whether it has ended.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        self.packet.is_over()
    }
}

impl<T> fmt::Debug for JoinHandle<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JoinHandle").finish_non_exhaustive()
    }
}
