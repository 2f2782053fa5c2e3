//! gorace beside loom and shuttle.
//!
//! The programs are macros over the crate that gives the synchronisation types, so that the code under the
//! three tools is literally the same. `benches/speed.rs` measures five of them, `tests/verdicts.rs` compares
//! verdicts on twenty-five others.

mod median;
mod speed_programs;
pub mod verdict;

pub use median::median;
