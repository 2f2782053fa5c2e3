//! `scope`, with std's signatures: threads that may borrow from their starter's stack.
//!
//! Safety rests on one rule: [`scope`] does not end, by returning or by unwinding, before each thread that it
//! started is over and has dropped its result.

use crate::reason::Reason;
use crate::task::{Task, park_as};
use crate::thread::builder::{Builder, JoinHandle};
use crate::thread::handle::Thread;
use crate::thread::packet::Packet;
use std::fmt;
use std::io;
use std::marker::PhantomData;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::AcqRel, Ordering::Acquire, Ordering::Relaxed};
use std::thread::Result;

/// A scope that threads are started in; see [`scope`].
pub struct Scope<'scope, 'env: 'scope> {
    data: Arc<Data>,
    scope: PhantomData<&'scope mut &'scope ()>,
    env: PhantomData<&'env mut &'env ()>,
}

/// What a scope and its threads share.
pub(crate) struct Data {
    running: AtomicUsize,
    panicked: AtomicBool,
    owner: Task,
}

impl Data {
    /// One thread is over and has left nothing behind; whether nobody took its panic.
    pub fn leave(&self, unhandled: bool) {
        if unhandled {
            self.panicked.store(true, Relaxed);
        }
        // The owner may be gone the moment that this is zero.
        let owner = self.owner.clone();
        if self.running.fetch_sub(1, AcqRel) == 1 {
            owner.unpark();
        }
    }
}

/// The right to wait for a scoped thread; dropping it leaves that to the scope's end.
pub struct ScopedJoinHandle<'scope, T>(JoinHandle<T>, PhantomData<&'scope ()>);

/// Runs `f`, which may start threads that borrow what is outside of it, and waits for all of them.
///
/// # Panics
/// If a thread of the scope panicked and nobody joined it; else as `f` does.
///
/// ```
/// let mut numbers = [1, 2, 3];
/// gorace_goroutines::thread::scope(|scope| {
///     for n in &mut numbers {
///         scope.spawn(move || *n *= 10);
///     }
/// });
/// assert_eq!(numbers, [10, 20, 30]);
/// ```
#[track_caller]
pub fn scope<'env, F, T>(f: F) -> T
where
    F: for<'scope> FnOnce(&'scope Scope<'scope, 'env>) -> T,
{
    let data = Arc::new(Data {
        running: AtomicUsize::new(0),
        panicked: AtomicBool::new(false),
        owner: Task::current(),
    });
    let scope = Scope { data: data.clone(), scope: PhantomData, env: PhantomData };
    let result = catch_unwind(AssertUnwindSafe(|| f(&scope)));
    while data.running.load(Acquire) > 0 {
        park_as(&data.owner, Reason::Semacquire);
    }
    match result {
        Err(payload) => resume_unwind(payload),
        Ok(_) if data.panicked.load(Relaxed) => panic!("a scoped thread panicked"),
        Ok(value) => value,
    }
}

impl<'scope> Scope<'scope, '_> {
    /// Starts a thread in the scope.
    ///
    /// # Panics
    /// If the OS cannot start one.
    #[track_caller]
    pub fn spawn<F, T>(&'scope self, f: F) -> ScopedJoinHandle<'scope, T>
    where
        F: FnOnce() -> T + Send + 'scope,
        T: Send + 'scope,
    {
        match self.start(Builder::new(), f) {
            Ok(handle) => handle,
            Err(error) => panic!("failed to spawn thread: {error:?}"),
        }
    }

    #[track_caller]
    pub(crate) fn start<F, T>(&'scope self, builder: Builder, f: F) -> io::Result<ScopedJoinHandle<'scope, T>>
    where
        F: FnOnce() -> T + Send + 'scope,
        T: Send + 'scope,
    {
        self.data.running.fetch_add(1, Relaxed);
        // SAFETY: the scope waits until the packet is dropped, by the thread and by the handle, see the module.
        let handle = unsafe { builder.start(Packet::in_scope(self.data.clone()), f) }?;
        Ok(ScopedJoinHandle(handle, PhantomData))
    }
}

impl<T> ScopedJoinHandle<'_, T> {
    /// Waits for the thread to end.
    ///
    /// # Errors
    /// The payload of its panic, if it panicked.
    #[track_caller]
    pub fn join(self) -> Result<T> {
        self.0.join()
    }

    /// The thread's handle.
    #[must_use]
    pub fn thread(&self) -> &Thread {
        self.0.thread()
    }

    /// Whether the thread has ended.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        self.0.is_finished()
    }
}

impl fmt::Debug for Scope<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scope").finish_non_exhaustive()
    }
}

impl<T> fmt::Debug for ScopedJoinHandle<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ScopedJoinHandle").finish_non_exhaustive()
    }
}
