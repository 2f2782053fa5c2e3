//! Stacks: address space that is reserved at once and costs memory only where it was touched.

mod pool;
mod region;

pub use pool::DEFAULT_STACK_SIZE;
pub(crate) use pool::{Stack, class_of, give_back_all, give_back_idle};
pub(crate) use region::{guard_of, reserved};
