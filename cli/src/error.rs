//! Errors as the user sees them: what was expected and what came, then what to do.

use crate::Exit;
use std::fmt;
use std::io::Write as _;

/// An error that ends the command.
#[derive(Clone, Debug)]
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
        // Nothing is left to do if standard error is closed.
        let _ = writeln!(std::io::stderr().lock(), "error: {self}");
    }
}

impl fmt::Display for CliError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        self.hints.iter().try_for_each(|hint| write!(f, "\nhint: {hint}"))
    }
}

/// What commands give.
pub type Outcome<T = Exit> = Result<T, CliError>;
