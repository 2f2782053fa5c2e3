//! Wakeup trees: what is to be explored from a state, and whether a new sequence is part of it already.
//!
//! A tree outlives the execution it came from, in which tasks and objects may have had other numbers than in
//! later ones. Tasks that did not exist at the state are named by their paths. Objects that nobody had used
//! there are looked up in the execution at hand (see [`Touches::renumbered`]).
//!
//! Steps between which nothing branches off lie one after the other ([`Branch`]): there are far more steps than leaves,
//! and whoever goes down a tree reads them all.
//!
//! A tree that was read may be as deep as its text is long, so nothing here goes down one by recursion.

use super::below::Below;
use super::reversal::{Position, Reversal};
use super::shown::Shown;
use super::touches::Touches;
use super::used::Used;
use crate::footprint::Known;
use gorace_analyzer_core::{TaskIx, TaskPath};
use std::sync::Arc;

/// Sequences that share their beginnings, in the order in which they are explored. An empty one leaves what
/// is run to the default rule.
pub type Tree = Vec<Branch>;

/// What follows a step, by the alternatives that it takes (none, if it does not choose).
pub type Arms = Vec<(Vec<u32>, Tree)>;

/// Some steps, at least one, and what follows the last of them. A copy shares that until either is changed.
#[derive(Clone, Debug)]
pub struct Branch {
    /// Whose operation the first step is.
    pub task: TaskName,
    /// The steps, and those that were before the first or are after the last.
    steps: Arc<[Step]>,
    start: u32,
    end: u32,
    /// What was known at the state that they were planned for, and so has the same numbers in later executions.
    pub known: Known,
    /// What was used in the execution that they were planned after, known there or not.
    pub used: Option<Arc<Used>>,
    /// What follows: empty if all is left to the default rule.
    pub arms: Below,
    /// Whether it is certain that nobody sleeps once the sequence was followed, if nothing is planned to follow.
    pub is_awake: bool,
    /// Whether it was in doubt when some of it was planned if something planned before leads there: see [`led`](super::led).
    pub is_in_doubt: bool,
    /// The part of the search, if its first leaf is explored as one of its own.
    pub part: Option<u64>,
}

/// One step.
#[derive(Clone, Debug)]
pub struct Step {
    /// Whose operation.
    pub task: TaskName,
    /// What it touches there, in the numbers of the execution that it was planned after.
    pub touches: Touches,
    /// Names what its task's code had seen before it: see [`seen`](super::seen).
    pub seen: u64,
    /// The alternatives that it takes before the step that follows.
    pub choices: Box<[u32]>,
}

/// A task, in terms that hold in all executions that come through a state.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum TaskName {
    /// One that exists there.
    Known(TaskIx),
    /// One that is spawned later.
    Later(Box<TaskPath>),
}

/// What became of a sequence.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Inserted {
    /// Whether it is planned now; else it is explored anyway.
    pub planned: bool,
    /// Whether all that extends it and goes the same way is explored for certain as well: it ends, or goes past, a leaf at
    /// which nobody is asleep.
    pub whole: bool,
    /// Whose steps it goes past that are not its own. What extends it need not go the same way then: it may have them
    /// later, after others on which they depend.
    pub strays: Strays,
}

/// Whose steps a sequence goes past that are not its own.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Strays(pub u64);

impl Strays {
    /// There are steps that are not told apart.
    const MORE: u64 = 1 << 63;

    /// One more, of this task.
    pub fn add(&mut self, task: TaskIx) {
        let bit = 1_u64.checked_shl(task.0).unwrap_or(Strays::MORE);
        self.0 |= if self.0 & bit == 0 { bit } else { Strays::MORE };
    }

    /// Whether all are also among `others`, for certain.
    pub fn are_among(self, others: Strays) -> bool {
        self.0 & (Strays::MORE | !others.0) == 0
    }

    /// Those that are among `others` as well.
    pub fn both(self, others: Strays) -> Strays {
        Strays(self.0 & others.0)
    }
}

impl Inserted {
    /// It is explored anyway.
    pub const NOT: Inserted = Inserted { planned: false, whole: false, strays: Strays(0) };

    /// It is planned, and nobody sleeps at its end if it is `awake`.
    fn planned(rest: &Reversal, awake: bool) -> Inserted {
        Inserted { planned: true, whole: awake, strays: rest.strays() }
    }

    fn and(self, other: Inserted) -> Inserted {
        Inserted {
            planned: self.planned || other.planned,
            whole: self.whole && other.whole,
            strays: Strays(self.strays.0 | other.strays.0),
        }
    }
}

