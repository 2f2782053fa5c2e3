//! GR0004 and GR0005 in words.

use crate::Code;
use crate::describe::by_event::ByEvent;
use crate::describe::decided::decided_by;
use crate::describe::facts::begin;
use crate::describe::names::{brief, clean};
use crate::describe::passed_on;
use crate::describe::prose::spawned_at;
use crate::describe::timeline::{Wanted, timeline};
use crate::describe::{Mark, Names, Report, poison, spurious, stale};
use crate::ids::{EventIx, ObjIx, TaskIx};
use crate::misuse::{
    NEGATIVE_COUNTER, NESTED_ACCESS, RUNLOCK_OF_UNLOCKED, UNLOCK_OF_UNLOCKED, UNLOCK_OF_UNLOCKED_RW,
};
use crate::op::OpKind;
use crate::trace::{Event, TaskEnd, Trace};
use crate::verdict::Grouped;
use gorace_analyzer_core::Listed;

/// Steps of a timeline before the panic.
const STEPS: usize = 14;
/// Of so many last steps of the task that panics the objects are looked at, where all are too many.
const LAST: usize = 2;

pub(crate) fn describe(names: &Names<'_>, task: TaskIx) -> Report {
    if let Some(origin) = passed_on::origin(names.trace, task) {
        let mut report = describe(names, origin);
        passed_on::add(names, &mut report, task);
        return report;
    }
    let facts = &names.record.facts;
    let who = names.task(task);
    let some = facts.failing > 0 && facts.failing < facts.executions;
    let how_often = if some {
        format!(" in {} of {} schedules", Grouped(facts.failing), Grouped(facts.executions))
    } else {
        String::new()
    };
    let message = match &names.trace.task(task).end {
        TaskEnd::Panicked { message, .. } => brief(&clean(message.lines().next().unwrap_or_default())),
        _ => {
            let mut report =
                begin(Code::Panic, format!("stack overflow: {who} used up its stack{how_often}"));
            report.help = vec![
                "look for recursion without end, or give tasks more room: GORACE_STACK_SIZE=4M".to_owned(),
            ];
            report.add_spawns(names, &[task], "the task");
            report.timeline =
                Some(last_steps(names, task, &ByEvent::new(), ByEvent::new(), "uses up its stack"));
            return report;
        }
    };
    let mut report = begin(Code::Panic, format!("{who} panicked{how_often}: {message}"));
    add_place(names, &mut report, task);
    let (mut marks, mut remarks) = (ByEvent::new(), ByEvent::new());
    if let Some(panic) = poison::add(names, &mut report, task, &message) {
        marks.set(panic, None);
    }
    if let Some(event) = spurious::last(names) {
        spurious::add(names, &mut report, event);
        marks.set(event, Some(1));
    } else if let Some((earlier, later)) = decided_by(names) {
        let title = "decided by: the order of these two; the other order passes".to_owned();
        let text = |event: EventIx| {
            let this = names.trace.event(event);
            format!("{}: {}", names.task(this.task), names.event_text(event))
        };
        report.add_event(names, Some(title), earlier, (Some(1), text(earlier), true));
        report.add_event(names, None, later, (Some(2), text(later), false));
        marks.set(earlier, Some(1));
        marks.set(later, Some(2));
        report.why = Some(("passes when", vec!["\u{2461} runs before \u{2460}".to_owned()]));
        if let Some(stale) = stale::find(names, &marks) {
            remarks.extend([stale.remark(names)]);
            report.help.push(stale.help(names));
        }
    }
    report.help.extend(other_end(names, task, &message));
    spawned(names, &mut report, &marks);
    report.timeline = Some(last_steps(names, task, &marks, remarks, "panics"));
    report
}

/// The help for an error of std's `mpsc` that was unwrapped.
fn other_end(names: &Names<'_>, task: TaskIx, message: &str) -> Option<String> {
    let (error, gone) = [("SendError", OpKind::DropReceiver), ("RecvError", OpKind::DropSender)]
        .into_iter()
        .find(|(error, _)| message.contains(error))?;
    let uses = |op| matches!(op, OpKind::Send | OpKind::TrySend | OpKind::Recv | OpKind::TryRecv);
    let last = names.trace.events.iter().rfind(|event| event.task == task && uses(event.op))?;
    let ended = names.trace.indexed().filter(|(_, e)| e.op == gone && e.object == last.object).last()?;
    let (by, line) = (names.task(ended.1.task), names.line(ended.0));
    let what = if error == "SendError" { "the receiver" } else { "the last sender" };
    Some(format!(
        "{by} drops {what} {} at line {line}: let it live as long as the other end is used, or take the error as the \
         end",
        names.object_for(gone, ended.1.object?)
    ))
}

