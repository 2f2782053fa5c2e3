//! Checked plain memory: accesses that nothing orders are data races, and are reported.

mod nesting;
mod shared;
mod unsafe_cell;

pub use shared::Shared;
pub use unsafe_cell::UnsafeCell;
