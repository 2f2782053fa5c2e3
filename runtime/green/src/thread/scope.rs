//! `scope`, with std's signatures: threads, or tasks, that may borrow from their starter's stack.
//!
//! Safety rests on one rule: the scope does not end, by returning, by unwinding or by the execution's
//! teardown, before the closure of each thing that it started is over. As std's, it does not wait for destructors of
//! thread-locals, which borrow nothing of the scope's. If one can never be ended, the starter's stack stays
//! as it is for ever.

use crate::inside::context::{Inside, inside};
use crate::inside::hook::message_of;
use crate::inside::teardown;
use crate::outside;
use crate::thread::checked::{JoinHandle, spawn_inside_unchecked};
use crate::thread::{Builder, Thread};
use gorace_analyzer::{Place, TaskIx};
use gorace_engine::FinishOp;
use std::fmt;
use std::io;
use std::marker::PhantomData;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::ptr::null_mut;
use std::sync::atomic::{AtomicPtr, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::Result;

/// A scope that threads are started in; see [`scope`].
pub struct Scope<'scope, 'env: 'scope> {
    /// Outside of an execution: std's scope, which is then the one that counts.
    outside: AtomicPtr<outside::thread::Scope<'scope, 'env>>,
    inside: Arc<Data>,
}

/// What was started inside an execution.
#[derive(Default)]
struct Data {
    tasks: Mutex<Vec<TaskIx>>,
    /// Panics that nobody took.
    panics: AtomicUsize,
}

/// The right to wait for a scoped thread; dropping it leaves that to the scope's end.
pub struct ScopedJoinHandle<'scope, T>(Kind<'scope, T>);

enum Kind<'scope, T> {
    Os(outside::thread::ScopedJoinHandle<'scope, T>, Thread),
    Task(JoinHandle<T>, Arc<Data>, PhantomData<&'scope ()>),
}

/// Runs `f`, which may start threads that borrow what is outside of it, and waits for all of them.
///
/// # Panics
/// If a thread of the scope panicked and nobody joined it; else as `f` does.
///
/// ```
/// let mut numbers = [1, 2, 3];
/// gorace::thread::scope(|scope| {
///     for n in &mut numbers {
///         scope.spawn(move || *n *= 10);
///     }
/// });
/// assert_eq!(numbers, [10, 20, 30]);
/// ```
#[track_caller]
#[inline]
pub fn scope<'env, F, T>(f: F) -> T
where
    F: for<'scope> FnOnce(&'scope Scope<'scope, 'env>) -> T,
{
    let ours = Scope { outside: AtomicPtr::new(null_mut()), inside: Arc::default() };
    if inside().is_some() {
        return scope_inside(&ours, f, Place::here());
    }
    let ours = &raw const ours;
    outside::thread::scope(|theirs| {
        // SAFETY: `ours` outlives this call, and so every thread of the scope; the types differ in lifetimes only.
        let ours = unsafe { &*ours.cast::<Scope<'_, 'env>>() };
        ours.outside.store(std::ptr::from_ref(theirs).cast_mut(), Relaxed);
        f(ours)
    })
}

#[inline]
fn scope_inside<'scope, 'env, F, T>(scope: &'scope Scope<'scope, 'env>, f: F, place: Place) -> T
where
    F: FnOnce(&'scope Scope<'scope, 'env>) -> T,
{
    let data = scope.inside.clone();
    let wait = WaitForAll { data: &data, place };
    let result = catch_unwind(AssertUnwindSafe(|| f(scope)));
    wait.wait();
    if let Some(inside) = inside().filter(|inside| inside.tearing_down() && teardown::is_to_unwind(*inside)) {
        teardown::unwind(inside);
    }
    const PANICKED: &str = "a scoped thread panicked";
    match result {
        Err(payload) => {
            data.pass_panics(&message_of(payload.as_ref()));
            resume_unwind(payload)
        }
        Ok(_) if data.panics.load(Relaxed) > 0 => {
            data.pass_panics(PANICKED);
            panic!("{PANICKED}")
        }
        Ok(value) => value,
    }
}

/// Waits for all tasks of a scope, whatever happens.
struct WaitForAll<'a> {
    data: &'a Data,
    place: Place,
}

impl WaitForAll<'_> {
    #[inline]
    fn wait(&self) {
        let Some(inside) = inside() else { return };
        let mut next = 0;
        while let Some(task) = self.data.task(next).filter(|_| !inside.tearing_down()) {
            next += 1;
            inside.visit(FinishOp::Await { task }, self.place);
        }
    }

    /// In teardown: stays until each task of the scope has unwound.
    #[inline]
    fn outlive(&self, inside: Inside) {
        let is_left = |task: &TaskIx| inside.with(|cx| cx.tasks[task.at()].is_left());
        while inside.tearing_down()
            && self.data.tasks.lock().unwrap_or_else(PoisonError::into_inner).iter().any(is_left)
        {
            teardown::wait_for_others(inside);
        }
    }
}

