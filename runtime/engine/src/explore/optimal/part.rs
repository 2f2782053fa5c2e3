//! Parts of the search that are explored ahead of their turn, by another thread or on another machine.
//!
//! A sequence that is planned with the certainty that nobody sleeps at its end stands for all that follows it: how
//! that is explored depends on nothing but the sequence. So it may be done before all that comes earlier in the
//! order of the search is done. Only what its races plan above it, in states that it shares with the rest, has
//! to wait: it is kept, and planned when the part's turn has come, as it would have been then.
//!
//! So the search takes the same executions in the same order whether there are parts or not. A part that turns out
//! not to be what it would have been in its turn is given up, and explored where it stands.
//!
//! A part may have parts of its own. What those plan above both is handed on.
//!
//! A part leaves out what extends a sequence that it has planned above itself. In its turn there may be more planned there,
//! so that the sequence goes another way, past steps that are not its own. Then what was left out may be explored by
//! nobody at that point: the part is given up, unless the sequence went past the same steps in the part ([`Strays`]).
//!
//! Design: the parallel search of Nidhugg, where threads share one tree, gives the same traces in an order
//! that depends on their speed; here the order does not.

use super::ahead::Ahead;
use super::happens_before::HappensBefore;
use super::node::{Node, State};
use super::reversal::Context;
use super::search::{Optimal, Planned};
use super::shown::Kept;
use super::tree::{Branch, Inserted, Strays, Tree};
use crate::execution::{Execution, Rehearsed};
use crate::plan::NodeRecord;
use gorace_analyzer_core::Listed;
use std::sync::Arc;

/// Names of parts from here on are those that are explored elsewhere: they outlive the process, and are written.
pub const ELSEWHERE: u64 = 1 << 63;

/// What makes a search a part of another one.
#[derive(Debug)]
pub struct Bottom {
    /// How much of the stack leads to where the part begins: it never goes back behind that.
    pub bottom: usize,
    /// The length of the stack that was given to it.
    pub(super) given: usize,
    /// The decisions from there to the bottom, as they were met.
    pub(super) path: Vec<NodeRecord>,
    /// The part's first execution, which met them.
    pub(super) first: Option<Arc<Kept>>,
    /// What its races plan above the bottom: all of each execution from the first on that plans anything new, so that
    /// nothing of the last execution is left out for the sake of what turns out otherwise.
    pub(super) plans: Vec<Plan>,
    /// Whether it is not what it would have been in its turn.
    pub(super) doubtful: bool,
    /// How many it has begun.
    pub(super) executions: u64,
    /// The execution that the last of `plans` are from.
    pub(super) last: Option<Arc<Kept>>,
}

/// A race to be reversed above the bottom.
#[derive(Debug)]
pub struct Plan {
    /// Where in the stack.
    pub(super) at: usize,
    pub(super) race: (usize, usize),
    pub(super) of: Arc<Kept>,
    /// Which of the part's executions it is from.
    pub(super) execution: u64,
    /// Whether the part left out all that extends the sequence
    pub(super) whole: bool,
    /// and goes past these.
    pub(super) strays: Strays,
    /// What the sequence touches, where that is not seen at once.
    pub(super) rehearsed: Option<Rehearsed>,
}

impl Optimal {
    /// Takes a part out of what is planned, the largest that there seems to be: the nearest to the root. It goes by
    /// `name`.
    pub fn split(&mut self, name: u64) -> Option<Optimal> {
        // What is planned above a part is the other search's.
        let bottom = self.part.as_ref().map_or(0, |part| part.bottom);
        let ready = |(at, node): (usize, &Node)| match node {
            Node::Task(state) => state.splittable().map(|branch| (at, branch)),
            Node::Choice(_) => None,
        };
        let (at, place) = self.stack.iter().enumerate().skip(bottom).find_map(ready)?;
        let mut stack = self.stack[..=at].to_vec();
        let Some(Node::Task(state)) = stack.last_mut() else { return None };
        let branch = state.go_to(place)?;
        if let Node::Task(state) = &mut self.stack[at] {
            state.plans[place].part = Some(name);
        }
        let tasks = self.tasks.iter().copied().take_while(|task| *task <= at).listed();
        let part = Bottom {
            bottom: stack.len(),
            given: stack.len(),
            path: Vec::new(),
            first: None,
            plans: Vec::new(),
            doubtful: false,
            executions: 0,
            last: None,
        };
        let (ahead, part) = (Ahead::of(first_leaf(branch)), Some(Box::new(part)));
        Some(Optimal { stack, tasks, ahead, part, ..Optimal::default() })
    }

