//! Locks with a bias: `Mutex` and `RwLock`, with std's signatures as far as they are used, around a real lock of the
//! [`outside`](crate::outside).
//!
//! What is named as in std is for callers outside of executions. Those inside come with their token, by `try_lock_by`,
//! `try_read_by` and `try_write_by`, and never wait. The value lies beside the real lock, since who is in by the bias has
//! no guard of it.

mod mutex;
mod rwlock;
#[cfg(test)]
mod tests;

pub(crate) use mutex::{Mutex, MutexGuard};
pub(crate) use rwlock::{RwLock, RwLockReadGuard, RwLockWriteGuard};

use crate::inside::bias::{Bias, Token, Way};
use crate::outside::thread;
use std::sync::{TryLockError, TryLockResult};
use std::time::Duration;

/// How a guard has the value: by the bias, or with this guard of the real lock.
enum Hold<G> {
    Bias,
    Real(G),
}

/// The guard that an attempt gave, poisoned or not.
#[inline]
pub(crate) fn granted<G>(attempt: TryLockResult<G>) -> Option<G> {
    match attempt {
        Ok(guard) => Some(guard),
        Err(TryLockError::Poisoned(error)) => Some(error.into_inner()),
        Err(TryLockError::WouldBlock) => None,
    }
}

/// The guard of the real lock, if there is one and nobody who is in by the bias keeps it out.
#[inline]
fn with_bias_away<G>(bias: &Bias, real: Option<G>, way: Way) -> Option<G> {
    real.filter(|_| {
        bias.take_away();
        bias.lets_in(way)
    })
}

/// For an execution that does not own the lock yet, or owns too little of it, or finds it held. `attempt` tries the real
/// lock.
#[inline]
fn take_slowly<G>(
    bias: &Bias,
    token: Token,
    way: Way,
    attempt: impl FnOnce() -> Option<G>,
) -> Option<Hold<G>> {
    if bias.keeps_out(token, way) {
        return None;
    }
    let real = attempt()?;
    if bias.give(token, way) {
        return Some(Hold::Bias);
    }
    with_bias_away(bias, Some(real), way).map(Hold::Real)
}

/// Waits, outside of executions and with the real lock, until the bias lets the caller in. Whoever is in by it leaves by a
/// plain store, and wakes nobody.
#[inline]
fn wait_for_bias(bias: &Bias, way: Way) {
    bias.take_away();
    if !bias.lets_in(way) {
        wait_for_owner(bias, way);
    }
}

#[cold]
fn wait_for_owner(bias: &Bias, way: Way) {
    /// As long as an owner that runs is likely to be in.
    const YIELDS: u32 = 100;
    const PAUSE: Duration = Duration::from_micros(100);
    let mut looks = 0;
    while !bias.lets_in(way) {
        if looks < YIELDS {
            looks += 1;
            thread::yield_now();
        } else {
            thread::sleep(PAUSE);
        }
    }
}