impl Drop for WaitForAll<'_> {
    #[inline]
    fn drop(&mut self) {
        if let Some(inside) = inside() {
            self.outlive(inside);
        }
    }
}

impl Data {
    /// The owner panics with this in the place of those that nobody took.
    fn pass_panics(&self, message: &str) {
        let Some(inside) = inside() else { return };
        let mut next = 0;
        while let Some(task) = self.task(next) {
            next += 1;
            inside.with(|cx| cx.exec.pass_panic(task, cx.current, message));
        }
    }

    #[inline]
    fn task(&self, n: usize) -> Option<TaskIx> {
        self.tasks.lock().unwrap_or_else(PoisonError::into_inner).get(n).copied()
    }
}

impl<'scope> Scope<'scope, '_> {
    /// Starts a thread in the scope.
    ///
    /// # Panics
    /// If the OS cannot start a thread (outside of an execution only).
    #[track_caller]
    #[inline]
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
    #[inline]
    pub(crate) fn start<F, T>(&'scope self, builder: Builder, f: F) -> io::Result<ScopedJoinHandle<'scope, T>>
    where
        F: FnOnce() -> T + Send + 'scope,
        T: Send + 'scope,
    {
        let outside = self.outside.load(Relaxed);
        if !outside.is_null() {
            // SAFETY: std's scope is there for as long as `'scope` lasts.
            let theirs: &'scope outside::thread::Scope<'scope, '_> = unsafe { &*outside };
            let handle = builder.into_outside().spawn_scoped(theirs, f)?;
            let thread = Thread::of_os(handle.thread());
            return Ok(ScopedJoinHandle(Kind::Os(handle, thread)));
        }
        let Some(inside) = inside() else { return Err(io::Error::other("the execution is over")) };
        let data = self.inside.clone();
        let counted = Counted(data.clone());
        let code = move || {
            let counted = counted;
            let value = f();
            std::mem::forget(counted);
            value
        };
        // SAFETY: the task is over before the scope ends, see the module, and so before `'scope` does.
        let handle = unsafe { spawn_inside_unchecked(inside, builder.into_name(), code) };
        self.inside.tasks.lock().unwrap_or_else(PoisonError::into_inner).extend(handle.task());
        Ok(ScopedJoinHandle(Kind::Task(handle, data, PhantomData)))
    }
}

/// Counts a panic that comes by; the unwinding of a teardown is none.
struct Counted(Arc<Data>);

impl Drop for Counted {
    #[inline]
    fn drop(&mut self) {
        if inside().is_none_or(|inside| !inside.tearing_down()) {
            self.0.panics.fetch_add(1, Relaxed);
        }
    }
}

impl<T> ScopedJoinHandle<'_, T> {
    /// Waits for the thread to end.
    ///
    /// # Errors
    /// The payload of its panic, if it panicked.
    #[track_caller]
    #[inline]
    pub fn join(self) -> Result<T> {
        match self.0 {
            Kind::Os(handle, _) => handle.join(),
            Kind::Task(handle, data, _) => {
                let result = handle.join();
                if result.is_err() {
                    data.panics.fetch_sub(1, Relaxed);
                }
                result
            }
        }
    }

    /// The thread's handle.
    #[must_use]
    #[inline]
    pub fn thread(&self) -> &Thread {
        match &self.0 {
            Kind::Os(_, thread) => thread,
            Kind::Task(handle, ..) => handle.thread(),
        }
    }

    /// Whether the thread has ended.
    #[track_caller]
    #[inline]
    pub fn is_finished(&self) -> bool {
        match &self.0 {
            Kind::Os(handle, _) => handle.is_finished(),
            Kind::Task(handle, ..) => handle.is_finished(),
        }
    }
}

impl fmt::Debug for Scope<'_, '_> {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scope").finish_non_exhaustive()
    }
}

impl<T> fmt::Debug for ScopedJoinHandle<'_, T> {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ScopedJoinHandle").finish_non_exhaustive()
    }
}
