//! gorace beside loom and shuttle.
//!
//! The programs are macros over the crate that gives the synchronisation types, so that the code under the
//! three tools is literally the same. `benches/speed.rs` measures five of them, `tests/verdicts.rs` compares
//! verdicts on ten others. Nothing here depends on one of the tools: the targets do.

mod median;
mod speed_programs;

pub use median::median;
