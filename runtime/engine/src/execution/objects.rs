//! The objects of an execution, in the order of first use. Those of the one before are made anew where they lie, so that
//! what they hold (queues, above all) is allocated once.

use crate::execution::{ObjectEntry, ObjectSpec};
use crate::made::Made;
use crate::prim::Object;
use gorace_analyzer_core::{ObjIx, TaskIx};
use std::ops::{Deref, Index, IndexMut};

/// See the module. As a slice it is the objects of the running execution.
#[derive(Default)]
pub(crate) struct Objects {
    entries: Vec<ObjectEntry>,
    /// How many of them are the running execution's.
    known: usize,
    /// A number for where each was made.
    pub made: Vec<Made>,
}

impl Objects {
    /// Forgets all of them.
    pub fn clear(&mut self) {
        self.known = 0;
        self.made.clear();
    }

    /// The state of this one, if there is one.
    #[inline(always)]
    pub fn get_mut(&mut self, object: ObjIx) -> Option<&mut Object> {
        self.entries.get_mut(object.at()).map(|entry| &mut entry.state)
    }

    /// Adds one that `task` is the first to use, as its object of this `ordinal`.
    pub fn add(&mut self, spec: ObjectSpec, task: TaskIx, ordinal: u32) {
        match self.entries.get_mut(self.known) {
            Some(entry) => {
                entry.state.renew(&spec);
                (entry.spec, entry.task, entry.ordinal) = (spec, task, ordinal);
            }
            None => self.entries.push(ObjectEntry { state: Object::new(&spec), spec, task, ordinal }),
        }
        self.known += 1;
    }
}

impl Deref for Objects {
    type Target = [ObjectEntry];

    #[inline]
    fn deref(&self) -> &[ObjectEntry] {
        &self.entries[..self.known]
    }
}

impl Index<usize> for Objects {
    type Output = ObjectEntry;

    #[inline(always)]
    fn index(&self, at: usize) -> &ObjectEntry {
        &self.entries[at]
    }
}

impl IndexMut<usize> for Objects {
    #[inline(always)]
    fn index_mut(&mut self, at: usize) -> &mut ObjectEntry {
        &mut self.entries[at]
    }
}
