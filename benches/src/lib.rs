//! gorace beside loom and shuttle.
//!
//! The programs are macros over the crate that gives the synchronisation types, so that the code under the
//! three tools is literally the same. `benches/speed/` measures those in `speed_programs` and `proof_programs`,
//! `tests/verdicts.rs` compares verdicts on twenty-five others.

mod geometric_mean;
mod median;
mod proof_programs;
mod published;
mod speed_programs;
pub mod verdict;

pub use geometric_mean::geometric_mean;
pub use median::median;
pub use published::published;

/// The page for users of the other two: each of its snippets is run.
#[cfg(doctest)]
#[doc = include_str!("../../docs/LOOM_AND_SHUTTLE.md")]
pub struct LoomAndShuttle;
