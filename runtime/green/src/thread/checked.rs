//! `spawn`, `Builder`, `JoinHandle`, `yield_now`: tasks inside an execution, std's threads outside.

use crate::inside::code::{Code, Packet};
use crate::inside::context::{Inside, inside};
use crate::inside::task;
use crate::inside::teardown::Unwind;
use crate::outside;
use crate::thread::{Scope, ScopedJoinHandle, Thread};
use gorace_analyzer::{Place, TaskIx};
use gorace_engine::Op;
use std::fmt;
use std::io;
use std::sync::OnceLock;
use std::thread::Result;

/// Starts a thread: a task inside an execution.
///
/// # Panics
/// If the OS cannot start a thread (outside of an execution only).
///
/// ```
/// let handle = gorace::thread::spawn(|| 1 + 1);
/// assert_eq!(handle.join().unwrap(), 2);
/// ```
#[track_caller]
pub fn spawn<F, T>(f: F) -> JoinHandle<T>
where
    F: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
{
    match inside() {
        Some(inside) => spawn_inside(inside, None, f),
        None => JoinHandle::of_outside(outside::thread::spawn(f)),
    }
}

#[track_caller]
pub(crate) fn spawn_inside<F, T>(inside: Inside, name: Option<String>, f: F) -> JoinHandle<T>
where
    F: FnOnce() -> T + 'static,
    T: 'static,
{
    // SAFETY: what is `'static` may run for ever.
    unsafe { spawn_inside_unchecked(inside, name, f) }
}

/// As [`spawn_inside`], for code that borrows.
///
/// # Safety
/// The task is over, and its result dropped or taken, before anything that `F` or `T` borrows ends.
#[track_caller]
pub(crate) unsafe fn spawn_inside_unchecked<F, T>(inside: Inside, name: Option<String>, f: F) -> JoinHandle<T>
where
    F: FnOnce() -> T,
{
    // SAFETY: the caller's promise.
    let (code, packet) = unsafe { Code::with_packet(f) };
    let task = task::spawn(inside, name, code, Place::here());
    JoinHandle { kind: Kind::Task { task, packet }, thread: OnceLock::new() }
}

/// Names a thread and gives it a stack size before it is started; see [`std::thread::Builder`].
///
/// ```
/// let handle = gorace::thread::Builder::new().name("worker".into()).spawn(|| ()).unwrap();
/// handle.join().unwrap();
/// ```
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

    /// The thread's name, in reports too.
    pub fn name(mut self, name: String) -> Self {
        self.name = Some(name);
        self
    }

    /// The stack size in bytes. Inside an execution all stacks have the run's size (`GORACE_STACK_SIZE`).
    pub fn stack_size(mut self, size: usize) -> Self {
        self.stack_size = Some(size);
        self
    }

    /// Starts the thread.
    ///
    /// # Errors
    /// If the OS cannot start it (outside of an execution only).
    ///
    /// # Panics
    /// If the name has a byte 0, as std's does.
    #[track_caller]
    pub fn spawn<F, T>(self, f: F) -> io::Result<JoinHandle<T>>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        if let Some(inside) = inside() {
            return Ok(spawn_inside(inside, self.into_name(), f));
        }
        self.into_outside().spawn(f).map(JoinHandle::of_outside)
    }

    /// As [`Builder::spawn`], for code that borrows.
    ///
    /// # Errors
    /// If the OS cannot start it (outside of an execution only).
    ///
    /// # Safety
    /// The thread does not outlive what `f` or its result borrows: it is joined before that ends.
    #[track_caller]
    pub unsafe fn spawn_unchecked<F, T>(self, f: F) -> io::Result<JoinHandle<T>>
    where
        F: FnOnce() -> T + Send,
        T: Send,
    {
        if let Some(inside) = inside() {
            // SAFETY: the caller's promise.
            return Ok(unsafe { spawn_inside_unchecked(inside, self.into_name(), f) });
        }
        // SAFETY: the caller's promise.
        unsafe { self.into_outside().spawn_unchecked(f) }.map(JoinHandle::of_outside)
    }

    /// Starts the thread in a scope.
    ///
    /// # Errors
    /// If the OS cannot start it (outside of an execution only).
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

    /// # Panics
    /// As std's: if the name has a byte 0.
    pub(crate) fn into_name(self) -> Option<String> {
        let has_nul = self.name.as_ref().is_some_and(|name| name.contains('\0'));
        assert!(!has_nul, "thread name may not contain interior null bytes");
        self.name
    }

    pub(crate) fn into_outside(self) -> outside::thread::Builder {
        let mut builder = outside::thread::Builder::new();
        if let Some(name) = self.name {
            builder = builder.name(name);
        }
        if let Some(size) = self.stack_size {
            builder = builder.stack_size(size);
        }
        builder
    }
}

