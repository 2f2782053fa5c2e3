//! Where objects were made, as a number: what tells two objects apart before anybody uses them.
//!
//! Constructors are `const`, so nobody sees an object made; but each notes its caller's place. What was made at two places is
//! two objects. What was made at one place may be one or several: a loop, or a function that many call.

use gorace_analyzer_core::{Place, TaskPath};

/// A number for the place where an object was made, the same in all processes. Places may share one.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Made(pub(crate) u16);

impl Made {
    /// Nobody knows where.
    pub const ANYWHERE: Made = Made(0);

    /// That of a place.
    pub fn at(place: Place) -> Self {
        match place {
            Place::Code(at) => Made((at.line().wrapping_mul(191) ^ at.column()) as u16),
            Place::Stack(_) | Place::Unknown => Made::ANYWHERE,
        }
    }

    /// That of what was made here for the task of this path.
    pub fn by(self, path: &TaskPath) -> Self {
        let by = |made: u16, ordinal: &u32| made.wrapping_mul(191) ^ (*ordinal as u16).wrapping_add(1);
        if self == Made::ANYWHERE { self } else { Made(path.ordinals().iter().fold(self.0, by)) }
    }

    /// Whether what was made here may have been made there.
    pub fn may_be(self, other: Made) -> bool {
        self == other || self == Made::ANYWHERE || other == Made::ANYWHERE
    }
}
