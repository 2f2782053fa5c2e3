//! `go::Mutex`: Go's `sync.Mutex`.

use crate::outside::RawMutex;
use std::fmt;
use std::sync::Arc;

#[cfg(feature = "check")]
use crate::inside::context::Inside;
#[cfg(feature = "check")]
use crate::inside::slot::Slot;
#[cfg(feature = "check")]
use gorace_analyzer::{ObjIx, ObjectKind, Place};
#[cfg(feature = "check")]
use gorace_engine::{Op, Reply};

/// Go's `sync.Mutex`: no data inside, and any task may unlock it.
///
/// ```
/// let mu = gorace::go::Mutex::new();
/// mu.lock();
/// assert!(!mu.try_lock());
/// mu.unlock();
/// ```
#[derive(Clone)]
pub struct Mutex(Arc<Inner>);

struct Inner {
    #[cfg(feature = "check")]
    slot: Slot,
    /// Outside of an execution.
    outside: RawMutex,
}

const UNLOCK_OF_UNLOCKED: &str = "sync: unlock of unlocked mutex";

impl Mutex {
    /// A new mutex, unlocked.
    #[track_caller]
    #[must_use]
    #[inline]
    pub fn new() -> Self {
        Mutex(Arc::new(Inner {
            #[cfg(feature = "check")]
            slot: Slot::new(),
            outside: RawMutex::default(),
        }))
    }

    /// Locks, waiting for whoever holds it.
    #[track_caller]
    #[inline]
    pub fn lock(&self) {
        #[cfg(feature = "check")]
        if let Some(inside) = self.0.slot.inside_to_change() {
            inside.visit(Op::Lock { mutex: self.object(inside) }, Place::here());
            return;
        }
        self.0.outside.lock();
    }

    /// Locks if nobody holds it; whether it did.
    #[track_caller]
    #[must_use]
    #[inline]
    pub fn try_lock(&self) -> bool {
        #[cfg(feature = "check")]
        if let Some(inside) = self.0.slot.inside_to_change() {
            let reply = inside.visit(Op::TryLock { mutex: self.object(inside) }, Place::here());
            return reply != Reply::Flag(false);
        }
        self.0.outside.try_lock()
    }

    /// Unlocks; it need not be the task that locked.
    ///
    /// # Panics
    /// `sync: unlock of unlocked mutex`.
    #[track_caller]
    #[inline]
    pub fn unlock(&self) {
        #[cfg(feature = "check")]
        if let Some(inside) = self.0.slot.inside_to_change() {
            let reply = inside.visit(Op::Unlock { mutex: self.object(inside) }, Place::here());
            if let Reply::Misuse(words) = reply {
                inside.misuse(words);
            }
            return;
        }
        let was_locked = self.0.outside.unlock();
        assert!(was_locked, "{UNLOCK_OF_UNLOCKED}");
    }

    #[cfg(feature = "check")]
    #[inline]
    pub(crate) fn object(&self, inside: Inside) -> ObjIx {
        inside.object(&self.0.slot, ObjectKind::Mutex, std::any::type_name::<Self>, 0)
    }
}

impl Default for Mutex {
    #[track_caller]
    #[inline]
    fn default() -> Self {
        Mutex::new()
    }
}

impl fmt::Debug for Mutex {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mutex").finish_non_exhaustive()
    }
}

impl crate::Named for Mutex {
    #[cfg_attr(not(feature = "check"), allow(unused_mut, unused_variables))]
    fn named(mut self, name: &'static str) -> Self {
        // A mutex that has clones already is theirs too: its name is what it was made as.
        #[cfg(feature = "check")]
        if let Some(inner) = Arc::get_mut(&mut self.0) {
            inner.slot.set_name(name);
        }
        self
    }
}
