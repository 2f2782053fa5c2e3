//! Landmarks: where in a task's code a schedule's deviation is, told so that edits of the program do not matter.
//!
//! A switch comes after the task's n-th event of a certain sort: its operation, the type of what it is done to, and the
//! source file, but no line and no name. A choice is the task's n-th; whether something
//! happens for no reason is counted apart, since only some runs ask for it. What is inserted elsewhere moves
//! neither; another operation of the same sort before it does.

use crate::execution::{Execution, RawDeviation};
use crate::plan::Schedule;
use gorace_analyzer_core::Listed;
use gorace_analyzer_core::finding::{FNV_START, fnv};
use gorace_analyzer_core::{Event, OpKind, Place};

/// The landmark of one deviation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Mark {
    /// The sort of the event after which a switch comes; of a choice 0, or 1 for one whether something happens for no
    /// reason.
    pub sort: u16,
    /// Which event, or choice, of its sort it is of the task, counted from 1; 0 before the first event.
    pub nth: u32,
    /// Where the task that is switched to, or that chooses, is about to do it; 0 if not known. For messages.
    pub line: u32,
}

impl Execution {
    /// The schedule that was run, with landmarks.
    pub fn marked_schedule(&self) -> Schedule {
        let marks = self.deviations().iter().map(|raw| self.mark(raw)).listed();
        Schedule { marks, ..self.schedule() }
    }

    fn mark(&self, raw: &RawDeviation) -> Mark {
        let of = |task| self.trace.events.iter().filter(move |event| event.task == task);
        match *raw {
            RawDeviation::Choice { task, count, sort, nth, .. } => {
                Mark { sort, nth, line: of(task).nth(count as usize).map_or(0, line) }
            }
            RawDeviation::Switch { task, count, to, at, .. } => {
                let line =
                    self.trace.events[at as usize..].iter().find(|event| event.task == to).map_or(0, line);
                let Some(last) = (count as usize).checked_sub(1).and_then(|last| of(task).nth(last)) else {
                    return Mark { sort: 0, nth: 0, line };
                };
                let sort = self.sort(last);
                let before = of(task).take(count as usize);
                let nth = before.filter(|event| self.sort(event) == sort).count() as u32;
                Mark { sort, nth, line }
            }
        }
    }

    /// The sort of an event: never 0.
    pub(crate) fn sort(&self, event: &Event) -> u16 {
        let mut hash = fnv(FNV_START, &[event.op as u8]);
        // A select's object is that of the arm which it takes in the end.
        if let Some(object) = event.object.filter(|_| event.op != OpKind::Select) {
            hash = fnv(hash, self.objects[object.at()].type_name().as_bytes());
        }
        if let Place::Code(at) = event.place {
            hash = fnv(hash, at.file().as_bytes());
        }
        ((hash ^ (hash >> 16) ^ (hash >> 32) ^ (hash >> 48)) as u16).max(1)
    }
}

fn line(event: &Event) -> u32 {
    match event.place {
        Place::Code(at) => at.line(),
        _ => 0,
    }
}
