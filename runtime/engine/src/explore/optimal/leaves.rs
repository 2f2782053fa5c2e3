//! Leaves of the wakeup trees that are run ahead of their turn, one execution each.
//!
//! What an execution does hangs on the way to its leaf and on who is asleep on that, and on nothing else: not on what is
//! planned beside it, before its turn or later. And who will be asleep is known as soon as the leaf is planned, since what is
//! planned later is explored later. So any leaf can be run, and its races looked for, by any thread at any time before its
//! turn. Then the search takes the decisions and the races over ([`Optimal::adopt_leaf`]) as if it had run the leaf itself, and
//! plans what they lead to. So it does everything in its order, and nothing is ever in vain but what does not fit: a leaf
//! whose races have to be rehearsed, for which there has to be the execution itself.

use super::ahead::Ahead;
use super::estimate::Explored;
use super::happens_before::{Decision, HappensBefore};
use super::kept::Kept;
use super::node::Node;
use super::search::{Look, Optimal};
use super::tree::{TaskName, Tree};
use crate::descent::Pending;
use crate::execution::Execution;
use crate::footprint::Footprint;
use crate::plan::{NodeRecord, Selection, Step, WakeOn, WakeupStep};
use gorace_analyzer_core::{Listed, TaskIx};
use std::cmp::Ordering;

/// In the marks of leaves that are run ahead. What is below are the numbers of the leaf and of those it was given with.
pub const LEAF: u64 = 1 << 61;

/// So many bits of a mark are the number of the leaf among those it was given with.
const NUMBER: u32 = 12;

/// So many leaves may be given away at once at the most.
pub const MOST: usize = 1 << NUMBER;

/// So many leaves that come next are looked at, to find those that are not given away.
const FAR: usize = 512;

/// Lists that the search keeps for its own executions.
const RESERVE: usize = 256;

/// Some leaves, near each other in the order of the search.
#[derive(Debug, Default)]
pub struct Leaves {
    name: u64,
    /// The decisions to the states that they are planned in, each as far as it goes.
    steps: Vec<Step>,
    /// Of those who run there: the first tasks that are asleep, as bits.
    asleep: Vec<u64>,
    leaves: Vec<Leaf>,
}

/// One leaf.
#[derive(Debug)]
struct Leaf {
    /// Where in the stack the state is that it is planned in.
    at: usize,
    /// The first step from there,
    first: (TaskIx, Footprint),
    /// who is asleep then, and the steps that follow: those before the last decision that will be on the stack in its turn, if
    /// that is not the first one,
    sleep: Pending,
    lead: Vec<WakeupStep>,
    /// and those from that decision on.
    path: Vec<WakeupStep>,
    is_led: bool,
    /// After that decision, how many there are to the last from whose state anything else is planned.
    branching: usize,
}

/// What is left of the execution of a leaf; nothing at first. It is made to be used again.
#[derive(Debug, Default)]
pub struct Ran {
    /// Who runs in the last decision that is on the stack already, and who is asleep there.
    top: Option<TaskIx>,
    asleep: Vec<TaskIx>,
    /// Those after it, with what the execution's races lead to: up to the last that has anything left to explore, or is planned.
    nodes: Vec<Node>,
    has_doubt: bool,
    kept: Kept,
    /// Races whose first event is not after those that are planned: who runs first if they are reversed, if that is not the
    /// second event.
    races: Vec<(Decision, Decision, Option<TaskIx>)>,
    steps: u64,
    /// Lists for the next execution's decisions.
    lists: Vec<Pending>,
}

/// Looks at executions of leaves, one after the other; each thread has its own.
#[derive(Debug, Default)]
pub struct Analysis {
    order: HappensBefore,
    /// The leaf that was looked at last.
    last: Option<(u64, usize)>,
    /// The decisions at which nothing else is planned before this execution.
    own: Optimal,
    left: Vec<Pending>,
}

impl Leaves {
    /// What the marks of these leaves have in common.
    pub fn name(&self) -> u64 {
        self.name
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.leaves.len()
    }

