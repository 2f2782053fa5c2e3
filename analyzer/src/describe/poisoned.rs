//! A panic over a lock that is poisoned: whose panic poisoned it.
//!
//! Only where that is sure: the task's last step, but for giving up locks, takes the lock, and its words are those of
//! an `unwrap` or `expect` on a `PoisonError`. A lock that was poisoned by a panic which its task caught is not told.

use crate::describe::passed_on::last_step;
use crate::describe::{Mark, Names, Report};
use crate::ids::{EventIx, TaskIx};
use crate::op::OpKind;
use crate::trace::{Event, TaskEnd, Trace};

/// The task whose panic poisoned the lock over which `task` panicked.
fn poisoner(trace: &Trace, task: TaskIx) -> Option<TaskIx> {
    let TaskEnd::Panicked { message, .. } = &trace.task(task).end else { return None };
    if !message.contains("PoisonError {") {
        return None;
    }
    let lock = last_step(trace, task)?;
    if !trace.event(lock).op.is_lock() {
        return None;
    }
    let object = trace.event(lock).object;
    let poisons = |event: &Event| event.op == OpKind::Unlock && event.object == object && event.value == 1;
    // Its own guard, which the error holds, is dropped by its own panic.
    let earlier = |(ix, event): &(EventIx, &Event)| event.task != task || *ix < lock;
    let (unlock, poisoning) = trace.indexed().filter(earlier).filter(|(_, event)| poisons(event)).last()?;
    let by = poisoning.task;
    // A panic that was caught is followed by other steps, or by none of this panic's.
    let rest = trace.indexed().filter(|(ix, event)| event.task == by && *ix > unlock);
    let only_unwinds = rest
        .map(|(_, event)| event)
        .all(|event| matches!(event.op, OpKind::Unlock | OpKind::ReadUnlock | OpKind::Panic | OpKind::Exit));
    let died = by != task && matches!(trace.task(by).end, TaskEnd::Panicked { .. });
    (died && only_unwinds).then_some(by)
}

/// Shows where the lock was poisoned, if `task` panicked over that.
pub(crate) fn add(names: &Names<'_>, report: &mut Report, task: TaskIx) {
    let Some(by) = poisoner(names.trace, task) else { return };
    let TaskEnd::Panicked { place, .. } = &names.trace.task(by).end else { return };
    let Some(frame) = names.frame(*place) else { return };
    let title = format!("poisoned: by a panic of {}", names.task(by));
    let label = format!("{} panicked here, with the lock", names.task(by));
    let mark = Mark { line: frame.line, column: frame.column, number: None, label, task: by, primary: false };
    report.add(names, Some(title), &frame, mark);
}
