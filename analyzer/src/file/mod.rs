//! Trace and result files: what one process leaves for another. The grammar is in `docs/trace-format.md`.
//!
//! Versioned, and checked on reading: whatever was read can be worded and drawn without a panic. Reading takes
//! `serde_json`; writing does not, since every user's test build compiles it.

mod json;
#[cfg(feature = "files")]
mod read;
#[cfg(feature = "files")]
mod reader;
mod write;

#[cfg(feature = "files")]
pub use read::{read_record, read_result};
#[cfg(feature = "files")]
pub use reader::ReadError;
pub use write::{write_record, write_result};

/// The version of both files.
pub const SCHEMA: u64 = 1;
