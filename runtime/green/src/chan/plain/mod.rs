//! Channels outside of executions, as Go's runtime does them: a buffer, and two queues of those who wait.
//!
//! Each channel has a lock of its own; a `select!` holds those of all its channels, taken in the order of their
//! addresses, so that it is one step.

mod channel;
mod gate;
mod select;
mod waiter;

pub(crate) use channel::{Attempt, Channel};
pub(crate) use select::{Arm, PlainArm, select};
