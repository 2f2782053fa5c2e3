//! A worker's bounded queue of goroutines that have not started: its owner pushes and pops, others steal half.
//!
//! The algorithm is that of Go's scheduler (`runqput`, `runqget`, `runqgrab`), which follows Chase and Lev's
//! deque in what it promises: each pushed pointer comes out once. The queue moves pointers and never looks
//! behind them.

use crate::prim::atomic::{
    AtomicPtr, AtomicU32,
    Ordering::{Acquire, Relaxed, Release},
};

/// A queue of at most `N` pointers; `N` is a power of two.
pub(crate) struct Ring<T, const N: usize> {
    /// The oldest; advanced by whoever takes.
    head: AtomicU32,
    /// Behind the newest; advanced by the owner alone.
    tail: AtomicU32,
    slots: [AtomicPtr<T>; N],
}

impl<T, const N: usize> Ring<T, N> {
    /// An empty queue.
    pub fn new() -> Self {
        const { assert!(N.is_power_of_two()) };
        let slots = std::array::from_fn(|_| AtomicPtr::new(std::ptr::null_mut()));
        Ring { head: AtomicU32::new(0), tail: AtomicU32::new(0), slots }
    }

    fn slot(&self, at: u32) -> &AtomicPtr<T> {
        &self.slots[at as usize % N]
    }

    /// Whether nothing is in it, as far as one look can tell.
    pub fn is_empty(&self) -> bool {
        self.head.load(Acquire) == self.tail.load(Acquire)
    }

    /// How many are in it, as far as one look can tell.
    pub fn len(&self) -> usize {
        let head = self.head.load(Acquire);
        // Read later, and so not behind the head.
        self.tail.load(Acquire).wrapping_sub(head) as usize
    }

    /// Puts one behind the others; gives it back if the queue is full. For the owner only.
    pub fn push(&self, item: *mut T) -> Result<(), *mut T> {
        let head = self.head.load(Acquire);
        let tail = self.tail.load(Relaxed);
        if tail.wrapping_sub(head) as usize >= N {
            return Err(item);
        }
        self.slot(tail).store(item, Relaxed);
        // Whoever reads this tail sees the slot.
        self.tail.store(tail.wrapping_add(1), Release);
        Ok(())
    }

    /// Takes the oldest. For the owner only.
    pub fn pop(&self) -> Option<*mut T> {
        loop {
            let head = self.head.load(Acquire);
            if head == self.tail.load(Relaxed) {
                return None;
            }
            let item = self.slot(head).load(Relaxed);
            if self.head.compare_exchange(head, head.wrapping_add(1), Release, Relaxed).is_ok() {
                return Some(item);
            }
        }
    }

    /// Takes the older half: one is given, the others are put into `mine`, whose owner calls this and which is
    /// empty.
    pub fn steal_into(&self, mine: &Self) -> Option<*mut T> {
        let end = mine.tail.load(Relaxed);
        loop {
            let head = self.head.load(Acquire);
            let tail = self.tail.load(Acquire);
            let there = tail.wrapping_sub(head);
            let count = there - there / 2;
            if count == 0 {
                return None;
            }
            // Head and tail were read at two times, and do not fit.
            if count as usize > N / 2 {
                continue;
            }
            for i in 0..count {
                let item = self.slot(head.wrapping_add(i)).load(Relaxed);
                mine.slot(end.wrapping_add(i)).store(item, Relaxed);
            }
            // What was copied counts only if nobody took it meanwhile.
            if self.head.compare_exchange(head, head.wrapping_add(count), Release, Relaxed).is_ok() {
                let last = count - 1;
                let item = mine.slot(end.wrapping_add(last)).load(Relaxed);
                if last > 0 {
                    mine.tail.store(end.wrapping_add(last), Release);
                }
                return Some(item);
            }
        }
    }
}
