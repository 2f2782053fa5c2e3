//! What an operation touches: the accesses on which its dependency with others is decided.

use crate::dependency::AccessKind;
use gorace_analyzer_core::Listed;
use gorace_analyzer_core::{ObjIx, OpKind, TaskIx};
use std::fmt;
use std::sync::Arc;

/// One access of an operation to one object.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Access {
    /// The object; tasks count as objects of their own (see [`Access::to_task`]).
    pub object: ObjIx,
    /// How.
    pub kind: AccessKind,
}

/// The set of all tasks, seen as an object.
pub(crate) const ALL_TASKS: ObjIx = ObjIx::new(u32::MAX - 1);

impl Access {
    /// An access to an object.
    pub fn new(object: ObjIx, kind: AccessKind) -> Self {
        Access { object, kind }
    }

    /// An access to a task seen as an object.
    pub fn to_task(task: TaskIx, kind: AccessKind) -> Self {
        Access { object: ObjIx::new(task.0 | TASK), kind }
    }

    /// An access to the set of all tasks, which is one more object.
    pub fn to_all_tasks(kind: AccessKind) -> Self {
        Access { object: ALL_TASKS, kind }
    }

    /// The task, if its object is one.
    pub(crate) fn task(&self) -> Option<TaskIx> {
        let object = self.object.number();
        (self.object != ALL_TASKS && object & TASK != 0).then_some(TaskIx(object & !TASK))
    }

    /// Whether its object is one that every execution has.
    pub(crate) fn is_fixed(&self) -> bool {
        self.object == ALL_TASKS || (FIXED..TASK).contains(&self.object.number())
    }

    /// Whether its object is one of these.
    pub(crate) fn is_among(&self, known: Known) -> bool {
        match self.object.number() {
            _ if self.object == ALL_TASKS => true,
            object if object & TASK != 0 => object & !TASK < known.tasks,
            object => object < known.objects || object >= FIXED,
        }
    }
}

/// How many objects and tasks there are at some state. Executions that come through it number these alike.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Known {
    /// Objects.
    pub objects: u32,
    /// Tasks.
    pub tasks: u32,
}

/// What stands where there is no access.
const NO_ACCESS: Access = Access { object: ALL_TASKS, kind: AccessKind::Read };

/// The numbers from here on, below those of tasks, are of objects that every execution has, as the clock.
const FIXED: u32 = 0x7fff_ff00;

/// Marks the numbers of tasks.
const TASK: u32 = 1 << 31;

/// All accesses of one operation. Most have one or two; a `select!` may have many. And which kind of operation it is, if
/// that was noted: those that touch nothing, or the same, are told apart by it.
#[derive(Clone)]
pub struct Footprint(Accesses);

/// Few lie in place.
#[derive(Clone)]
enum Accesses {
    Few { op: Option<OpKind>, len: u8, accesses: [Access; 2] },
    Many(Option<OpKind>, Arc<[Access]>),
}

impl Footprint {
    /// Touches nothing: independent of everything.
    pub const NONE: Footprint = Footprint(Accesses::Few { op: None, len: 0, accesses: [NO_ACCESS; 2] });

    /// One access.
    pub fn one(access: Access) -> Self {
        Footprint(Accesses::Few { op: None, len: 1, accesses: [access, NO_ACCESS] })
    }

    /// These accesses.
    pub fn of(accesses: &[Access]) -> Self {
        match *accesses {
            [] => Footprint::NONE,
            [a] => Footprint::one(a),
            [a, b] => Footprint(Accesses::Few { op: None, len: 2, accesses: [a, b] }),
            _ => Footprint(Accesses::Many(None, accesses.into())),
        }
    }

    /// The same, noted to be an operation of this kind.
    #[inline]
    pub fn of_op(mut self, kind: OpKind) -> Self {
        let (Accesses::Few { op, .. } | Accesses::Many(op, _)) = &mut self.0;
        *op = Some(kind);
        self
    }

    /// The kind of operation, if it was noted: attempts count as successes.
    #[inline]
    pub fn op(&self) -> Option<OpKind> {
        let (Accesses::Few { op, .. } | Accesses::Many(op, _)) = &self.0;
        *op
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
    #[inline]
    pub fn accesses(&self) -> impl Iterator<Item = Access> + Clone + '_ {
        self.as_slice().iter().copied()
    }

