//! The vector clocks of threads while they run (Lamport 1978, Fidge 1988, Mattern 1989), by the C11 rules.
//!
//! A task's own component is 1 and the number of events that it had, so that the task's accesses after its `n`-th event are
//! stamped `n + 1`. They cover others exactly if those have learned of a later event.

use gorace_analyzer_core::Order;
use gorace_engine::Settled;

/// One clock, by the tasks' numbers.
#[derive(Clone, Debug, Default)]
pub struct Clock(Vec<u32>);

impl Clock {
    /// The count of `task`.
    pub fn get(&self, task: u32) -> u32 {
        self.0.get(task as usize).copied().unwrap_or(0)
    }

    /// Sets it.
    pub fn set(&mut self, task: u32, count: u32) {
        if self.0.len() <= task as usize {
            self.0.resize(task as usize + 1, 0);
        }
        self.0[task as usize] = count;
    }

    /// Covers also what `other` covers.
    pub fn join(&mut self, other: &Clock) {
        if self.0.len() < other.0.len() {
            self.0.resize(other.0.len(), 0);
        }
        for (own, other) in self.0.iter_mut().zip(&other.0) {
            *own = (*own).max(*other);
        }
    }

    /// Becomes `other`.
    pub fn copy_from(&mut self, other: &Clock) {
        self.0.clear();
        self.0.extend_from_slice(&other.0);
    }
}

/// What a task knows.
#[derive(Clone, Debug, Default)]
pub struct Knowledge {
    /// What happened before now.
    pub now: Clock,
    /// What an acquire fence would add.
    acquired: Clock,
    /// What the last release fence published.
    released: Clock,
}

impl Knowledge {
    /// `task` had an event.
    pub fn tick(&mut self, task: u32) {
        self.now.set(task, self.now.get(task) + 1);
    }

    /// An atomic operation on a word that carries `word`.
    pub fn atomic(&mut self, word: &mut Clock, order: Order, settled: Settled) {
        let (reads, order) = match settled {
            Settled::Read(_) | Settled::Updated(..) => (true, order),
            Settled::Failed(_, order) => (true, order),
            Settled::Wrote(_) => (false, order),
        };
        if reads && order.acquires() {
            self.now.join(word);
        } else if reads {
            self.acquired.join(word);
        }
        let published = if order.releases() { &self.now } else { &self.released };
        match settled {
            Settled::Wrote(_) => word.copy_from(published),
            // A release sequence goes through a read-modify-write, whatever its own order.
            Settled::Updated(..) => word.join(published),
            Settled::Read(_) | Settled::Failed(..) => {}
        }
    }

    /// A fence.
    pub fn fence(&mut self, order: Order) {
        if order.acquires() {
            self.now.join(&self.acquired);
        }
        if order.releases() {
            self.released.copy_from(&self.now);
        }
    }
}
