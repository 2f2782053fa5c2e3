//! What random strategies know of a program beforehand: how much each task does, and what is shared.
//!
//! It is taken from one execution by the default rule, which depends on the program alone. So every process that
//! runs a part of a program's schedules makes the same profile by itself. It is a guess: another schedule may
//! have other operations, and then probabilities are not exactly what they would be.

use super::weights::Weights;
use crate::dependency::AccessKind;
use crate::execution::{Execution, ObjectEntry};
use gorace_analyzer_core::{ObjIx, ObjectKind, Place, TaskIx};

/// See the module.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Profile {
    tasks: usize,
    objects: usize,
    steps: usize,
    all: Weights,
    shared: Vec<Shared>,
}

/// Objects that were made at one place, at which operations of several tasks may race.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Shared {
    kind: ObjectKind,
    made: Place,
    /// How it was accessed.
    seen: Vec<AccessKind>,
    /// Of the accesses that may race with one of those.
    weights: Weights,
}

impl Profile {
    /// Of an execution that is over and has recorded its footprints, as one by [`crate::Selection::Profile`] has.
    #[inline]
    pub fn of(execution: &Execution) -> Self {
        let mut shared = Vec::new();
        for object in execution.objects.iter() {
            let new = Shared::new(object);
            if !shared.contains(&new) {
                shared.push(new);
            }
        }
        for (_, object, kind) in accesses(execution) {
            let place = shared.iter_mut().find(|shared| shared.is(object));
            if let Some(shared) = place.filter(|shared| !shared.seen.contains(&kind)) {
                shared.seen.push(kind);
            }
        }
        for shared in &mut shared {
            let mut counts = vec![0; execution.tasks.len()];
            for (task, object, kind) in accesses(execution) {
                counts[task.at()] += u32::from(shared.is(object) && shared.races(kind));
            }
            // What one task alone uses is in no order that could be another.
            if counts.iter().filter(|count| **count > 0).count() > 1 {
                shared.weights = weights(execution, &counts);
            }
        }
        shared.retain(|shared| shared.weights != Weights::default());
        let mut counts = vec![0; execution.tasks.len()];
        execution
            .decisions()
            .iter()
            .for_each(|event| counts[execution.trace.events[event.at()].task.at()] += 1);
        Profile {
            tasks: execution.tasks.len(),
            objects: execution.objects.len(),
            steps: execution.decisions().len(),
            all: weights(execution, &counts),
            shared,
        }
    }

    /// How many tasks there were.
    pub(super) fn tasks(&self) -> usize {
        self.tasks
    }

    /// How many objects there were.
    pub(super) fn objects(&self) -> usize {
        self.objects
    }

    /// How many operations there were, plain accesses apart.
    pub(super) fn steps(&self) -> usize {
        self.steps
    }

    /// Of all operations, plain accesses apart.
    pub(super) fn all(&self) -> &Weights {
        &self.all
    }

    /// What several tasks use so that the order matters.
    pub(super) fn shared(&self) -> &[Shared] {
        &self.shared
    }
}

impl Shared {
    fn new(object: &ObjectEntry) -> Self {
        let (kind, made) = (object.kind(), object.made());
        Shared { kind, made, seen: Vec::new(), weights: Weights::default() }
    }

    /// Whether `object` is one of these.
    pub fn is(&self, object: &ObjectEntry) -> bool {
        object.kind() == self.kind && object.made() == self.made
    }

    /// Whether an access of this kind depends on one that was seen.
    pub fn races(&self, kind: AccessKind) -> bool {
        self.seen.iter().any(|seen| kind.depends_on(*seen))
    }

    /// Of the accesses that may race.
    pub fn weights(&self) -> &Weights {
        &self.weights
    }
}

/// All accesses of operations to objects. Tasks, which count as objects elsewhere, are none here.
fn accesses(execution: &Execution) -> impl Iterator<Item = (TaskIx, &ObjectEntry, AccessKind)> {
    execution.decisions().iter().flat_map(move |event| {
        let task = execution.trace.events[event.at()].task;
        let accesses = execution.footprints()[event.at()].accesses();
        accesses.filter_map(move |access| Some((task, object(execution, access.object)?, access.kind)))
    })
}

fn object(execution: &Execution, object: ObjIx) -> Option<&ObjectEntry> {
    execution.objects.get(object.at())
}

fn weights(execution: &Execution, counts: &[u32]) -> Weights {
    let mut weights = Weights::default();
    for (task, count) in execution.tasks.iter().zip(counts) {
        if *count > 0 {
            weights.add(&task.path, *count);
        }
    }
    weights
}
