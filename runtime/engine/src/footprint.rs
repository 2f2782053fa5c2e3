//! What an operation touches: the accesses on which its dependency with others is decided.

use crate::dependency::AccessKind;
use gorace_analyzer_core::{ObjIx, TaskIx};
use std::rc::Rc;

/// One access of an operation to one object.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Access {
    /// The object; tasks count as objects of their own (see [`Access::to_task`]).
    pub object: ObjIx,
    /// How.
    pub kind: AccessKind,
}

/// The set of all tasks, seen as an object.
pub(crate) const ALL_TASKS: ObjIx = ObjIx(u32::MAX);

impl Access {
    /// An access to an object.
    pub fn new(object: ObjIx, kind: AccessKind) -> Self {
        Access { object, kind }
    }

    /// An access to a task seen as an object.
    pub fn to_task(task: TaskIx, kind: AccessKind) -> Self {
        const TASK: u32 = 1 << 31;
        Access { object: ObjIx(task.0 | TASK), kind }
    }

    /// An access to the set of all tasks, which is one more object.
    pub fn to_all_tasks(kind: AccessKind) -> Self {
        Access { object: ALL_TASKS, kind }
    }
}

/// All accesses of one operation. Most have one or two; a `select!` may have many.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Footprint {
    /// At most two.
    Few([Option<Access>; 2]),
    /// Any number.
    Many(Rc<[Access]>),
}

impl Footprint {
    /// Touches nothing: independent of everything.
    pub const NONE: Footprint = Footprint::Few([None, None]);

    /// One access.
    pub fn one(access: Access) -> Self {
        Footprint::Few([Some(access), None])
    }

    /// These accesses.
    pub fn of(accesses: &[Access]) -> Self {
        match *accesses {
            [] => Footprint::NONE,
            [a] => Footprint::Few([Some(a), None]),
            [a, b] => Footprint::Few([Some(a), Some(b)]),
            _ => Footprint::Many(accesses.into()),
        }
    }

    /// These accesses, each once, in an order that does not depend on how they were collected.
    pub fn of_set(accesses: &[Access]) -> Self {
        let key = |access: &Access| (access.object, access.kind);
        // By insertion: there are few, and std's sorts are code that every user's build compiles.
        let mut set: Vec<Access> = Vec::with_capacity(accesses.len());
        for access in accesses {
            let at = set.partition_point(|known| key(known) < key(access));
            if set.get(at) != Some(access) {
                set.insert(at, *access);
            }
        }
        Footprint::of(&set)
    }

    /// The accesses, one by one.
    pub fn accesses(&self) -> impl Iterator<Item = Access> + '_ {
        let (few, many): (&[Option<Access>], &[Access]) = match self {
            Footprint::Few(few) => (few, &[]),
            Footprint::Many(many) => (&[], many),
        };
        few.iter().copied().flatten().chain(many.iter().copied())
    }

    /// Whether the two operations do not commute: some access of one depends on some access of the other.
    pub fn depends_on(&self, other: &Footprint) -> bool {
        self.accesses().any(|a| other.accesses().any(|b| a.object == b.object && a.kind.depends_on(b.kind)))
    }
}
