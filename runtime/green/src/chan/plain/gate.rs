//! A lock whose holding can be kept in one list with that of locks around other types.
//!
//! The one file of the plain channels with `unsafe`: whoever shows that the lock is held gets to the state.

use std::cell::UnsafeCell;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// State behind a lock. Nothing waits or runs the user's code while it is held.
pub(super) struct Gate<S> {
    lock: Mutex<()>,
    state: UnsafeCell<S>,
}

/// The lock of a gate is held for as long as this lives.
pub(crate) struct Held<'a> {
    lock: &'a Mutex<()>,
    _guard: MutexGuard<'a, ()>,
}

// SAFETY: the state is reached by one at a time, as in a mutex.
unsafe impl<S: Send> Sync for Gate<S> {}

impl<S> Gate<S> {
    pub const fn new(state: S) -> Self {
        Gate { lock: Mutex::new(()), state: UnsafeCell::new(state) }
    }

    /// Takes the lock.
    #[inline]
    pub fn hold(&self) -> Held<'_> {
        let _guard = self.lock.lock().unwrap_or_else(PoisonError::into_inner);
        Held { lock: &self.lock, _guard }
    }

    /// Where the lock is: what locks are ordered by.
    #[inline]
    pub fn address(&self) -> usize {
        std::ptr::from_ref(&self.lock).addr()
    }

    /// The state, by the lock that is held.
    ///
    /// # Panics
    /// If it is another gate's.
    #[inline]
    pub fn state<'s>(&'s self, held: &'s mut Held<'_>) -> &'s mut S {
        assert!(std::ptr::eq(held.lock, &raw const self.lock), "the lock of another channel is held");
        // SAFETY: the lock is held, by the one `Held` that there is then, and that is borrowed for as long as the
        // state is.
        unsafe { &mut *self.state.get() }
    }
}
