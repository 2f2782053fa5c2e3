//! Whether somebody wants a check to stop before its budget ends, and to keep what is left to do: a file that appears.
//!
//! A signal would end the process between two instructions, and a handler of ours would take the place of the program's
//! own. Whoever runs the tests and is interrupted makes the file instead, and waits.

use std::path::PathBuf;
use std::time::Duration;

/// Between two looks: a person waits no longer than that, and a look costs a microsecond or two.
const EVERY: Duration = Duration::from_millis(50);

/// See the module.
pub(crate) struct Stop {
    file: Option<PathBuf>,
    next: Duration,
}

impl Stop {
    /// Nobody asks if there is no file to look for.
    pub fn new(file: Option<PathBuf>) -> Self {
        Stop { file, next: Duration::ZERO }
    }

    /// Whether it is there, if it is time to look; the first time it is.
    pub fn is_asked(&mut self, elapsed: Duration) -> bool {
        let Some(file) = &self.file else { return false };
        if elapsed < self.next {
            return false;
        }
        self.next = elapsed + EVERY;
        file.exists()
    }
}
