//! `go::WaitGroup`: Go's `sync.WaitGroup`.

use crate::go::behalf::on_behalf;
use crate::outside::sync::{Condvar, Mutex, MutexGuard};
use crate::thread::JoinHandle;
use std::fmt;
use std::panic::Location;
use std::sync::{Arc, PoisonError};

#[cfg(feature = "check")]
use crate::inside::context::{Inside, inside};
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
    counter: Mutex<Counter>,
    zero: Condvar,
}

/// The counter outside of an execution, and how often it came to zero.
#[derive(Default)]
struct Counter {
    value: isize,
    rounds: u64,
}

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
            counter: Mutex::default(),
            zero: Condvar::new(),
        }))
    }

    /// Adds `n`, which may be negative, to the counter; at zero, whoever waits goes on.
    ///
    /// # Panics
    /// `sync: negative WaitGroup counter`.
    #[track_caller]
    #[inline]
    pub fn add(&self, n: isize) {
        #[cfg(feature = "check")]
        if let Some(inside) = inside() {
            let add = WaitGroupOp::Add { group: self.object(inside), delta: n as i64 };
            if let Reply::Misuse(words) = inside.visit(add, Place::here()) {
                inside.misuse(words);
            }
            return;
        }
        let mut counter = self.counter();
        let value = counter.value.saturating_add(n);
        if value >= 0 {
            counter.value = value;
            counter.rounds += u64::from(value == 0);
        }
        drop(counter);
        assert!(value >= 0, "{NEGATIVE}");
        // Nobody waits for anything else.
        if value == 0 {
            self.0.zero.notify_all();
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
        if let Some(inside) = inside() {
            inside.visit(WaitGroupOp::Wait { group: self.object(inside) }, Place::here());
            return;
        }
        let mut counter = self.counter();
        let round = counter.rounds;
        while counter.value > 0 && counter.rounds == round {
            counter = self.0.zero.wait(counter).unwrap_or_else(PoisonError::into_inner);
        }
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
    fn counter(&self) -> MutexGuard<'_, Counter> {
        self.0.counter.lock().unwrap_or_else(PoisonError::into_inner)
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
