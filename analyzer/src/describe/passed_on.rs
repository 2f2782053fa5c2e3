//! A panic that `join` gave to its caller, who unwrapped it: what is to be told is the panic of the task that was
//! joined.
//!
//! Only where that is sure: the caller's last step is the join, and its words are those of an `unwrap` or `expect`
//! on what only `join` gives, a `Box<dyn Any + Send>`.

use crate::describe::{Mark, Names, Report};
use crate::ids::TaskIx;
use crate::op::OpKind;
use crate::trace::{TaskEnd, Trace};

/// Whose panic it was that `task` panicked with.
pub(crate) fn cause(trace: &Trace, task: TaskIx) -> Option<TaskIx> {
    let TaskEnd::Panicked { message, .. } = &trace.task(task).end else { return None };
    if !message.ends_with("Any { .. }") {
        return None;
    }
    let own = trace.events.iter().filter(|event| event.task == task);
    let last = own.take_while(|event| event.op != OpKind::Panic).last()?;
    let joined = TaskIx(last.value as u32);
    let died =
        last.op == OpKind::Join && matches!(trace.task(joined).end, TaskEnd::Panicked { taken: true, .. });
    died.then_some(joined)
}

/// Shows where `task` passed it on.
pub(crate) fn add(names: &Names<'_>, report: &mut Report, task: TaskIx) {
    let TaskEnd::Panicked { place, .. } = &names.trace.task(task).end else { return };
    let Some(frame) = names.frame(*place) else { return };
    let label = format!("{} panics with what `join` gave it", names.task(task));
    let mark = Mark { line: frame.line, column: frame.column, number: None, label, task, primary: false };
    report.add(names, Some("passed on:".to_owned()), &frame, mark);
}
