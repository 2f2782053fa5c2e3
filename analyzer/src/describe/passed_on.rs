//! A panic that `join` gave to its caller, who unwrapped it: what is to be told is the panic of the task that was
//! joined.
//!
//! Only where that is sure: the caller's last step, but for giving up locks, is the join, and its words are those of an `unwrap` or `expect`
//! on what only `join` gives, a `Box<dyn Any + Send>`.

use crate::describe::{Mark, Names, Report};
use crate::ids::{EventIx, TaskIx};
use crate::op::OpKind;
use crate::trace::{TaskEnd, Trace};

/// Whose panic it was that `task` panicked with: the first one's, if it was passed on more than once.
pub fn origin(trace: &Trace, task: TaskIx) -> Option<TaskIx> {
    let joined = joined(trace, task)?;
    Some(origin(trace, joined).unwrap_or(joined))
}

/// The task whose join gave `task` the panic that it raised again.
fn joined(trace: &Trace, task: TaskIx) -> Option<TaskIx> {
    let TaskEnd::Panicked { message, .. } = &trace.task(task).end else { return None };
    if !message.ends_with("Any { .. }") {
        return None;
    }
    let last = trace.event(last_step(trace, task)?);
    let joined = TaskIx(last.value as u32);
    let died =
        last.op == OpKind::Join && matches!(trace.task(joined).end, TaskEnd::Panicked { taken: true, .. });
    died.then_some(joined)
}

/// The last event of a task that panicked before it gave up its locks, as unwinding does.
pub(crate) fn last_step(trace: &Trace, task: TaskIx) -> Option<EventIx> {
    let unwinds = |op| matches!(op, OpKind::Unlock | OpKind::ReadUnlock);
    let own = trace.indexed().filter(|(_, event)| event.task == task);
    let before = own.take_while(|(_, event)| event.op != OpKind::Panic);
    before.filter(|(_, event)| !unwinds(event.op)).map(|(ix, _)| ix).last()
}

/// Shows where `task` passed it on.
pub(crate) fn add(names: &Names<'_>, report: &mut Report, task: TaskIx) {
    let TaskEnd::Panicked { place, .. } = &names.trace.task(task).end else { return };
    let Some(frame) = names.frame(*place) else { return };
    let label = format!("{} panics with what `join` gave it", names.task(task));
    let mark = Mark { line: frame.line, column: frame.column, number: None, label, task, primary: false };
    report.add(names, Some("passed on:".to_owned()), &frame, mark);
}