    /// How one of them is run.
    pub fn selection(&self, number: usize) -> Selection {
        let Leaf { at, first, sleep, lead, path, .. } = &self.leaves[number];
        let (sleep, lead, wakeup) = (sleep.clone(), lead.clone(), path.clone());
        let mut prefix = Vec::with_capacity(at + 1);
        prefix.extend_from_slice(&self.steps[..*at]);
        prefix.push(Step::Task(first.0, first.1.clone()));
        Selection::Search { prefix, sleep, lead, wakeup, wake_on: WakeOn::Dependence }
    }

    /// How many decisions two of them share for certain.
    fn shared(&self, one: usize, other: usize) -> Decision {
        let (one, other) = (&self.leaves[one], &self.leaves[other]);
        let to = one.at.min(other.at);
        let before = self.steps[..to].iter().filter(|step| matches!(step, Step::Task(..))).count();
        if (one.at, &one.first) != (other.at, &other.first) {
            return before;
        }
        let same = one.decisions().zip(other.decisions()).take_while(|(one, other)| one == other);
        // What follows the last of them may be what it chooses.
        before + same.filter(|(step, _)| !matches!(step, WakeupStep::Choice(_))).count()
    }
}

impl Leaf {
    /// That of the first step.
    fn decision(&self, leaves: &Leaves) -> Decision {
        leaves.steps[..self.at].iter().filter(|step| matches!(step, Step::Task(..))).count()
    }

    /// The alternatives that decisions took, where they took any.
    fn choices(&self, leaves: &Leaves, own: &[Node]) -> Vec<(Decision, Vec<u32>)> {
        let before = leaves.steps[..self.at].iter().map(|step| match step {
            Step::Task(..) => None,
            Step::Choice { taken, .. } => Some(*taken),
        });
        let lead = decisions(&self.lead).map(|step| match step {
            WakeupStep::Choice(taken) => Some(*taken),
            _ => None,
        });
        let own = own.iter().map(|node| match node {
            Node::Task(_) => None,
            Node::Choice(choice) => Some(choice.now()),
        });
        let led = std::iter::repeat_n(None, usize::from(self.is_led));
        let all = before.chain([None]).chain(lead).chain(led).chain(own);
        let (mut decided, mut choices) = (0, Vec::<(Decision, Vec<u32>)>::new());
        for taken in all {
            match (taken, choices.last_mut()) {
                (None, _) => decided += 1,
                (Some(taken), Some((decision, choices))) if *decision == decided - 1 => choices.push(taken),
                (Some(taken), _) => choices.push((decided - 1, vec![taken])),
            }
        }
        choices
    }

    /// Those after the first step.
    fn decisions(&self) -> impl Iterator<Item = &WakeupStep> {
        decisions(&self.lead).chain(decisions(&self.path))
    }
}

/// Those that are decisions.
fn decisions(path: &[WakeupStep]) -> impl Iterator<Item = &WakeupStep> {
    path.iter().filter(|step| !matches!(step, WakeupStep::Asleep(_) | WakeupStep::NamedAsleep(_)))
}

/// The mark of a leaf, taken apart: what it has in common with those it was given with, and its number among them.
pub fn parts_of_mark(mark: u64) -> Option<(u64, usize)> {
    let number = mark & (MOST as u64 - 1);
    (mark & LEAF != 0 && mark < 2 * LEAF).then_some((mark - number, number as usize))
}

