//! Why a task that waits on a condition variable was not woken, in words: nobody notified, somebody did too early,
//! or it woke another.

use crate::describe::Names;
use crate::ids::{EventIx, ObjIx, TaskIx};
use crate::op::OpKind;
use crate::trace::TaskEnd;

/// The help for those among `blocked` who wait for a notification; whom a notification passed over comes first.
pub(crate) fn help(names: &Names<'_>, blocked: &[TaskIx]) -> Option<String> {
    let mut waits = blocked.iter().filter_map(|task| wait_of(names, *task));
    let passed_over = |(_, wait, condvar): &(TaskIx, EventIx, ObjIx)| {
        last_notification(names, *condvar).is_some_and(|notification| notification > *wait)
    };
    if let Some((task, _, condvar)) = waits.clone().find(passed_over) {
        return Some(format!(
            "{} was notified after {} waited, and woke somebody else: use `notify_all`, or a condition variable for each \
             thing that is waited for",
            names.object(condvar),
            names.task(task)
        ));
    }
    let (task, _, condvar) = waits.next()?;
    let name = names.object(condvar);
    Some(match last_notification(names, condvar) {
        Some(_) => format!(
            "{name} was notified before {} waited, and a notification is not kept: change the condition under the \
             waiter's mutex, and wait in a loop that checks it",
            names.task(task)
        ),
        None => format!("nobody ever notifies {name}: notify after changing the condition"),
    })
}

fn wait_of(names: &Names<'_>, task: TaskIx) -> Option<(TaskIx, EventIx, ObjIx)> {
    let TaskEnd::Blocked(waiting) = &names.trace.task(task).end else { return None };
    let event = names.trace.event(waiting.event());
    (event.op == OpKind::Wait).then_some((task, waiting.event(), event.object?))
}

fn last_notification(names: &Names<'_>, condvar: ObjIx) -> Option<EventIx> {
    let notifies = |op| matches!(op, OpKind::NotifyOne | OpKind::NotifyAll);
    let notified =
        names.trace.indexed().filter(|(_, event)| event.object == Some(condvar) && notifies(event.op));
    notified.last().map(|(notification, _)| notification)
}
