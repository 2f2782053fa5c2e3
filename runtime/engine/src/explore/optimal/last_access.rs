//! The last access of each kind by each task to each object, as decisions come, and back again.

use super::happens_before::Decision;
use crate::AccessKind;
use gorace_analyzer_core::{ObjIx, TaskIx};

/// An access.
#[derive(Clone, Copy, Debug)]
pub struct LastAccess {
    /// By whom.
    pub task: TaskIx,
    /// How.
    pub kind: AccessKind,
    /// When.
    pub decision: Decision,
}

/// See the module.
#[derive(Debug, Default)]
pub struct LastAccesses {
    /// Sorted by object.
    objects: Vec<(ObjIx, Vec<LastAccess>)>,
    /// What was changed: the object, the place in its list, and what was there before.
    changes: Vec<(ObjIx, usize, Option<LastAccess>, Decision)>,
}

impl LastAccesses {
    /// Those to `object`.
    pub fn of(&self, object: ObjIx) -> &[LastAccess] {
        self.find(object).map_or(&[], |at| self.objects[at].1.as_slice())
    }

    fn find(&self, object: ObjIx) -> Result<usize, usize> {
        self.objects.binary_search_by_key(&object, |(object, _)| *object)
    }

    /// Adds an access, the last one so far.
    pub fn set(&mut self, object: ObjIx, access: LastAccess) {
        let at = self.find(object).unwrap_or_else(|at| {
            self.objects.insert(at, (object, Vec::new()));
            at
        });
        let list = &mut self.objects[at].1;
        let same = |other: &LastAccess| other.task == access.task && other.kind == access.kind;
        let at = list.iter().position(same).unwrap_or(list.len());
        let before = list.get(at).copied();
        match before {
            Some(_) => list[at] = access,
            None => list.push(access),
        }
        self.changes.push((object, at, before, access.decision));
    }

    /// Takes the accesses of all decisions from `first` on back.
    pub fn forget_from(&mut self, first: Decision) {
        while let Some((object, at, before, _)) = self.changes.pop_if(|change| change.3 >= first) {
            let Ok(of) = self.find(object) else { continue };
            let list = &mut self.objects[of].1;
            match before {
                Some(before) => list[at] = before,
                None => list.truncate(at),
            }
        }
    }
}
