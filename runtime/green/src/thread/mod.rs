//! Threads shaped as std's. Without the features `check` and `goroutines` they *are* std's.

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
#[cfg(all(not(feature = "check"), feature = "goroutines"))]
pub use gorace_goroutines::thread::{
    Builder, JoinHandle, Scope, ScopedJoinHandle, Thread, ThreadId, current, panicking, park, park_timeout,
    scope, spawn, yield_now,
};
#[cfg(not(feature = "check"))]
pub use std::thread::{AccessError, LocalKey};
#[cfg(all(not(feature = "check"), not(feature = "goroutines")))]
pub use std::thread::{
    Builder, JoinHandle, Scope, ScopedJoinHandle, Thread, ThreadId, current, panicking, park, park_timeout,
    scope, spawn, yield_now,
};

pub use crate::time::sleep;
pub use std::thread::available_parallelism;

#[cfg(feature = "goroutines")]
pub(crate) use goroutine::start_with;
pub(crate) use goroutine::{run_main, start_goroutine};
pub use std::thread::Result;
