//! GR0003 in words.

use crate::describe::by_event::ByEvent;
use crate::describe::facts::begin;
use crate::describe::leak_time::Cause;
use crate::describe::timeline::{Wanted, timeline};
use crate::describe::{Mark, Names, Report, missed, waker};
use crate::ids::{EventIx, ObjIx, TaskIx};
use crate::op::OpKind;
use crate::trace::TaskEnd;
use crate::{Code, ObjectKind};
use gorace_analyzer_core::Listed;

pub(crate) fn describe(names: &Names<'_>, task: TaskIx) -> Report {
    let cause = Cause::of(names, task);
    let how = cause.map_or_else(|| "is blocked for ever".to_owned(), |cause| cause.headline(names));
    let headline = format!("leaked task: {} {how}; `main` has finished", names.task(task));
    let mut report = begin(Code::Leak, headline);
    let TaskEnd::Blocked(waiting) = &names.trace.task(task).end else { return report };
    let wait = waiting.event();
    let spawn = names.spawn_of(task);
    add_spawn(names, &mut report, task, wait);
    report.add_event(
        names,
        None,
        wait,
        (Some(1), format!("blocked here, {}", names.waiting_text(task)), true),
    );
    add_origin(names, &mut report, task, cause);
    add_sender(names, &mut report, wait);
    let mut events = ByEvent::new();
    events.set(wait, Some(1));
    waker::add(names, &mut report, task, 1, &mut events);
    let mut objects: Vec<ObjIx> = names.trace.event(wait).object.into_iter().listed();
    objects.extend(waker::looked_at(names, task));
    for (ix, event) in names.trace.indexed() {
        let of_main = event.task == TaskIx(0) && event.op == OpKind::Exit;
        if of_main || (ix != wait && event.object.is_some_and(|object| objects.contains(&object))) {
            events.add(ix, None);
        }
        if let (OpKind::Join, Some(spawned)) = (event.op, spawn) {
            let parent = names.trace.event(spawned).task;
            if event.task == parent && event.value == u64::from(task.0) {
                events.add(ix, None);
            }
        }
    }
    let mut tasks = vec![task];
    tasks.extend(events.events().map(|event| names.trace.event(event).task).filter(|other| *other != task));
    let mut remarks = ByEvent::new();
    for (ix, event) in names.trace.indexed() {
        if event.task == TaskIx(0) && event.op == OpKind::Exit {
            remarks.set(ix, "main returns".to_owned());
        }
    }
    let end = match cause {
        Some(Cause::Rounds(_)) => "and so on, no task left to stop it",
        Some(Cause::Ticker(_)) => "ticks for ever, no task left to stop it",
        _ => "still blocked, no task left to wake it",
    };
    let end = end.to_owned();
    report.timeline = Some(timeline(names, Wanted { tasks, events, remarks, end: Some(end) }));
    report.why =
        Some(("why a leak", cause.map_or_else(|| why(names, task, wait), |c| vec![c.why(names, task)])));
    report.help = match (cause, waker::help(names, &[task])) {
        (Some(cause), _) => vec![cause.help(names)],
        (None, Some(waker)) => vec![waker],
        (None, None) => help(names, task, wait),
    };
    report
}

/// The spawn in the same snippet, if it is near.
fn add_spawn(names: &Names<'_>, report: &mut Report, task: TaskIx, wait: EventIx) {
    let (Some(spawn), Some(at)) = (names.spawn_of(task), names.event_frame(wait)) else { return };
    let Some(frame) = names.event_frame(spawn) else { return };
    if frame.file != at.file || frame.line.abs_diff(at.line) > 12 {
        return;
    }
    let parent = names.task(names.trace.event(spawn).task);
    let label = format!("T{} starts here, spawned by {parent}", task.0);
    let mark = Mark { line: frame.line, column: frame.column, number: None, label, task, primary: false };
    report.add(names, None, &frame, mark);
}

