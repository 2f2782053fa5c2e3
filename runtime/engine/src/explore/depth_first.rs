//! Depth-first search over schedules, with sleep sets; stateless: each execution re-runs its prefix.
//!
//! Source: Godefroid, LNCS 1032, 1996. From each state every task is tried, except those whose
//! next operation was tried before and has commuted with everything since. Every Mazurkiewicz trace is run
//! to its end exactly once; executions that fall asleep on the way are abandoned and counted as redundant.
//! It has no race reversal, so it begins many of those: it is the reference for better searches, plainly
//! right rather than fast.

use super::frontier::{Coded, Reader, coded};
use crate::execution::Execution;
use crate::footprint::Footprint;
use crate::plan::{NodeRecord, Selection, Step, WakeOn};
use gorace_analyzer_core::Listed;
use gorace_analyzer_core::TaskIx;

/// The search: gives selections and takes back what they met.
#[derive(Debug, Default)]
pub struct DepthFirst {
    stack: Vec<Node>,
    /// Whether what the stack leads to was given to be run.
    given: bool,
    finished: bool,
}

#[derive(Debug)]
enum Node {
    Task { eligible: Vec<(TaskIx, Footprint)>, chosen: usize, sleep: Vec<(TaskIx, Footprint)> },
    Choice { of: u32, taken: u32 },
}

coded! {
    DepthFirst { stack, given, finished },
}

impl DepthFirst {
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
        let sleep = match self.stack.iter().rev().find(|node| matches!(node, Node::Task { .. })) {
            Some(Node::Task { sleep, .. }) => sleep.clone(),
            _ => Vec::new(),
        };
        let prefix = self.stack.iter().map(Node::step).listed();
        Some(Selection::Search {
            prefix,
            sleep,
            lead: Vec::new(),
            wakeup: Vec::new(),
            wake_on: WakeOn::Dependence,
        })
    }

    /// Takes the decisions of the execution that [`DepthFirst::next`] asked for; whether it was new: not abandoned.
    pub fn absorb(&mut self, execution: &mut Execution, complete: bool) -> bool {
        let mut records = execution.take_nodes();
        self.stack.extend(records.drain(..).map(Node::of));
        execution.reuse_nodes(records);
        complete
    }

    /// Moves the deepest node that has an untried alternative to it, dropping what is below.
    fn advance(&mut self) -> bool {
        while let Some(mut node) = self.stack.pop() {
            if node.advance() {
                self.stack.push(node);
                return true;
            }
        }
        false
    }
}

impl Node {
    fn of(record: NodeRecord) -> Self {
        match record {
            NodeRecord::Choice { of, taken } => Node::Choice { of, taken },
            NodeRecord::Task { eligible, chosen, sleep, .. } => {
                Node::Task { eligible, chosen: chosen as usize, sleep }
            }
        }
    }

    fn step(&self) -> Step {
        match self {
            Node::Task { eligible, chosen, .. } => {
                let (task, footprint) = &eligible[*chosen];
                Step::Task(*task, footprint.clone())
            }
            Node::Choice { of, taken } => Step::Choice { of: *of, taken: *taken },
        }
    }

    fn advance(&mut self) -> bool {
        match self {
            Node::Choice { of, taken } => {
                *taken += 1;
                taken < of
            }
            Node::Task { eligible, chosen, sleep } => {
                // All that starts with the chosen task was run: it sleeps from here on.
                sleep.push(eligible[*chosen].clone());
                let awake = |(task, _): &(TaskIx, Footprint)| sleep.iter().all(|(asleep, _)| asleep != task);
                let next = eligible.iter().position(awake);
                *chosen = next.unwrap_or(*chosen);
                next.is_some()
            }
        }
    }
}

impl Coded for Node {
    fn write(&self, out: &mut Vec<u8>) {
        matches!(self, Node::Task { .. }).write(out);
        match self {
            Node::Task { eligible, chosen, sleep } => {
                eligible.write(out);
                chosen.write(out);
                sleep.write(out);
            }
            Node::Choice { of, taken } => {
                of.write(out);
                taken.write(out);
            }
        }
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        let node = match bool::read(from)? {
            true => Node::Task {
                eligible: Coded::read(from)?,
                chosen: Coded::read(from)?,
                sleep: Coded::read(from)?,
            },
            false => Node::Choice { of: Coded::read(from)?, taken: Coded::read(from)? },
        };
        let is_whole = match &node {
            Node::Task { eligible, chosen, .. } => *chosen < eligible.len(),
            Node::Choice { of, taken } => taken < of,
        };
        is_whole.then_some(node)
    }
}
