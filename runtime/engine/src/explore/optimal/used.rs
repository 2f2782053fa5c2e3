//! What was used in an execution, for sequences that are planned after it and met in other executions, where objects and
//! tasks have other numbers.

use crate::footprint::{Access, Footprint, Known};
use crate::made::Made;
use gorace_analyzer_core::ObjIx;

/// See the module.
#[derive(Debug, Default)]
pub struct Used {
    /// What each operation touched whose task's code had [seen](super::seen) this.
    pub touched: Vec<(u64, Footprint)>,
    /// Where each object was made.
    pub made: Vec<Made>,
}

impl Used {
    /// Where an object was made.
    pub fn made(&self, object: ObjIx) -> Made {
        made_of(&self.made, object)
    }

    /// As much as tells of objects that were not known.
    pub fn later(&self, known: Known) -> Self {
        let is_known = |access: Access| access.is_among(known);
        let is_later = |touched: &Footprint| !touched.accesses().all(is_known);
        let made = |(at, made): (u32, &Made)| if at < known.objects { Made::ANYWHERE } else { *made };
        Used {
            touched: self.touched.iter().filter(|(_, touched)| is_later(touched)).cloned().collect(),
            made: (0..).zip(&self.made).map(made).collect(),
        }
    }
}

/// Where an object was made, of all in their order.
pub fn made_of(made: &[Made], object: ObjIx) -> Made {
    made.get(object.at()).copied().unwrap_or(Made::ANYWHERE)
}
