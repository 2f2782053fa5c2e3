//! How far a check is, for whoever watches it from another process: a small file that is written again now and then.
//!
//! A file that cannot be written is no reason to fail, and half a file none to complain: whoever reads it waits for the
//! next one.

use std::path::PathBuf;
use std::time::Duration;

const EVERY: Duration = Duration::from_millis(250);

/// What is told.
pub(crate) struct Standing<'a> {
    pub title: &'a str,
    pub executions: u64,
    pub max_executions: u64,
    pub elapsed: Duration,
    pub timeout: Duration,
    pub findings: usize,
    /// How many interleavings a search has run, of how many there seem to be.
    pub searched: Option<(u64, u64)>,
}

/// See the module.
pub(crate) struct Progress {
    file: Option<PathBuf>,
    next: Duration,
}

impl Progress {
    /// Tells nobody if there is no file.
    pub fn new(file: Option<PathBuf>) -> Self {
        Progress { file, next: EVERY }
    }

    /// Writes the file, if it is time to.
    pub fn tell(&mut self, elapsed: Duration, standing: impl FnOnce() -> String) {
        if let Some(file) = &self.file
            && elapsed >= self.next
        {
            self.next = elapsed + EVERY;
            let _ = std::fs::write(file, standing());
        }
    }
}

impl Standing<'_> {
    /// The title, then the numbers: executions, of how many, milliseconds, of how many, findings, interleavings that were
    /// searched, of how many (0 if nobody knows).
    pub fn text(&self) -> String {
        let Standing { title, executions, max_executions, elapsed, timeout, findings, searched } = self;
        let (elapsed, timeout) = (elapsed.as_millis(), timeout.as_millis());
        let (searched, all) = searched.unwrap_or_default();
        format!("{title}\n{executions} {max_executions} {elapsed} {timeout} {findings} {searched} {all}\n")
    }
}
