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
use super::kept::Kept;
use super::node::{Node, State};
use super::search::{Look, Optimal};
use super::spare::Spare;
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

impl Bottom {
    /// Of a part to which a stack of this length is given.
    fn at(given: usize) -> Self {
        Bottom {
            bottom: given,
            given,
            path: Vec::new(),
            first: None,
            plans: Vec::new(),
            doubtful: false,
            executions: 0,
            last: None,
        }
    }
}

impl Optimal {
    /// Takes a part out of what is planned, the largest that there seems to be: the nearest to the root. It goes by
    /// `name`.
    pub fn split(&mut self, name: u64) -> Option<Optimal> {
        let (at, place) = self.splittable()?;
        let mut stack = self.stack[..=at].to_vec();
        let Some(Node::Task(state)) = stack.last_mut() else { return None };
        let branch = state.go_to(place)?;
        if let Node::Task(state) = &mut self.stack[at] {
            state.plans[place].part = Some(name);
        }
        let tasks = self.tasks.iter().copied().take_while(|task| *task <= at).listed();
        let ahead = Ahead::of(first_leaf(branch));
        let part = Some(Box::new(Bottom::at(stack.len())));
        Some(Optimal { stack, tasks, ahead, part, ..Optimal::default() })
    }

    /// Where in the stack the step is planned that the next part begins with, and its place there.
    fn splittable(&self) -> Option<(usize, usize)> {
        // What is planned above a part is the other search's.
        let bottom = self.part.as_ref().map_or(0, |part| part.bottom);
        let ready = |(at, node): (usize, &Node)| match node {
            Node::Task(state) => state.splittable().map(|branch| (at, branch)),
            Node::Choice(_) => None,
        };
        self.stack.iter().enumerate().skip(bottom).find_map(ready)
    }

    /// Whether the next part would plan something above itself nearly each time, as far as other executions tell.
    pub fn would_plan_above(&self) -> bool {
        let Some((at, place)) = self.splittable() else { return false };
        let len = self.stack[at].state().map_or(0, |state| state.plans[place].first_len());
        self.highest.is_mostly_above(at + len)
    }

    /// This part, to be explored by a thread that has this memory.
    pub fn begin_in(&self, spare: &mut Spare) -> Optimal {
        let (stack, tasks, ahead) = (self.stack.clone(), self.tasks.clone(), self.ahead.clone());
        let (order, stage) = spare.for_part();
        let (spare, part) = (std::mem::take(spare), Some(Box::new(Bottom::at(stack.len()))));
        Optimal { stack, tasks, ahead, order, stage, spare, part, ..Optimal::default() }
    }

    /// It is over, and gives back what it needs no more to be taken over.
    pub fn end_in(&mut self, spare: &mut Spare) {
        *spare = std::mem::take(&mut self.spare);
        self.let_go_above();
    }

    /// It was taken over, or is not asked for any more.
    pub fn go_back_to(self, spare: &mut Spare) {
        spare.take_back(self.order, self.stage);
        if let Some(bottom) = self.part {
            spare.take_kept(bottom.last);
            spare.take_kept(bottom.plans.into_iter().map(|plan| plan.of));
        }
    }

    /// What is planned above it is not needed any more: whoever copied it also frees it.
    fn let_go_above(&mut self) {
        let bottom = self.part.as_ref().map_or(0, |part| part.bottom);
        for node in self.stack.iter_mut().take(bottom) {
            if let Node::Task(state) = node {
                state.plans = Tree::new();
            }
        }
    }

    /// How many executions of this part plan something above it.
    pub fn planned_above(&self) -> u64 {
        let plans = self.part.as_ref().map_or(&[][..], |part| &part.plans);
        plans.chunk_by(|one, next| one.execution == next.execution).count() as u64
    }

    /// The part whose turn it is, instead of the next execution.
    pub fn due(&mut self) -> Option<u64> {
        self.has_next().then_some(self.due)?
    }

    /// The part is not there: what it explores is explored in its turn.
    pub fn give_up(&mut self) {
        self.due = None;
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
        part.first = Some(Arc::new(Kept::names(execution)));
    }

    /// What a race leads to was planned in the state at `at`.
    pub(super) fn note_above(
        &mut self,
        at: usize,
        race: (usize, usize),
        inserted: Inserted,
        look: &Look<'_>,
    ) {
        let Some(part) = self.part.as_ref().filter(|part| at < part.bottom) else { return };
        if !inserted.planned && part.last.is_none() {
            return;
        }
        let Inserted { whole, strays, .. } = inserted;
        let of = match &part.last {
            Some(last) => last.clone(),
            None => {
                let mut of = self.spare.kept();
                if let Some((of, execution)) = Arc::get_mut(&mut of).zip(look.execution) {
                    let taken = (0..look.order.len()).map(|decision| (decision, self.choices(decision)));
                    of.keep(execution, look.order, 0, taken);
                    of.keep_bases(look.order);
                }
                of
            }
        };
        // Nobody asks otherwise, and it takes longer than all else here.
        let is_asked_for = look.order.may_need_rehearsal(race.1);
        let rehearsed = is_asked_for.then(|| self.rehearse(look, race)).flatten();
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

impl State {
    /// The place of the first planned step whose first leaf can be a part.
    fn splittable(&self) -> Option<usize> {
        let is_ready = |branch: &Branch| {
            branch.first_mark().is_none() && is_certain(branch) && self.awake(branch).is_some()
        };
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
