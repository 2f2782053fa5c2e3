//! Executions that run at the same time on other threads, and whether they get in each other's way.
//!
//! An object knows its number in one execution at a time. If it was made outside of the executions, two of them may
//! use it at once; then neither is what it would be by itself. Whoever finds the mark of an execution that is still
//! running in an object's slot says so, and so does whoever loses his own mark while he makes it.

use gorace_analyzer::Listed;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};

/// See the module.
#[derive(Debug)]
pub(crate) struct Peers {
    /// The generation of the execution that each thread runs, or 0.
    running: Vec<Apart>,
    entangled: AtomicBool,
}

/// On a cache line of its own, and not on the one beside it, which is fetched along with it: each thread writes its own in
/// every execution.
#[derive(Debug, Default)]
#[repr(align(128))]
struct Apart(AtomicU64);

impl Peers {
    /// For so many threads.
    pub fn new(threads: usize) -> Self {
        Peers { running: (0..threads).map(|_| Apart::default()).listed(), entangled: AtomicBool::new(false) }
    }

    /// A thread begins an execution.
    pub fn begin(&self, thread: usize, generation: u64) {
        self.running[thread].0.store(generation, SeqCst);
    }

    /// A thread's last execution is over.
    pub fn end(&self, thread: usize) {
        self.running[thread].0.store(0, SeqCst);
    }

    /// Whether this is the execution of another thread.
    pub fn is_running(&self, thread: usize, generation: u64) -> bool {
        // That is nobody's.
        if generation == 0 {
            return false;
        }
        let mut others = self.running.iter().enumerate().filter(|(other, _)| *other != thread);
        others.any(|(_, running)| running.0.load(SeqCst) == generation)
    }

    /// Two executions use one object.
    pub fn entangle(&self) {
        self.entangled.store(true, SeqCst);
    }

    /// Whether any two executions used one object.
    pub fn are_entangled(&self) -> bool {
        self.entangled.load(SeqCst)
    }
}
