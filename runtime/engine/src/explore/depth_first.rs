//! Depth-first search over schedules, stateless: each execution re-runs its prefix.
//!
//! With sleep sets (Godefroid, LNCS 1032, 1996): from each state every task is tried, except those whose
//! next operation was tried before and has commuted with everything since. Every Mazurkiewicz trace is run
//! to its end exactly once; executions that fall asleep on the way are abandoned and counted as redundant.
//! It has no race reversal, so it begins many of those: it is the reference for better searches, plainly
//! right rather than fast.
//!
//! With a preemption bound (Musuvathi, Qadeer, PLDI 2007) sleep sets are off, since the two together lose
//! schedules; equivalent executions are then told apart by their trace key.

use crate::execution::Execution;
use crate::footprint::Footprint;
use crate::plan::{NodeRecord, Selection, Step};
use crate::trace_key;
use gorace_analyzer_core::TaskIx;
use std::collections::HashSet;

/// The search: gives selections and takes back what they met.
#[derive(Debug)]
pub struct DepthFirst {
    stack: Vec<Node>,
    started: bool,
    finished: bool,
    bound: Option<u32>,
    seen: HashSet<u64>,
}

#[derive(Debug)]
enum Node {
    Task {
        eligible: Vec<(TaskIx, Footprint)>,
        chosen: usize,
        running: Option<usize>,
        sleep: Vec<(TaskIx, Footprint)>,
        /// Preemptions on the way here.
        preemptions: u32,
    },
    Choice {
        of: u32,
        taken: u32,
    },
}

impl DepthFirst {
    /// A search over all schedules, or over those with at most `bound` preemptions.
    pub fn new(bound: Option<u32>) -> Self {
        DepthFirst { stack: Vec::new(), started: false, finished: false, bound, seen: HashSet::new() }
    }

    /// Whether everything was run.
    pub fn is_finished(&self) -> bool {
        self.finished
    }

    /// The next execution; `None` when there is none left.
    #[allow(
        clippy::should_implement_trait,
        reason = "a step of a machine, not an iterator: what it gives depends on what is fed in between"
    )]
    pub fn next(&mut self) -> Option<Selection> {
        if !self.started {
            self.started = true;
        } else if !self.advance() {
            self.finished = true;
            return None;
        }
        let sleep = match self.stack.iter().rev().find(|node| matches!(node, Node::Task { .. })) {
            Some(Node::Task { sleep, .. }) => sleep.clone(),
            _ => Vec::new(),
        };
        let prefix = self.stack.iter().map(Node::step).collect();
        Some(Selection::Search { prefix, sleep, wakeup: Vec::new() })
    }

    /// Takes the decisions of the execution that [`DepthFirst::next`] asked for; whether it was new: not
    /// abandoned, and under a bound not equivalent to an earlier one.
    pub fn absorb(&mut self, execution: &mut Execution, complete: bool) -> bool {
        for record in execution.take_nodes() {
            let node = self.node(record);
            self.stack.push(node);
        }
        complete && (self.bound.is_none() || self.seen.insert(trace_key(execution)))
    }

    fn node(&self, record: NodeRecord) -> Node {
        match record {
            NodeRecord::Choice { of, taken } => Node::Choice { of, taken },
            NodeRecord::Task { eligible, chosen, running, sleep, .. } => Node::Task {
                eligible,
                chosen: chosen as usize,
                running: running.map(|at| at as usize),
                sleep,
                preemptions: self.stack.iter().rev().find_map(Node::preemptions_after).unwrap_or(0),
            },
        }
    }

    /// Moves the deepest node that has an untried alternative to it, dropping what is below.
    fn advance(&mut self) -> bool {
        while let Some(mut node) = self.stack.pop() {
            if node.advance(self.bound) {
                self.stack.push(node);
                return true;
            }
        }
        false
    }
}

impl Node {
    fn step(&self) -> Step {
        match self {
            Node::Task { eligible, chosen, .. } => {
                let (task, footprint) = &eligible[*chosen];
                Step::Task(*task, footprint.clone())
            }
            Node::Choice { taken, .. } => Step::Choice(*taken),
        }
    }

    fn preemptions_after(&self) -> Option<u32> {
        match self {
            Node::Task { chosen, running, preemptions, .. } => {
                Some(preemptions + u32::from(running.is_some_and(|running| running != *chosen)))
            }
            Node::Choice { .. } => None,
        }
    }

    fn advance(&mut self, bound: Option<u32>) -> bool {
        match self {
            Node::Choice { of, taken } => {
                *taken += 1;
                taken < of
            }
            Node::Task { eligible, chosen, running, sleep, preemptions } => {
                match bound {
                    None => {
                        // All that starts with the chosen task was run: it sleeps from here on.
                        sleep.push(eligible[*chosen].clone());
                        let awake =
                            |(task, _): &(TaskIx, Footprint)| sleep.iter().all(|(asleep, _)| asleep != task);
                        match eligible.iter().position(awake) {
                            Some(next) => *chosen = next,
                            None => return false,
                        }
                    }
                    Some(bound) => {
                        *chosen += 1;
                        // The running task stands first, so that every later one is a preemption.
                        let costs = running.is_some() && *preemptions >= bound;
                        if costs || *chosen >= eligible.len() {
                            return false;
                        }
                    }
                }
                true
            }
        }
    }
}
