//! What the execution of a leaf has met that was run ahead of its turn, and how it is taken over in its turn.

use super::estimate::Explored;
use super::happens_before::Decision;
use super::kept::Kept;
use super::leaves::{Leaf, Leaves, decisions};
use super::node::Node;
use super::search::{Look, Optimal};
use crate::descent::{Lists, Pending};
use gorace_analyzer_core::TaskIx;

/// What is left of the execution of a leaf; nothing at first. It is made to be used again.
#[derive(Debug, Default)]
pub struct Ran {
    /// Who runs in the last decision that is on the stack already, and who is asleep there.
    pub(super) top: Option<TaskIx>,
    pub(super) asleep: Vec<TaskIx>,
    /// Those after it, with what the execution's races lead to: up to the last that has anything left to explore, or from whose
    /// state anything was planned before. Their lists are apart, one after the other, each with where it ends.
    nodes: Vec<Node>,
    pending: Pending,
    ends: Vec<usize>,
    pub(super) has_doubt: bool,
    pub(super) kept: Kept,
    /// Races that are reversed where something else may be planned, but for those where somebody who sleeps is seen to lead.
    pub(super) races: Vec<(Decision, Decision)>,
    pub(super) steps: u64,
}

impl Ran {
    /// How many steps it took.
    pub fn steps(&self) -> u64 {
        self.steps
    }

    /// Takes nodes, in the place of those that it has. Memory that one thread gets and another one frees makes both wait for the
    /// allocator, so their lists stay where they are, empty.
    pub(super) fn take_nodes(&mut self, nodes: &mut Vec<Node>, lists: &mut Vec<Lists>) {
        self.nodes.clear();
        self.pending.clear();
        self.ends.clear();
        for mut node in nodes.drain(..) {
            if let Node::Task(state) = &mut node {
                let mut own = [std::mem::take(&mut state.eligible), std::mem::take(&mut state.sleep)];
                for list in &mut own {
                    self.pending.append(list);
                    self.ends.push(self.pending.len());
                }
                lists.push(own);
            }
            self.nodes.push(node);
        }
    }

    /// Gives the nodes what they have in these lists.
    fn unpack(&mut self, lists: &mut Vec<Lists>) {
        let Ran { nodes, pending, ends, .. } = self;
        let (mut pending, mut from) = (pending.drain(..), 0);
        let mut ends = ends.drain(..);
        for node in nodes {
            let Node::Task(state) = node else { continue };
            let mut own = lists.pop().unwrap_or_default();
            for list in &mut own {
                let to = ends.next().unwrap_or(from);
                list.clear();
                list.extend(pending.by_ref().take(to - from));
                from = to;
            }
            [state.eligible, state.sleep] = own;
        }
    }
}

impl Optimal {
    /// Takes over what the execution of the leaf has met whose turn it is, as if it had been run now. If that does not fit,
    /// nothing is changed, and it is still to be run.
    pub fn adopt_leaf(&mut self, leaves: &Leaves, number: usize, ran: &mut Ran) -> bool {
        let leaf = &leaves.leaves[number];
        // Where more is planned since, this is not the first to plan anything any more.
        let branching = leaf.branching;
        let is_as_then = self.ahead.branching() <= branching && self.stands_before(leaf, ran);
        if !is_as_then || !self.lay_out(&ran.kept) {
            return false;
        }
        let mut ahead = std::mem::take(&mut self.ahead);
        self.due = None;
        ran.unpack(&mut self.left);
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
        let order = std::mem::take(&mut self.laid_out);
        let look = Look::of_kept(&ran.kept, &order);
        self.highest.begin();
        for race in &ran.races {
            self.reverse_unless_led(&look, *race);
        }
        for decision in 0..own {
            self.choose_otherwise(&look, decision);
        }
        self.drop_led(&look);
        self.laid_out = order;
        for mut node in nodes {
            *node.explored() = Explored::from(self.traces - 1);
            if let Node::Task(_) = &node {
                self.tasks.push(self.stack.len());
            }
            self.stack.push(node);
        }
        true
    }

    /// Makes the clocks of a leaf, if those of the decisions are there that are left out.
    fn lay_out(&mut self, kept: &Kept) -> bool {
        if self.laid < kept.from {
            if self.shared < kept.from {
                return false;
            }
            self.laid_out.restore_from(self.laid, &self.order, kept.from);
        }
        kept.lay_out_after(&mut self.laid_out, kept.from);
        self.laid = self.laid_out.len();
        true
    }

    /// Whether the stack leads to where this leaf's decisions go on.
    fn stands_before(&self, leaf: &Leaf, ran: &Ran) -> bool {
        let Some(Node::Task(top)) = self.stack.last() else { return false };
        let met = decisions(&leaf.lead).count() + usize::from(leaf.is_led);
        self.stack.len() == leaf.at + 1 + met
            && Some(top.eligible[top.chosen].0) == ran.top
            && top.sleep.iter().map(|(task, _)| task).eq(&ran.asleep)
    }
}