    /// The part whose turn it is, instead of the next execution.
    pub fn due(&mut self) -> Option<u64> {
        self.has_next().then_some(self.due)?
    }

    /// The part is not there: what it explores is explored in its turn.
    pub fn give_up(&mut self) {
        self.due = None;
    }

    /// Takes over what the part whose turn it is has done; whether that is what would have been done. Else nothing is
    /// changed, and it is still to be explored.
    pub fn adopt(&mut self, part: Optimal) -> bool {
        let Optimal { mut stack, tasks, ahead, due, order, shared, given, traces, has_doubt, .. } = part;
        let Some(mut bottom) = part.part else {
            return false;
        };
        let Some(first) = bottom.first.clone().filter(|_| !bottom.doubtful) else { return false };
        let is_same = |one: &Node, other: &Node| match (one, other) {
            (Node::Task(one), Node::Task(other)) => one.sleep == other.sleep && one.chosen == other.chosen,
            _ => true,
        };
        let (len, decisions) = (self.stack.len(), self.tasks.len());
        if len != bottom.given || !self.stack.iter().zip(&stack).all(|(one, other)| is_same(one, other)) {
            return false;
        }
        let before = self.ahead.clone();
        let plans: Vec<(usize, Tree)> = self.planned_at(bottom.plans.iter().map(|plan| plan.at));
        let mut below = std::mem::take(&mut self.ahead);
        for record in bottom.path.iter().cloned() {
            below = self.push(record, below, &*first);
        }
        let is_right = self.stack.len() == bottom.bottom
            && bottom
                .plans
                .iter_mut()
                .all(|plan| self.plan_above(plan) || plan.execution == bottom.executions);
        if !is_right {
            self.stack.truncate(len);
            self.tasks.truncate(decisions);
            self.ahead = before;
            for (at, tree) in plans {
                if let Some(Node::Task(state)) = self.stack.get_mut(at) {
                    state.plans = tree;
                }
            }
            return false;
        }
        let (known, at_bottom) = (self.tasks.len(), bottom.bottom);
        for node in &mut stack {
            node.explored().after(self.traces);
        }
        self.stack.extend(stack.drain(bottom.bottom..));
        self.traces = self.traces.saturating_add(traces);
        self.tasks.extend(tasks.into_iter().skip(known));
        (self.ahead, self.due, self.order, self.shared) = (ahead, due, order, shared);
        self.has_doubt |= has_doubt;
        if let Some(own) = &mut self.part {
            own.hand_on(*bottom);
        }
        // A part that has nothing left stands at its bottom, all of which is explored.
        self.given = given || self.stack.len() == at_bottom;
        true
    }

    /// What is planned at these places, each once.
    fn planned_at(&self, places: impl Iterator<Item = usize>) -> Vec<(usize, Tree)> {
        let mut planned: Vec<(usize, Tree)> = Vec::new();
        for at in places {
            if let Some(Node::Task(state)) = self.stack.get(at)
                && planned.iter().all(|(other, _)| *other != at)
            {
                planned.push((at, state.plans.clone()));
            }
        }
        planned
    }

    /// Plans what a part's race leads to above it; whether all that the part left out for it is explored.
    fn plan_above(&mut self, plan: &mut Plan) -> bool {
        let Some(Node::Task(state)) = self.stack.get_mut(plan.at) else { return false };
        let (of, (first, second)) = (&plan.of, plan.race);
        let mut plans = std::mem::take(&mut state.plans);
        let choices = |decision: usize| of.choices[decision].clone();
        let rehearsed = || plan.rehearsed.clone();
        let context = Context {
            shown: &**of,
            order: &of.order,
            choices: &choices,
            rehearsed: &rehearsed,
            state,
            first,
            second,
        };
        if first == second {
            let others = super::search::after_other_choice(context);
            state.plans = plans;
            if let Some((tree, awake)) = others {
                let new = super::search::plan_others(&mut self.stack[plan.at + 1..], &tree);
                self.has_doubt |= new && !awake;
            }
            // The part leaves out nothing for its sake.
            return true;
        }
        let planned = super::search::plan(&mut plans, context);
        state.plans = plans;
        match planned {
            // The same tasks are asleep as when the part was given away.
            Planned::Nothing => true,
            Planned::Sequence(Inserted { whole: false, .. }) => !plan.whole,
            Planned::Sequence(inserted) => {
                let is_as_before = !plan.whole || inserted.strays.are_among(plan.strays);
                // From now on this search leaves out what goes the same way here.
                plan.strays = if plan.whole { plan.strays.both(inserted.strays) } else { inserted.strays };
                plan.whole = true;
                is_as_before
            }
            Planned::Everything => false,
        }
    }

