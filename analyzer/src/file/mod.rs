//! Trace and result files: what one process leaves for another. The grammar is in `docs/trace-format.md`.
//!
//! Versioned, and checked on reading: whatever was read can be worded and drawn without a panic. No derive,
//! so that users' test builds stay small.

mod read;
mod reader;
mod write;

pub use read::{read_record, read_result};
pub use reader::ReadError;
pub use write::{write_record, write_result};

/// The version of both files.
pub const SCHEMA: u64 = 1;