impl Branch {
    /// These steps, at least one, after which the default rule decides.
    pub fn new(
        steps: impl IntoIterator<Item = Step>,
        known: Known,
        used: Option<Arc<Used>>,
        is_awake: bool,
    ) -> Self {
        let steps: Arc<[Step]> = steps.into_iter().collect();
        let (task, end) = (steps[0].task.clone(), steps.len() as u32);
        let (arms, is_in_doubt) = (Below::default(), false);
        Branch { task, steps, start: 0, end, known, used, arms, is_awake, is_in_doubt, part: None }
    }

    fn in_doubt(mut self, is_in_doubt: bool) -> Self {
        self.is_in_doubt = is_in_doubt;
        self
    }

    /// The steps. The first one's task may have got another name since: it is `self.task`.
    pub fn steps(&self) -> &[Step] {
        &self.steps[self.start as usize..self.end as usize]
    }

    /// As much of what was used as is of use: that at objects of which nobody knew, if any of the steps has such.
    pub fn used_later(&self) -> Option<Used> {
        let used = self.used.as_ref().filter(|_| self.steps().iter().any(|step| step.is_later(self.known)));
        used.map(|used| used.later(self.known))
    }

    /// Gives the first step's task the number that it has here, if it is among the first so many.
    pub fn rename(&mut self, known: u32, shown: &dyn Shown) {
        let TaskName::Later(path) = &self.task else { return };
        if let Some(task) = shown.named(path).filter(|task| task.0 < known) {
            self.task = TaskName::Known(task);
        }
    }

    /// What is left without the first step, if that is not the only one.
    pub fn without_first(mut self) -> Result<Branch, Arms> {
        if self.steps().len() == 1 {
            return Err(self.arms.take());
        }
        self.start += 1;
        self.task = self.steps[self.start as usize].task.clone();
        self.is_in_doubt = false;
        self.part = None;
        Ok(self)
    }

    /// Cuts it after so many steps, of which there are more: what came then becomes the first branch of what follows.
    fn cut(&mut self, place: usize) -> &mut Arms {
        let middle = self.start + place as u32;
        let mut rest = self.alone();
        rest.task = self.steps[middle as usize].task.clone();
        rest.start = middle;
        rest.arms = std::mem::take(&mut self.arms);
        rest.is_in_doubt = false;
        rest.part = None;
        self.end = middle;
        let choices = self.steps[middle as usize - 1].choices.to_vec();
        let arms = self.arms.to_mut();
        push(arms, (choices, vec![rest]));
        arms
    }

    /// The same without what follows.
    fn alone(&self) -> Branch {
        Branch {
            task: self.task.clone(),
            steps: self.steps.clone(),
            used: self.used.clone(),
            arms: Below::default(),
            ..*self
        }
    }

    /// Where a step stands in what is left of a sequence.
    fn position(&self, place: usize, rest: &Reversal) -> Position {
        let step = &self.steps()[place];
        rest.position(
            if place == 0 { &self.task } else { &step.task },
            step,
            self.used.as_deref(),
            self.known,
        )
    }
}

impl Drop for Branch {
    fn drop(&mut self) {
        let mut left = self.arms.take_if_own();
        while let Some((_, tree)) = left.pop() {
            for mut branch in tree {
                left.append(&mut branch.arms.take_if_own());
            }
        }
    }
}

impl Step {
    /// Whether it touches, for certain, what nobody knew when this was known.
    pub fn is_later(&self, known: Known) -> bool {
        let Touches::Exactly(touched) = &self.touches else { return false };
        touched.accesses().any(|access| !access.is_among(known))
    }
}

