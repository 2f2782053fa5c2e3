//! Threads shaped as std's, which goroutines can wait for without keeping their OS thread.

mod builder;
mod handle;
mod packet;
mod scope;

pub use builder::{Builder, JoinHandle, spawn};
pub(crate) use handle::after;
pub use handle::{Thread, ThreadId, current, panicking, park, park_timeout, sleep, yield_now};
pub(crate) use packet::Packet;
pub use scope::{Scope, ScopedJoinHandle, scope};
