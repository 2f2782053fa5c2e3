//! The search: gives selections and takes back what they met.

use super::happens_before::{Decision, HappensBefore};
use super::node::{Choice, Node, State};
use super::reversal::{Context, Position, Reversal};
use super::tree::{Arms, Tree, first_path, insert};
use crate::execution::Execution;
use crate::explore::frontier::{Coded, Reader};
use crate::plan::{NodeRecord, Selection, WakeOn};

/// See the module above.
#[derive(Debug, Default)]
pub struct Optimal {
    stack: Vec<Node>,
    /// Where in the stack each decision who runs is.
    tasks: Vec<usize>,
    /// What is planned to follow the stack.
    ahead: Arms,
    order: HappensBefore,
    /// How many decisions of the execution in `order` are still those of the stack.
    shared: Decision,
    /// Whether what the stack and what is ahead lead to was given to be run.
    given: bool,
    finished: bool,
}

impl Coded for Optimal {
    fn write(&self, out: &mut Vec<u8>) {
        self.stack.write(out);
        self.ahead.write(out);
        self.given.write(out);
        self.finished.write(out);
    }

    /// What depends on the last execution is computed anew after the next one.
    fn read(from: &mut Reader<'_>) -> Option<Self> {
        let stack = Vec::<Node>::read(from)?;
        let is_task = |at: &usize| matches!(stack[*at], Node::Task(_));
        Some(Optimal {
            tasks: (0..stack.len()).filter(is_task).collect(),
            stack,
            ahead: Coded::read(from)?,
            given: Coded::read(from)?,
            finished: Coded::read(from)?,
            ..Optimal::default()
        })
    }
}

impl Optimal {
    /// Whether everything was run.
    pub fn is_finished(&self) -> bool {
        self.finished
    }

    /// Whether there is another execution.
    pub fn has_next(&mut self) -> bool {
        if self.given {
            self.finished = !self.advance();
            self.given = false;
        }
        !self.finished
    }

    /// The next execution; `None` when there is none left.
    #[allow(
        clippy::should_implement_trait,
        reason = "a step of a machine, not an iterator: what it gives depends on what is fed in between"
    )]
    pub fn next(&mut self) -> Option<Selection> {
        if !self.has_next() {
            return None;
        }
        self.given = true;
        let state = self.stack.iter().rev().find_map(|node| match node {
            Node::Task(state) => Some(state),
            Node::Choice(_) => None,
        });
        let sleep = state.map_or(Vec::new(), |state| state.sleep.clone());
        let prefix = self.stack.iter().map(Node::step).collect();
        let wakeup = first_path(&self.ahead);
        Some(Selection::Search { prefix, sleep, wakeup, wake_on: WakeOn::Dependence })
    }

    /// Moves the deepest node that has something left to explore to it, dropping what is below; whether there
    /// is one.
    fn advance(&mut self) -> bool {
        while let Some(node) = self.stack.last_mut() {
            if let Some(ahead) = node.advance() {
                self.ahead = ahead;
                self.shared = self.shared.min(self.tasks.len() - 1);
                return true;
            }
            if matches!(node, Node::Task(_)) {
                self.tasks.pop();
            }
            self.stack.pop();
        }
        false
    }

    /// Takes the execution that [`Optimal::next`] asked for, and plans what its races lead to; whether it was new.
    pub fn absorb(&mut self, execution: &mut Execution, complete: bool) -> bool {
        let mut ahead = std::mem::take(&mut self.ahead);
        for record in execution.take_nodes() {
            ahead = self.push(record, ahead, execution);
        }
        // What was abandoned is equivalent to something whose races were looked at.
        if complete {
            self.order.analyze(execution, self.shared);
            self.shared = self.order.len();
            (0..self.order.races().len()).for_each(|race| self.reverse(execution, race));
        }
        complete
    }

    /// Adds a node to the stack: gives what is planned to follow it.
    fn push(&mut self, record: NodeRecord, ahead: Arms, execution: &Execution) -> Arms {
        match record {
            NodeRecord::Choice { of, taken } => {
                let (choice, below) = Choice::new(of, taken, ahead);
                self.stack.push(Node::Choice(choice));
                below
            }
            NodeRecord::Task { eligible, chosen, sleep, known, passed_over, broken, .. } => {
                let mut state = State {
                    eligible,
                    chosen: chosen as usize,
                    sleep,
                    plans: Tree::new(),
                    known,
                    passed_over,
                };
                let plan = ahead.into_iter().find(|(choices, _)| choices.is_empty());
                let below = state.continue_plan(plan.map_or(Tree::new(), |(_, tree)| tree), execution);
                if broken {
                    state.plan_all();
                }
                self.tasks.push(self.stack.len());
                self.stack.push(Node::Task(state));
                below
            }
        }
    }

    fn reverse(&mut self, execution: &Execution, race: usize) {
        let (first, second) = self.order.races()[race];
        let at = self.tasks[first];
        let Node::Task(state) = &mut self.stack[at] else { return };
        // The sequence's first step is often asleep, which is quick to see.
        let head = (first + 1..second).find(|k| !self.order.is_before(first, *k)).unwrap_or(second);
        if head != second && state.is_asleep(self.order.task(head)) {
            return;
        }
        let mut plans = std::mem::take(&mut state.plans);
        let Node::Task(state) = &self.stack[at] else { return };
        let choices = |decision| self.choices(decision);
        let order = &self.order;
        let reversal = Reversal::new(Context { execution, order, choices: &choices, state, first, second });
        let sleepers = state.sleep.iter();
        let positions = sleepers.map(|(task, footprint)| reversal.position_of_sleeper(*task, footprint));
        let is_explored = |position: Position| matches!(position, Position::At(_) | Position::Beside(_));
        let awake = positions.clone().all(|position| matches!(position, Position::Later));
        let mut passed_over = false;
        if reversal.is_feasible() && !positions.clone().any(is_explored) {
            passed_over = state.pending(reversal.task(0)).is_none();
            if !passed_over {
                insert(&mut plans, reversal, awake);
            }
        }
        let Node::Task(state) = &mut self.stack[at] else { return };
        state.plans = plans;
        if passed_over {
            state.plan_all();
        }
    }

    /// The alternatives that a decision took.
    fn choices(&self, decision: Decision) -> Vec<u32> {
        let after = self.stack[self.tasks[decision] + 1..].iter();
        let choices = after.map_while(|node| match node {
            Node::Choice(choice) => Some(choice.now()),
            Node::Task(_) => None,
        });
        choices.collect()
    }
}