/// Where a sequence goes from a tree.
enum Way<'t> {
    /// No further.
    End(Inserted),
    /// On into this tree.
    Into(&'t mut Tree),
    /// On into the tree of each of these arms, of which there are some.
    IntoEach(&'t mut Arms),
}

/// Adds the sequence `rest` to `tree`, unless exploring it leads to the sequence anyway. It is known to be
/// `awake` so far: nobody will be asleep at its end of those who are at its beginning.
pub fn insert(mut tree: &mut Tree, mut rest: Reversal, mut awake: bool) -> Inserted {
    let mut others: Vec<(&mut Tree, Reversal, bool)> = Vec::new();
    let mut so_far: Option<Inserted> = None;
    loop {
        let inserted = match insert_here(tree, &mut rest, &mut awake) {
            Way::Into(below) => {
                tree = below;
                continue;
            }
            Way::IntoEach(arms) => {
                let each = arms.iter_mut().map(|(_, tree)| (tree, rest.clone(), awake));
                others.extend(each);
                None
            }
            Way::End(inserted) => Some(inserted),
        };
        so_far = [so_far, inserted].into_iter().flatten().reduce(Inserted::and);
        match others.pop() {
            Some(next) => (tree, rest, awake) = next,
            None => return so_far.unwrap_or(Inserted::NOT),
        }
    }
}

/// Adds it to the branch of this tree that it belongs to, or says where it goes from there.
fn insert_here<'t>(tree: &'t mut Tree, rest: &mut Reversal, awake: &mut bool) -> Way<'t> {
    if rest.is_empty() {
        return Way::End(Inserted::NOT);
    }
    let (mut own, mut is_in_doubt) = (None, false);
    for (at, branch) in tree.iter().enumerate() {
        match branch.position(0, rest) {
            Position::Later => {}
            Position::Unsure => (*awake, is_in_doubt) = (false, true),
            first => {
                own = Some((at, first));
                break;
            }
        }
    }
    if let Some((at, first)) = own {
        tree[at].is_in_doubt |= is_in_doubt;
        return insert_along(&mut tree[at], first, rest, *awake);
    }
    push(tree, rest.branch(*awake).in_doubt(is_in_doubt));
    Way::End(Inserted::planned(rest, *awake))
}

/// Adds an element and no more room: most lists stay at one or two, and there are millions of them.
fn push<T>(list: &mut Vec<T>, element: T) {
    list.reserve_exact(1);
    list.push(element);
}

/// Whether these are the same alternatives. Nearly always there are none: comparing no bytes by `memcmp` at the address
/// that an empty list has is slow, since that is no address.
fn are_same(one: &[u32], other: &[u32]) -> bool {
    one.len() == other.len() && one.iter().zip(other).all(|(one, other)| one == other)
}

/// Adds a sequence to a branch whose `first` step stands at its beginning.
fn insert_along<'t>(branch: &'t mut Branch, first: Position, rest: &mut Reversal, awake: bool) -> Way<'t> {
    let mut position = first;
    let mut place = 0;
    loop {
        // None, if the step is not a part of the sequence or its last one: then whatever it takes.
        let choices = match position {
            Position::At(step) => rest.take(step),
            Position::Beside(task, counter) => {
                rest.pass(task, counter);
                None
            }
            Position::Later | Position::Unsure => {
                let is_in_doubt = matches!(position, Position::Unsure);
                let awake = awake && !is_in_doubt;
                branch.cut(place)[0].1.push(rest.branch(awake).in_doubt(is_in_doubt));
                return Way::End(Inserted::planned(rest, awake));
            }
        };
        if place + 1 == branch.steps().len() {
            return insert_below(branch, choices, rest, awake);
        }
        if rest.is_empty() {
            return Way::End(Inserted::NOT);
        }
        if let Some(choices) = choices
            && !are_same(&choices, &branch.steps()[place].choices)
        {
            push(branch.cut(place + 1), (choices, vec![rest.branch(awake)]));
            return Way::End(Inserted::planned(rest, awake));
        }
        place += 1;
        position = branch.position(place, rest);
    }
}

/// Adds what is left of a sequence below the last step of a branch, which takes these alternatives in it.
fn insert_below<'t>(
    branch: &'t mut Branch,
    choices: Option<Vec<u32>>,
    rest: &Reversal,
    awake: bool,
) -> Way<'t> {
    let planned = Inserted::planned(rest, awake);
    if branch.arms.is_empty() {
        // All that follows is explored, unless it is left out in favour of somebody who sleeps.
        if branch.is_awake || rest.is_empty() {
            return Way::End(Inserted { planned: false, whole: branch.is_awake, strays: rest.strays() });
        }
        push(branch.arms.to_mut(), (choices.unwrap_or_default(), vec![rest.branch(awake)]));
        return Way::End(planned);
    }
    let Some(choices) = choices else { return Way::IntoEach(branch.arms.to_mut()) };
    match branch.arms.iter().position(|(taken, _)| are_same(taken, &choices)) {
        Some(at) => Way::Into(&mut branch.arms.to_mut()[at].1),
        None if rest.is_empty() => Way::End(Inserted::NOT),
        None => {
            push(branch.arms.to_mut(), (choices, vec![rest.branch(awake)]));
            Way::End(planned)
        }
    }
}
