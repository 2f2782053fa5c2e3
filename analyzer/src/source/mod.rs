//! What can be told from the source text around a place: pure functions over text that the caller read.
//!
//! They look at one file as lines and know strings, comments and brackets, but no grammar: that works inside
//! macro arguments too, costs nothing, and keeps a parser out of every user's test build. What they cannot
//! tell they leave out.

mod field;
mod files;
mod function;
mod name;
mod receiver;
mod scan;
mod span;

pub use field::{derived_field, derived_fields};
pub use files::Files;
pub use function::enclosing_function;
pub use name::object_name;
pub use receiver::receiver;
pub use scan::is_identifier;
pub use span::{Reach, grow};

use gorace_analyzer_core::Listed;
use std::rc::Rc;

/// Gives the text of source files. Who implements it does the I/O.
pub trait Sources {
    /// The text of `file`, named as the trace names it; `None` if it cannot be had.
    fn text(&self, file: &str) -> Option<Rc<str>>;
}

/// Knows no source at all.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoSources;

impl Sources for NoSources {
    fn text(&self, _file: &str) -> Option<Rc<str>> {
        None
    }
}

/// Sources held in memory.
///
/// ```
/// use gorace_analyzer::source::{MapSources, Sources};
/// let sources = MapSources::from_iter([("src/lib.rs", "fn main() {}")]);
/// assert_eq!(sources.text("src/lib.rs").as_deref(), Some("fn main() {}"));
/// assert!(sources.text("src/other.rs").is_none());
/// ```
#[derive(Clone, Debug, Default)]
pub struct MapSources(Vec<(String, Rc<str>)>);

impl<'a> FromIterator<(&'a str, &'a str)> for MapSources {
    fn from_iter<I: IntoIterator<Item = (&'a str, &'a str)>>(files: I) -> Self {
        MapSources(files.into_iter().map(|(file, text)| (file.to_owned(), text.into())).listed())
    }
}

impl Sources for MapSources {
    fn text(&self, file: &str) -> Option<Rc<str>> {
        self.0.iter().rev().find(|(known, _)| known == file).map(|(_, text)| text.clone())
    }
}

/// Line `line` (counted from 1) of `text`, without its line end.
pub fn line(text: &str, line: u32) -> Option<&str> {
    text.lines().nth((line as usize).checked_sub(1)?)
}
