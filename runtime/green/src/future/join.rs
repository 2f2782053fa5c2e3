//! `spawn` and `JoinHandle`: a future on a thread, or task, of its own, and its result as a future.

use crate::future::block_on;
#[cfg(feature = "check")]
use crate::inside::code::Code;
#[cfg(feature = "check")]
use crate::inside::context::{Inside, inside};
#[cfg(feature = "check")]
use crate::inside::slot::Slot;
#[cfg(feature = "check")]
use crate::inside::task;
use crate::outside;
#[cfg(feature = "check")]
use gorace_analyzer::{ObjectKind, Place, TaskIx};
#[cfg(feature = "check")]
use gorace_engine::{OnceEnd, OnceOp, Op, Reply};
use std::fmt;
use std::future::Future;
#[cfg(feature = "check")]
use std::panic::Location;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::thread::Result;

/// Runs `future` concurrently, on a task of its own: a thread outside of an execution.
///
/// Dropping the handle lets it go on. Inside an execution a task that is blocked for ever is a leak all the same,
/// and a panic that nobody takes by awaiting the handle is a finding.
///
/// # Panics
/// If the OS cannot start a thread (outside of an execution only).
///
/// ```
/// use gorace::future::{block_on, spawn};
/// let sum = block_on(async {
///     let one = spawn(async { 1 });
///     let two = spawn(async { 2 });
///     one.await.unwrap() + two.await.unwrap()
/// });
/// assert_eq!(sum, 3);
/// ```
#[track_caller]
#[inline]
pub fn spawn<F>(future: F) -> JoinHandle<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    let shared = Arc::new(Shared::new());
    let theirs = shared.clone();
    #[cfg(feature = "check")]
    if let Some(inside) = inside() {
        let at = Location::caller();
        let code = move || {
            let run = || crate::future::block_on_at(future, at);
            theirs.finish(task::run_catching(run));
        };
        let task = task::prepare(inside, None, Code::of(code));
        if let Some(task) = task {
            // Known before anybody can ask for its end, and which task it is.
            let kind = ObjectKind::Task;
            inside.object(
                &shared.slot,
                kind,
                std::any::type_name::<JoinHandle<F::Output>>,
                u64::from(task.0),
            );
            inside.visit(Op::Spawn { child: task }, Place::Code(at));
        }
        return JoinHandle { shared, task };
    }
    let started = outside::start(outside::Start::default(), None, move || {
        theirs.finish(catch_unwind(AssertUnwindSafe(|| block_on(future))));
    });
    if let Err(error) = started {
        panic!("cannot start a task: {error}");
    }
    JoinHandle {
        shared,
        #[cfg(feature = "check")]
        task: None,
    }
}

/// The result of a future that was [`spawn`]ed, as a future: `Err` holds the payload of its panic.
#[must_use = "the task goes on without it, but nobody learns of its panic"]
pub struct JoinHandle<T> {
    shared: Arc<Shared<T>>,
    #[cfg(feature = "check")]
    task: Option<TaskIx>,
}

/// A result on its way to whoever awaits it.
struct Shared<T> {
    /// Locked for moments only, never across a scheduling point.
    state: Mutex<State<T>>,
    /// Whether it is over, as the engine knows it.
    #[cfg(feature = "check")]
    slot: Slot,
}

enum State<T> {
    Running(Option<Waker>),
    Over(Result<T>),
    Taken,
}

impl<T> Shared<T> {
    #[track_caller]
    #[inline]
    fn new() -> Self {
        Shared {
            state: Mutex::new(State::Running(None)),
            #[cfg(feature = "check")]
            slot: Slot::new(),
        }
    }

    #[inline]
    fn state(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The future is over: wakes whoever awaits it.
    #[inline]
    fn finish(&self, result: Result<T>) {
        #[cfg(feature = "check")]
        if let Some((inside, once)) = self.slot.known_inside() {
            inside.visit(OnceOp::End { once, end: OnceEnd::Done }, Place::Unknown);
        }
        let before = std::mem::replace(&mut *self.state(), State::Over(result));
        if let State::Running(Some(waker)) = before {
            waker.wake();
        }
    }

    /// Takes the result, or leaves the waker.
    #[inline]
    fn take(&self, waker: Waker) -> Option<Result<T>> {
        let mut state = self.state();
        match &mut *state {
            State::Running(kept) => {
                let old = kept.replace(waker);
                // Whatever its destructor does, the lock is free by then.
                drop(state);
                drop(old);
                None
            }
            State::Over(_) => match std::mem::replace(&mut *state, State::Taken) {
                State::Over(result) => Some(result),
                _ => None,
            },
            State::Taken => panic!("a JoinHandle is polled after it was ready"),
        }
    }
}

impl<T> Future for JoinHandle<T> {
    type Output = Result<T>;

    #[track_caller]
    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<T>> {
        #[cfg(feature = "check")]
        if let Some(inside) = inside() {
            let caller = Location::caller();
            let is_ours = caller.file() == super::block_on::FILE;
            let place = if is_ours { Place::Unknown } else { Place::Code(caller) };
            return self.poll_inside(inside, cx.waker().clone(), place);
        }
        self.shared.take(cx.waker().clone()).map_or(Poll::Pending, Poll::Ready)
    }
}

#[cfg(feature = "check")]
impl<T> JoinHandle<T> {
    /// From the answer of the engine to the end of `take` there is no scheduling point: what is not over then wakes
    /// the waker once it is.
    #[inline]
    fn poll_inside(&self, inside: Inside, waker: Waker, place: Place) -> Poll<Result<T>> {
        if let Some((inside, once)) = self.shared.slot.known_inside() {
            let _: Reply = inside.visit(OnceOp::Get { once }, place);
        }
        let result = match self.shared.take(waker) {
            Some(result) => result,
            // Whoever asks now is a destructor: nobody is left to wake it.
            None if inside.tearing_down() => Err(Box::new("the task did not end by itself") as _),
            None => return Poll::Pending,
        };
        if let (Err(_), Some(task), false) = (&result, self.task, inside.tearing_down()) {
            inside.with(|cx| cx.exec.take_panic(task));
        }
        Poll::Ready(result)
    }
}

impl<T> crate::Detach for JoinHandle<T> {
    #[inline]
    fn detach(self) {
        #[cfg(feature = "check")]
        if let (Some(inside), Some(task)) = (inside(), self.task) {
            inside.with(|cx| {
                if !cx.special.tearing_down() {
                    cx.exec.detach(task);
                }
            });
        }
    }
}

impl<T> fmt::Debug for JoinHandle<T> {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JoinHandle").finish_non_exhaustive()
    }
}
