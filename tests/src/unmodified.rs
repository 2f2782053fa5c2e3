//! Packages that do not use gorace, run through the zero-change door.
//!
//! All share one target folder and one cache, so that the instrumented standard library is made once.

use crate::{Ran, gorace, root, run};
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// A package below `tests/zero_change/`.
#[derive(Clone, Copy, Debug)]
pub struct Unmodified(pub &'static str);

impl Unmodified {
    /// Its folder.
    pub fn folder(self) -> PathBuf {
        root().join("tests/zero_change").join(self.0)
    }

    /// `gorace` with these arguments, in the package's folder.
    pub fn gorace(self, args: &[&str]) -> Command {
        let shared = root().join("target/zero_change");
        let mut command = gorace();
        command.current_dir(self.folder()).args(args).stdin(Stdio::null());
        command.env("CARGO_TARGET_DIR", shared.join(self.0)).env("XDG_CACHE_HOME", shared.join("cache"));
        command
    }

    /// Explores one of its programs, so many schedules at the most and no clock that could end it sooner.
    pub fn explore(self, program: &str, schedules: u32, more: &[&str]) -> Ran {
        let schedules = schedules.to_string();
        let args = ["run", "--bin", program, "--max-executions", &schedules, "--timeout", "1h", "--no-times"];
        run(self.gorace(&args).args(more))
    }

    /// The lines of a program that are marked as those a report must show, as the report writes them.
    ///
    /// # Panics
    /// If the program cannot be read.
    pub fn marked(self, program: &str) -> Vec<String> {
        let path = self.folder().join("src/bin").join(format!("{program}.rs"));
        let text =
            std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let lines = text.lines().enumerate().filter(|(_, line)| line.ends_with("// bug"));
        lines.map(|(at, _)| format!("src/bin/{program}.rs:{}:", at + 1)).collect()
    }
}