/// The right to wait for a thread; dropping it lets the thread go on.
pub struct JoinHandle<T> {
    kind: Kind<T>,
    /// Made once somebody asks.
    thread: OnceLock<Thread>,
}

enum Kind<T> {
    Os(outside::thread::JoinHandle<T>),
    Task { task: TaskIx, packet: Packet<T> },
}

impl<T> JoinHandle<T> {
    /// Waits for the thread to end.
    ///
    /// # Errors
    /// The payload of its panic, if it panicked.
    #[track_caller]
    pub fn join(self) -> Result<T> {
        let (task, packet) = match self.kind {
            Kind::Os(handle) => return handle.join(),
            Kind::Task { task, packet } => (task, packet),
        };
        let Some(inside) = inside() else { return Err(Box::new(Unwind)) };
        if task != TaskIx(u32::MAX) {
            inside.visit(Op::Join { task }, Place::here());
        }
        match packet.take() {
            Some(Err(payload)) => {
                inside.with(|cx| cx.exec.take_panic(task));
                Err(payload)
            }
            Some(Ok(value)) => Ok(value),
            // Its end was a teardown's, or its stack overflowed.
            None => Err(Box::new("the task did not end by itself")),
        }
    }

    /// The thread's handle.
    #[must_use]
    pub fn thread(&self) -> &Thread {
        self.thread.get_or_init(|| match (&self.kind, inside()) {
            (Kind::Os(handle), _) => Thread::of_os(handle.thread()),
            (Kind::Task { task, .. }, Some(inside)) if *task != TaskIx(u32::MAX) => {
                Thread::of_task(inside, *task)
            }
            (Kind::Task { .. }, _) => crate::thread::current(),
        })
    }

    pub(crate) fn of_outside(handle: outside::thread::JoinHandle<T>) -> Self {
        JoinHandle { kind: Kind::Os(handle), thread: OnceLock::new() }
    }

    /// The task, if it is one.
    pub(crate) fn task(&self) -> Option<TaskIx> {
        match &self.kind {
            Kind::Task { task, .. } => Some(*task).filter(|task| *task != TaskIx(u32::MAX)),
            Kind::Os(_) => None,
        }
    }

    /// Whether the thread has ended.
    #[track_caller]
    pub fn is_finished(&self) -> bool {
        match (&self.kind, inside()) {
            (Kind::Os(handle), _) => handle.is_finished(),
            (Kind::Task { task, .. }, Some(inside)) if *task != TaskIx(u32::MAX) => {
                let reply = inside.visit(Op::IsFinished { task: *task }, Place::here());
                reply == gorace_engine::Reply::Flag(true)
            }
            _ => true,
        }
    }
}

impl<T> crate::Detach for JoinHandle<T> {
    fn detach(self) {
        if let (Kind::Task { task, .. }, Some(inside)) = (&self.kind, inside()) {
            inside.with(|cx| {
                if !cx.special.tearing_down() {
                    cx.exec.detach(*task);
                }
            });
        }
    }
}

impl<T> fmt::Debug for JoinHandle<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JoinHandle").finish_non_exhaustive()
    }
}

/// Steps back for others, which may run now or not. Inside an execution a task that yields again where it has yielded, in the same
/// state, only waits: it runs again when something that it looked at has changed, or the others cannot go on. To leave it is no
/// preemption.
///
/// ```
/// gorace::thread::yield_now();
/// ```
#[track_caller]
#[inline(always)]
pub fn yield_now() {
    match inside() {
        None => outside::thread::yield_now(),
        Some(inside) => inside.step_back(Place::here()),
    }
}

/// Whether the current thread unwinds; per task inside an execution.
///
/// ```
/// assert!(!gorace::thread::panicking());
/// ```
pub fn panicking() -> bool {
    inside().map_or_else(outside::thread::panicking, Inside::panicking)
}
