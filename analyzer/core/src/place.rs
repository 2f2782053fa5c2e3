//! Where in the user's source something happened.

use std::panic::Location;

/// A place in the source as it is stored in an event: cheap to copy, resolved when somebody looks.
///
/// Both payloads are of one size, so that it is copied in two registers.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Place {
    /// The caller of a `#[track_caller]` function in this very binary.
    Code(&'static Location<'static>),
    /// A stack, innermost frame first: the index of an entry of [`Trace::stacks`](crate::Trace::stacks).
    Stack(usize),
    /// Nobody knows (a destructor without debug information).
    #[default]
    Unknown,
}

impl Place {
    /// The caller's place.
    #[track_caller]
    pub fn here() -> Self {
        Place::Code(Location::caller())
    }
}

/// One resolved frame: a file as the compiler saw it, a line and a column counted from 1 (column 0: not
/// known), and the function where it is known.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Frame {
    /// The path as it stands in the binary: relative to the workspace root, or absolute.
    pub file: String,
    /// Counted from 1.
    pub line: u32,
    /// Counted from 1; 0 if not known.
    pub column: u32,
    /// The function's path, if it is known.
    pub function: Option<String>,
    /// Whether only who asks for whole stacks wants to see it: it is std's, or on the way through a dependency.
    pub folded: bool,
}
