//! Threads that no execution controls, where they use an object of one that is running.
//!
//! What such a thread does is in no schedule: nobody explores when it does it, and a replay does not repeat it. So each
//! operation outside of all executions looks into its object's slot, and if an execution that runs now knows the
//! object, that one is told. Not seen is what is used before the execution has used it, and what is only dropped or
//! printed. To look at what no execution changes matters to nobody.

use crate::inside::slot::Key;
use gorace_analyzer::ObjIx;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What one thread runs, for all others to see.
#[derive(Debug, Default)]
struct Running {
    /// The generation of the execution, or 0.
    generation: AtomicU64,
    /// The object that an outsider used last, as its slot had it.
    used: AtomicU64,
}

/// Those of all threads that run executions.
static RUNNING: Mutex<Vec<Arc<Running>>> = Mutex::new(Vec::new());

fn running() -> MutexGuard<'static, Vec<Arc<Running>>> {
    RUNNING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The side of the thread that runs executions, one after the other; until it is dropped.
#[derive(Debug)]
pub(crate) struct Outsiders(Arc<Running>);

impl Outsiders {
    /// Starts to be seen by them.
    pub fn new() -> Self {
        let own = Arc::new(Running::default());
        running().push(own.clone());
        Outsiders(own)
    }

    /// An execution begins.
    pub fn begin(&self, generation: u64) {
        self.0.generation.store(generation, Relaxed);
    }

    /// The last one is over, and its objects are whoever's has them.
    pub fn end(&self) {
        self.0.generation.store(0, Relaxed);
    }

    /// An object of the execution of this generation that an outsider has used.
    #[inline]
    pub fn used(&self, generation: u64) -> Option<ObjIx> {
        Key(self.0.used.load(Relaxed)).index(Key::first(generation))
    }
}

impl Drop for Outsiders {
    fn drop(&mut self) {
        running().retain(|running| !Arc::ptr_eq(running, &self.0));
    }
}

/// An outsider uses the object with this key. If its execution runs now, that is told.
#[cold]
#[inline(never)]
pub(super) fn note(key: Key, changes: bool) {
    if !changes && !key.is_changed() {
        return;
    }
    let running = running();
    if let Some(running) = running.iter().find(|running| running.generation.load(Relaxed) == key.generation())
    {
        running.used.store(key.0, Relaxed);
    }
}
