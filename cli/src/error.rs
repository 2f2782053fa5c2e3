//! Errors as the user sees them: what was expected and what came, then what to do.

use crate::Exit;
use std::io::Write as _;

/// An error that ends the command.
#[derive(Debug)]
pub struct CliError {
    exit: Exit,
    message: String,
    hints: Vec<String>,
}

impl CliError {
    pub fn new(exit: Exit, message: impl Into<String>) -> Self {
        CliError { exit, message: message.into(), hints: Vec::new() }
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    pub fn exit(&self) -> Exit {
        self.exit
    }

    /// Prints to standard error; an error without a message was printed by somebody else.
    pub fn print(&self) {
        if self.message.is_empty() {
            return;
        }
        let mut out = std::io::stderr().lock();
        // Nothing is left to do if standard error is closed.
        let _ = writeln!(out, "error: {}", self.message);
        for hint in &self.hints {
            let _ = writeln!(out, "hint: {hint}");
        }
    }
}

/// What commands give.
pub type Outcome<T = Exit> = Result<T, CliError>;
