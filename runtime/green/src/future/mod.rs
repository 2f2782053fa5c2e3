//! Futures: run one on the calling thread or task, or on one of its own.
//!
//! Inside an execution a pending future is a task that waits for its waker, and nothing else: what wakes it,
//! and whether anybody still can, is explored and judged like any other waiting. Futures of other crates take
//! part as far as what they synchronise with is gorace's.

mod block_on;
mod join;
#[cfg(feature = "check")]
mod raw_waker;
mod thread_waker;
#[cfg(feature = "check")]
mod token;

pub use block_on::block_on;
#[cfg(feature = "check")]
pub(crate) use block_on::block_on_at;
pub use join::{JoinHandle, spawn};
