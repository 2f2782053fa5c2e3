//! `Barrier`, with std's signatures.

use crate::inside::slot::Slot;
use crate::inside::statics;
use crate::outside;
use gorace_analyzer::{ObjectKind, Place};
use gorace_engine::{BarrierOp, Reply};
use std::fmt;

/// Lets tasks wait for each other: [`std::sync::Barrier`] outside of an execution, checked inside one.
///
/// ```
/// let barrier = gorace::sync::Barrier::new(1);
/// assert!(barrier.wait().is_leader());
/// ```
pub struct Barrier {
    slot: Slot,
    size: usize,
    inner: outside::sync::Barrier,
}

/// Whether the task was the one that opened the barrier.
pub struct BarrierWaitResult(bool);

impl Barrier {
    /// A barrier that opens when `n` tasks wait at it.
    #[track_caller]
    #[inline]
    pub const fn new(n: usize) -> Self {
        Barrier { slot: Slot::new(), size: n, inner: outside::sync::Barrier::new(n) }
    }

    /// Waits until all have come. The last one is the leader.
    #[track_caller]
    #[inline]
    pub fn wait(&self) -> BarrierWaitResult {
        let Some(inside) = self.slot.inside_to_change() else {
            return BarrierWaitResult(self.inner.wait().is_leader());
        };
        let this = statics::resolve(inside, self);
        let barrier =
            inside.object(&this.slot, ObjectKind::Barrier, std::any::type_name::<Self>, this.size as u64);
        let reply = inside.visit(BarrierOp { barrier }, Place::here());
        BarrierWaitResult(reply == Reply::Flag(true))
    }
}

impl statics::Primitive for Barrier {
    #[inline]
    fn slot(&self) -> &Slot {
        &self.slot
    }
}

impl BarrierWaitResult {
    /// Whether this task is the leader: the last one that came.
    #[must_use]
    #[inline]
    pub fn is_leader(&self) -> bool {
        self.0
    }
}

impl fmt::Debug for Barrier {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Barrier").finish_non_exhaustive()
    }
}

impl fmt::Debug for BarrierWaitResult {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BarrierWaitResult").field("is_leader", &self.0).finish()
    }
}

impl crate::Named for Barrier {
    #[inline]
    fn named(mut self, name: &'static str) -> Self {
        self.slot.set_name(name);
        self
    }
}
