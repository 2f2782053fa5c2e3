//! Leaves of the wakeup trees that are run ahead of their turn, one execution each.
//!
//! What an execution does hangs on the way to its leaf and on who is asleep on that, and on nothing else: not on what is
//! planned beside it, before its turn or later. And who will be asleep is known as soon as the leaf is planned, since what is
//! planned later is explored later. So any leaf at which nobody sleeps can be run, and its races looked for ([`Analysis`]), by
//! any thread at any time before its turn. Then the search takes that over as if it had run the leaf itself ([`Ran`]). So it
//! explores everything in its order, however much was run ahead of it.
//!
//! One thing hangs on what is planned later: from which states of its way nothing else is planned, so that whoever ran it has
//! planned there what its races lead to. If that is not so any more in its turn, it is run again.
//!
//! Not run ahead are leaves behind other alternatives of a choice than the one that is explored first, and those of which not
//! all that follows them is certain to be explored: more may be planned to follow.
//!
//! [`Analysis`]: super::analysis::Analysis
//! [`Ran`]: super::ran::Ran

use super::happens_before::Decision;
use super::node::Node;
use super::search::Optimal;
use super::tree::{TaskName, Tree};
use crate::descent::Pending;
use crate::footprint::Footprint;
use crate::plan::{Selection, Step, WakeOn, WakeupStep};
use gorace_analyzer_core::{Listed, TaskIx};

/// In the marks of leaves that are run ahead. What is below are the numbers of the leaf and of those it was given with.
pub const LEAF: u64 = 1 << 61;

/// So many bits of a mark are the number of the leaf among those it was given with.
const NUMBER: u32 = 12;

/// So many leaves may be given away at once at the most.
pub const MOST: usize = 1 << NUMBER;

/// So many leaves that come next are looked at, to find those that are not given away.
const FAR: usize = 512;

/// Some leaves, near each other in the order of the search.
#[derive(Debug, Default)]
pub struct Leaves {
    name: u64,
    /// The decisions to the states that they are planned in, each as far as it goes.
    pub(super) steps: Vec<Step>,
    /// Of those who run there: the first tasks that are asleep, as bits.
    pub(super) asleep: Vec<u64>,
    pub(super) leaves: Vec<Leaf>,
}

/// One leaf.
#[derive(Debug)]
pub struct Leaf {
    /// Where in the stack the state is that it is planned in.
    pub at: usize,
    /// The first step from there,
    pub first: (TaskIx, Footprint),
    /// who is asleep then, and the steps that follow: those before the last decision that will be on the stack in its turn, if
    /// that is not the first one,
    pub sleep: Pending,
    pub lead: Vec<WakeupStep>,
    /// and those from that decision on.
    pub path: Vec<WakeupStep>,
    pub is_led: bool,
    /// After that decision, how many there are to the last from whose state anything else is planned.
    pub branching: usize,
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
}

impl Leaf {
    /// That of the first step.
    pub fn decision(&self, leaves: &Leaves) -> Decision {
        leaves.steps[..self.at].iter().filter(|step| matches!(step, Step::Task(..))).count()
    }

    /// Who runs, as far as that is known for certain and nobody chooses: what comes after a choice is another one each time.
    pub fn tasks<'a>(&'a self, leaves: &'a Leaves) -> impl Iterator<Item = TaskIx> + 'a {
        let before = leaves.steps[..self.at].iter().map(|step| match step {
            Step::Task(task, _) => Some(*task),
            Step::Choice { .. } => None,
        });
        let after = self.decisions().map(|step| match step {
            WakeupStep::Task(task) => Some(*task),
            _ => None,
        });
        let mut all = before.chain([Some(self.first.0)]).chain(after).map_while(|task| task).peekable();
        // The last of them may be one that chooses.
        std::iter::from_fn(move || all.next().filter(|_| all.peek().is_some()))
    }

    /// Those after the first step.
    fn decisions(&self) -> impl Iterator<Item = &WakeupStep> {
        decisions(&self.lead).chain(decisions(&self.path))
    }
}

/// Those steps that are decisions.
pub fn decisions(path: &[WakeupStep]) -> impl Iterator<Item = &WakeupStep> {
    path.iter().filter(|step| !matches!(step, WakeupStep::Asleep(_) | WakeupStep::NamedAsleep(_)))
}

/// The mark of a leaf, taken apart: what it has in common with those it was given with, and its number among them.
pub fn parts_of_mark(mark: u64) -> Option<(u64, usize)> {
    let number = mark & (MOST as u64 - 1);
    (mark & LEAF != 0 && mark < 2 * LEAF).then_some((mark - number, number as usize))
}

impl Optimal {
    /// Leaves that come soon, but for the very next one: `least` at least and `most` at most, in the place of `spare` ones. None
    /// of those is taken with which so `many` parts begin that would be split off next. They are marked; what is marked is given
    /// away already if it `is_out`.
    pub fn give_leaves(
        &mut self,
        batch: u64,
        (least, most): (usize, usize),
        many: usize,
        is_out: &dyn Fn(u64) -> bool,
        spare: &mut Option<Leaves>,
    ) -> Option<Leaves> {
        // What is planned above a part is another search's, and asks for more than is kept.
        let ways = if self.part.is_some() { Vec::new() } else { self.ways(most.min(MOST), many, is_out) };
        if ways.len() < least.max(1) {
            return None;
        }
        let Leaves { mut steps, mut asleep, leaves: mut spare, .. } = spare.take().unwrap_or_default();
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
        Some(Leaves { name, steps, asleep, leaves })
    }

    /// The ways to the leaves that come soon and are not given away, each from where in the stack it begins, but for the
    /// first of each of `many` steps that are planned nearest to the root.
    fn ways(&self, most: usize, many: usize, is_out: &dyn Fn(u64) -> bool) -> Vec<(usize, Vec<usize>)> {
        let (mut ways, mut seen) = (Vec::new(), 0);
        let (top, many_there) = self.nearest(many);
        for at in (0..self.stack.len()).rev() {
            let Some(state) = self.stack[at].state() else { continue };
            let mut all = Ways::of(&state.plans);
            while ways.len() < most
                && seen < FAR
                && let Some((way, is_free)) = all.next(is_out)
            {
                let is_first = way[1..].iter().all(|place| *place == 0);
                let is_spared = is_first && (at < top || at == top && way[0] < many_there);
                if seen > 0 && is_free && !is_spared {
                    ways.push((at, way.to_vec()));
                }
                seen += 1;
            }
        }
        ways
    }

    /// Up to where in the stack so many steps are planned, and how many of them there.
    fn nearest(&self, mut many: usize) -> (usize, usize) {
        for (at, node) in self.stack.iter().enumerate() {
            let planned = node.state().map_or(0, |state| state.plans.len());
            if planned >= many {
                return (at, many);
            }
            many -= planned;
        }
        (self.stack.len(), 0)
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

/// The first tasks of these, as bits.
pub fn bits(asleep: &[(TaskIx, Footprint)]) -> u64 {
    asleep.iter().map(|(task, _)| bit(*task)).fold(0, |bits, bit| bits | bit)
}

/// The tasks that these bits are of.
pub fn tasks_of(mut bits: u64) -> impl Iterator<Item = TaskIx> {
    std::iter::from_fn(move || {
        let first = (bits != 0).then(|| TaskIx(bits.trailing_zeros()))?;
        bits &= bits - 1;
        Some(first)
    })
}

/// None, for a later task.
fn bit(task: TaskIx) -> u64 {
    1_u64.checked_shl(task.0).unwrap_or(0)
}