pub(crate) fn misuse(names: &Names<'_>, task: TaskIx, words: &str) -> Report {
    let who = names.task(task);
    let last = last_event(names.trace, task);
    let on = last.and_then(|event| Some((event, names.trace.event(event).object?)));
    let on = on.map_or_else(String::new, |(event, object)| format!(" on {}", names.object_at(event, object)));
    let mut report = begin(Code::Misuse, format!("{words}: {who}{on}"));
    let mut marks = ByEvent::new();
    if let Some(event) = last {
        report.add_event(names, None, event, (Some(1), format!("{words}, by {who}"), true));
        marks.set(event, Some(1));
        let object = names.trace.event(event).object;
        let close = names
            .trace
            .indexed()
            .filter(|(ix, e)| e.op == OpKind::Close && e.object == object && *ix != event);
        if let Some((close, by)) = close.last().filter(|_| object.is_some()) {
            let title = format!("closed: by {}", names.task(by.task));
            report.add_event(names, Some(title), close, (Some(2), "closed here".to_owned(), false));
            marks.set(close, Some(2));
        }
    } else {
        add_place(names, &mut report, task);
    }
    report.timeline = Some(last_steps(names, task, &marks, ByEvent::new(), &format!("panics: {words}")));
    report.help = match words {
        "send on closed channel" => vec![
            "let the sender close the channel, after its last send; with several senders, when all are done"
                .to_owned(),
        ],
        "close of closed channel" => vec!["let one task own the close".to_owned()],
        NESTED_ACCESS => {
            vec![
                "let one access end before the next begins: read what is needed before the closure"
                    .to_owned(),
            ]
        }
        UNLOCK_OF_UNLOCKED | RUNLOCK_OF_UNLOCKED | UNLOCK_OF_UNLOCKED_RW => {
            vec![
                "unlock once for each time that it was locked, on every path; a guard does that by itself"
                    .to_owned(),
            ]
        }
        NEGATIVE_COUNTER => vec!["call `done` once for each that was added, on every path".to_owned()],
        _ => Vec::new(),
    };
    report
}

fn add_place(names: &Names<'_>, report: &mut Report, task: TaskIx) {
    let TaskEnd::Panicked { message, place, .. } = &names.trace.task(task).end else { return };
    let Some(frame) = names.frame(*place) else { return };
    // What an assertion compared stands on the lines behind its first.
    let rest: Vec<String> =
        message.lines().skip(1).map(|line| clean(line.trim())).filter(|line| !line.is_empty()).listed();
    let label = if rest.is_empty() { "panicked here".to_owned() } else { brief(&rest.join(", ")) };
    report.accesses.push((task, OpKind::Panic.word(), frame.clone()));
    let mark = Mark { line: frame.line, column: frame.column, number: None, label, task, primary: true };
    report.add(names, None, &frame, mark);
}

fn spawned(names: &Names<'_>, report: &mut Report, marks: &ByEvent<Option<u8>>) {
    let mut tasks = marks.events().map(|event| names.trace.event(event).task).in_order();
    tasks.dedup();
    report.spawned = spawned_at(names, &tasks);
}

/// The last event of `task` that is not its panic or exit.
fn last_event(trace: &Trace, task: TaskIx) -> Option<EventIx> {
    let own = |event: &Event| event.task == task && event.op != OpKind::Panic && !event.op.is_end();
    trace.indexed().filter(|(_, event)| own(event)).map(|(ix, _)| ix).last()
}

/// The last steps before the panic that touch what the panicking task or the marked events touched.
fn last_steps(
    names: &Names<'_>,
    task: TaskIx,
    marks: &ByEvent<Option<u8>>,
    remarks: ByEvent<String>,
    end: &str,
) -> crate::describe::Timeline {
    let panic =
        names.trace.indexed().find(|(_, e)| e.task == task && e.op == OpKind::Panic).map(|(ix, _)| ix);
    let until = panic.unwrap_or(EventIx(names.trace.events.len() as u32));
    let marked: Vec<_> = marks.events().filter_map(|event| names.trace.event(event).object).listed();
    let own: Vec<_> = names.trace.events[..until.at()]
        .iter()
        .filter(|event| event.task == task)
        .filter_map(|event| event.object)
        .listed();
    let touching = |objects: &[ObjIx]| -> Vec<EventIx> {
        let shown = |(ix, e): &(EventIx, &Event)| {
            let joins = e.task == task && e.op == OpKind::Join;
            joins || marks.has(*ix) || e.object.is_some_and(|object| objects.contains(&object))
        };
        names.trace.indexed().take_while(|(ix, _)| *ix <= until).filter(shown).map(|(ix, _)| ix).listed()
    };
    let mut steps = touching(&[marked.as_slice(), &own].concat());
    if steps.len() > STEPS && !marked.is_empty() {
        // What the last steps touched, if not everything.
        let last = &own[own.len().saturating_sub(LAST)..];
        steps = touching(&[marked.as_slice(), last].concat());
    }
    if steps.len() > STEPS && !marked.is_empty() {
        steps = touching(&marked);
    }
    steps = steps.split_off(steps.len().saturating_sub(STEPS));
    let mut events = ByEvent::new();
    events.extend(steps.into_iter().map(|event| (event, None)));
    events.extend(marks.iter().map(|(event, number)| (*event, *number)));
    let mut tasks = vec![task];
    for event in events.events() {
        let other = names.trace.event(event).task;
        if !tasks.contains(&other) {
            tasks.push(other);
        }
    }
    let end = format!("{} {end}", names.header(task));
    timeline(names, Wanted { tasks, events, remarks, end: Some(end) })
}
