//! Who waits at a channel, or at several; and the place of the value that is on its way.

use crate::outside::{Parker, Shared, Waits};
use std::sync::atomic::{AtomicUsize, Ordering::AcqRel, Ordering::Acquire};
use std::sync::{Mutex, PoisonError};

/// One that waits, for one channel or for several.
pub(crate) struct Waiter {
    /// 0: it waits; else its arm, counted from one, times two, and whether a value went through.
    fired: AtomicUsize,
    parker: Parker,
}

impl Waiter {
    #[inline]
    pub fn new() -> Self {
        Waiter { fired: AtomicUsize::new(0), parker: Parker::new() }
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
pub(super) struct Cell<T>(Mutex<Option<T>>);

impl<T> Cell<T> {
    /// A cell with a value, or an empty one.
    #[inline]
    pub fn new(value: Option<T>) -> Self {
        Cell(Mutex::new(value))
    }

    /// Takes the value.
    #[inline]
    pub fn take(&self) -> Option<T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Puts a value.
    #[inline]
    pub fn put(&self, value: T) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(value);
    }
}

/// One that waits for one channel alone, with its value: one piece of memory.
pub(super) struct Alone<T> {
    pub waiter: Waiter,
    pub cell: Cell<T>,
}

/// One in a channel's queue.
pub(super) enum Entry<T> {
    /// It waits for this channel alone.
    Alone(Shared<Alone<T>>),
    /// It waits for several, and for this one as arm number `arm`.
    Among { waiter: Shared<Waiter>, arm: usize, cell: Shared<Cell<T>> },
}

impl<T> Entry<T> {
    /// One that waits for this channel alone, and its own handle on that.
    #[inline]
    pub fn alone(value: Option<T>) -> (Self, Shared<Alone<T>>) {
        let alone = Shared::new(Alone { waiter: Waiter::new(), cell: Cell::new(value) });
        (Entry::Alone(alone.clone()), alone)
    }

    #[inline]
    pub fn waiter(&self) -> &Waiter {
        match self {
            Entry::Alone(alone) => &alone.waiter,
            Entry::Among { waiter, .. } => waiter,
        }
    }

    #[inline]
    pub fn cell(&self) -> &Cell<T> {
        match self {
            Entry::Alone(alone) => &alone.cell,
            Entry::Among { cell, .. } => cell,
        }
    }

    /// Takes who waits: `false` if another arm was faster.
    #[inline]
    pub fn fire(&self, ok: bool) -> bool {
        match self {
            Entry::Alone(alone) => alone.waiter.take(0, ok),
            Entry::Among { waiter, arm, .. } => waiter.take(*arm, ok),
        }
    }

    /// Whether it is `waiter`'s.
    #[inline]
    pub fn is_of(&self, waiter: &Shared<Waiter>) -> bool {
        std::ptr::eq(self.waiter(), &**waiter)
    }
}
