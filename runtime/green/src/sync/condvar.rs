//! `Condvar`, with std's signatures.

use crate::inside::slot::Slot;
use crate::inside::statics;
use crate::outside;
use crate::sync::{Mutex, MutexGuard};
use crate::time::{Duration, Instant};
use gorace_analyzer::{ObjIx, ObjectKind, Place};
use gorace_engine::{NEVER, Op, Reply, TimerOp};
use std::sync::{LockResult, PoisonError};

/// A condition variable: [`std::sync::Condvar`] outside of an execution, checked inside one, where a
/// `notify_one` may wake any waiter and every choice is explored.
///
/// ```
/// use gorace::sync::{Condvar, Mutex};
/// let (ready, condvar) = (Mutex::new(true), Condvar::new());
/// let guard = condvar.wait_while(ready.lock().unwrap(), |ready| !*ready).unwrap();
/// assert!(*guard);
/// ```
#[derive(Debug)]
pub struct Condvar {
    slot: Slot,
    inner: outside::sync::Condvar,
}

impl Condvar {
    /// A new condition variable that nobody waits on.
    #[track_caller]
    #[inline]
    pub const fn new() -> Self {
        Condvar { slot: Slot::new(), inner: outside::sync::Condvar::new() }
    }

    /// Unlocks, waits for a notification, and locks again.
    ///
    /// # Errors
    /// If the mutex is poisoned; the error holds the guard all the same.
    #[track_caller]
    #[inline]
    pub fn wait<'a, T>(&self, mut guard: MutexGuard<'a, T>) -> LockResult<MutexGuard<'a, T>> {
        let place = Place::here();
        let mutex: &'a Mutex<T> = guard.mutex;
        let Some(inside) = self.slot.inside_to_change() else {
            let Some(inner) = guard.inner.take() else { return Ok(guard) };
            let wait = |real| (self.inner.wait(real).unwrap_or_else(PoisonError::into_inner), ());
            *guard.inner = Some(inner.wait_by(wait).0);
            return if mutex.is_poisoned() { Err(PoisonError::new(guard)) } else { Ok(guard) };
        };
        let (_, condvar) = statics::find(inside, self, |this| this.object(inside));
        let object = mutex.object(inside);
        // The wait itself unlocks, so the guard must not: only the value's lock is released here.
        guard.release_value();
        inside.visit(Op::Wait { condvar, mutex: object }, place);
        inside.visit(Op::Lock { mutex: object }, place);
        mutex.guard(inside)
    }

    /// Waits until `condition` is false.
    ///
    /// # Errors
    /// As [`Condvar::wait`].
    #[track_caller]
    #[inline]
    pub fn wait_while<'a, T, F>(
        &self,
        mut guard: MutexGuard<'a, T>,
        mut condition: F,
    ) -> LockResult<MutexGuard<'a, T>>
    where
        F: FnMut(&mut T) -> bool,
    {
        while condition(&mut *guard) {
            guard = self.wait(guard)?;
        }
        Ok(guard)
    }

    /// As [`Condvar::wait`], for so long at most; tells whether that ended it.
    ///
    /// # Errors
    /// As [`Condvar::wait`].
    #[track_caller]
    #[inline]
    pub fn wait_timeout<'a, T>(
        &self,
        mut guard: MutexGuard<'a, T>,
        duration: Duration,
    ) -> LockResult<(MutexGuard<'a, T>, WaitTimeoutResult)> {
        let place = Place::here();
        let mutex: &'a Mutex<T> = guard.mutex;
        let Some(inside) = self.slot.inside_to_change() else {
            let Some(inner) = guard.inner.take() else { return Ok((guard, WaitTimeoutResult(false))) };
            let wait = |real| self.inner.wait_timeout(real, duration).unwrap_or_else(PoisonError::into_inner);
            let (inner, ended) = inner.wait_by(wait);
            *guard.inner = Some(inner);
            let result = (guard, WaitTimeoutResult(ended.is_some_and(|ended| ended.timed_out())));
            return if mutex.is_poisoned() { Err(PoisonError::new(result)) } else { Ok(result) };
        };
        let (_, condvar) = statics::find(inside, self, |this| this.object(inside));
        let object = mutex.object(inside);
        guard.release_value();
        let reply = match crate::time::nanos(duration) {
            NEVER => inside.visit(Op::Wait { condvar, mutex: object }, place),
            nanos => inside.visit(TimerOp::WaitTimeout { condvar, mutex: object, nanos }, place),
        };
        let ended = WaitTimeoutResult(reply == Reply::Flag(true));
        inside.visit(Op::Lock { mutex: object }, place);
        match mutex.guard(inside) {
            Ok(guard) => Ok((guard, ended)),
            Err(error) => Err(PoisonError::new((error.into_inner(), ended))),
        }
    }

    /// Waits until `condition` is false, for so long at most.
    ///
    /// # Errors
    /// As [`Condvar::wait`].
    #[track_caller]
    #[inline]
    pub fn wait_timeout_while<'a, T, F>(
        &self,
        mut guard: MutexGuard<'a, T>,
        duration: Duration,
        mut condition: F,
    ) -> LockResult<(MutexGuard<'a, T>, WaitTimeoutResult)>
    where
        F: FnMut(&mut T) -> bool,
    {
        if !condition(&mut *guard) {
            return Ok((guard, WaitTimeoutResult(false)));
        }
        let start = Instant::now();
        let mut left = duration;
        loop {
            let ended;
            (guard, ended) = self.wait_timeout(guard, left)?;
            if !condition(&mut *guard) {
                return Ok((guard, WaitTimeoutResult(false)));
            }
            match duration.checked_sub(start.elapsed()) {
                Some(more) if !ended.timed_out() => left = more,
                _ => return Ok((guard, WaitTimeoutResult(true))),
            }
        }
    }

    /// Wakes one waiter, if there is one.
    #[track_caller]
    #[inline]
    pub fn notify_one(&self) {
        match self.slot.inside_to_change() {
            None => self.inner.notify_one(),
            Some(inside) => {
                let condvar = statics::resolve(inside, self).object(inside);
                inside.visit(Op::NotifyOne { condvar }, Place::here());
            }
        }
    }

    /// Wakes all waiters.
    #[track_caller]
    #[inline]
    pub fn notify_all(&self) {
        match self.slot.inside_to_change() {
            None => self.inner.notify_all(),
            Some(inside) => {
                let condvar = statics::resolve(inside, self).object(inside);
                inside.visit(Op::NotifyAll { condvar }, Place::here());
            }
        }
    }

    #[inline]
    fn object(&self, inside: crate::inside::context::Inside) -> ObjIx {
        inside.object(&self.slot, ObjectKind::Condvar, std::any::type_name::<Self>, 0)
    }
}

impl statics::Primitive for Condvar {
    #[inline]
    fn slot(&self) -> &Slot {
        &self.slot
    }
}

/// Whether a wait ended because its time was over.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct WaitTimeoutResult(bool);

impl WaitTimeoutResult {
    /// Whether the time was over.
    #[must_use]
    #[inline]
    pub fn timed_out(&self) -> bool {
        self.0
    }
}

impl Default for Condvar {
    #[track_caller]
    #[inline]
    fn default() -> Self {
        Condvar::new()
    }
}

impl crate::Named for Condvar {
    #[inline]
    fn named(mut self, name: &'static str) -> Self {
        self.slot.set_name(name);
        self
    }
}
