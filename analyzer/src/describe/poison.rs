//! A panic because of another one: of whom a lock or an initialisation is poisoned, in words.
//!
//! Only where the words are those of a `PoisonError` or of std's `Once`, and somebody who panicked had the object.

use crate::describe::names::{brief, clean};
use crate::describe::{Mark, Names, Report};
use crate::ids::{EventIx, ObjIx, TaskIx};
use crate::op::{ObjectKind, OpKind};
use crate::trace::{Event, TaskEnd};

/// Shows whose panic poisoned what `task` panicked over; gives that panic.
pub(crate) fn add(names: &Names<'_>, report: &mut Report, task: TaskIx, message: &str) -> Option<EventIx> {
    let (object, by) = poisoner(names, task, message)?;
    let TaskEnd::Panicked { message, place, .. } = &names.trace.task(by).end else { return None };
    let frame = names.frame(*place)?;
    let words = brief(&clean(message.lines().next().unwrap_or_default()));
    let title = format!("poisoned by: {}, which panicked: {words}", names.task(by));
    let is_lock = matches!(names.trace.object(object).kind, ObjectKind::Mutex | ObjectKind::RwLock);
    let had = if is_lock { "held" } else { "initialised" };
    let label = format!("{} panicked here while it {had} {}", names.task(by), names.object(object));
    let mark = Mark { line: frame.line, column: frame.column, number: None, label, task: by, primary: false };
    report.add(names, Some(title), &frame, mark);
    report.help = vec![format!(
        "mend the panic of {}, or take the poisoned value on purpose: `unwrap_or_else(PoisonError::into_inner)`",
        names.task(by)
    )];
    names.trace.indexed().find(|(_, e)| e.task == by && e.op == OpKind::Panic).map(|(ix, _)| ix)
}

/// What is poisoned and by whom.
fn poisoner(names: &Names<'_>, task: TaskIx, message: &str) -> Option<(ObjIx, TaskIx)> {
    let once = message.contains("has previously been poisoned");
    if !once && !message.contains("PoisonError") {
        return None;
    }
    let takes = |event: &&Event| match once {
        true => matches!(event.op, OpKind::OnceBegin | OpKind::OnceWait),
        false => event.op.takes_lock() || event.op == OpKind::Wait,
    };
    let taken = names.trace.events.iter().filter(|event| event.task == task).rfind(takes)?;
    let object = if taken.op == OpKind::Wait { taken.other? } else { taken.object? };
    let poisons = |event: &Event| match once {
        true => event.op == OpKind::OnceEnd && event.value == 0,
        // 1 stands for an unlock by a panic.
        false => event.op == OpKind::Unlock && event.value == 1,
    };
    let of_it = |event: &Event| event.object == Some(object) && event.task != task;
    let (gave_up, event) = names.trace.indexed().filter(|(_, e)| poisons(e) && of_it(e)).last()?;
    let by = event.task;
    // A panic that was caught is followed by other steps than those of unwinding, and is nobody's end.
    let unwinds = |op: OpKind| {
        matches!(op, OpKind::Unlock | OpKind::ReadUnlock | OpKind::OnceEnd | OpKind::Panic) || op.is_end()
    };
    let goes_on = names.trace.indexed().any(|(ix, e)| e.task == by && ix > gave_up && !unwinds(e.op));
    let died = matches!(names.trace.task(by).end, TaskEnd::Panicked { .. });
    (died && !goes_on).then_some((object, by))
}
