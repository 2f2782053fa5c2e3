//! The token by which one waits and another wakes: the state machine under every park.
//!
//! A token that is given before the wait makes the wait return at once; given twice it is there once. Between
//! [`Signal::commit`] and [`Signal::notify`] exactly one side learns that somebody is to be woken.

use crate::prim::atomic::{
    AtomicU8,
    Ordering::{AcqRel, Acquire, Relaxed},
};

const EMPTY: u8 = 0;
const GIVEN: u8 = 1;
const WAITING: u8 = 2;

/// One token, and whether somebody waits for it.
pub(crate) struct Signal(AtomicU8);

impl Signal {
    /// Nobody waits, and there is no token.
    pub const fn new() -> Self {
        Signal(AtomicU8::new(EMPTY))
    }

    /// Takes the token, if it is there. For who waits.
    pub fn take(&self) -> bool {
        self.0.load(Relaxed) == GIVEN && self.0.compare_exchange(GIVEN, EMPTY, Acquire, Relaxed).is_ok()
    }

    /// Begins to wait; `false`: the token came meanwhile and is taken. For who waits, or for who put it to sleep.
    pub fn commit(&self) -> bool {
        match self.0.compare_exchange(EMPTY, WAITING, AcqRel, Acquire) {
            Ok(_) => true,
            Err(_) => {
                self.0.store(EMPTY, Relaxed);
                false
            }
        }
    }

    /// Whether somebody waits.
    pub fn is_waiting(&self) -> bool {
        self.0.load(Acquire) == WAITING
    }

    /// Stops to wait without a token; `false`: somebody was about to wake it. For who waits.
    pub fn withdraw(&self) -> bool {
        self.0.compare_exchange(WAITING, EMPTY, AcqRel, Acquire).is_ok()
    }

    /// Gives the token; `true`: somebody waited, has the token now, and must be woken by the caller.
    pub fn notify(&self) -> bool {
        let mut now = self.0.load(Relaxed);
        loop {
            let next = if now == WAITING { EMPTY } else { GIVEN };
            // Also if the token is there already: what was done before is to be seen by who takes it.
            match self.0.compare_exchange_weak(now, next, AcqRel, Relaxed) {
                Ok(_) => return now == WAITING,
                Err(other) => now = other,
            }
        }
    }
}
