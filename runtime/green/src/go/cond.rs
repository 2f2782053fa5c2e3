//! `go::Cond`: Go's `sync.Cond`.

use crate::go::Mutex;
use crate::outside::sync::{Condvar, Mutex as OutsideMutex};
use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, PoisonError};

#[cfg(feature = "check")]
use crate::inside::context::Inside;
#[cfg(feature = "check")]
use crate::inside::slot::Slot;
#[cfg(feature = "check")]
use gorace_analyzer::{ObjIx, ObjectKind, Place};
#[cfg(feature = "check")]
use gorace_engine::{Op, Reply};

/// Go's `sync.Cond`: whoever waits longest is woken first, and nobody wakes without being woken.
///
/// ```
/// let mu = gorace::go::Mutex::new();
/// let ready = gorace::go::Cond::new(&mu);
/// let theirs = ready.clone();
/// ready.l.lock();
/// gorace::go!({
///     theirs.l.lock();
///     theirs.signal();
///     theirs.l.unlock();
/// });
/// ready.wait();
/// ready.l.unlock();
/// ```
#[derive(Clone)]
pub struct Cond {
    /// The mutex that is held while the condition is looked at or changed.
    pub l: Mutex,
    inner: Arc<Inner>,
}

struct Inner {
    #[cfg(feature = "check")]
    slot: Slot,
    /// Outside of an execution: those who wait, longest first, each with whether it was woken.
    line: OutsideMutex<VecDeque<Arc<OutsideMutex<bool>>>>,
    woken: Condvar,
}

impl Cond {
    /// A condition about what `l` guards.
    #[track_caller]
    #[must_use]
    #[inline]
    pub fn new(l: &Mutex) -> Self {
        let inner = Inner {
            #[cfg(feature = "check")]
            slot: Slot::new(),
            line: OutsideMutex::default(),
            woken: Condvar::new(),
        };
        Cond { l: l.clone(), inner: Arc::new(inner) }
    }

    /// Unlocks `l`, waits to be woken, and locks it again.
    ///
    /// # Panics
    /// `sync: unlock of unlocked mutex`, if `l` is not locked.
    #[track_caller]
    #[inline]
    pub fn wait(&self) {
        #[cfg(feature = "check")]
        if let Some(inside) = self.inner.slot.inside_to_change() {
            let (condvar, mutex) = (self.object(inside), self.l.object(inside));
            if let Reply::Misuse(words) = inside.visit(Op::Wait { condvar, mutex }, Place::here()) {
                inside.misuse(words);
            }
            inside.visit(Op::Lock { mutex }, Place::here());
            return;
        }
        let mine = Arc::new(OutsideMutex::new(false));
        let mut line = self.inner.line.lock().unwrap_or_else(PoisonError::into_inner);
        line.push_back(mine.clone());
        self.l.unlock();
        while !*mine.lock().unwrap_or_else(PoisonError::into_inner) {
            line = self.inner.woken.wait(line).unwrap_or_else(PoisonError::into_inner);
        }
        drop(line);
        self.l.lock();
    }

    /// Wakes the one who waits longest, if anybody waits.
    #[track_caller]
    #[inline]
    pub fn signal(&self) {
        #[cfg(feature = "check")]
        if let Some(inside) = self.inner.slot.inside_to_change() {
            inside.visit(Op::NotifyOne { condvar: self.object(inside) }, Place::here());
            return;
        }
        self.wake(1);
    }

    /// Wakes everybody who waits.
    #[track_caller]
    #[inline]
    pub fn broadcast(&self) {
        #[cfg(feature = "check")]
        if let Some(inside) = self.inner.slot.inside_to_change() {
            inside.visit(Op::NotifyAll { condvar: self.object(inside) }, Place::here());
            return;
        }
        self.wake(usize::MAX);
    }

    #[inline]
    fn wake(&self, at_most: usize) {
        let mut line = self.inner.line.lock().unwrap_or_else(PoisonError::into_inner);
        let count = line.len().min(at_most);
        for waiter in line.drain(..count) {
            *waiter.lock().unwrap_or_else(PoisonError::into_inner) = true;
        }
        self.inner.woken.notify_all();
    }

    #[cfg(feature = "check")]
    #[inline]
    fn object(&self, inside: Inside) -> ObjIx {
        // 1: woken in the order of waiting.
        inside.object(&self.inner.slot, ObjectKind::Condvar, std::any::type_name::<Self>, 1)
    }
}

impl fmt::Debug for Cond {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cond").finish_non_exhaustive()
    }
}

impl crate::Named for Cond {
    #[cfg_attr(not(feature = "check"), allow(unused_mut, unused_variables))]
    fn named(mut self, name: &'static str) -> Self {
        // A condition that has clones already is theirs too: its name is what it was made as.
        #[cfg(feature = "check")]
        if let Some(inner) = Arc::get_mut(&mut self.inner) {
            inner.slot.set_name(name);
        }
        self
    }
}
