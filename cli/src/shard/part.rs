//! One part of several, as people write it: `2/3`, counted from 1.

use std::fmt;

/// See the module.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Part {
    pub index: u32,
    pub of: u32,
}

impl Part {
    /// The `index`-th of `of`; `None` if there is no such part.
    pub fn new(index: u32, of: u32) -> Option<Self> {
        (1..=of).contains(&index).then_some(Part { index, of })
    }

    /// Reads `2/3`.
    pub fn parse(text: &str) -> Option<Self> {
        let (index, of) = text.split_once('/')?;
        Part::new(index.parse().ok()?, of.parse().ok()?)
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.index, self.of)
    }
}
