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
    running: Vec<AtomicU64>,
    entangled: AtomicBool,
}

impl Peers {
    /// For so many threads.
    pub fn new(threads: usize) -> Self {
        Peers { running: (0..threads).map(|_| AtomicU64::new(0)).listed(), entangled: AtomicBool::new(false) }
    }

    /// A thread begins an execution.
    pub fn begin(&self, thread: usize, generation: u64) {
        self.running[thread].store(generation, SeqCst);
    }

    /// A thread's last execution is over.
    pub fn end(&self, thread: usize) {
        self.running[thread].store(0, SeqCst);
    }

    /// Whether this is the execution of another thread.
    pub fn is_running(&self, thread: usize, generation: u64) -> bool {
        // That is nobody's.
        if generation == 0 {
            return false;
        }
        let mut others = self.running.iter().enumerate().filter(|(other, _)| *other != thread);
        others.any(|(_, running)| running.load(SeqCst) == generation)
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
