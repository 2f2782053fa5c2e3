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
    let gives_up = |event: &&Event| {
        let gave = match once {
            true => event.op == OpKind::OnceEnd && event.value == 0,
            false => matches!(event.op, OpKind::Unlock | OpKind::ReadUnlock),
        };
        let died = matches!(names.trace.task(event.task).end, TaskEnd::Panicked { .. });
        gave && died && event.object == Some(object) && event.task != task
    };
    names.trace.events.iter().find(gives_up).map(|event| (object, event.task))
}
