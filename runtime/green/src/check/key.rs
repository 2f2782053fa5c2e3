//! Telling findings apart within a run, as the analyzer does.

pub(crate) use gorace_analyzer::key::{Key, key};
