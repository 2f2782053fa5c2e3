//! What the findings of an execution are to a person or a program: words, pictures in text, files.
//!
//! From a [`Trace`] and a [`Finding`] this crate makes a report ([`mod@describe`]) and draws it
//! ([`mod@write`]), with the user's source beside it ([`source`]), and keeps both in files ([`mod@file`]). The
//! trace, happens-before and the detectors are `gorace-analyzer-core`'s and are exported again here.
//!
//! Invariants: no `unsafe`, no threads, no clock, no environment; I/O only through `&mut dyn Write`. The
//! same trace gives the same text, byte for byte.
#![forbid(unsafe_code)]

pub mod describe;
pub mod explain;
#[cfg(feature = "files")]
pub mod export;
pub mod file;
pub mod key;
pub mod record;
pub mod source;
pub mod suggest;
pub mod variables;
pub mod write;

pub use gorace_analyzer_core::*;
