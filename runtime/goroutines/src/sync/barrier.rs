//! `Barrier`, with std's signatures.

use crate::sync::condvar::Condvar;
use crate::sync::mutex::Mutex;
use std::fmt;
use std::sync::PoisonError;

/// Lets goroutines and threads wait for each other: [`std::sync::Barrier`] for goroutines.
///
/// ```
/// let barrier = gorace_goroutines::sync::Barrier::new(1);
/// assert!(barrier.wait().is_leader());
/// ```
pub struct Barrier {
    state: Mutex<State>,
    opened: Condvar,
    size: usize,
}

struct State {
    waiting: usize,
    round: u64,
}

/// Whether the caller was the one that opened the barrier.
pub struct BarrierWaitResult(bool);

impl Barrier {
    /// A barrier that opens when `n` wait at it.
    #[inline]
    pub const fn new(n: usize) -> Self {
        Barrier { state: Mutex::new(State { waiting: 0, round: 0 }), opened: Condvar::new(), size: n }
    }

    /// Waits until all have come. The last one is the leader.
    #[track_caller]
    pub fn wait(&self) -> BarrierWaitResult {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let round = state.round;
        state.waiting += 1;
        if state.waiting >= self.size {
            state.waiting = 0;
            state.round += 1;
            drop(state);
            self.opened.notify_all();
            return BarrierWaitResult(true);
        }
        while state.round == round {
            state = self.opened.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        BarrierWaitResult(false)
    }
}

impl BarrierWaitResult {
    /// Whether the caller is the leader: the last one that came.
    #[must_use]
    pub fn is_leader(&self) -> bool {
        self.0
    }
}

impl fmt::Debug for Barrier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Barrier").finish_non_exhaustive()
    }
}

impl fmt::Debug for BarrierWaitResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BarrierWaitResult").field("is_leader", &self.0).finish()
    }
}
