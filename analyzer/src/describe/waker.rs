//! Who can still wake a pending future, in words.
//!
//! What the trace shows is when the last waker of a waiting task was dropped. While one exists it is not known who
//! has it, so that nobody is named then.

use crate::describe::{Names, Report};
use crate::ids::{EventIx, TaskIx};
use crate::op::OpKind;
use crate::trace::TaskEnd;
use std::collections::BTreeMap;

/// Why nobody can wake a task any more.
#[derive(Clone, Copy)]
enum Lost {
    /// Its future was pending and had kept no waker.
    NotKept(EventIx),
    /// The last waker was dropped.
    Dropped(EventIx),
}

impl Lost {
    fn event(self) -> EventIx {
        match self {
            Lost::NotKept(event) | Lost::Dropped(event) => event,
        }
    }
}

/// The event at which `task` waits in a pending future, if it does.
fn awaits(names: &Names<'_>, task: TaskIx) -> Option<EventIx> {
    let TaskEnd::Blocked(waiting) = &names.trace.task(task).end else { return None };
    Some(waiting.event()).filter(|event| names.trace.event(*event).op == OpKind::Await)
}

/// A drop after the last time that the task was woken is the drop of the last waker that there was.
fn lost(names: &Names<'_>, task: TaskIx) -> Option<Lost> {
    let wait = awaits(names, task)?;
    let token = names.trace.event(wait).object;
    let of_token = |op: OpKind| {
        names.trace.indexed().filter(move |(_, e)| e.op == op && e.object == token).map(|(ix, _)| ix)
    };
    let before = of_token(OpKind::Await).take_while(|event| *event < wait).last();
    let dropped = of_token(OpKind::DropWaker).last().filter(|event| before.is_none_or(|b| *event > b))?;
    let by_itself = names.trace.event(dropped).task == task && dropped < wait;
    Some(if by_itself { Lost::NotKept(dropped) } else { Lost::Dropped(dropped) })
}

/// What `task`, which waits in a pending future, waits for.
pub(crate) fn waiting(names: &Names<'_>, task: TaskIx) -> String {
    match lost(names, task) {
        Some(Lost::NotKept(_)) => "in a pending future that kept no waker, so that nobody holds its waker",
        Some(Lost::Dropped(_)) => "in a pending future, and nobody holds its waker any more",
        None => "in a pending future, for its waker",
    }
    .to_owned()
}

/// Shows where the last waker of `task` was dropped, as the next `number`; gives the last number used.
pub(crate) fn add(
    names: &Names<'_>,
    report: &mut Report,
    task: TaskIx,
    number: u8,
    events: &mut BTreeMap<EventIx, Option<u8>>,
) -> u8 {
    let Some(Lost::Dropped(dropped)) = lost(names, task) else { return number };
    let by = names.task(names.trace.event(dropped).task);
    let label = format!("{by} dropped the last waker of {} here, without calling it", names.task(task));
    report.add_event(names, None, dropped, (Some(number + 1), label, false));
    events.insert(dropped, Some(number + 1));
    number + 1
}

/// The end of "every other task has finished or is blocked as well, ..".
pub(crate) fn why(names: &Names<'_>, task: TaskIx) -> Option<String> {
    awaits(names, task)?;
    Some(match lost(names, task).map(|lost| names.trace.event(lost.event()).task) {
        Some(by) if by == task => "and its future kept no waker that anybody could call.".to_owned(),
        Some(by) => format!("and its last waker was dropped by {}: nobody can wake it.", names.task(by)),
        None => "so nobody is left to call its waker, which is kept somewhere.".to_owned(),
    })
}

/// What to do about it.
pub(crate) fn help(names: &Names<'_>, task: TaskIx) -> Option<String> {
    awaits(names, task)?;
    Some(
        match lost(names, task) {
            Some(Lost::NotKept(_)) => {
                "a future that returns `Pending` keeps `cx.waker().clone()` where its event finds it, on every poll"
            }
            Some(Lost::Dropped(_)) => {
                "call a waker before it is dropped or replaced, or keep it until its event has happened: keep one \
                 for each task that waits"
            }
            None => {
                "its waker is kept somewhere: call it on every path on which its event happens, and look again \
                 whether it has happened after keeping the waker"
            }
        }
        .to_owned(),
    )
}
