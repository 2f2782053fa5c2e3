//! What is wrong with a lock that is not given back, in words: taken again by its holder, kept during another
//! wait, or left behind by a task that has ended.
//!
//! Says only what the trace's end shows: who holds the lock, and whether that task waits or is gone.

use crate::describe::by_event::ByEvent;
use crate::describe::{Names, Report};
use crate::ids::{EventIx, ObjIx, TaskIx};
use crate::op::OpKind;
use crate::trace::TaskEnd;

fn waits_at(names: &Names<'_>, task: TaskIx) -> Option<EventIx> {
    match &names.trace.task(task).end {
        TaskEnd::Blocked(waiting) => Some(waiting.event()),
        _ => None,
    }
}

/// The lock that `task` waits for.
fn awaited_lock(names: &Names<'_>, task: TaskIx) -> Option<ObjIx> {
    let event = names.trace.event(waits_at(names, task)?);
    event.op.is_lock().then_some(event.object?)
}

/// The help for `task`, which waits for a lock that it holds itself.
pub(crate) fn taken_again(names: &Names<'_>, task: TaskIx) -> String {
    let wait = waits_at(names, task);
    let wanted = wait.map(|wait| names.trace.event(wait));
    let held = wanted.and_then(|event| {
        let held = &names.trace.object(event.object?).held;
        held.iter().find(|(owner, _)| *owner == task).map(|(_, taken)| names.trace.event(*taken).op)
    });
    let reads = |op: OpKind| matches!(op, OpKind::ReadLock | OpKind::TryReadLock);
    match (held, wanted.map(|event| event.op)) {
        (Some(held), Some(OpKind::ReadLock)) if reads(held) => {
            let lock = wanted.and_then(|event| event.object);
            let writer = names.trace.indexed().find(|(ix, event)| {
                event.op == OpKind::WriteLock && event.object == lock && names.waits_at(*ix)
            });
            let writer = writer.map_or("a writer".to_owned(), |(_, event)| names.task(event.task));
            format!(
                "{writer} waits to write, and a waiting writer keeps new readers out, also one that reads already: read once \
                 and pass on what was read"
            )
        }
        (Some(held), Some(OpKind::WriteLock)) if reads(held) => {
            "a read lock cannot be made a write lock: give it up before asking to write, and look again then"
                .to_owned()
        }
        (_, Some(OpKind::ReadLock | OpKind::WriteLock)) => {
            "a read-write lock is not reentrant: drop the write guard before locking again, or pass it on"
                .to_owned()
        }
        _ => "a Mutex is not reentrant: drop the first guard before locking again, or pass it on".to_owned(),
    }
}

/// The help for a circle of tasks that each wait for an initialisation, if that is what they wait for.
pub(crate) fn initialisations(names: &Names<'_>, cycle: &[TaskIx]) -> Option<String> {
    let waits_for_one = |task: &TaskIx| waits_at(names, *task).is_some_and(|wait| is_once(names, wait));
    if cycle.is_empty() || !cycle.iter().all(waits_for_one) {
        return None;
    }
    let help = match cycle {
        [_] => "an initialisation cannot wait for itself: take out of the closure what asks for its result",
        _ => {
            "these initialisations need each other: let one of them do without the other, or make both in one"
        }
    };
    Some(help.to_owned())
}

fn is_once(names: &Names<'_>, wait: EventIx) -> bool {
    matches!(names.trace.event(wait).op, OpKind::OnceBegin | OpKind::OnceWait)
}

/// What an owner does with that for which `wait` waits: a lock is held, an initialisation is run.
pub(crate) fn holds(names: &Names<'_>, wait: EventIx) -> &'static str {
    if is_once(names, wait) { "runs" } else { "holds" }
}

/// The help for a lock that others wait for and that is not given back, if there is one.
pub(crate) fn help(names: &Names<'_>, blocked: &[TaskIx]) -> Option<String> {
    blocked.iter().find_map(|task| {
        let lock = awaited_lock(names, *task)?;
        let held = &names.trace.object(lock).held;
        let lock = names.object(lock);
        if let Some((owner, _)) = held.iter().find(|(owner, _)| has_ended(names, *owner)) {
            return Some(format!(
                "{} has ended without giving {lock} back: unlock on every way out, or let a guard do it",
                names.task(*owner)
            ));
        }
        let waits_elsewhere = |owner: &TaskIx| waits_at(names, *owner).is_some() && awaited_lock(names, *owner).is_none();
        let (owner, _) = held.iter().find(|(owner, _)| waits_elsewhere(owner))?;
        Some(format!(
            "{} holds {lock} while it waits {}, and {} needs {lock} to go on: give a lock back before waiting for \
             something else",
            names.task(*owner),
            names.waiting_text(*owner),
            names.task(*task)
        ))
    })
}

/// Shows where tasks that have ended took the lock that `wait` waits for; gives the last number used.
pub(crate) fn add_ended_owners(
    names: &Names<'_>,
    report: &mut Report,
    wait: EventIx,
    mut number: u8,
    events: &mut ByEvent<Option<u8>>,
) -> u8 {
    let event = names.trace.event(wait);
    let (true, Some(lock)) = (event.op.is_lock(), event.object) else { return number };
    for (owner, taken) in &names.trace.object(lock).held {
        if has_ended(names, *owner) {
            number += 1;
            let who = names.task(*owner);
            let label = format!("{who} took {} here, and ended without giving it back", names.object(lock));
            let title = format!("held by: {who}, which has ended");
            report.add_event(names, Some(title), *taken, (Some(number), label, false));
            events.set(*taken, Some(number));
        }
    }
    number
}

fn has_ended(names: &Names<'_>, task: TaskIx) -> bool {
    matches!(names.trace.task(task).end, TaskEnd::Finished | TaskEnd::Panicked { .. } | TaskEnd::Overflowed)
}
