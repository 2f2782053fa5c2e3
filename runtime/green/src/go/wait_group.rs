//! `go::WaitGroup`: Go's `sync.WaitGroup`.

use crate::go::behalf::on_behalf;
use crate::outside::sync::{Condvar, Mutex, MutexGuard};
use crate::thread::JoinHandle;
use std::fmt;
use std::panic::Location;
use std::sync::atomic::{AtomicU64, Ordering::AcqRel, Ordering::Acquire};
use std::sync::{Arc, PoisonError};

#[cfg(feature = "check")]
use crate::inside::context::Inside;
#[cfg(feature = "check")]
use crate::inside::slot::Slot;
#[cfg(feature = "check")]
use gorace_analyzer::{ObjIx, ObjectKind, Place};
#[cfg(feature = "check")]
use gorace_engine::{Reply, WaitGroupOp};

/// Go's `sync.WaitGroup`: a counter, and a way to wait until it is zero.
///
/// An [`add`](WaitGroup::add) from zero must happen before the [`wait`](WaitGroup::wait) that is to wait for it;
/// where nothing orders the two, that is GR0005. It may be used again after all waits have returned. Outside of an
/// execution only a negative counter is noticed: a late `add`, or one for the next round, holds nobody up who waits
/// already, and is not reported.
///
/// ```
/// let wg = gorace::go::WaitGroup::new();
/// for _ in 0..3 {
///     wg.go(|| { /* work */ });
/// }
/// wg.wait();
/// ```
#[derive(Clone)]
pub struct WaitGroup(Arc<Inner>);

struct Inner {
    #[cfg(feature = "check")]
    slot: Slot,
    /// The counter outside of an execution, times [`ONE`], and how many wait: Go has the two in one word as well, so
    /// that a counter that comes to zero knows who has waited for that.
    state: AtomicU64,
    /// How many of those who waited may go on.
    free: Mutex<u64>,
    freed: Condvar,
}

/// One of the counter; below it there is room for sixteen million that wait.
const ONE: u64 = 1 << 24;
const MOST: u64 = u64::MAX / ONE;

const NEGATIVE: &str = "sync: negative WaitGroup counter";

impl WaitGroup {
    /// A counter at zero.
    #[track_caller]
    #[must_use]
    #[inline]
    pub fn new() -> Self {
        WaitGroup(Arc::new(Inner {
            #[cfg(feature = "check")]
            slot: Slot::new(),
            state: AtomicU64::new(0),
            free: Mutex::new(0),
            freed: Condvar::new(),
        }))
    }

    /// Adds `n`, which may be negative, to the counter; at zero, whoever waits goes on.
    ///
    /// # Panics
    /// `sync: negative WaitGroup counter`, and the same where the counter becomes too large for its number, as Go's wraps
    /// round.
    #[track_caller]
    #[inline]
    pub fn add(&self, n: isize) {
        #[cfg(feature = "check")]
        if let Some(inside) = self.0.slot.inside_to_change() {
            let add = WaitGroupOp::Add { group: self.object(inside), delta: n as i64 };
            if let Reply::Misuse(words) = inside.visit(add, Place::here()) {
                inside.misuse(words);
            }
            return;
        }
        let changed = self.0.state.fetch_update(AcqRel, Acquire, |state| {
            let value = (state / ONE).checked_add_signed(n as i64).filter(|value| *value <= MOST)?;
            // At zero nobody waits any more.
            Some(if value == 0 { 0 } else { value * ONE + state % ONE })
        });
        let Ok(before) = changed else { panic!("{NEGATIVE}") };
        let waiting = before % ONE;
        if waiting > 0 && (before / ONE).checked_add_signed(n as i64) == Some(0) {
            *self.free() += waiting;
            self.0.freed.notify_all();
        }
    }

    /// Takes one from the counter.
    ///
    /// # Panics
    /// `sync: negative WaitGroup counter`.
    #[track_caller]
    #[inline]
    pub fn done(&self) {
        self.add(-1);
    }

    /// Waits until the counter is zero.
    #[track_caller]
    #[inline]
    pub fn wait(&self) {
        #[cfg(feature = "check")]
        if let Some(inside) = self.0.slot.inside_to_change() {
            inside.visit(WaitGroupOp::Wait { group: self.object(inside) }, Place::here());
            return;
        }
        let waits = |state| (state >= ONE).then_some(state + 1);
        if self.0.state.fetch_update(AcqRel, Acquire, waits).is_err() {
            return;
        }
        let mut free = self.free();
        while *free == 0 {
            free = self.0.freed.wait(free).unwrap_or_else(PoisonError::into_inner);
        }
        *free -= 1;
    }

    /// Starts a goroutine that is counted: `add(1)`, then `f`, then `done`. If `f` panics, there is no `done`.
    #[track_caller]
    #[inline]
    pub fn go<T: Send + 'static>(&self, f: impl FnOnce() -> T + Send + 'static) -> JoinHandle<T> {
        self.add(1);
        let (group, started) = (self.clone(), Location::caller());
        crate::go(move || {
            let value = f();
            on_behalf(started, || group.done());
            value
        })
    }

    #[inline]
    fn free(&self) -> MutexGuard<'_, u64> {
        self.0.free.lock().unwrap_or_else(PoisonError::into_inner)
    }

    #[cfg(feature = "check")]
    #[inline]
    fn object(&self, inside: Inside) -> ObjIx {
        inside.object(&self.0.slot, ObjectKind::WaitGroup, std::any::type_name::<Self>, 0)
    }
}

impl Default for WaitGroup {
    #[track_caller]
    #[inline]
    fn default() -> Self {
        WaitGroup::new()
    }
}

impl fmt::Debug for WaitGroup {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WaitGroup").finish_non_exhaustive()
    }
}

impl crate::Named for WaitGroup {
    #[cfg_attr(not(feature = "check"), allow(unused_mut, unused_variables))]
    fn named(mut self, name: &'static str) -> Self {
        // A wait group that has clones already is theirs too: its name is what it was made as.
        #[cfg(feature = "check")]
        if let Some(inner) = Arc::get_mut(&mut self.0) {
            inner.slot.set_name(name);
        }
        self
    }
}
