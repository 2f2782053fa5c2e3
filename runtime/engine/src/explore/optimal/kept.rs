//! What is kept of an execution that is over and gone, to plan in its turn what its races lead to.
//!
//! One thread makes it and another one looks at it, for every execution of a part that plans anything above it. So it is a
//! few flat lists, and has nothing that can be made of the rest: whoever looks at it lays it out again
//! ([`Kept::lay_out`]) where the last one lay. What was looked at goes back to those who keep more: memory that one
//! thread gets and another one frees makes both wait for the allocator. And the decisions that lead to where it is looked at
//! may be left out, if whoever looks has those.

use super::happens_before::{Decision, HappensBefore};
use super::operation::Operation;
use super::shown::Shown;
use crate::execution::Execution;
use crate::made::Made;
use gorace_analyzer_core::clock::VectorClock;
use gorace_analyzer_core::{EventIx, Listed, TaskIx, TaskPath};

/// See the module.
#[derive(Debug, Default)]
pub struct Kept {
    /// How many of the first decisions are left out.
    pub(super) from: Decision,
    /// What each of the others did.
    pub(super) operations: Vec<Operation>,
    /// How many decisions of each task happen before a decision, itself included: those of the first that is kept, then those
    /// of the second, of as many tasks as have decisions.
    pub(super) counts: Vec<u32>,
    /// Who lets those on that may touch something else in another state.
    pub(super) bases: Vec<(Decision, VectorClock)>,
    pub(super) has_selects: bool,
    /// Where each object was made.
    pub(super) made: Vec<Made>,
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
    /// Keeps an execution that has just been analysed, but for its first decisions, and the alternatives that all of them took,
    /// in their order, in the place of what was kept before.
    pub fn keep(
        &mut self,
        execution: &Execution,
        order: &HappensBefore,
        but_for: Decision,
        taken: impl IntoIterator<Item = (Decision, Vec<u32>)>,
    ) {
        let Kept { from, operations, counts, has_selects, made, choices, paths, clock, starts, .. } = self;
        *from = but_for;
        order.operations[but_for..].clone_into(operations);
        counts.clear();
        order.add_counts(but_for, counts);
        *has_selects = order.has_selects;
        made.clone_from(&order.made);
        choices.clear();
        choices.extend(taken.into_iter().filter(|(_, taken)| !taken.is_empty()));
        // They are mostly the same, and what nobody writes both have at hand.
        if !execution.tasks.iter().map(|task| &task.path).eq(&*paths) {
            paths.clear();
            paths.extend(execution.tasks.iter().map(|task| task.path.clone()));
        }
        *clock = execution.clock.task;
        execution.clock.starts.clone_into(starts);
    }

    /// Keeps who lets those on that may touch something else in another state: only if one of them is the second event of a
    /// race, anyone asks.
    pub fn keep_bases(&mut self, order: &HappensBefore) {
        let may_differ = |decision: &Decision| !order.is_fixed(*decision);
        let base = |decision: Decision| (decision, order.bases[decision].clone());
        self.bases.clear();
        self.bases.extend((0..order.len()).filter(may_differ).map(base));
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
        self.from + self.operations.len()
    }

    /// The alternatives that a decision took.
    pub fn choices(&self, decision: Decision) -> Vec<u32> {
        let found = self.choices.binary_search_by_key(&decision, |(decision, _)| *decision);
        found.map_or(Vec::new(), |at| self.choices[at].1.clone())
    }

    /// Makes its clocks, in the place of those of another one of the same program. Of this nothing must be left out.
    pub fn lay_out(&self, order: &mut HappensBefore) {
        // What comes after a choice may be another one.
        let same = self.choices.first().map_or(self.len(), |(decision, _)| *decision);
        let shared = order.shares(self.operations[..same].iter().map(|operation| operation.task));
        self.lay_out_after(order, shared);
    }

    /// The same, if it is known how many decisions of the other one are its own: all that are left out, and perhaps more.
    pub fn lay_out_after(&self, order: &mut HappensBefore, shared: Decision) {
        let Kept { from, operations, counts, bases, has_selects, made, .. } = self;
        let tasks = counts.len() / operations.len().max(1);
        let left = shared.saturating_sub(*from).min(operations.len());
        order.restore(*from + left, &operations[left..], &counts[left * tasks..], bases, *has_selects);
        order.made.clone_from(made);
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
