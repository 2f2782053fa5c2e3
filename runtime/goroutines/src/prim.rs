//! The primitives that the queue, the signal and the line of sleepers are built on.
//!
//! They are named here alone, so that the models in `tests/models.rs` can build the same files on gorace's
//! checked types.

pub(crate) use std::sync::{Mutex, atomic};
