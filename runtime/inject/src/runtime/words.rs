//! The words of memory that are used as atomics or waited on: each with its object of the engine and its clock.
//!
//! A word is known by its address while the memory is what it is: a block that is handed out again begins without
//! any, since its shadow is cleared.

use super::clocks::Clock;
use super::shadow::Shadow;
use gorace_analyzer_core::ObjIx;

/// One word.
#[derive(Debug)]
pub struct Word {
    /// Its address.
    pub address: usize,
    /// The next one of its cell; 0 for none.
    next: u32,
    /// Its object.
    pub object: ObjIx,
    /// What was released into it.
    pub clock: Clock,
    /// How often a lock of the C library's here was given back, or a condition notified.
    pub changes: u32,
    /// How a thing of the C library's here was made: a barrier for so many, a condition with one clock (1) or the other.
    pub made: u32,
    /// How many are in it: in a barrier that has let them go, in a `pthread_once`'s function.
    pub inside: u32,
}

impl Word {
    fn new(address: usize, next: u32, object: ObjIx) -> Self {
        Word { address, next, object, clock: Clock::default(), changes: 0, made: 0, inside: 0 }
    }
}

/// All words; the first is none.
#[derive(Debug, Default)]
pub struct Words(Vec<Word>);

impl Words {
    /// The word at `address`, which `register` makes known if it is new.
    pub fn at(&mut self, address: usize, shadow: &mut Shadow, register: impl FnOnce() -> ObjIx) -> &mut Word {
        if self.0.is_empty() {
            self.0.push(Word::new(0, 0, ObjIx::new(u32::MAX)));
        }
        let mut none = 0;
        let first = shadow.word(address).unwrap_or(&mut none);
        let mut at = *first as usize;
        while at != 0 && self.0[at].address != address {
            at = self.0[at].next as usize;
        }
        if at == 0 {
            at = self.0.len();
            self.0.push(Word::new(address, *first, register()));
            *first = at as u32;
        }
        &mut self.0[at]
    }
}
