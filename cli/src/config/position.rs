//! Where in a file something stands.

use crate::Exit;
use crate::error::CliError;
use std::ops::Range;
use std::path::Path;

/// A file that is being read, to say where it is wrong.
pub struct Position<'a> {
    pub path: &'a Path,
    pub text: &'a str,
}

impl Position<'_> {
    /// Line and column of a byte, both counted from 1.
    pub fn of(&self, at: usize) -> (usize, usize) {
        let mut at = at.min(self.text.len());
        while !self.text.is_char_boundary(at) {
            at -= 1;
        }
        let before = &self.text[..at];
        let line = before.matches('\n').count() + 1;
        let start = before.rfind('\n').map_or(0, |newline| newline + 1);
        (line, before[start..].chars().count() + 1)
    }

    /// An error at a span.
    pub fn error(&self, span: &Range<usize>, what: impl std::fmt::Display) -> CliError {
        let (line, column) = self.of(span.start);
        let path = self.path.display();
        CliError::new(Exit::BadConfiguration, format!("{path}, line {line}, column {column}: {what}"))
    }
}
