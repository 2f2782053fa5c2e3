//! A result on its way from who ends to who joins.

use crate::memory::Shared;
use crate::reason::Reason;
use crate::task::{Task, park_as};
use crate::thread::scope;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::Result;

/// One end of it; both are alike.
pub(crate) struct Packet<T>(Shared<Inner<T>>);

struct Inner<T> {
    state: Mutex<State<T>>,
    scope: Option<Arc<scope::Data>>,
}

struct State<T> {
    result: Option<Result<T>>,
    is_over: bool,
    joiner: Option<Task>,
}

impl<T> Packet<T> {
    pub fn new() -> Self {
        Self::with(None)
    }

    /// Of a thread of a scope, which waits until the packet is dropped.
    pub fn in_scope(scope: Arc<scope::Data>) -> Self {
        Self::with(Some(scope))
    }

    fn with(scope: Option<Arc<scope::Data>>) -> Self {
        let state = Mutex::new(State { result: None, is_over: false, joiner: None });
        Packet(Shared::new(Inner { state, scope }))
    }

    fn state(&self) -> MutexGuard<'_, State<T>> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// It has ended.
    pub fn finish(self, result: Result<T>) {
        let mut state = self.state();
        state.result = Some(result);
        state.is_over = true;
        let joiner = state.joiner.take();
        drop(state);
        // The result is the joiner's to drop, if there is one.
        drop(self);
        if let Some(joiner) = joiner {
            joiner.unpark();
        }
    }

    /// Whether it has ended.
    pub fn is_over(&self) -> bool {
        self.state().is_over
    }

    /// Waits for the end.
    #[track_caller]
    pub fn join(&self) -> Result<T> {
        let mut me = None;
        loop {
            let mut state = self.state();
            if let Some(result) = state.result.take() {
                return result;
            }
            let me = me.get_or_insert_with(Task::current);
            state.joiner = Some(me.clone());
            drop(state);
            park_as(me, Reason::Join);
        }
    }
}

impl<T> Drop for Inner<T> {
    fn drop(&mut self) {
        let state = self.state.get_mut().unwrap_or_else(PoisonError::into_inner);
        let result = state.result.take();
        let unhandled = matches!(result, Some(Err(_)));
        if catch_unwind(AssertUnwindSafe(|| drop(result))).is_err() {
            // As std does: a scope could not be left in good order any more.
            eprintln!("fatal runtime error: thread result panicked on drop, aborting");
            std::process::abort();
        }
        if let Some(scope) = &self.scope {
            scope.leave(unhandled);
        }
    }
}

impl<T> Clone for Packet<T> {
    fn clone(&self) -> Self {
        Packet(self.0.clone())
    }
}
