//! What the execution of a leaf has met that was run ahead of its turn, and how it is taken over in its turn.

use super::estimate::Explored;
use super::happens_before::{Decision, HappensBefore};
use super::kept::Kept;
use super::leaves::{Leaf, Leaves, decisions};
use super::node::Node;
use super::search::{Look, Optimal};
use crate::descent::Lists;
use gorace_analyzer_core::TaskIx;

/// Lists that the search keeps for its own executions.
const RESERVE: usize = 128;

/// What is left of the execution of a leaf; nothing at first. It is made to be used again.
#[derive(Debug, Default)]
pub struct Ran {
    /// Who runs in the last decision that is on the stack already, and who is asleep there.
    pub(super) top: Option<TaskIx>,
    pub(super) asleep: Vec<TaskIx>,
    /// Those after it, with what the execution's races lead to: up to the last that has anything left to explore, or is planned.
    pub(super) nodes: Vec<Node>,
    pub(super) has_doubt: bool,
    pub(super) kept: Kept,
    /// Races whose first event is not after those that are planned: who runs first if they are reversed, if that is not the
    /// second event.
    pub(super) races: Vec<(Decision, Decision, Option<TaskIx>)>,
    pub(super) steps: u64,
    /// Lists for the next execution's decisions.
    pub(super) lists: Vec<Lists>,
}

impl Ran {
    /// How many steps it took.
    pub fn steps(&self) -> u64 {
        self.steps
    }
}

impl Optimal {
    /// Takes over what the execution of the leaf has met whose turn it is, as if it had been run now. If that does not fit,
    /// nothing is changed, and it is still to be run.
    pub fn adopt_leaf(&mut self, leaves: &Leaves, number: usize, ran: &mut Ran) -> bool {
        if !self.stands_before(&leaves.leaves[number], ran) {
            return false;
        }
        let mut ahead = std::mem::take(&mut self.ahead);
        self.due = None;
        // What is planned since is not what these were looked at with; what was planned then still is.
        let branching = ahead.branching();
        debug_assert!(branching >= leaves.leaves[number].branching, "a plan is gone");
        let mut nodes = ran.nodes.drain(..);
        let is_choice = |node: Option<&Node>| matches!(node, Some(Node::Choice(_)));
        for at in 0.. {
            if at >= branching && !is_choice(nodes.as_slice().first()) {
                break;
            }
            let Some(node) = nodes.next() else { break };
            ahead = self.push(node.into(), ahead, &ran.kept);
        }
        let own = self.tasks.len();
        self.given = true;
        self.traces += 1;
        self.has_doubt |= ran.has_doubt;
        let mut order = None;
        for (first, second, head) in ran.races.iter().copied().filter(|(first, ..)| *first < own) {
            let state = self.stack[self.tasks[first]].state();
            if state.zip(head).is_some_and(|(state, head)| state.is_asleep(head)) {
                continue;
            }
            let order = &*order.get_or_insert_with(|| self.lay_out(&ran.kept));
            self.reverse(&Look::of_kept(&ran.kept, order), (first, second));
        }
        for decision in 0..own {
            if self.has_other_choices(decision) {
                let order = &*order.get_or_insert_with(|| self.lay_out(&ran.kept));
                self.choose_otherwise(&Look::of_kept(&ran.kept, order), decision);
            }
        }
        if let Some(order) = order {
            self.laid_out = order;
        }
        let left = nodes.as_slice().iter().rposition(Node::has_next).map_or(0, |last| last + 1);
        for mut node in nodes.by_ref().take(left) {
            *node.explored() = Explored::from(self.traces - 1);
            if let Node::Task(_) = &node {
                self.tasks.push(self.stack.len());
            }
            self.stack.push(node);
        }
        self.left.extend(nodes.filter_map(Node::lists));
        true
    }

    fn lay_out(&mut self, kept: &Kept) -> HappensBefore {
        let mut order = std::mem::take(&mut self.laid_out);
        kept.lay_out(&mut order);
        order
    }

    /// Whether the stack leads to where this leaf's decisions go on.
    fn stands_before(&self, leaf: &Leaf, ran: &Ran) -> bool {
        let Some(Node::Task(top)) = self.stack.last() else { return false };
        let met = decisions(&leaf.lead).count() + usize::from(leaf.is_led);
        self.stack.len() == leaf.at + 1 + met
            && Some(top.eligible[top.chosen].0) == ran.top
            && top.sleep.iter().map(|(task, _)| task).eq(&ran.asleep)
    }

    /// Makes what was left of one leaf ready for another, the last but so many that are made ready: with the room that they
    /// will need.
    pub fn spare_ran(&mut self, mut ran: Ran, others: usize) -> Ran {
        let from = self.left.len() - self.left.len().saturating_sub(RESERVE) / (others + 1);
        ran.lists.extend(self.left.drain(from..));
        ran
    }
}
