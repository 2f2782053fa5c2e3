//! Locks and atomics shaped as std's. Without the features `check` and `goroutines` they *are* std's.

#[cfg(feature = "check")]
pub mod atomic;
#[cfg(feature = "check")]
mod barrier;
#[cfg(feature = "check")]
mod condvar;
#[cfg(feature = "check")]
mod lazy_lock;
#[cfg(feature = "check")]
pub mod mpsc;
#[cfg(feature = "check")]
mod mutex;
#[cfg(feature = "check")]
mod once;
#[cfg(feature = "check")]
mod once_lock;
#[cfg(feature = "check")]
mod running;
#[cfg(feature = "check")]
mod rwlock;

#[cfg(feature = "check")]
pub use self::{
    barrier::{Barrier, BarrierWaitResult},
    condvar::{Condvar, WaitTimeoutResult},
    lazy_lock::LazyLock,
    mutex::{Mutex, MutexGuard},
    once::{Once, OnceState},
    once_lock::OnceLock,
    rwlock::{RwLock, RwLockReadGuard, RwLockWriteGuard},
};

#[cfg(all(not(feature = "check"), feature = "goroutines"))]
pub use gorace_goroutines::sync::{
    Barrier, BarrierWaitResult, Condvar, LazyLock, Mutex, MutexGuard, Once, OnceLock, OnceState, RwLock,
    RwLockReadGuard, RwLockWriteGuard, WaitTimeoutResult, mpsc,
};
#[cfg(not(feature = "check"))]
pub use std::sync::atomic;
#[cfg(all(not(feature = "check"), not(feature = "goroutines")))]
pub use std::sync::{
    Barrier, BarrierWaitResult, Condvar, LazyLock, Mutex, MutexGuard, Once, OnceLock, OnceState, RwLock,
    RwLockReadGuard, RwLockWriteGuard, WaitTimeoutResult, mpsc,
};

pub use crate::go::WaitGroup;
pub use std::sync::{Arc, LockResult, PoisonError, TryLockError, TryLockResult, Weak};
