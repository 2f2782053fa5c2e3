//! Wakeup trees: what is to be explored from a state, and whether a new sequence is part of it already.
//!
//! A tree outlives the execution it came from, in which tasks and objects may have had other numbers than in
//! later ones. Tasks that did not exist at the state are named by their paths. Objects that nobody had used
//! there are looked up in the execution at hand (see [`Touches::renumbered`]).

use super::reversal::{Position, Reversal};
use super::touches::Touches;
use crate::footprint::Known;
use crate::plan::WakeupStep;
use gorace_analyzer_core::{TaskIx, TaskPath};

/// Sequences that share their beginnings, in the order in which they are explored. An empty one leaves what
/// is run to the default rule.
pub type Tree = Vec<Branch>;

/// What follows a step, by the alternatives that it takes (none, if it does not choose).
pub type Arms = Vec<(Vec<u32>, Tree)>;

/// One step, and what follows it.
#[derive(Clone, Debug)]
pub struct Branch {
    /// Whose operation.
    pub task: TaskName,
    /// What it touches there, in the numbers of the execution that it was planned after.
    pub touches: Touches,
    /// What was known at the state, and so has the same numbers in later executions.
    pub known: Known,
    /// Empty if all that follows is left to the default rule.
    pub arms: Arms,
    /// Whether it is certain that nobody sleeps once the sequence was followed.
    pub is_awake: bool,
    /// The part of the search, if its first leaf is explored as one of its own.
    pub part: Option<u64>,
}

/// What became of a sequence.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Inserted {
    /// Whether it is planned now; else it is explored anyway.
    pub planned: bool,
    /// Whether all that extends it is explored for certain as well: it ends, or goes past, a leaf at which nobody is
    /// asleep.
    pub whole: bool,
}

impl Inserted {
    /// It is explored anyway.
    pub const NOT: Inserted = Inserted { planned: false, whole: false };

    fn and(self, other: Inserted) -> Inserted {
        Inserted { planned: self.planned || other.planned, whole: self.whole && other.whole }
    }
}

/// A task, in terms that hold in all executions that come through a state.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum TaskName {
    /// One that exists there.
    Known(TaskIx),
    /// One that is spawned later.
    Later(TaskPath),
}

/// Adds the sequence `rest` to `tree`, unless exploring it leads to the sequence anyway. It is known to be
/// `awake` so far: nobody will be asleep at its end of those who are at its beginning.
pub fn insert(tree: &mut Tree, mut rest: Reversal, mut awake: bool) -> Inserted {
    if rest.is_empty() {
        return Inserted::NOT;
    }
    for branch in tree.iter_mut() {
        let choices = match rest.position(branch) {
            Position::Later => continue,
            Position::Unsure => {
                awake = false;
                continue;
            }
            Position::At(place) => rest.take(place),
            Position::Beside(task) => {
                rest.pass(task);
                None
            }
        };
        return insert_below(branch, choices, rest, awake);
    }
    push(tree, chain(&rest, awake));
    Inserted { planned: true, whole: awake }
}

/// Adds an element and no more room: most lists stay at one or two, and there are millions of them.
fn push<T>(list: &mut Vec<T>, element: T) {
    list.reserve_exact(1);
    list.push(element);
}

/// Adds what is left of a sequence below a step that takes these alternatives in it; all, if it is not a part of
/// it or its last one.
fn insert_below(branch: &mut Branch, choices: Option<Vec<u32>>, rest: Reversal, awake: bool) -> Inserted {
    let planned = Inserted { planned: true, whole: awake };
    if branch.arms.is_empty() {
        // All that follows is explored, unless it is left out in favour of somebody who sleeps.
        if branch.is_awake || rest.is_empty() {
            return Inserted { planned: false, whole: branch.is_awake };
        }
        push(&mut branch.arms, (choices.unwrap_or_default(), vec![chain(&rest, awake)]));
        return planned;
    }
    let Some(choices) = choices else {
        let each = branch.arms.iter_mut().map(|(_, tree)| insert(tree, rest.clone(), awake));
        return each.reduce(Inserted::and).unwrap_or(Inserted::NOT);
    };
    match branch.arms.iter().position(|(taken, _)| *taken == choices) {
        Some(at) => insert(&mut branch.arms[at].1, rest, awake),
        None if rest.is_empty() => Inserted::NOT,
        None => {
            push(&mut branch.arms, (choices, vec![chain(&rest, awake)]));
            planned
        }
    }
}

/// The sequence as a branch without siblings.
fn chain(sequence: &Reversal, awake: bool) -> Branch {
    let mut below = Arms::new();
    for place in (0..sequence.len()).rev() {
        let arms = std::mem::take(&mut below);
        let branch = sequence.branch(place, arms, awake);
        let choices = place.checked_sub(1).map_or(Vec::new(), |before| sequence.choices(before));
        below = vec![(choices, vec![branch])];
    }
    below.remove(0).1.remove(0)
}

/// The steps to the leaf that is explored first.
pub fn first_path(mut arms: &Arms) -> Vec<WakeupStep> {
    let mut steps = Vec::new();
    while let Some((choices, tree)) = arms.first() {
        steps.extend(choices.iter().map(|taken| WakeupStep::Choice(*taken)));
        let Some(branch) = tree.first() else { break };
        steps.push(match &branch.task {
            TaskName::Known(task) => WakeupStep::Task(*task),
            TaskName::Later(path) => WakeupStep::Named(path.clone()),
        });
        arms = &branch.arms;
    }
    steps
}
