//! Landmarks: where in a task's code a schedule's deviation is, told so that edits of the program do not matter.
//!
//! A switch comes after the task's n-th event of a certain sort: its operation, the type of what it is done to, and the
//! source file, but no line and no name. A choice is the task's n-th; whether something
//! happens for no reason is counted apart, since only some runs ask for it. What is inserted elsewhere moves
//! neither; another operation of the same sort before it does. Whether the program still does the same is told by the
//! shape of the whole execution: who did what sort of thing to which object, in which order.

use crate::execution::{Execution, RawDeviation};
use crate::plan::Schedule;
use gorace_analyzer_core::Listed;
use gorace_analyzer_core::finding::{FNV_START, fnv};
use gorace_analyzer_core::{Event, OpKind, Place, TaskIx};
use std::collections::HashMap;

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

/// The events of each task, each with its sort and how many of that sort the task had with it.
struct Landmarks<'a> {
    events: &'a [Event],
    of_task: Vec<Vec<(usize, Landmark)>>,
    shape: u32,
}

#[derive(Clone, Copy)]
struct Landmark {
    sort: u16,
    nth: u32,
}

impl<'a> Landmarks<'a> {
    fn of(execution: &'a Execution) -> Self {
        let events = &execution.trace.events[..];
        let mut of_task = vec![Vec::new(); execution.tasks.len()];
        let mut met: HashMap<(TaskIx, u16), u32> = HashMap::new();
        let mut shape = FNV_START;
        for (at, event) in events.iter().enumerate() {
            let sort = execution.sort(event);
            shape = grow(shape, sort, event);
            let nth = met.entry((event.task, sort)).or_default();
            *nth += 1;
            of_task[event.task.at()].push((at, Landmark { sort, nth: *nth }));
        }
        Landmarks { events, of_task, shape: fold(shape) }
    }

    fn mark(&self, raw: &RawDeviation) -> Mark {
        let line_at = |event: Option<&(usize, Landmark)>| event.map_or(0, |(at, _)| line(&self.events[*at]));
        match *raw {
            RawDeviation::Choice { task, count, sort, nth, .. } => {
                Mark { sort, nth, line: line_at(self.of_task[task.at()].get(count as usize)) }
            }
            RawDeviation::Switch { task, count, to, at, .. } => {
                let of_next = &self.of_task[to.at()];
                let next = of_next.partition_point(|(event, _)| *event < at as usize);
                let last = (count as usize).checked_sub(1).and_then(|last| self.of_task[task.at()].get(last));
                let Landmark { sort, nth } = last.map_or(Landmark { sort: 0, nth: 0 }, |(_, last)| *last);
                Mark { sort, nth, line: line_at(of_next.get(next)) }
            }
        }
    }
}

impl Execution {
    /// The schedule that was run, with landmarks.
    pub fn marked_schedule(&self) -> Schedule {
        let landmarks = Landmarks::of(self);
        let marks = self.deviations().iter().map(|raw| landmarks.mark(raw)).listed();
        Schedule { marks, shape: Some(landmarks.shape), ..self.schedule() }
    }

    /// What [`Schedule::shape`] is of this execution.
    pub(crate) fn shape(&self) -> u32 {
        fold(self.trace.events.iter().fold(FNV_START, |shape, event| grow(shape, self.sort(event), event)))
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

/// The shape with one event more. Tasks and objects go by their numbers, which are those of their first appearance.
fn grow(shape: u64, sort: u16, event: &Event) -> u64 {
    let object = event.object.map_or(0, |object| object.number() + 1);
    fnv(fnv(fnv(shape, &sort.to_le_bytes()), &event.task.0.to_le_bytes()), &object.to_le_bytes())
}

fn fold(shape: u64) -> u32 {
    (shape ^ (shape >> 32)) as u32
}

fn line(event: &Event) -> u32 {
    match event.place {
        Place::Code(at) => at.line(),
        _ => 0,
    }
}
