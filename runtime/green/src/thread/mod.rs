//! Threads shaped as std's. Without the feature `check` they *are* std's.

#[cfg(feature = "check")]
mod checked;
mod goroutine;

#[cfg(feature = "check")]
pub use checked::{Builder, JoinHandle, panicking, spawn, yield_now};
#[cfg(not(feature = "check"))]
pub use std::thread::{Builder, JoinHandle, panicking, spawn, yield_now};

pub(crate) use goroutine::start_goroutine;
pub use std::thread::Result;
