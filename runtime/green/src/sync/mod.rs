//! Locks and atomics shaped as std's. Without the feature `check` they *are* std's.

#[cfg(feature = "check")]
pub mod atomic;
#[cfg(feature = "check")]
mod condvar;
#[cfg(feature = "check")]
mod mutex;

#[cfg(feature = "check")]
pub use condvar::Condvar;
#[cfg(feature = "check")]
pub use mutex::{Mutex, MutexGuard};

#[cfg(not(feature = "check"))]
pub use std::sync::{Condvar, Mutex, MutexGuard, atomic};

pub use std::sync::{Arc, LockResult, PoisonError, TryLockError, TryLockResult, Weak};
