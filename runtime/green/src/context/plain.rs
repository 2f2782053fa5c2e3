//! Contexts between OS threads: each node knows those below it, and cancels them before its own cancelling
//! is over.
//!
//! Locks are taken from above to below only. A node is held by those above it until it is cancelled, as in
//! Go; it holds nobody above it.

use crate::context::node::Node;
use crate::context::{Cause, Error};
use crate::time::plain::{self as alarms, Key};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

/// The side of a node that is used outside of executions.
#[derive(Default)]
pub(crate) struct Plain {
    above: Weak<Node>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    ended: Option<(Error, Option<Cause>)>,
    below: Vec<Arc<Node>>,
    /// Functions to start then, by number.
    after: Vec<(u64, Function)>,
    registered: u64,
    /// What cancels it at its deadline.
    alarm: Option<Key>,
}

/// A function that runs in a goroutine of its own.
type Function = Box<dyn FnOnce() + Send>;

impl Plain {
    /// Of a node below `above`.
    #[inline]
    pub fn below(above: Option<&Arc<Node>>) -> Self {
        Plain { above: above.map_or_else(Weak::new, Arc::downgrade), ..Plain::default() }
    }

    /// How the node ended and why, if it did.
    #[inline]
    pub fn ended(&self) -> Option<(Error, Option<Cause>)> {
        self.state().ended.clone()
    }

    #[inline]
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Node {
    /// Makes it known to the node above, which may be cancelled already.
    #[inline]
    pub fn enter(self: &Arc<Self>, above: Option<&Arc<Node>>) {
        let Some(above) = above else { return };
        let mut state = above.plain.state();
        match state.ended.clone() {
            None => state.below.push(self.clone()),
            Some((error, cause)) => self.cancel_plain(error, cause.as_ref()),
        }
    }

    /// Is not to be cancelled by the node above any more.
    #[inline]
    pub fn leave(self: &Arc<Self>) {
        if let Some(above) = self.plain.above.upgrade() {
            above.plain.state().below.retain(|other| !Arc::ptr_eq(other, self));
        }
    }

    /// Is cancelled after `left` at the latest; at once if nothing is left.
    #[inline]
    pub fn cancel_after(self: &Arc<Self>, left: Duration) {
        if left.is_zero() {
            self.cancel_plain(Error::DeadlineExceeded, None);
            return self.leave();
        }
        let node = self.clone();
        let expire = move || {
            node.cancel_plain(Error::DeadlineExceeded, None);
            node.leave();
        };
        let mut state = self.plain.state();
        if state.ended.is_none() {
            state.alarm = Some(alarms::at(alarms::after(left), Box::new(expire)));
        }
    }

    /// Cancels it and all below it, unless it is cancelled already.
    #[inline]
    pub fn cancel_plain(&self, error: Error, cause: Option<&Cause>) {
        let mut state = self.plain.state();
        if state.ended.is_some() {
            return;
        }
        state.ended = Some((error, cause.cloned()));
        self.done().plain.close();
        for (_, f) in std::mem::take(&mut state.after) {
            drop(crate::go(f));
        }
        for below in std::mem::take(&mut state.below) {
            below.cancel_plain(error, cause);
        }
        if let Some(alarm) = state.alarm.take() {
            alarms::take_back(alarm);
        }
    }

    /// Runs `f` in a goroutine of its own once it is cancelled; gives the function's number.
    #[inline]
    pub fn after_plain(&self, f: impl FnOnce() + Send + 'static) -> u64 {
        let mut state = self.plain.state();
        state.registered += 1;
        let number = state.registered;
        if state.ended.is_some() {
            drop(crate::go(f));
        } else {
            state.after.push((number, Box::new(f)));
        }
        number
    }

    /// Does not run the function after all; whether that was in time.
    #[inline]
    pub fn stop_plain(&self, number: u64) -> bool {
        let mut state = self.plain.state();
        let at = state.after.iter().position(|(other, _)| *other == number);
        let function = at.map(|at| state.after.swap_remove(at));
        // What it holds is the user's, and dropped outside of the lock.
        drop(state);
        function.is_some()
    }
}
