//! The last access of each kind by each task to each object, as decisions come, and back again.

use super::happens_before::Decision;
use crate::AccessKind;
use gorace_analyzer::{ObjIx, TaskIx};
use std::collections::BTreeMap;

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
    objects: BTreeMap<ObjIx, Vec<LastAccess>>,
    /// What was changed: the object, the place in its list, and what was there before.
    changes: Vec<(ObjIx, usize, Option<LastAccess>, Decision)>,
}

impl LastAccesses {
    /// Those to `object`.
    pub fn of(&self, object: ObjIx) -> &[LastAccess] {
        self.objects.get(&object).map_or(&[], Vec::as_slice)
    }

    /// Adds an access, the last one so far.
    pub fn set(&mut self, object: ObjIx, access: LastAccess) {
        let list = self.objects.entry(object).or_default();
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
            let Some(list) = self.objects.get_mut(&object) else { continue };
            match before {
                Some(before) => list[at] = before,
                None => list.truncate(at),
            }
        }
    }
}
