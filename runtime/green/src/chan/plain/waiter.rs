//! Who waits at a channel, or at several; and the place of the value that is on its way.

use crate::outside::{Parker, Waits};
use std::sync::atomic::{AtomicUsize, Ordering::AcqRel, Ordering::Acquire};
use std::sync::{Arc, Mutex, PoisonError};

/// One that waits, for one channel or for several.
pub(crate) struct Waiter {
    /// 0: it waits; else its arm, counted from one, times two, and whether a value went through.
    fired: AtomicUsize,
    parker: Parker,
}

impl Waiter {
    #[inline]
    pub fn new() -> Arc<Self> {
        Arc::new(Waiter { fired: AtomicUsize::new(0), parker: Parker::new() })
    }

    /// Takes it for `arm`: `false` if another arm was faster. Whoever took it wakes it, behind what it waits for.
    #[inline]
    pub fn take(&self, arm: usize, ok: bool) -> bool {
        self.fired.compare_exchange(0, (arm + 1) * 2 + usize::from(ok), AcqRel, Acquire).is_ok()
    }

    #[inline]
    pub fn wake(&self) {
        self.parker.wake();
    }

    /// Whether an arm was taken.
    #[inline]
    pub fn has_fired(&self) -> bool {
        self.fired.load(Acquire) != 0
    }

    /// Waits until an arm was taken: which, and whether a value went through.
    #[track_caller]
    #[inline]
    pub fn wait(&self, waits: Waits) -> (usize, bool) {
        self.parker.wait(waits);
        let fired = self.fired.load(Acquire);
        (fired / 2 - 1, fired % 2 == 1)
    }
}

/// A place for one value on its way.
pub(super) type Cell<T> = Arc<Mutex<Option<T>>>;

/// A cell with a value, or an empty one.
#[inline]
pub(crate) fn cell<T>(value: Option<T>) -> Cell<T> {
    Arc::new(Mutex::new(value))
}

/// Takes the value out of a cell.
#[inline]
pub(crate) fn take<T>(cell: &Cell<T>) -> Option<T> {
    cell.lock().unwrap_or_else(PoisonError::into_inner).take()
}

/// Puts a value into a cell.
#[inline]
pub(super) fn put<T>(cell: &Cell<T>, value: T) {
    *cell.lock().unwrap_or_else(PoisonError::into_inner) = Some(value);
}
