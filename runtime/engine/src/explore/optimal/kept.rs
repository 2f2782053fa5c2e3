//! What is kept of an execution that is over and gone, to plan in its turn what its races lead to.
//!
//! One thread makes it and another one looks at it, for every execution of a part that plans anything above it. So it is a
//! few flat lists, and has nothing that can be made of the rest: whoever looks at it lays it out again
//! ([`Kept::lay_out`]) where the last one lay. What was looked at goes back to those who keep more: memory that one
//! thread gets and another one frees makes both wait for the allocator.

use super::happens_before::{Decision, HappensBefore};
use super::operation::Operation;
use super::shown::Shown;
use crate::execution::Execution;
use gorace_analyzer_core::clock::VectorClock;
use gorace_analyzer_core::{EventIx, Listed, TaskIx, TaskPath};

/// See the module.
#[derive(Debug, Default)]
pub struct Kept {
    /// What each decision did.
    pub(super) operations: Vec<Operation>,
    /// How many decisions of each task happen before a decision, itself included: those of the first decision, then those
    /// of the second, of as many tasks as have decisions.
    pub(super) counts: Vec<u32>,
    /// Who lets those on that may touch something else in another state.
    pub(super) bases: Vec<(Decision, VectorClock)>,
    pub(super) has_selects: bool,
    /// The alternatives that decisions took, where they took any.
    pub(super) choices: Vec<(Decision, Vec<u32>)>,
    /// The tasks' names.
    pub(super) paths: Vec<TaskPath>,
    /// The clock, if there was one.
    pub(super) clock: Option<TaskIx>,
    /// The events that started timers, once for each.
    pub(super) starts: Vec<EventIx>,
}

impl Kept {
    /// Keeps an execution that has just been analysed, and the alternatives that its decisions took, in their order, in the
    /// place of what was kept before.
    pub fn keep(
        &mut self,
        execution: &Execution,
        order: &HappensBefore,
        taken: impl IntoIterator<Item = (Decision, Vec<u32>)>,
    ) {
        let Kept { operations, counts, bases, has_selects, choices, paths, clock, starts } = self;
        order.operations.clone_into(operations);
        counts.clear();
        order.add_counts(counts);
        bases.clear();
        let may_differ = |decision: &Decision| !order.is_fixed(*decision);
        let base = |decision: Decision| (decision, order.bases[decision].clone());
        bases.extend((0..order.len()).filter(may_differ).map(base));
        *has_selects = order.has_selects;
        choices.clear();
        choices.extend(taken.into_iter().filter(|(_, taken)| !taken.is_empty()));
        paths.clear();
        paths.extend(execution.tasks.iter().map(|task| task.path.clone()));
        *clock = execution.clock.task;
        execution.clock.starts.clone_into(starts);
    }

    /// Keeps nothing but what there was in an execution.
    pub fn names(execution: &Execution) -> Self {
        Kept {
            paths: execution.tasks.iter().map(|task| task.path.clone()).listed(),
            clock: execution.clock.task,
            starts: execution.clock.starts.clone(),
            ..Kept::default()
        }
    }

    /// How many decisions there are.
    pub fn len(&self) -> usize {
        self.operations.len()
    }

    /// The alternatives that a decision took.
    pub fn choices(&self, decision: Decision) -> Vec<u32> {
        let found = self.choices.binary_search_by_key(&decision, |(decision, _)| *decision);
        found.map_or(Vec::new(), |at| self.choices[at].1.clone())
    }

    /// Makes its clocks, in the place of those of another one of the same program.
    pub fn lay_out(&self, order: &mut HappensBefore) {
        // What comes after a choice may be another one.
        let same = self.choices.first().map_or(self.len(), |(decision, _)| *decision);
        let shared = order.shares(self.operations[..same].iter().map(|operation| operation.task));
        order.restore(shared, &self.operations, &self.counts, &self.bases, self.has_selects);
    }
}

impl Shown for Kept {
    fn tasks(&self) -> u32 {
        self.paths.len() as u32
    }

    fn path(&self, task: TaskIx) -> &TaskPath {
        &self.paths[task.at()]
    }

    fn clock(&self) -> Option<TaskIx> {
        self.clock
    }

    fn started_by(&self, event: EventIx) -> usize {
        self.starts.iter().filter(|start| **start == event).count()
    }
}
