//! Waking those who wait on a word of memory, as `futex(2)` has it: so many at the most, and no promise which.

use super::State;
use crate::tests::program::Val;

impl State {
    /// The states in which so many of those who wait were woken, or all if they are no more.
    pub(super) fn wake_on(&self, task: usize, word: usize, most: usize) -> Vec<State> {
        let waiters: Vec<usize> = self.word_waiters[word].iter().copied().collect();
        let many = waiters.len().min(most);
        let sets = (0..1_u32 << waiters.len()).filter(|set| set.count_ones() as usize == many);
        let wake = |set: u32| {
            let mut next = self.clone();
            for waiter in
                waiters.iter().enumerate().filter(|(at, _)| set & 1 << at != 0).map(|(_, waiter)| *waiter)
            {
                next.word_waiters[word].remove(&waiter);
                next.give(waiter, Val::Bool(false));
            }
            next.give(task, Val::Int(many as i64));
            next
        };
        sets.map(wake).collect()
    }
}
