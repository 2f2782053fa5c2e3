//! The states on the way to the last execution, each with what is explored from it, asleep, and planned.

use super::ahead::{Ahead, take_alternative};
use super::estimate::Explored;
use super::shown::Shown;
use super::touches::Touches;
use super::tree::{Arms, Branch, Step as Planned, TaskName, Tree};
use crate::descent::Lists;
use crate::footprint::{Footprint, Known};
use crate::plan::{NodeRecord, Step};
use gorace_analyzer_core::TaskIx;

/// A decision of the last execution.
#[derive(Clone, Debug)]
pub enum Node {
    /// Which task runs.
    Task(State),
    /// Which alternative is taken.
    Choice(Choice),
}

impl From<Node> for NodeRecord {
    /// As it was met, without what was planned there.
    fn from(node: Node) -> Self {
        match node {
            Node::Choice(choice) => NodeRecord::Choice { of: choice.of, taken: choice.now() },
            Node::Task(State { eligible, chosen, sleep, known, passed_over, .. }) => NodeRecord::Task {
                eligible,
                chosen: chosen as u32,
                running: None,
                sleep,
                known,
                passed_over,
                broken: false,
            },
        }
    }
}

/// What is planned to follow a step, and the part of the search that explores the first leaf of it, if one does.
pub type Next = (Ahead, Option<u64>);

/// A state in which tasks can run.
#[derive(Clone, Debug)]
pub struct State {
    /// The tasks that can, with what they would do.
    pub eligible: Vec<(TaskIx, Footprint)>,
    /// The index of the one that runs.
    pub chosen: usize,
    /// The tasks of which all that they lead to was explored, here or before.
    pub sleep: Vec<(TaskIx, Footprint)>,
    /// What is to be explored from here after the one that runs.
    pub plans: Tree,
    /// What is known here.
    pub known: Known,
    /// Whether there are others that could run but are passed over.
    pub passed_over: bool,
    /// What was explored.
    pub explored: Explored,
}

/// An operation's choice.
#[derive(Clone, Debug)]
pub struct Choice {
    /// How many alternatives there are.
    pub of: u32,
    /// Those explored, the present one last.
    pub taken: Vec<u32>,
    /// What is to follow the others, as far as that is planned.
    pub plans: Arms,
    /// Whether all others are explored, planned or not: nobody sleeps there. Else what is to follow has to wake all
    /// who do.
    pub is_awake: bool,
    /// What was explored.
    pub explored: Explored,
}

impl State {
    /// Goes to the next task to explore, all that the present one leads to being explored; what is to follow.
    fn advance(&mut self) -> Option<Next> {
        self.sleep.push(self.eligible[self.chosen].clone());
        while !self.plans.is_empty() {
            let branch = self.plans.remove(0);
            if let Some(at) = self.awake(&branch) {
                self.chosen = at;
                let part = branch.first_mark();
                return Some((Ahead::of(branch), part));
            }
        }
        None
    }

    /// The index of a planned step's task, if it can run and was not explored.
    pub fn awake(&self, branch: &Branch) -> Option<usize> {
        let eligible = self.eligible.iter().position(|(other, _)| branch.task == TaskName::Known(*other));
        eligible.filter(|at| !self.is_asleep(self.eligible[*at].0))
    }

    /// Whether all that `task` leads to from here was explored.
    pub fn is_asleep(&self, task: TaskIx) -> bool {
        self.sleep.iter().any(|(asleep, _)| *asleep == task)
    }

    /// Whether it was in doubt when some of what is planned was if something before it leads there.
    pub fn is_in_doubt(&self) -> bool {
        self.plans.iter().any(|branch| branch.is_in_doubt)
    }

    /// Plans to run every task that can run here.
    pub fn plan_all(&mut self) {
        for (i, (task, footprint)) in self.eligible.iter().enumerate() {
            let task = TaskName::Known(*task);
            if i != self.chosen && self.plans.iter().all(|branch| branch.task != task) {
                let touches = Touches::Exactly(footprint.clone());
                let step = Planned { task, touches, seen: 0, choices: Vec::new().into() };
                self.plans.push(Branch::new(vec![step], self.known, None, false));
            }
        }
    }

    /// Whether nobody is asleep any more once the one that runs has run.
    pub fn wakes_all(&self) -> bool {
        let (running, footprint) = &self.eligible[self.chosen];
        self.sleep.iter().all(|(task, touched)| task == running || touched.depends_on(footprint))
    }

    /// What `task` would do here, if it can run.
    pub fn pending(&self, task: TaskIx) -> Option<&Footprint> {
        self.eligible.iter().find(|(other, _)| *other == task).map(|(_, footprint)| footprint)
    }