/// Where what it waits for was made.
fn add_origin(names: &Names<'_>, report: &mut Report, task: TaskIx, cause: Option<Cause>) {
    let Some((object, words)) = cause.and_then(Cause::origin) else { return };
    let Some(frame) = names.frame(names.trace.object(object).made) else { return };
    let label = format!("{} was {words}", names.object(object));
    let mark = Mark { line: frame.line, column: frame.column, number: None, label, task, primary: false };
    report.add(names, None, &frame, mark);
}

/// A channel of std's that a receiver waits for has a sender: the drop of its last one would have ended the wait. Where
/// that sender was cloned is not in the trace, so the channel's place has to do.
fn add_sender(names: &Names<'_>, report: &mut Report, wait: EventIx) {
    let event = names.trace.event(wait);
    let Some(channel) = event.object.filter(|object| event.op == OpKind::Recv && names.is_mpsc(*object))
    else {
        return;
    };
    let Some(frame) = names.frame(names.trace.object(channel).made) else { return };
    let name = names.object_for(OpKind::Recv, channel);
    let title = format!("note: a sender of {name} is still open, so `recv` never reports \"disconnected\"");
    let label = "the channel was made here".to_owned();
    let task = event.task;
    let mark = Mark { line: frame.line, column: frame.column, number: None, label, task, primary: false };
    report.add(names, Some(title), &frame, mark);
}

fn why(names: &Names<'_>, task: TaskIx, wait: EventIx) -> Vec<String> {
    let mut lines = vec![format!(
        "{} was never detached, and every other task has finished or is blocked as well,",
        names.task(task)
    )];
    let event = names.trace.event(wait);
    let on = event.object.map(|object| names.object(object));
    let end = |op: OpKind| event.object.map_or_else(String::new, |object| names.object_for(op, object));
    lines.push(match (event.op, on) {
        (OpKind::Recv, Some(_)) if event.object.is_some_and(|object| names.is_mpsc(object)) => {
            format!("so nobody is left to send to {} or to drop its last sender.", end(OpKind::Recv))
        }
        (OpKind::Recv | OpKind::TryRecv, Some(_)) => {
            format!("so nobody is left to send on {} or to close it.", end(OpKind::Send))
        }
        (OpKind::Send, Some(_)) => format!("so nobody is left to receive from {}.", end(OpKind::Recv)),
        (OpKind::Wait, Some(on)) => format!("so nobody is left to notify {on}."),
        (op, Some(on)) if op.is_lock() => match names.owner(wait) {
            Some(owner) => format!("and {} never unlocks {on}.", names.task(owner)),
            None => format!("so nobody is left to unlock {on}."),
        },
        (OpKind::Park, _) => "so nobody is left to unpark it.".to_owned(),
        _ => waker::why(names, task).unwrap_or_else(|| "so nobody is left to wake it.".to_owned()),
    });
    vec![lines.join(" ")]
}

fn help(names: &Names<'_>, task: TaskIx, wait: EventIx) -> Vec<String> {
    let event = names.trace.event(wait);
    let Some(object) = event.object else { return missed::arms(names, &[task]).into_iter().listed() };
    let on = names.object(object);
    let end = |op: OpKind| names.object_for(op, object);
    let is_channel = names.trace.object(object).kind == ObjectKind::Channel;
    match event.op {
        OpKind::Recv if names.is_mpsc(object) => {
            vec![format!(
                "drop each sender of {} after its last send, or `.detach()` the task if this is meant",
                end(OpKind::Recv)
            )]
        }
        OpKind::Recv if is_channel => {
            vec![format!(
                "close {} when the last value was sent, or `.detach()` the task if this is meant",
                end(OpKind::Send)
            )]
        }
        OpKind::Send if is_channel => {
            vec![format!(
                "receive from {} on every path, give it room for one more value, or `.detach()` the task if this is meant",
                end(OpKind::Recv)
            )]
        }
        OpKind::Wait => {
            vec![format!("notify {on} before main returns, or `.detach()` the task if this is meant")]
        }
        _ => Vec::new(),
    }
}
