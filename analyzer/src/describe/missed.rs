//! Why a task that waits was not woken, in words: on a condition variable nobody notified, or too early, or another
//! was woken; at a barrier or a wait group the count is not what it was made for.

use crate::describe::unnotified::last_notification;
use crate::describe::{Names, unnotified};
use crate::ids::{EventIx, ObjIx, TaskIx};
use crate::op::OpKind;
use crate::trace::{Event, TaskEnd, Trace, Waiting};
use gorace_analyzer_core::Listed;

/// The help for those among `blocked` who wait for a notification; whom a notification passed over comes first, but for
/// changes that none followed.
pub(crate) fn notification(names: &Names<'_>, blocked: &[TaskIx]) -> Vec<String> {
    let waits: Vec<(TaskIx, EventIx, ObjIx)> =
        blocked.iter().filter_map(|task| wait_of(names, *task)).listed();
    let passed_over = |(_, wait, condvar): &&(TaskIx, EventIx, ObjIx)| {
        last_notification(names, *condvar).is_some_and(|notification| notification > *wait)
    };
    let unnotified = unnotified::of_blocked(names, blocked);
    let mut help = Vec::new();
    if let Some((task, _, condvar)) = waits.iter().find(passed_over) {
        help.push(format!(
            "{} was notified after {} waited, and woke somebody else: use `notify_all`, or a condition variable for each \
             thing that is waited for",
            names.object(*condvar),
            names.task(*task)
        ));
    } else if let Some((task, _, condvar)) = waits.first() {
        let name = names.object(*condvar);
        match last_notification(names, *condvar) {
            // Somebody had the mutex after the wait: that the notification came too early is not what is wrong.
            Some(_) if unnotified.as_ref().is_some_and(|this| !this.is_resumed) => {}
            Some(_) => help.push(format!(
                "{name} was notified before {} waited, and a notification is not kept: change the condition under the \
                 waiter's mutex, and wait in a loop that checks it",
                names.task(*task)
            )),
            None => return vec![format!("nobody ever notifies {name}: notify after changing the condition")],
        }
    }
    help.splice(0..0, unnotified.map(|this| this.help(names)));
    help
}

/// The help for those among `blocked` who wait at a barrier or for a wait group.
pub(crate) fn count(names: &Names<'_>, blocked: &[TaskIx]) -> Option<String> {
    blocked.iter().find_map(|task| {
        let TaskEnd::Blocked(waiting) = &names.trace.task(*task).end else { return None };
        let event = names.trace.event(waiting.event());
        let object = event.object?;
        let name = names.object(object);
        let of_object = || names.trace.events.iter().filter(|event| event.object == Some(object));
        match event.op {
            OpKind::BarrierWait => {
                let mut came = of_object().map(|event| event.task).in_order();
                came.dedup();
                let wanted = names.trace.object(object).capacity?;
                Some(format!(
                    "{name} was made for {wanted}, and {} came to it in all: make it for as many as use it",
                    came.len()
                ))
            }
            OpKind::WgWait => {
                let steps = counted(names.trace, object).map(|event| (event.value as i64).saturating_sub(event.seen as i64));
                let (mut up, mut down) = (0, 0);
                for step in steps {
                    if step > 0 { up += step } else { down -= step }
                }
                Some(format!(
                    "{name} was counted up by {up} and down by {down}, and nobody is left to call `done`: call it on every \
                     way out, and wait only when all who call it are started"
                ))
            }
            _ => None,
        }
    })
}

/// The help for those among `blocked` who wait in a `select!`, or for what can never come.
pub(crate) fn arms(names: &Names<'_>, blocked: &[TaskIx]) -> Option<String> {
    blocked.iter().find_map(|task| match &names.trace.task(*task).end {
        TaskEnd::Blocked(Waiting::Forever { .. }) => Some(
            "a nil channel and an empty `select!` block for ever: wait on a channel that somebody closes, or beside \
             one in a `select!`"
                .to_owned(),
        ),
        TaskEnd::Blocked(Waiting::Any { .. }) => Some(format!(
            "nobody is left for any arm of the `select!` in which {} waits: close a channel that it receives from, or \
             add an arm for the end",
            names.task(*task)
        )),
        _ => None,
    })
}

/// The changes of a wait group's counter; one that would have made it negative was refused, and changed nothing.
pub(crate) fn counted(trace: &Trace, group: ObjIx) -> impl DoubleEndedIterator<Item = &Event> {
    let of_group = move |event: &&Event| event.object == Some(group);
    let counts =
        |event: &&Event| matches!(event.op, OpKind::WgAdd | OpKind::WgDone) && event.value as i64 >= 0;
    trace.events.iter().filter(of_group).filter(counts)
}

fn wait_of(names: &Names<'_>, task: TaskIx) -> Option<(TaskIx, EventIx, ObjIx)> {
    let TaskEnd::Blocked(waiting) = &names.trace.task(task).end else { return None };
    let event = names.trace.event(waiting.event());
    (event.op == OpKind::Wait).then_some((task, waiting.event(), event.object?))
}