impl Optimal {
    /// Leaves that come soon, but for the very next one: `least` at least and `most` at most, in the place of `old` ones. They
    /// are marked; what is marked is given away already if it `is_out`.
    pub fn give_leaves(
        &mut self,
        batch: u64,
        (least, most): (usize, usize),
        is_out: &dyn Fn(u64) -> bool,
        old: Leaves,
    ) -> Result<Leaves, Leaves> {
        // What is planned above a part is another search's, and asks for more than is kept.
        let ways = if self.part.is_some() { Vec::new() } else { self.ways(most.min(MOST), is_out) };
        if ways.len() < least.max(1) {
            return Err(old);
        }
        let Leaves { mut steps, mut asleep, leaves: mut spare, .. } = old;
        let mut leaves = Vec::with_capacity(ways.len());
        for (at, way) in &ways {
            leaves.extend(self.leaf(*at, way, spare.pop()).map(|leaf| (leaf, *at, way)));
        }
        let name = LEAF | (batch << NUMBER) & (LEAF - 1);
        for (number, (_, at, way)) in leaves.iter().enumerate() {
            self.mark(*at, way, name | number as u64);
        }
        let leaves = leaves.into_iter().map(|(leaf, ..)| leaf).listed();
        let deepest = leaves.iter().map(|leaf| leaf.at).max().unwrap_or(0);
        steps.clear();
        asleep.clear();
        for node in &self.stack[..deepest] {
            steps.push(node.step());
            asleep.extend(node.state().map(|state| bits(&state.sleep)));
        }
        Ok(Leaves { name, steps, asleep, leaves })
    }

    /// The ways to the leaves that come soon and are not given away, each from where in the stack it begins.
    fn ways(&self, most: usize, is_out: &dyn Fn(u64) -> bool) -> Vec<(usize, Vec<usize>)> {
        let (mut ways, mut seen) = (Vec::new(), 0);
        for at in (0..self.stack.len()).rev() {
            let Some(state) = self.stack[at].state() else { continue };
            let mut all = Ways::of(&state.plans);
            while ways.len() < most
                && seen < FAR
                && let Some((way, is_free)) = all.next(is_out)
            {
                if seen > 0 && is_free {
                    ways.push((at, way.to_vec()));
                }
                seen += 1;
            }
        }
        ways
    }

    /// What is planned on this way from the state at `at`, in the place of another one.
    fn leaf(&self, at: usize, way: &[usize], old: Option<Leaf>) -> Option<Leaf> {
        let (mut sleep, mut lead, mut path) =
            old.map(|old| (old.sleep, old.lead, old.path)).unwrap_or_default();
        let state = self.stack[at].state()?;
        let (place, below) = way.split_first()?;
        sleep.clear();
        sleep.extend_from_slice(&state.sleep);
        sleep.push(state.eligible[state.chosen].clone());
        for earlier in &state.plans[..*place] {
            if let Some(at) = state.awake(earlier) {
                sleep.push(state.eligible[at].clone());
            }
        }
        let mut branch = &state.plans[*place];
        let mut top = branch;
        let first = state.eligible[state.awake(branch)?].clone();
        let mut is_led = false;
        lead.clear();
        path.clear();
        branch.append_after_first(&mut path);
        for place in below {
            let (choices, tree) = branch.arms.first()?;
            path.extend(choices.iter().copied().map(WakeupStep::Choice));
            if *place > 0 {
                is_led = true;
                lead.append(&mut path);
                path.extend(tree[..*place].iter().map(|earlier| asleep(&earlier.task)));
            }
            branch = &tree[*place];
            if *place > 0 {
                top = branch;
            }
            branch.append_to(&mut path);
        }
        Some(Leaf { at, first, sleep, lead, path, is_led, branching: top.branching() })
    }

    fn mark(&mut self, at: usize, way: &[usize], mark: u64) {
        let Node::Task(state) = &mut self.stack[at] else { return };
        let (mut tree, mut way) = (&mut state.plans, way);
        while let Some((place, below)) = way.split_first() {
            let branch = &mut tree[*place];
            if below.is_empty() {
                branch.part = Some(mark);
                return;
            }
            (tree, way) = (&mut branch.arms.to_mut()[0].1, below);
        }
    }

