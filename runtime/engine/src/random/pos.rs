//! POS: partial order sampling (Yuan, Yang, Gu, CAV 2018).
//!
//! Each pending operation has a random priority, and the highest runs. What then depends on it, and its own
//! task's next operation, draw anew. Without the second half an operation that waits long would come ever
//! more surely first; with it each order of two operations that race stays about as likely as the other.

use super::priorities::Priorities;
use crate::execution::Execution;
use crate::rng::SplitMix64;
use gorace_analyzer_core::TaskIx;

/// The state of one execution.
#[derive(Debug)]
pub(super) struct Pos {
    priorities: Priorities,
}

impl Pos {
    pub fn new(tasks: usize) -> Self {
        Pos { priorities: Priorities::for_tasks(tasks) }
    }

    pub fn pick(&mut self, execution: &Execution, eligible: &[TaskIx], rng: &mut SplitMix64) -> TaskIx {
        let mut chosen = (0, eligible[0]);
        for task in eligible {
            chosen = chosen.max((self.priorities.get(*task, rng), *task));
        }
        let (_, chosen) = chosen;
        self.priorities.redraw(chosen);
        if execution.ready.len() > 1 {
            let touched = execution.footprint(chosen);
            for other in execution.ready.iter() {
                if *other != chosen && execution.footprint(*other).depends_on(&touched) {
                    self.priorities.redraw(*other);
                }
            }
        }
        chosen
    }
}
