//! What an operation touches in a state in which it was not seen, as far as that is known.

use crate::footprint::{Access, Footprint, Known};

/// See the module.
#[derive(Clone, Debug)]
pub enum Touches {
    /// This.
    Exactly(Footprint),
    /// This or something else, as its state may be another one.
    Perhaps {
        /// What it touched elsewhere.
        footprint: Footprint,
        /// Whether it may touch other objects as well.
        reaches: bool,
    },
    /// Something.
    Unknown,
}

impl Touches {
    /// The same in another execution that has the same numbers for the known tasks and objects; `same` is what the
    /// same operation touched there, if it is there.
    ///
    /// If it is not, objects that are not among the known ones are taken to be none of those that the other execution uses,
    /// and are left out. Where one of them is, a plan goes too deep: below an operation with which it does not commute. No
    /// trace is lost by that, since the two race wherever both are run, and are reversed from there. What comes first in a
    /// state is never looked up here, but among what is pending there.
    pub fn renumbered(&self, known: Known, same: Option<&Footprint>) -> Touches {
        let (Touches::Exactly(footprint) | Touches::Perhaps { footprint, .. }) = self else {
            return self.clone();
        };
        let is_known = |access: &Access| access.is_among(known);
        if footprint.accesses().all(|access| is_known(&access)) {
            return self.clone();
        }
        let is_alike = |same: &&Footprint| same.accesses().count() == footprint.accesses().count();
        let footprint: Footprint = match same.filter(is_alike) {
            Some(same) => {
                let pairs = footprint.accesses().zip(same.accesses());
                pairs.map(|(access, same)| Access { object: same.object, ..access }).collect()
            }
            None => footprint.accesses().filter(is_known).collect(),
        };
        match self {
            Touches::Perhaps { reaches, .. } => Touches::Perhaps { footprint, reaches: *reaches },
            _ => Touches::Exactly(footprint),
        }
    }

    /// Whether it depends on what touches `other`, if that is known.
    pub fn depends_on(&self, other: &Footprint) -> Option<bool> {
        match self {
            Touches::Unknown => None,
            Touches::Exactly(footprint) => Some(footprint.depends_on(other)),
            Touches::Perhaps { footprint, reaches } => {
                (!footprint.may_depend_on(other, *reaches)).then_some(false)
            }
        }
    }
}
