//! Stacks in use and stacks to be used again, by size.
//!
//! A stack that is given back keeps its pages for the next goroutine. When many lie unused, pages go back to the
//! system; [`give_back_idle`] does that for what lay unused between two calls.

use super::region::{self, Region};
use corosensei::stack::StackPointer;
use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The size of a goroutine's stack if nothing else is asked for, in bytes of address space.
pub const DEFAULT_STACK_SIZE: usize = 256 << 10;

/// The smallest and the largest class: 16 KiB and 1 GiB.
const SMALLEST: u32 = 14;
const CLASSES: usize = 17;

/// How many unused stacks of a size keep their pages however long.
const KEPT: usize = 256;

static POOLS: [Mutex<Pool>; CLASSES] = [const { Mutex::new(Pool::new()) }; CLASSES];

/// The stacks of one size that nobody uses.
struct Pool {
    /// With pages.
    warm: Vec<Stack>,
    /// Without.
    cold: Vec<Stack>,
    /// The fewest that were warm since the last look.
    idle: usize,
    region: Option<Region>,
}

impl Pool {
    const fn new() -> Self {
        Pool { warm: Vec::new(), cold: Vec::new(), idle: 0, region: None }
    }

    /// Takes up to `most` that lie unused.
    fn take(&mut self, most: usize, into: &mut Vec<Stack>) {
        let warm = self.warm.len().saturating_sub(most);
        into.extend(self.warm.drain(warm..));
        self.idle = self.idle.min(warm);
        let cold = self.cold.len().saturating_sub(most - into.len());
        into.extend(self.cold.drain(cold..));
    }

    /// Slots for at least one new stack and up to `most`.
    fn reserve(&mut self, size: usize, most: usize) -> io::Result<Vec<usize>> {
        loop {
            if let Some(region) = &mut self.region {
                let slots: Vec<usize> = region.take(most).collect();
                if !slots.is_empty() {
                    return Ok(slots);
                }
            }
            self.region = Some(Region::reserve(size, self.region.as_ref())?);
        }
    }
}

/// A stack of its owner's: a slot of a region.
#[derive(Debug)]
pub(crate) struct Stack {
    low: usize,
    size: usize,
    class: u8,
}

fn size_of_class(class: u8) -> usize {
    1 << (SMALLEST + u32::from(class))
}

/// The class of stacks that have room for `size` bytes; what is larger than a gibibyte gets that.
pub(crate) fn class_of(size: usize) -> u8 {
    let bits = size.max(1).next_power_of_two().trailing_zeros();
    let class = bits.saturating_sub(SMALLEST) as usize;
    class.min(CLASSES - 1) as u8
}

fn pool(class: u8) -> MutexGuard<'static, Pool> {
    POOLS[class as usize].lock().unwrap_or_else(PoisonError::into_inner)
}

impl Stack {
    /// A stack of this class, and up to `more` others, which are put into `others`.
    ///
    /// # Errors
    /// If the system gives no address space, or no guard.
    pub fn new(class: u8, more: usize, others: &mut Vec<Stack>) -> io::Result<Stack> {
        let size = size_of_class(class);
        let slots = {
            let mut pool = pool(class);
            pool.take(1 + more, others);
            match others.pop() {
                Some(stack) => return Ok(stack),
                None => pool.reserve(size, 1 + more)?,
            }
        };
        // The lock is free: the kernel takes its time.
        region::guard_all(&slots)?;
        let mut stacks = slots.into_iter().map(|low| Stack { low, size, class });
        let first = stacks.next();
        others.extend(stacks);
        first.ok_or_else(|| io::Error::other("a region without a slot"))
    }

    /// Its class.
    pub fn class(&self) -> u8 {
        self.class
    }

    /// Gives it back to be used again.
    pub fn give_back(self) {
        pool(self.class).warm.push(self);
    }

    fn chill(&self) {
        region::give_back(self.low + region::page(), self.low + self.size);
    }
}

/// Gives stacks back, of one class.
pub(crate) fn give_back_all(stacks: impl Iterator<Item = Stack>) {
    let mut stacks = stacks.peekable();
    if let Some(first) = stacks.peek() {
        pool(first.class).warm.extend(stacks);
    }
}

/// Returns the pages of stacks that lay unused since the last call. Gives the number of stacks.
pub(crate) fn give_back_idle() -> usize {
    let mut given = 0;
    for class in 0..CLASSES as u8 {
        let idle = {
            let mut pool = pool(class);
            let count = pool.idle.min(pool.warm.len()).saturating_sub(KEPT);
            // What was used last is at the end.
            let idle: Vec<Stack> = pool.warm.drain(..count).collect();
            pool.idle = pool.warm.len();
            idle
        };
        idle.iter().for_each(Stack::chill);
        given += idle.len();
        pool(class).cold.extend(idle);
    }
    given
}

// SAFETY: the slot is its owner's alone, is as large as said, and its lowest page is a guard.
unsafe impl corosensei::stack::Stack for Stack {
    fn base(&self) -> StackPointer {
        StackPointer::MIN.saturating_add(self.low + self.size - 1)
    }

    fn limit(&self) -> StackPointer {
        StackPointer::MIN.saturating_add(self.low - 1)
    }
}
