//! What an operation touches in a state in which it was not seen, as far as that is known.

use crate::footprint::{Access, Footprint, Known};
use gorace_analyzer_core::ObjIx;

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
    /// This, but the numbers of objects and tasks that are not among the known ones mean nothing.
    Unnumbered {
        /// What it touched elsewhere.
        footprint: Footprint,
        /// What has the same numbers everywhere.
        known: Known,
    },
    /// Something.
    Unknown,
}

impl Touches {
    /// The same in another execution that has the same numbers for the known tasks and objects; `same` is what the
    /// same operation touched there, if it is there.
    pub fn renumbered(&self, known: Known, same: Option<&Footprint>) -> Touches {
        let (Touches::Exactly(footprint) | Touches::Perhaps { footprint, .. }) = self else {
            return self.clone();
        };
        if footprint.accesses().all(|access| access.is_among(known)) {
            return self.clone();
        }
        let is_alike = |same: &&Footprint| same.accesses().count() == footprint.accesses().count();
        let renumbered = same.filter(is_alike).map(|same| {
            let pairs = footprint.accesses().zip(same.accesses());
            pairs.map(|(access, same)| Access { object: same.object, ..access }).collect()
        });
        match (self, renumbered) {
            (Touches::Exactly(_), Some(footprint)) => Touches::Exactly(footprint),
            (Touches::Exactly(_), None) => Touches::Unnumbered { footprint: footprint.clone(), known },
            (Touches::Perhaps { reaches, .. }, Some(footprint)) => {
                Touches::Perhaps { footprint, reaches: *reaches }
            }
            _ => Touches::Unknown,
        }
    }

    /// Whether it depends on what touches `other`, if that is known. `may_be_one` says whether an object of its own and one of
    /// the other's, of neither of which anybody knew, may be one.
    pub fn depends_on(&self, other: &Footprint, may_be_one: impl Fn(ObjIx, ObjIx) -> bool) -> Option<bool> {
        match self {
            Touches::Unknown => None,
            Touches::Exactly(footprint) => Some(footprint.depends_on(other)),
            Touches::Perhaps { footprint, reaches } => {
                (!footprint.may_depend_on(other, *reaches)).then_some(false)
            }
            Touches::Unnumbered { footprint, known } => {
                let mut pairs = footprint.accesses().flat_map(|a| other.accesses().map(move |b| (a, b)));
                let is_known = |a: &Access| a.is_among(*known);
                if pairs
                    .clone()
                    .any(|(a, b)| is_known(&a) && a.object == b.object && a.kind.depends_on(b.kind))
                {
                    return Some(true);
                }
                // An object that was known is none of those that were not.
                let may_be_one =
                    |a: &Access, b: &Access| !is_known(a) && !is_known(b) && may_be_one(a.object, b.object);
                let may = pairs.any(|(a, b)| may_be_one(&a, &b) && a.kind.depends_on(b.kind));
                (!may).then_some(false)
            }
        }
    }
}