    #[inline]
    fn as_slice(&self) -> &[Access] {
        match &self.0 {
            Accesses::Few { len, accesses, .. } => &accesses[..usize::from(*len)],
            Accesses::Many(_, accesses) => accesses,
        }
    }

    /// What either touches.
    pub(crate) fn with(&self, other: &Footprint) -> Footprint {
        let new = other.accesses().filter(|access| self.accesses().all(|own| own != *access));
        self.accesses().chain(new).collect()
    }

    /// What it may be by the time that others, independent of it, have run: a decrease may become the last one
    /// that is not too many.
    pub(crate) fn later(&self) -> Footprint {
        let later = |access: Access| match access.kind {
            AccessKind::WgDone => Access { kind: AccessKind::WgLastDone, ..access },
            _ => access,
        };
        match self.accesses().any(|access| access.kind == AccessKind::WgDone) {
            true => self.accesses().map(later).collect(),
            false => self.clone(),
        }
    }

    /// Whether it may have been another one if fewer others, independent of it, had run before: see
    /// [`Footprint::later`].
    pub(crate) fn goes_by_others(&self) -> bool {
        self.accesses().any(|access| matches!(access.kind, AccessKind::WgLastDone | AccessKind::WgOverdraw))
    }

    /// The counter from which it takes one, if that is not too much.
    pub(crate) fn takes_from(&self) -> Option<ObjIx> {
        let takes = |access: &Access| matches!(access.kind, AccessKind::WgDone | AccessKind::WgLastDone);
        self.accesses().find(takes).map(|access| access.object)
    }

    /// The same at the objects of another one of the same operation; `None` if it cannot be told which of them is which.
    pub(crate) fn at_objects_of(&self, other: &Footprint) -> Option<Footprint> {
        let (own, other) = (self.as_slice(), other.as_slice());
        let is_alone = |at: usize| own[..at].iter().all(|earlier| earlier.kind != own[at].kind);
        let is_alike = |at: usize| own[at].kind == other[at].kind && is_alone(at);
        let fits = own.len() == other.len() && (own.len() == 1 || (0..own.len()).all(is_alike));
        let pairs = own.iter().zip(other);
        fits.then(|| pairs.map(|(own, other)| Access { object: other.object, ..*own }).collect())
    }

    /// Whether the operation could depend on the other one if it were run in another state, in which it may
    /// touch its objects otherwise, and other objects too if it `reaches` further.
    pub(crate) fn may_depend_on(&self, other: &Footprint, reaches: bool) -> bool {
        let mut pairs = self.accesses().flat_map(|a| other.accesses().map(move |b| (a, b)));
        pairs.any(|(a, b)| a.object == b.object || reaches && b.kind.can_be_reached())
    }

    /// Whether both access some object. The set of all tasks counts only for who counts them.
    pub(crate) fn meets(&self, other: &Footprint) -> bool {
        let meet = |a: Access, b: Access| {
            a.object == b.object && (a.object != ALL_TASKS || a.kind.depends_on(b.kind))
        };
        self.accesses().any(|a| other.accesses().any(|b| meet(a, b)))
    }

    /// Whether the two operations do not commute: some access of one depends on some access of the other.
    pub fn depends_on(&self, other: &Footprint) -> bool {
        // Searches ask this of nearly every pair of operations, and nearly all have one access.
        if let ([a], [b]) = (self.as_slice(), other.as_slice()) {
            return a.object == b.object && a.kind.depends_on(b.kind);
        }
        self.accesses().any(|a| other.accesses().any(|b| a.object == b.object && a.kind.depends_on(b.kind)))
    }
}

impl PartialEq for Footprint {
    fn eq(&self, other: &Self) -> bool {
        self.op() == other.op() && self.as_slice() == other.as_slice()
    }
}

impl Eq for Footprint {}

impl fmt::Debug for Footprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.as_slice()).finish()
    }
}

impl FromIterator<Access> for Footprint {
    fn from_iter<I: IntoIterator<Item = Access>>(accesses: I) -> Self {
        Footprint::of(&accesses.into_iter().listed())
    }
}
