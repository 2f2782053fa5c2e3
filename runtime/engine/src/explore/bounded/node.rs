//! The decisions on the way to the last execution, each with what is still to be tried there.

use crate::explore::frontier::{Coded, Reader, coded};
use crate::footprint::Footprint;
use crate::plan::Step;
use gorace_analyzer_core::TaskIx;

/// A decision of the last execution.
#[derive(Debug)]
pub enum Node {
    /// Which task runs.
    Task(State),
    /// Which alternative is taken.
    Choice(Choice),
}

/// A state in which tasks can run.
#[derive(Debug)]
pub struct State {
    /// The tasks that can, with what they would do. The one that ran before stands first, if leaving it is a preemption.
    pub eligible: Vec<(TaskIx, Footprint)>,
    /// The index of the one that runs.
    pub chosen: usize,
    /// Whether running another one than the first is a preemption.
    pub preempts: bool,
    /// Whether preempting the first one may lead to anything new.
    pub is_worthwhile: bool,
    /// Whether the first one sleeps when it is preempted.
    pub falls_asleep: bool,
    /// The tasks asleep here.
    pub sleep: Vec<(TaskIx, Footprint)>,
    /// Preemptions on the way here.
    pub preemptions: u32,
}

/// An operation's choice.
#[derive(Debug)]
pub struct Choice {
    /// How many alternatives there are.
    pub of: u32,
    /// The one that is taken.
    pub taken: u32,
}

/// What comes after a decision.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Advance {
    /// Something else is tried there.
    Next,
    /// All was tried.
    Done,
    /// All was tried that needs no more preemptions than there are left.
    Denied,
}

coded! {
    State { eligible, chosen, preempts, is_worthwhile, falls_asleep, sleep, preemptions },
    Choice { of, taken },
}

impl Coded for Node {
    fn write(&self, out: &mut Vec<u8>) {
        matches!(self, Node::Task(_)).write(out);
        match self {
            Node::Task(state) => state.write(out),
            Node::Choice(choice) => choice.write(out),
        }
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        match bool::read(from)? {
            true => State::read(from).filter(|state| state.chosen < state.eligible.len()).map(Node::Task),
            false => Choice::read(from).filter(|choice| choice.taken < choice.of).map(Node::Choice),
        }
    }
}

impl State {
    /// Whether the decision is a preemption.
    pub fn is_preemption(&self) -> bool {
        self.preempts && self.chosen > 0
    }

    /// Preemptions after the decision.
    pub fn preemptions_after(&self) -> u32 {
        self.preemptions + u32::from(self.is_preemption())
    }

    /// Whether there is a choice who runs.
    pub fn is_open(&self) -> bool {
        self.awake().nth(1).is_some()
    }

    fn awake(&self) -> impl Iterator<Item = usize> {
        let is_awake = |task: TaskIx| self.sleep.iter().all(|(asleep, _)| *asleep != task);
        (0..self.eligible.len()).filter(move |at| is_awake(self.eligible[*at].0))
    }

    /// The tasks asleep once the decision is taken.
    pub fn sleep_after(&self) -> Vec<(TaskIx, Footprint)> {
        let mut sleep = self.sleep.clone();
        if self.is_preemption() && self.falls_asleep {
            sleep.push(self.eligible[0].clone());
        }
        sleep
    }

    fn advance(&mut self, bound: u32) -> Advance {
        let Some(next) = self.awake().find(|at| *at > self.chosen) else { return Advance::Done };
        if self.preempts && !self.is_worthwhile {
            return Advance::Done;
        }
        if self.preempts && self.preemptions >= bound {
            return Advance::Denied;
        }
        self.chosen = next;
        Advance::Next
    }
}

impl Node {
    /// The decision, as a step of a prefix.
    pub fn step(&self) -> Step {
        match self {
            Node::Choice(Choice { of, taken }) => Step::Choice { of: *of, taken: *taken },
            Node::Task(state) => {
                let (task, footprint) = &state.eligible[state.chosen];
                Step::Task(*task, footprint.clone())
            }
        }
    }

    /// The state, if it is a decision who runs.
    pub fn state(&self) -> Option<&State> {
        match self {
            Node::Task(state) => Some(state),
            Node::Choice(_) => None,
        }
    }

    /// Goes to the next thing to try within `bound` preemptions.
    pub fn advance(&mut self, bound: u32) -> Advance {
        match self {
            Node::Task(state) => state.advance(bound),
            Node::Choice(choice) if choice.taken + 1 < choice.of => {
                choice.taken += 1;
                Advance::Next
            }
            Node::Choice(_) => Advance::Done,
        }
    }
}
