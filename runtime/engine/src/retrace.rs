//! Follows a schedule by its landmarks, in a program that may have been edited since.
//!
//! Each deviation is made when its landmark comes up, whether or not the task has as many events by then as it had. What
//! cannot be made is passed over, the first such place is kept, and the default rule goes on: the caller says
//! how well the schedule fitted.

use crate::execution::Execution;
use crate::mark::Mark;
use crate::plan::{Deviation, Schedule};
use gorace_analyzer_core::Listed;
use gorace_analyzer_core::trace::Divergence;
use gorace_analyzer_core::{TaskIx, TaskPath};
use std::fmt;

/// How well a schedule with landmarks fitted the program.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Fit {
    /// The program did the same: each task the same operations on the same objects, in the same order. Lines and names
    /// are not compared. Of tokens of before version 3 only that each deviation was made where it was made first.
    Exact,
    /// The program has changed, and so many deviations were found at other places; 0 if it changed between them.
    Resynchronised(u32),
    /// Something could not be made.
    Diverged(Divergence),
}

impl fmt::Display for Fit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fit::Exact => f.write_str("exact"),
            Fit::Resynchronised(0) => {
                f.write_str("resynchronised 0: nothing had to be moved, but the program does not do the same")
            }
            Fit::Resynchronised(n) => write!(f, "resynchronised {n}"),
            Fit::Diverged(at) => {
                write!(f, "diverged at step {}: expected {}, {}", at.step, at.expected, at.found)
            }
        }
    }
}

/// The state of one execution.
#[derive(Debug)]
pub(crate) struct Retrace {
    pending: Vec<Pending>,
    /// Of the execution that the schedule was taken from.
    shape: Option<u32>,
    /// How many events have been looked at.
    scanned: usize,
    resynchronised: u32,
    /// The first deviation that could not be made.
    diverged: Option<Divergence>,
}

#[derive(Debug)]
struct Pending {
    deviation: Deviation,
    mark: Mark,
    /// Events of the landmark's sort that the task had.
    nth: u32,
    /// Whether its landmark came up since the last decision.
    is_due: bool,
}

impl Retrace {
    pub fn new(schedule: &Schedule) -> Self {
        let marked = schedule.deviations.iter().zip(&schedule.marks);
        let pending = marked.map(|(deviation, mark)| Pending {
            deviation: deviation.clone(),
            mark: *mark,
            nth: 0,
            is_due: mark.nth == 0,
        });
        Retrace {
            pending: pending.listed(),
            shape: schedule.shape,
            scanned: 0,
            resynchronised: 0,
            diverged: None,
        }
    }

    /// How many deviations were neither made nor given up.
    pub fn unused(&self) -> usize {
        self.pending.len()
    }

    /// How well the schedule fitted an execution that is over.
    pub fn fit(&self, execution: &Execution) -> Fit {
        let unused = self.pending.first().map(|pending| Divergence {
            step: execution.trace.events.len() as u32,
            expected: expected(execution, &pending.deviation, pending.mark),
            found: "the program ended before".to_owned(),
        });
        match (self.diverged.clone().or(unused), self.resynchronised) {
            (Some(divergence), _) => Fit::Diverged(divergence),
            (None, 0) if self.shape.is_none_or(|shape| shape == execution.shape()) => Fit::Exact,
            (None, n) => Fit::Resynchronised(n),
        }
    }

    pub fn pick(&mut self, execution: &Execution, default: TaskIx) -> TaskIx {
        self.scan(execution);
        let last = &execution.tasks[execution.last.at()];
        let mut chosen = None;
        let due = |pending: &Pending| pending.is_due && matches!(pending.deviation, Deviation::Switch { .. });
        while let Some(at) = self.pending.iter().position(due) {
            let Pending { deviation, mark, .. } = self.pending.remove(at);
            let Deviation::Switch { task, count, to, op } = &deviation else { break };
            let ready = execution.ready.iter().copied().find(|task| execution.tasks[task.at()].path == *to);
            let ready = ready.filter(|_| chosen.is_none() && *task == last.path);
            self.resynchronised += u32::from(ready.is_some() && *count != last.count);
            let is_at_it = ready.is_some_and(|ready| execution.tasks[ready.at()].kind == *op);
            if !is_at_it {
                let found = ready.map_or_else(
                    || format!("{} cannot run there", name(execution, to)),
                    |ready| format!("the program did {}", execution.describe_pending(ready)),
                );
                self.diverge(execution, &deviation, mark, found);
            }
            // Whoever is at something else may yet come to it.
            chosen = chosen.or(ready);
        }
        chosen.unwrap_or(default)
    }

    /// Which of `n` alternatives of a choice of this sort `task` takes.
    pub fn alternative(&mut self, execution: &Execution, task: TaskIx, n: u32, sort: u16) -> u32 {
        let chooser = &execution.tasks[task.at()];
        let is_it = |pending: &Pending| match &pending.deviation {
            Deviation::Choice { task, .. } => {
                *task == chooser.path
                    && pending.mark.sort == sort
                    && pending.mark.nth == chooser.choices[usize::from(sort)]
            }
            Deviation::Switch { .. } => false,
        };
        let Some(at) = self.pending.iter().position(is_it) else { return 0 };
        let Pending { deviation, mark, .. } = self.pending.remove(at);
        match deviation {
            Deviation::Choice { count, taken, .. } if taken < n => {
                self.resynchronised += u32::from(count != chooser.count);
                taken
            }
            deviation => {
                let found =
                    format!("the program had {n} alternatives at {}", execution.describe_pending(task));
                self.diverge(execution, &deviation, mark, found);
                0
            }
        }
    }

    /// Looks at what happened since the last decision.
    fn scan(&mut self, execution: &Execution) {
        let events = &execution.trace.events[self.scanned..];
        self.scanned = execution.trace.events.len();
        for event in events {
            let path = &execution.tasks[event.task.at()].path;
            let is_of = |pending: &&mut Pending| matches!(&pending.deviation, Deviation::Switch { task, .. } if task == path);
            let mut of_task = self.pending.iter_mut().filter(is_of).peekable();
            if of_task.peek().is_none() {
                continue;
            }
            let sort = execution.sort(event);
            for pending in of_task.filter(|pending| pending.mark.sort == sort) {
                pending.nth += 1;
                pending.is_due |= pending.nth == pending.mark.nth;
            }
        }
    }

    fn diverge(&mut self, execution: &Execution, deviation: &Deviation, mark: Mark, found: String) {
        let step = execution.trace.events.len() as u32;
        let expected = expected(execution, deviation, mark);
        self.diverged.get_or_insert(Divergence { step, expected, found });
    }
}

/// A deviation in words.
fn expected(execution: &Execution, deviation: &Deviation, mark: Mark) -> String {
    let line = if mark.line == 0 { String::new() } else { format!(" at line {}", mark.line) };
    match deviation {
        Deviation::Switch { to, op, .. } => format!("{}{line} by {}", op.word(), name(execution, to)),
        Deviation::Choice { task, taken, .. } => {
            format!("alternative {taken}{line} by {}", name(execution, task))
        }
    }
}

fn name(execution: &Execution, path: &TaskPath) -> String {
    let task = execution.tasks.iter().find(|task| task.path == *path);
    match task.and_then(|task| task.name.as_deref()) {
        Some(name) => format!("`{name}`"),
        None => format!("task {path}"),
    }
}
