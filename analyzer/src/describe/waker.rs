//! Who can still wake a pending future, in words.
//!
//! What the trace shows is when the last waker of a waiting task was dropped. While one exists it is not known who
//! has it, so that nobody is named then.

use crate::describe::by_event::ByEvent;
use crate::describe::prose::listed;
use crate::describe::{Names, Report};
use crate::ids::{EventIx, ObjIx, TaskIx};
use crate::op::{ObjectKind, OpKind};
use crate::trace::{Event, TaskEnd};
use gorace_analyzer_core::Listed;

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
        None => match awaited_tasks(names, task).as_slice() {
            [] => "in a pending future, for its waker",
            tasks => {
                let tasks: Vec<String> = tasks.iter().map(|task| names.task(*task)).listed();
                return format!("in a pending future, for the end of {}", listed(&tasks));
            }
        },
    }
    .to_owned()
}

/// What `task` looked at in its last poll, and its token: what was done to them tells why it is pending.
pub(crate) fn looked_at(names: &Names<'_>, task: TaskIx) -> Vec<ObjIx> {
    let Some(wait) = awaits(names, task) else { return Vec::new() };
    let mut objects: Vec<ObjIx> = last_poll(names, wait).filter_map(|event| event.object).listed();
    objects.extend(names.trace.event(wait).object);
    objects
}

/// What the task of `wait` did since it was woken before, the last first.
fn last_poll<'a>(names: &'a Names<'_>, wait: EventIx) -> impl Iterator<Item = &'a Event> {
    let task = names.trace.event(wait).task;
    let own = names.trace.events[..wait.at()].iter().rev().filter(move |event| event.task == task);
    own.take_while(|event| event.op != OpKind::Await)
}

/// The tasks whose handles were polled since `task` was woken last, and were pending.
fn awaited_tasks(names: &Names<'_>, task: TaskIx) -> Vec<TaskIx> {
    let Some(wait) = awaits(names, task) else { return Vec::new() };
    let mut tasks = Vec::new();
    for event in last_poll(names, wait) {
        let Some(object) = event.object.filter(|_| event.op == OpKind::OnceGet && event.value == 0) else {
            continue;
        };
        let object = names.trace.object(object);
        let Some(awaited) = object.capacity.filter(|_| object.kind == ObjectKind::Task) else { continue };
        if awaited < names.trace.tasks.len() as u64 && !tasks.contains(&TaskIx(awaited as u32)) {
            tasks.insert(0, TaskIx(awaited as u32));
        }
    }
    tasks
}

/// Shows where the last waker of `task` was dropped, as the next `number`; gives the last number used.
pub(crate) fn add(
    names: &Names<'_>,
    report: &mut Report,
    task: TaskIx,
    number: u8,
    events: &mut ByEvent<Option<u8>>,
) -> u8 {
    let Some(Lost::Dropped(dropped)) = lost(names, task) else { return number };
    let by = names.task(names.trace.event(dropped).task);
    let label = format!("{by} dropped the last waker of {} here, without calling it", names.task(task));
    report.add_event(names, None, dropped, (Some(number + 1), label, false));
    events.set(dropped, Some(number + 1));
    number + 1
}

/// The end of "every other task has finished or is blocked as well, ..".
pub(crate) fn why(names: &Names<'_>, task: TaskIx) -> Option<String> {
    awaits(names, task)?;
    Some(match lost(names, task).map(|lost| names.trace.event(lost.event()).task) {
        Some(by) if by == task => "and its future kept no waker that anybody could call.".to_owned(),
        Some(by) => format!("and its last waker was dropped by {}: nobody can wake it.", names.task(by)),
        None if awaited_tasks(names, task).is_empty() => {
            "so nobody is left to call its waker, which is kept somewhere.".to_owned()
        }
        None => "so that the task that it waits for never ends.".to_owned(),
    })
}

/// What to do about the pending futures of these tasks: first about wakers that are gone, then about others, and
/// nothing about a task that only waits for another one's end.
pub(crate) fn help(names: &Names<'_>, blocked: &[TaskIx]) -> Option<String> {
    let is_lost = |task: &TaskIx| lost(names, *task).is_some();
    let is_cause = |task: &TaskIx| awaits(names, *task).is_some() && awaited_tasks(names, *task).is_empty();
    let task = blocked.iter().copied().find(is_lost).or_else(|| blocked.iter().copied().find(is_cause))?;
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
