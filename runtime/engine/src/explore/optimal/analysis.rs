//! Looks at executions of leaves that are run ahead of their turn, while they are there.
//!
//! What the races of such an execution lead to is planned in states on its way, in the search's order: by the search, in its
//! turn. But in states that nobody has been in, and from which nothing else is planned, this execution is the first to plan
//! anything. So that is done here; and what is left with nothing to explore need not be kept.
//!
//! An execution cannot be taken over if anything is to be rehearsed, for which there has to be the execution itself.

use super::ahead::Ahead;
use super::happens_before::{Decision, HappensBefore};
use super::leaves::{Leaf, Leaves, bits, decisions, tasks_of};
use super::ran::Ran;
use super::search::{Look, Optimal};
use crate::descent::Lists;
use crate::execution::Execution;
use crate::plan::{NodeRecord, Step, WakeupStep};
use std::cmp::Ordering;

/// Looks at executions of leaves, one after the other; each thread has its own.
#[derive(Debug, Default)]
pub struct Analysis {
    order: HappensBefore,
    /// The decisions at which nothing else is planned before this execution.
    own: Optimal,
    left: Vec<Lists>,
}

impl Analysis {
    /// Looks at the execution of a leaf, which is still there: whether it can be taken over. The rest of it goes into `ran`.
    pub fn look(
        &mut self,
        leaves: &Leaves,
        number: usize,
        execution: &mut Execution,
        is_plain: bool,
        ran: &mut Ran,
    ) -> bool {
        let mut records = execution.take_nodes();
        execution.reuse(self.left.drain(..));
        let leaf = &leaves.leaves[number];
        let is_broken = |record: &NodeRecord| matches!(record, NodeRecord::Task { broken: true, .. });
        let may_fit = is_plain && !records.iter().any(is_broken);
        let choices = may_fit.then(|| self.choices(leaves, leaf, &records, execution)).flatten();
        let mut rest = records.drain(..);
        let fits = choices.is_some();
        if let Some(choices) = choices {
            ran.steps = execution.steps();
            self.keep(leaves, leaf, (&mut rest, choices), execution, ran);
        }
        for record in rest {
            self.left.extend(lists_of(record));
        }
        execution.reuse_nodes(records);
        fits
    }

    /// Keeps an execution that fits, and plans what can be planned without the search.
    fn keep(
        &mut self,
        leaves: &Leaves,
        leaf: &Leaf,
        (records, choices): (&mut std::vec::Drain<'_, NodeRecord>, Choices),
        execution: &Execution,
        ran: &mut Ran,
    ) {
        ran.asleep.clear();
        if leaf.is_led
            && let Some(NodeRecord::Task { eligible, chosen, sleep, .. }) = records.next()
        {
            ran.top = Some(eligible[chosen as usize].0);
            ran.asleep.extend(sleep.iter().map(|(task, _)| *task));
            self.left.push([eligible, sleep]);
        } else {
            ran.top = Some(leaf.first.0);
            ran.asleep.extend(leaf.sleep.iter().map(|(task, _)| *task));
        }
        let is_task = |record: &&NodeRecord| matches!(record, NodeRecord::Task { .. });
        // Decisions up to the last that is on the stack.
        let met = self.order.len() - records.as_slice().iter().filter(is_task).count();
        self.own.tasks.clear();
        self.own.tasks.resize(met, usize::MAX);
        self.own.has_doubt = false;
        for record in records {
            self.own.push(record, Ahead::default(), execution);
        }
        // The first from whose state nothing else is planned.
        let is_free = |decision: &Decision| self.own.tasks[*decision] >= leaf.branching;
        let free = (met..self.order.len()).find(is_free).unwrap_or(self.order.len());
        // Nothing is rehearsed, and no decision above is looked at.
        let look = Look { execution: None, ..Look::of(execution, &self.order) };
        let at = leaf.decision(leaves);
        ran.races.clear();
        for race @ (first, _) in self.order.races().iter().copied() {
            if first >= free {
                self.own.reverse_unless_led(&look, race);
                continue;
            }
            let asleep = match first.cmp(&at) {
                Ordering::Less => leaves.asleep[first],
                Ordering::Equal => bits(&leaf.sleep),
                Ordering::Greater => 0,
            };
            if !tasks_of(asleep).any(|task| self.order.leads_to_reversal(task, race)) {
                ran.races.push(race);
            }
        }
        for decision in free..self.order.len() {
            self.own.choose_otherwise(&look, decision);
        }
        ran.has_doubt = self.own.has_doubt;
        // Up to the last decision on the stack, the search has all of it.
        ran.kept.keep(execution, &self.order, met - 1, choices);
        let planned = self.own.stack.len().min(self.own.tasks.get(free).copied().unwrap_or(usize::MAX));
        while self.own.stack.len() > planned
            && let Some(node) = self.own.stack.pop_if(|node| !node.has_next())
        {
            self.left.extend(node.lists());
        }
        ran.take_nodes(&mut self.own.stack, &mut self.left);
    }

    /// Analyses an execution: the alternatives that its decisions took. `None`, if something has to be rehearsed to plan what
    /// its races lead to, or other alternatives.
    fn choices(
        &mut self,
        leaves: &Leaves,
        leaf: &Leaf,
        records: &[NodeRecord],
        execution: &Execution,
    ) -> Option<Choices> {
        self.order.analyze(execution, self.order.shares(leaf.tasks(leaves)));
        let order = &self.order;
        let (decided, choices) = leaf.choices(leaves, records);
        let is_plain = decided == order.len()
            && choices.iter().all(|(decision, _)| order.is_certain(*decision))
            && order.races().iter().all(|(_, second)| order.is_certain(*second))
            && !order.goes_by_others();
        is_plain.then_some(choices)
    }
}

/// The alternatives that decisions took, where they took any, in their order.
type Choices = Vec<(Decision, Vec<u32>)>;

impl Leaf {
    /// How many decisions there are, and what they took, if these come after those that are not recorded.
    fn choices(&self, leaves: &Leaves, records: &[NodeRecord]) -> (Decision, Choices) {
        let before = leaves.steps[..self.at].iter().map(|step| match step {
            Step::Task(..) => None,
            Step::Choice { taken, .. } => Some(*taken),
        });
        let lead = decisions(&self.lead).map(|step| match step {
            WakeupStep::Choice(taken) => Some(*taken),
            _ => None,
        });
        let records = records.iter().map(|record| match record {
            NodeRecord::Task { .. } => None,
            NodeRecord::Choice { taken, .. } => Some(*taken),
        });
        let (mut decided, mut choices) = (0, Choices::new());
        for taken in before.chain([None]).chain(lead).chain(records) {
            match (taken, choices.last_mut()) {
                (None, _) => decided += 1,
                (Some(taken), Some((decision, choices))) if *decision == decided - 1 => choices.push(taken),
                (Some(taken), _) => choices.push((decided - 1, vec![taken])),
            }
        }
        (decided, choices)
    }
}

/// What of a decision can be used again.
fn lists_of(record: NodeRecord) -> Option<Lists> {
    match record {
        NodeRecord::Task { eligible, sleep, .. } => Some([eligible, sleep]),
        NodeRecord::Choice { .. } => None,
    }
}