    /// Takes over what the execution of the leaf has met whose turn it is, as if it had been run now. If that does not fit,
    /// nothing is changed, and it is still to be run.
    pub fn adopt_leaf(&mut self, leaves: &Leaves, number: usize, ran: &mut Ran) -> bool {
        if !self.stands_before(&leaves.leaves[number], ran) {
            return false;
        }
        let mut ahead = std::mem::take(&mut self.ahead);
        self.due = None;
        // What is planned since is not what these were looked at with.
        let branching = ahead.branching().max(leaves.leaves[number].branching);
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
            let order = &*order.get_or_insert_with(|| self.lay_out(leaves, number, &ran.kept));
            self.reverse(&Look::of_kept(&ran.kept, order), (first, second));
        }
        for decision in 0..own {
            if self.has_other_choices(decision) {
                let order = &*order.get_or_insert_with(|| self.lay_out(leaves, number, &ran.kept));
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
        self.left.extend(nodes.flat_map(Node::lists));
        true
    }

    fn lay_out(&mut self, leaves: &Leaves, number: usize, kept: &Kept) -> HappensBefore {
        let mut order = std::mem::take(&mut self.laid_out);
        let last = self.laid_out_leaf.replace((leaves.name, number)).filter(|(name, _)| *name == leaves.name);
        kept.lay_out(&mut order, last.map_or(0, |(_, last)| leaves.shared(last, number)));
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

fn asleep(task: &TaskName) -> WakeupStep {
    match task {
        TaskName::Known(task) => WakeupStep::Asleep(*task),
        TaskName::Later(path) => WakeupStep::NamedAsleep((**path).clone()),
    }
}

/// The ways to the leaves of a tree, as places in the lists on the way, in their order. Where a step chooses, only what follows
/// the alternative that is explored first.
struct Ways<'t> {
    /// On the way to the last leaf: each list, and whether the first leaf of it is given away.
    lists: Vec<(&'t Tree, bool)>,
    way: Vec<usize>,
}

impl<'t> Ways<'t> {
    fn of(tree: &'t Tree) -> Self {
        Ways { lists: vec![(tree, false)], way: Vec::new() }
    }

    /// The next one, and whether it is free to be given away.
    fn next(&mut self, is_out: &dyn Fn(u64) -> bool) -> Option<(&[usize], bool)> {
        loop {
            // Past the last leaf, and out of what ends there.
            if self.way.len() == self.lists.len() {
                *self.way.last_mut()? += 1;
            } else {
                self.way.push(0);
            }
            let (tree, is_given) = *self.lists.last()?;
            let place = *self.way.last()?;
            let Some(branch) = tree.get(place) else {
                self.lists.pop();
                self.way.pop();
                if self.lists.is_empty() {
                    return None;
                }
                continue;
            };
            let is_given = is_given && place == 0 || branch.part.is_some_and(is_out);
            match branch.arms.first() {
                // Where somebody may sleep, more may be planned to follow.
                None => return Some((&self.way, !is_given && branch.is_awake)),
                Some((_, below)) => self.lists.push((below, is_given)),
            }
        }
    }
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
        ran.nodes.clear();
        let mut records = execution.take_nodes();
        execution.reuse(ran.lists.drain(..).chain(self.left.drain(..)));
        let leaf = &leaves.leaves[number];
        let is_broken = |record: &NodeRecord| matches!(record, NodeRecord::Task { broken: true, .. });
        let fits = is_plain && !records.iter().any(is_broken) && {
            let last = self.last.take().filter(|(name, _)| *name == leaves.name);
            self.order.analyze(execution, last.map_or(0, |(_, last)| leaves.shared(last, number)));
            self.last = Some((leaves.name, number));
            self.is_plain(leaves, leaf, &records)
        };
        let mut rest = records.drain(..);
        if fits {
            ran.steps = execution.steps();
            self.keep(leaves, leaf, &mut rest, execution, ran);
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
        records: &mut std::vec::Drain<'_, NodeRecord>,
        execution: &Execution,
        ran: &mut Ran,
    ) {
        ran.asleep.clear();
        if leaf.is_led
            && let Some(NodeRecord::Task { eligible, chosen, sleep, .. }) = records.next()
        {
            ran.top = Some(eligible[chosen as usize].0);
            ran.asleep.extend(sleep.iter().map(|(task, _)| *task));
            self.left.extend([eligible, sleep]);
        } else {
            ran.top = Some(leaf.first.0);
            ran.asleep.extend(leaf.sleep.iter().map(|(task, _)| *task));
        }
        let is_task = |record: &&NodeRecord| matches!(record, NodeRecord::Task { .. });
        // Decisions up to the last that is on the stack; those that are planned; those where something else is planned.
        let met = self.order.len() - records.as_slice().iter().filter(is_task).count();
        let planned = decisions(&leaf.path).count() - usize::from(leaf.is_led);
        self.own.tasks.clear();
        self.own.tasks.resize(met, usize::MAX);
        self.own.has_doubt = false;
        for record in records {
            self.own.push(record, Ahead::default(), execution);
        }
        let place = |decision: Decision| self.own.tasks[decision];
        let after =
            |nodes: usize| (met..self.order.len()).find(|k| place(*k) >= nodes).unwrap_or(self.order.len());
        let (known, planned_to) = (after(leaf.branching), after(planned));
        let look = Look::of(execution, &self.order);
        let at = leaf.decision(leaves);
        ran.races.clear();
        for (first, second) in self.order.races().iter().copied() {
            let head = look.head((first, second));
            if first >= known {
                self.own.reverse(&look, (first, second));
            }
            if first < planned_to {
                let asleep = match first.cmp(&at) {
                    Ordering::Less => leaves.asleep[first],
                    Ordering::Equal => bits(&leaf.sleep),
                    Ordering::Greater => 0,
                };
                if head.is_none_or(|head| asleep & bit(head) == 0) {
                    ran.races.push((first, second, head));
                }
            }
        }
        for decision in known..self.order.len() {
            self.own.choose_otherwise(&look, decision);
        }
        ran.has_doubt = self.own.has_doubt;
        let choices = leaf.choices(leaves, &self.own.stack);
        if !ran.races.is_empty() || choices.first().is_some_and(|(decision, _)| *decision < planned_to) {
            ran.kept.keep(execution, &self.order, choices);
        }
        while self.own.stack.len() > planned
            && let Some(node) = self.own.stack.pop_if(|node| !node.has_next())
        {
            self.left.extend(node.lists());
        }
        ran.nodes.append(&mut self.own.stack);
    }

    /// Whether nothing has to be rehearsed to plan what the races lead to, and other alternatives.
    fn is_plain(&self, leaves: &Leaves, leaf: &Leaf, records: &[NodeRecord]) -> bool {
        let order = &self.order;
        let is_certain = |decision: Decision| order.is_fixed(decision) && !order.may_have_ended(decision);
        let mut met: Decision = 0;
        let mut choose = true;
        for step in &leaves.steps[..leaf.at] {
            match step {
                Step::Task(..) => met += 1,
                Step::Choice { .. } => choose &= is_certain(met - 1),
            }
        }
        met += 1;
        for step in decisions(&leaf.lead) {
            match step {
                WakeupStep::Choice(_) => choose &= is_certain(met - 1),
                _ => met += 1,
            }
        }
        for record in records {
            match record {
                NodeRecord::Task { .. } => met += 1,
                NodeRecord::Choice { .. } => choose &= is_certain(met - 1),
            }
        }
        choose
            && met == order.len()
            && order.races().iter().all(|(_, second)| is_certain(*second))
            && (0..order.len()).all(|decision| !order.footprint(decision).goes_by_others())
    }
}

/// What of a decision can be used again.
fn lists_of(record: NodeRecord) -> impl Iterator<Item = Pending> {
    let lists = match record {
        NodeRecord::Task { eligible, sleep, .. } => Some([eligible, sleep]),
        NodeRecord::Choice { .. } => None,
    };
    lists.into_iter().flatten()
}

/// The first tasks of these, as bits.
fn bits(asleep: &[(TaskIx, Footprint)]) -> u64 {
    asleep.iter().map(|(task, _)| bit(*task)).fold(0, |bits, bit| bits | bit)
}

/// None, for a later task.
fn bit(task: TaskIx) -> u64 {
    1_u64.checked_shl(task.0).unwrap_or(0)
}

impl Ran {
    /// How many steps it took.
    pub fn steps(&self) -> u64 {
        self.steps
    }
}
