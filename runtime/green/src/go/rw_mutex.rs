//! `go::RwMutex`: Go's `sync.RWMutex`.

use crate::outside::sync::{Condvar, Mutex as OutsideMutex, MutexGuard};
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
use gorace_engine::{Reply, RwLockOp};

/// Go's `sync.RWMutex`: no data inside, and any task may unlock it. A writer that waits keeps new readers out,
/// so reading twice in one task can deadlock.
///
/// ```
/// let mu = gorace::go::RwMutex::new();
/// mu.rlock();
/// assert!(mu.try_rlock() && !mu.try_lock());
/// mu.runlock();
/// mu.runlock();
/// mu.lock();
/// mu.unlock();
/// ```
#[derive(Clone)]
pub struct RwMutex(Arc<Inner>);

struct Inner {
    #[cfg(feature = "check")]
    slot: Slot,
    plain: OutsideMutex<Plain>,
    changed: Condvar,
}

/// The lock outside of an execution: whoever asks stands in line.
#[derive(Default)]
struct Plain {
    readers: usize,
    writer: bool,
    /// Tickets of those who wait, oldest first.
    line: VecDeque<u64>,
    next: u64,
}

impl Plain {
    #[inline]
    fn admits(&self, write: bool) -> bool {
        !self.writer && (!write || self.readers == 0)
    }

    #[inline]
    fn enter(&mut self, write: bool) {
        if write {
            self.writer = true;
        } else {
            self.readers += 1;
        }
    }
}

const NOT_READ: &str = "sync: RUnlock of unlocked RWMutex";
const NOT_WRITTEN: &str = "sync: Unlock of unlocked RWMutex";

impl RwMutex {
    /// A new lock that nobody holds.
    #[track_caller]
    #[must_use]
    #[inline]
    pub fn new() -> Self {
        RwMutex(Arc::new(Inner {
            #[cfg(feature = "check")]
            slot: Slot::new(),
            plain: OutsideMutex::default(),
            changed: Condvar::new(),
        }))
    }

    /// Has the lock alone, waiting for everybody who holds it or came earlier.
    #[track_caller]
    #[inline]
    pub fn lock(&self) {
        #[cfg(feature = "check")]
        if let Some(inside) = self.0.slot.inside_to_change() {
            inside.visit(RwLockOp::Write { lock: self.object(inside) }, Place::here());
            return;
        }
        self.wait_in_line(true);
    }

    /// Has the lock alone if that can be done at once; whether it does.
    #[track_caller]
    #[must_use]
    #[inline]
    pub fn try_lock(&self) -> bool {
        #[cfg(feature = "check")]
        if let Some(inside) = self.0.slot.inside_to_change() {
            let reply = inside.visit(RwLockOp::TryWrite { lock: self.object(inside) }, Place::here());
            return reply != Reply::Flag(false);
        }
        self.try_enter(true)
    }

    /// Gives up the lock that somebody has alone.
    ///
    /// # Panics
    /// `sync: Unlock of unlocked RWMutex`.
    #[track_caller]
    #[inline]
    pub fn unlock(&self) {
        #[cfg(feature = "check")]
        if let Some(inside) = self.0.slot.inside_to_change() {
            let lock = self.object(inside);
            if let Reply::Misuse(words) = inside.visit(RwLockOp::WriteUnlock { lock }, Place::here()) {
                inside.misuse(words);
            }
            return;
        }
        let was_held = std::mem::replace(&mut self.plain().writer, false);
        assert!(was_held, "{NOT_WRITTEN}");
        self.0.changed.notify_all();
    }

    /// Shares the lock, waiting for writers that hold it or came earlier.
    #[track_caller]
    #[inline]
    pub fn rlock(&self) {
        #[cfg(feature = "check")]
        if let Some(inside) = self.0.slot.inside_to_change() {
            inside.visit(RwLockOp::Read { lock: self.object(inside) }, Place::here());
            return;
        }
        self.wait_in_line(false);
    }

    /// Shares the lock if that can be done at once; whether it does.
    #[track_caller]
    #[must_use]
    #[inline]
    pub fn try_rlock(&self) -> bool {
        #[cfg(feature = "check")]
        if let Some(inside) = self.0.slot.inside_to_change() {
            let reply = inside.visit(RwLockOp::TryRead { lock: self.object(inside) }, Place::here());
            return reply != Reply::Flag(false);
        }
        self.try_enter(false)
    }

    /// Gives up one share of the lock.
    ///
    /// # Panics
    /// `sync: RUnlock of unlocked RWMutex`.
    #[track_caller]
    #[inline]
    pub fn runlock(&self) {
        #[cfg(feature = "check")]
        if let Some(inside) = self.0.slot.inside_to_change() {
            let lock = self.object(inside);
            if let Reply::Misuse(words) = inside.visit(RwLockOp::ReadUnlock { lock }, Place::here()) {
                inside.misuse(words);
            }
            return;
        }
        let mut plain = self.plain();
        let readers = plain.readers.checked_sub(1);
        plain.readers = readers.unwrap_or(0);
        drop(plain);
        assert!(readers.is_some(), "{NOT_READ}");
        self.0.changed.notify_all();
    }

    #[inline]
    fn plain(&self) -> MutexGuard<'_, Plain> {
        self.0.plain.lock().unwrap_or_else(PoisonError::into_inner)
    }

    #[inline]
    fn wait_in_line(&self, write: bool) {
        let mut plain = self.plain();
        let ticket = plain.next;
        plain.next += 1;
        plain.line.push_back(ticket);
        while plain.line.front() != Some(&ticket) || !plain.admits(write) {
            plain = self.0.changed.wait(plain).unwrap_or_else(PoisonError::into_inner);
        }
        plain.line.pop_front();
        plain.enter(write);
        // Whoever is next in line may come in too.
        self.0.changed.notify_all();
    }

    #[inline]
    fn try_enter(&self, write: bool) -> bool {
        let mut plain = self.plain();
        let enters = plain.line.is_empty() && plain.admits(write);
        if enters {
            plain.enter(write);
        }
        enters
    }

    #[cfg(feature = "check")]
    #[inline]
    fn object(&self, inside: Inside) -> ObjIx {
        inside.object(&self.0.slot, ObjectKind::RwLock, std::any::type_name::<Self>, 0)
    }
}

impl Default for RwMutex {
    #[track_caller]
    #[inline]
    fn default() -> Self {
        RwMutex::new()
    }
}

impl fmt::Debug for RwMutex {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RwMutex").finish_non_exhaustive()
    }
}

impl crate::Named for RwMutex {
    #[cfg_attr(not(feature = "check"), allow(unused_mut, unused_variables))]
    fn named(mut self, name: &'static str) -> Self {
        // A lock that has clones already is theirs too: its name is what it was made as.
        #[cfg(feature = "check")]
        if let Some(inner) = Arc::get_mut(&mut self.0) {
            inner.slot.set_name(name);
        }
        self
    }
}