    /// Takes over what was planned to follow the step before: gives what is planned to follow the task that runs.
    pub fn continue_plan(&mut self, ahead: Ahead, shown: &dyn Shown) -> Ahead {
        let running = TaskName::Known(self.eligible[self.chosen].0);
        match ahead.branches() {
            Ok(mut branch) => {
                branch.rename(self.known.tasks, shown);
                if branch.task == running {
                    return Ahead::of(branch);
                }
                self.plans.push(branch);
            }
            Err(tree) => {
                self.plans = tree;
                let known = self.known.tasks;
                self.plans.iter_mut().for_each(|branch| branch.rename(known, shown));
            }
        }
        // Not the first one, if that could not be followed.
        let planned = self.plans.iter().position(|branch| branch.task == running);
        planned.map_or(Ahead::default(), |at| Ahead::of(self.plans.remove(at)))
    }
}

impl Choice {
    /// A choice that took `taken` first, with what was planned to follow the operation: gives what is planned to
    /// follow this alternative.
    pub fn new(of: u32, taken: u32, plans: Ahead, is_awake: bool, explored: Explored) -> (Self, Ahead) {
        let (below, plans) = plans.choose(taken);
        (Choice { of, taken: vec![taken], plans, is_awake, explored }, below)
    }

    /// Whether there may be others that are neither explored nor planned, since somebody sleeps there.
    pub fn has_others(&self) -> bool {
        !self.is_awake && self.taken.len() < self.of as usize
    }

    /// Plans each other alternative, unless it was explored or is planned; whether there are any.
    pub fn plan_others(&mut self, tree: &Tree) -> bool {
        let is_planned = |choice: &Choice, other: &u32| {
            choice.taken.contains(other) || choice.plans.iter().any(|(taken, _)| taken.first() == Some(other))
        };
        let others: Vec<u32> = (0..self.of).filter(|other| !is_planned(self, other)).collect();
        self.plans.extend(others.iter().map(|other| (vec![*other], tree.clone())));
        !others.is_empty()
    }

    /// Whether it is one that can have come about.
    pub fn is_whole(&self) -> bool {
        !self.taken.is_empty() && self.taken.iter().all(|taken| *taken < self.of)
    }

    fn advance(&mut self) -> Option<Next> {
        let planned = self.plans.iter().filter_map(|(choices, _)| choices.first().copied());
        let others = if self.is_awake { 0..self.of } else { 0..0 };
        let next = planned.chain(others).find(|next| !self.taken.contains(next) && *next < self.of)?;
        self.taken.push(next);
        Some((Ahead::Arms(take_alternative(&mut self.plans, next)), None))
    }

    /// How many alternatives are still to be explored, as far as is known.
    fn left(&self) -> usize {
        match self.is_awake {
            true => (self.of as usize).saturating_sub(self.taken.len()),
            false => self.plans.len(),
        }
    }

    /// The alternative that is explored now.
    pub fn now(&self) -> u32 {
        self.taken.last().copied().unwrap_or(0)
    }
}

impl Node {
    /// The decision, as a step of a prefix.
    pub fn step(&self) -> Step {
        match self {
            Node::Choice(choice) => Step::Choice { of: choice.of, taken: choice.now() },
            Node::Task(state) => {
                let (task, footprint) = &state.eligible[state.chosen];
                Step::Task(*task, footprint.clone())
            }
        }
    }

    /// The state, if it is one in which it is decided who runs.
    pub fn state(&self) -> Option<&State> {
        match self {
            Node::Task(state) => Some(state),
            Node::Choice(_) => None,
        }
    }

    /// What was explored from here.
    pub fn explored(&mut self) -> &mut Explored {
        match self {
            Node::Choice(choice) => &mut choice.explored,
            Node::Task(state) => &mut state.explored,
        }
    }

    /// How many traces there seem to be from here, with `below` in what is explored now.
    pub fn estimate(&self, below: f64) -> f64 {
        match self {
            Node::Choice(choice) => choice.explored.estimate(below, choice.left()),
            Node::Task(state) => state.explored.estimate(below, state.plans.len()),
        }
    }

    /// Whether there may be anything left to explore.
    pub fn has_next(&self) -> bool {
        match self {
            Node::Choice(choice) => choice.left() > 0,
            Node::Task(state) => !state.plans.is_empty(),
        }
    }

    /// The lists that it has, to be used again.
    pub fn lists(self) -> Option<Lists> {
        match self {
            Node::Task(state) => Some([state.eligible, state.sleep]),
            Node::Choice(_) => None,
        }
    }

    /// Goes to the next thing to explore; what is ahead of it, or `None` if nothing is left.
    pub fn advance(&mut self) -> Option<Next> {
        match self {
            Node::Choice(choice) => choice.advance(),
            Node::Task(state) => state.advance(),
        }
    }
}
