//! Parts of the search that are a planned step with all that is planned to follow it.
//!
//! Where each planned leaf is a single execution, as where many tasks read what one writes, a part that is one leaf costs more
//! than it gives. But there are many such leaves side by side, planned long before their turn. Such a part explores all of
//! those below one step. It fits if nothing more is planned there before its turn: nothing that was given away is then
//! another one, so that it does not matter who sleeps. So what was added to lately is not given away, nor what parts that
//! are still explored may add to: what is nearer to the root than they are.

use super::ahead::Ahead;
use super::node::Node;
use super::search::Optimal;
use super::tree::{Branch, Tree};

/// What has so many times as many leaves is much larger.
const MUCH: usize = 4;

impl Optimal {
    /// As [`Optimal::split`], but all of what is planned to follow a step, and how many leaves that is: `least` at least, of
    /// which `most` are counted. Nothing was planned there for as many traces as there are leaves, nor for `quiet` ones. Where
    /// nothing is much larger, it is the one farthest from the root, whose turn comes first: what is kept of its executions
    /// is needed soon.
    ///
    /// Parts that are `over` have planned nothing at other places than those of the stack that are given with their names.
    pub fn split_whole(
        &mut self,
        name: u64,
        quiet: u64,
        (least, most): (usize, usize),
        over: &[(u64, Vec<usize>)],
    ) -> Option<(Optimal, usize)> {
        let bottom = self.part.as_ref().map_or(0, |part| part.bottom);
        let is_out =
            |branch: &Branch| branch.part.is_some_and(|name| over.iter().all(|(other, _)| *other != name));
        let has_part = |node: &Node| node.state().is_some_and(|state| state.plans.iter().any(is_out));
        let bottom = self.stack.iter().rposition(has_part).unwrap_or(0).max(bottom);
        let is_still_planned = |at: usize| over.iter().any(|(_, planned)| planned.contains(&at));
        let now = self.now();
        let mut best: Option<(usize, usize, usize)> = None;
        for at in (bottom..self.stack.len()).rev().filter(|at| !is_still_planned(*at)) {
            let Some(state) = self.stack[at].state() else { continue };
            for (place, branch) in state.plans.iter().enumerate() {
                let unchanged = now.saturating_sub(branch.changed);
                if branch.part.is_some() || unchanged < quiet || state.awake(branch).is_none() {
                    continue;
                }
                let leaves = count(branch, most);
                let is_larger = best.is_none_or(|(_, _, other)| leaves / MUCH >= other);
                if leaves >= least && unchanged >= leaves as u64 && is_larger {
                    best = Some((at, place, leaves));
                }
            }
        }
        let (at, place, leaves) = best?;
        Some((self.give_away(at, place, name, true)?, leaves))
    }
}

/// How many leaves are planned from this step on, if that is fewer than `most`.
fn count(branch: &Branch, most: usize) -> usize {
    let (mut leaves, mut left) = (0, vec![branch]);
    while leaves < most
        && let Some(branch) = left.pop()
    {
        let before = left.len();
        left.extend(branch.arms.iter().flat_map(|(_, tree)| tree));
        leaves += usize::from(left.len() == before);
    }
    leaves
}

impl Ahead {
    /// Whether this is what follows the first step of `branch`, of which it is a copy, and nothing was planned there since.
    pub fn is_still(&self, branch: &Branch) -> bool {
        match self {
            Ahead::Along(own, 0) => {
                are_same(&[(Vec::new(), vec![own.clone()])], &[(Vec::new(), vec![branch.clone()])])
            }
            Ahead::Along(..) => false,
            Ahead::Arms(arms) => branch.steps().len() == 1 && are_same(arms, &branch.arms),
        }
    }
}

/// Whether the same is planned in both. Copies of which neither was changed share what follows, and are not gone through.
fn are_same(one: &[(Vec<u32>, Tree)], other: &[(Vec<u32>, Tree)]) -> bool {
    let mut left = vec![(one, other)];
    while let Some((one, other)) = left.pop() {
        if one.len() != other.len() {
            return false;
        }
        for ((choices, one), (other_choices, other)) in one.iter().zip(other) {
            if choices != other_choices || one.len() != other.len() {
                return false;
            }
            for (one, other) in one.iter().zip(other) {
                if !one.has_same_steps(other) || one.is_awake != other.is_awake {
                    return false;
                }
                if !one.arms.is_same(&other.arms) {
                    left.push((&one.arms, &other.arms));
                }
            }
        }
    }
    true
}
