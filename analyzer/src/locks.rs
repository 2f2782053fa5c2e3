//! Which mutexes a task holds at each event, from the trace alone.
//!
//! An event of kind `lock` is the arrival in the queue. A task does nothing more until it was granted, so
//! whatever it does afterwards, it does holding the mutex. A mutex may be released by another task than the
//! one that took it, as Go allows: then it is taken from whoever had it longest.

use crate::ids::{EventIx, ObjIx, TaskIx};
use crate::op::OpKind;
use crate::trace::Trace;

/// A mutex that is held, and the event that took it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Held {
    /// The mutex.
    pub object: ObjIx,
    /// The event that took it.
    pub taken: EventIx,
}

/// What the task of event `at` held when it executed `at`, in the order of taking.
pub fn held_at(trace: &Trace, at: EventIx) -> Vec<Held> {
    let mut all: Vec<(TaskIx, Held)> = Vec::new();
    for (ix, event) in trace.indexed().take_while(|(ix, _)| *ix < at) {
        match event.op {
            OpKind::Lock | OpKind::TryLock => {
                all.extend(event.object.map(|object| (event.task, Held { object, taken: ix })));
            }
            OpKind::Unlock => release(&mut all, event.task, event.object),
            OpKind::Wait => release(&mut all, event.task, event.other),
            _ => {}
        }
    }
    let task = trace.event(at).task;
    all.into_iter().filter(|(holder, _)| *holder == task).map(|(_, held)| held).collect()
}

fn release(all: &mut Vec<(TaskIx, Held)>, task: TaskIx, object: Option<ObjIx>) {
    let is = |(_, held): &(TaskIx, Held)| Some(held.object) == object;
    let own = all.iter().position(|entry| is(entry) && entry.0 == task);
    if let Some(i) = own.or_else(|| all.iter().position(is)) {
        all.remove(i);
    }
}
