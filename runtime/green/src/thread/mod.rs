//! Threads shaped as std's. Without the feature `check` they *are* std's.

#[cfg(feature = "check")]
mod checked;
#[cfg(feature = "check")]
mod current;
mod goroutine;
#[cfg(feature = "check")]
mod local;
mod local_macro;
#[cfg(feature = "check")]
mod scope;

#[cfg(feature = "check")]
pub use self::{
    checked::{Builder, JoinHandle, panicking, spawn, yield_now},
    current::{Thread, ThreadId, current, park, park_timeout},
    local::{AccessError, LocalKey},
    scope::{Scope, ScopedJoinHandle, scope},
};
#[cfg(not(feature = "check"))]
pub use std::thread::{
    AccessError, Builder, JoinHandle, LocalKey, Scope, ScopedJoinHandle, Thread, ThreadId, current,
    panicking, park, park_timeout, scope, spawn, yield_now,
};

pub use crate::time::sleep;
pub use std::thread::available_parallelism;

pub(crate) use goroutine::{goroutines, run_main, start_goroutine};
pub use std::thread::Result;