    /// Whether the next execution is the first one of a part.
    pub(super) fn is_at_start_of_part(&mut self) -> bool {
        let Some(part) = &mut self.part else { return false };
        part.last = None;
        part.executions += 1;
        part.first.is_none()
    }

    /// A part's first execution was taken, whose first `led` decisions led to the bottom: checks that it went where it
    /// was to go, and that nobody sleeps there.
    pub(super) fn begin_part(
        &mut self,
        mut path: Vec<NodeRecord>,
        led: usize,
        execution: &Execution,
        complete: bool,
    ) {
        let Some(part) = &mut self.part else { return };
        let is_broken = |record: &NodeRecord| matches!(record, NodeRecord::Task { broken: true, .. });
        part.bottom = part.given + led;
        let below = self.stack[part.bottom..].iter().find_map(|node| match node {
            Node::Task(state) => Some(state),
            Node::Choice(_) => None,
        });
        let is_asleep = below.is_some_and(|state| !state.sleep.is_empty());
        part.doubtful = !complete || is_asleep || path.iter().any(is_broken);
        path.truncate(led);
        part.path = path;
        part.first = Some(Arc::new(Kept::of(execution, &HappensBefore::default(), |_| Vec::new())));
    }

    /// What a race leads to was planned in the state at `at`.
    pub(super) fn note_above(
        &mut self,
        at: usize,
        race: (usize, usize),
        inserted: Inserted,
        execution: &Execution,
    ) {
        let Some(part) = self.part.as_ref().filter(|part| at < part.bottom) else { return };
        if !inserted.planned && part.last.is_none() {
            return;
        }
        let Inserted { whole, strays, .. } = inserted;
        let of = match &part.last {
            Some(last) => last.clone(),
            None => Arc::new(Kept::of(execution, &self.order, |decision| self.choices(decision))),
        };
        let rehearsed = self.rehearse(execution, race);
        if let Some(part) = &mut self.part {
            part.last = Some(of.clone());
            part.plans.push(Plan { at, race, of, execution: part.executions, whole, strays, rehearsed });
        }
    }

    /// Everything is to be tried in the state at `at`.
    pub(super) fn note_doubt(&mut self, at: usize) {
        if let Some(part) = &mut self.part {
            part.doubtful |= at < part.bottom;
        }
    }
}

impl Bottom {
    /// Takes over what a part of this part plans above both.
    fn hand_on(&mut self, below: Bottom) {
        let before = self.executions;
        let above = below.plans.into_iter().filter(|plan| plan.at < self.bottom);
        self.plans
            .extend(above.map(|plan| Plan { execution: before.saturating_add(plan.execution), ..plan }));
        self.executions = before.saturating_add(below.executions);
    }
}

impl State {
    /// The place of the first planned step whose first leaf can be a part.
    fn splittable(&self) -> Option<usize> {
        let is_ready =
            |branch: &Branch| branch.part.is_none() && is_certain(branch) && self.awake(branch).is_some();
        self.plans.iter().position(is_ready)
    }

    /// Goes to a planned step, all before it being explored.
    fn go_to(&mut self, place: usize) -> Option<Branch> {
        let mut plans = self.plans.drain(..=place).collect::<Tree>();
        let branch = plans.pop()?;
        self.sleep.push(self.eligible[self.chosen].clone());
        for earlier in &plans {
            if let Some(at) = self.awake(earlier) {
                self.sleep.push(self.eligible[at].clone());
            }
        }
        self.chosen = self.awake(&branch)?;
        Some(branch)
    }
}

/// Whether nobody sleeps at the end of the first leaf, for certain.
fn is_certain(mut branch: &Branch) -> bool {
    while let Some((_, tree)) = branch.arms.first() {
        let Some(next) = tree.first() else { return false };
        branch = next;
    }
    branch.is_awake
}

/// The way to the first leaf alone.
fn first_leaf(mut branch: Branch) -> Branch {
    let mut above: Vec<(Vec<u32>, Branch)> = Vec::new();
    while !branch.arms.is_empty() {
        let (choices, mut tree) = branch.arms.take().swap_remove(0);
        if tree.is_empty() {
            break;
        }
        above.push((choices, std::mem::replace(&mut branch, tree.swap_remove(0))));
    }
    while let Some((choices, mut upper)) = above.pop() {
        upper.arms = vec![(choices, vec![branch])].into();
        branch = upper;
    }
    branch
}
