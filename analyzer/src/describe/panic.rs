//! GR0004 and GR0005 in words.

use crate::Code;
use crate::describe::facts::begin;
use crate::describe::names::clean;
use crate::describe::passed_on;
use crate::describe::prose::spawned_at;
use crate::describe::timeline::{Wanted, timeline};
use crate::describe::{Mark, Names, Report, spurious};
use crate::ids::{EventIx, TaskIx};
use crate::op::OpKind;
use crate::trace::{Event, TaskEnd, Trace};
use crate::verdict::Grouped;
use std::collections::BTreeMap;

/// Steps of a timeline before the panic.
const STEPS: usize = 14;

pub(crate) fn describe(names: &Names<'_>, task: TaskIx) -> Report {
    if let Some(cause) = passed_on::cause(names.trace, task) {
        let mut report = describe(names, cause);
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
        TaskEnd::Panicked { message, .. } => clean(message.lines().next().unwrap_or_default()),
        _ => {
            let mut report =
                begin(Code::Panic, format!("stack overflow: {who} used up its stack{how_often}"));
            report.help = vec![
                "look for recursion without end, or give tasks more room: GORACE_STACK_SIZE=4M".to_owned(),
            ];
            report.add_spawns(names, &[task], "the task");
            report.timeline = Some(last_steps(names, task, &BTreeMap::new(), "stack overflow"));
            return report;
        }
    };
    let mut report = begin(Code::Panic, format!("{who} panicked{how_often}: {message}"));
    add_place(names, &mut report, task);
    let mut marks = BTreeMap::new();
    if let Some(event) = spurious::last(names) {
        spurious::add(names, &mut report, event);
        marks.insert(event, Some(1));
    } else if let Some((earlier, later)) = decided_by(names) {
        let title = "decided by: the order of these two; the other order passes".to_owned();
        let text = |event: EventIx| {
            let this = names.trace.event(event);
            format!("{}: {}", names.task(this.task), names.event_text(event))
        };
        report.add_event(names, Some(title), earlier, (Some(1), text(earlier), true));
        report.add_event(names, None, later, (Some(2), text(later), false));
        marks.insert(earlier, Some(1));
        marks.insert(later, Some(2));
        report.why = Some(("passes when", vec!["\u{2461} runs before \u{2460}".to_owned()]));
        report.help = lost_update(names, earlier, later);
    }
    spawned(names, &mut report, &marks);
    report.timeline = Some(last_steps(names, task, &marks, "panic"));
    report
}

pub(crate) fn misuse(names: &Names<'_>, task: TaskIx, words: &str) -> Report {
    let who = names.task(task);
    let last = last_event(names.trace, task);
    let on = last.map(|event| names.trace.event(event));
    let on = on.and_then(|event| Some(format!(" on {}", names.object_for(event.op, event.object?))));
    let on = on.unwrap_or_default();
    let mut report = begin(Code::Misuse, format!("{words}: {who}{on}"));
    let mut marks = BTreeMap::new();
    if let Some(event) = last {
        report.add_event(names, None, event, (Some(1), format!("{words}, by {who}"), true));
        marks.insert(event, Some(1));
        let object = names.trace.event(event).object;
        let close = names
            .trace
            .indexed()
            .filter(|(ix, e)| e.op == OpKind::Close && e.object == object && *ix != event);
        if let Some((close, by)) = close.last().filter(|_| object.is_some()) {
            let title = format!("closed: by {}", names.task(by.task));
            report.add_event(names, Some(title), close, (Some(2), "closed here".to_owned(), false));
            marks.insert(close, Some(2));
        }
    } else {
        add_place(names, &mut report, task);
    }
    report.timeline = Some(last_steps(names, task, &marks, words));
    report.help = match words {
        "send on closed channel" => vec![
            "let the sender close the channel, after its last send; with several senders, when all are done"
                .to_owned(),
        ],
        "close of closed channel" => vec!["let one task own the close".to_owned()],
        _ => Vec::new(),
    };
    report
}

fn add_place(names: &Names<'_>, report: &mut Report, task: TaskIx) {
    let TaskEnd::Panicked { message, place, .. } = &names.trace.task(task).end else { return };
    let Some(frame) = names.frame(*place) else { return };
    // What an assertion compared stands on the lines behind its first.
    let rest: Vec<String> =
        message.lines().skip(1).map(|line| clean(line.trim())).filter(|line| !line.is_empty()).collect();
    let label = if rest.is_empty() { "panicked here".to_owned() } else { rest.join(", ") };
    report.accesses.push((task, OpKind::Panic.word(), frame.clone()));
    let mark = Mark { line: frame.line, column: frame.column, number: None, label, task, primary: true };
    report.add(names, None, &frame, mark);
}

fn spawned(names: &Names<'_>, report: &mut Report, marks: &BTreeMap<EventIx, Option<u8>>) {
    let mut tasks: Vec<TaskIx> = marks.keys().map(|event| names.trace.event(*event).task).collect();
    tasks.sort_unstable();
    tasks.dedup();
    report.spawned = spawned_at(names, &tasks);
}

/// The last event of `task` that is not its panic or exit.
fn last_event(trace: &Trace, task: TaskIx) -> Option<EventIx> {
    let own = |event: &Event| event.task == task && !matches!(event.op, OpKind::Panic | OpKind::Exit);
    trace.indexed().filter(|(_, event)| own(event)).map(|(ix, _)| ix).last()
}

/// The last steps before the panic that touch what the panicking task or the marked events touched.
fn last_steps(
    names: &Names<'_>,
    task: TaskIx,
    marks: &BTreeMap<EventIx, Option<u8>>,
    end: &str,
) -> crate::describe::Timeline {
    let panic =
        names.trace.indexed().find(|(_, e)| e.task == task && e.op == OpKind::Panic).map(|(ix, _)| ix);
    let until = panic.unwrap_or(EventIx(names.trace.events.len() as u32));
    let marked: Vec<_> = marks.keys().filter_map(|event| names.trace.event(*event).object).collect();
    let own: Vec<_> = names.trace.events[..until.at()]
        .iter()
        .filter(|event| event.task == task)
        .filter_map(|event| event.object)
        .collect();
    let objects = if marked.is_empty() { &own } else { &marked };
    let mut steps: Vec<EventIx> = names
        .trace
        .indexed()
        .take_while(|(ix, _)| *ix <= until)
        .filter(|(ix, e)| {
            let joins = e.task == task && e.op == OpKind::Join;
            joins || marks.contains_key(ix) || e.object.is_some_and(|object| objects.contains(&object))
        })
        .map(|(ix, _)| ix)
        .collect();
    steps = steps.split_off(steps.len().saturating_sub(STEPS));
    let mut events = BTreeMap::new();
    events.extend(steps.into_iter().map(|event| (event, None)));
    events.extend(marks.iter().map(|(event, number)| (*event, *number)));
    let mut tasks = vec![task];
    for event in events.keys() {
        let other = names.trace.event(*event).task;
        if !tasks.contains(&other) {
            tasks.push(other);
        }
    }
    let end = format!("{} {}", names.header(task), if end == "panic" { "panics" } else { end });
    timeline(names, Wanted { tasks, events, remarks: BTreeMap::new(), end: Some(end) })
}

/// The first pair of conflicting operations on one object whose order differs in the passing execution.
fn decided_by(names: &Names<'_>) -> Option<(EventIx, EventIx)> {
    let passing = names.record.passing.as_ref()?;
    let places = positions(passing);
    let here = ordinals(names.trace);
    let trace = names.trace;
    for (b, later) in trace.indexed() {
        for (a, earlier) in trace.indexed().take_while(|(ix, _)| *ix < b) {
            if earlier.task == later.task || earlier.object.is_none() || earlier.object != later.object {
                continue;
            }
            if !conflict(earlier.op, later.op) {
                continue;
            }
            let then = |ix: EventIx| {
                let (task, ordinal) = here[ix.at()];
                let path = trace.task(task).path.clone();
                let (at, op) = places.get(&(path, ordinal))?;
                (*op == trace.event(ix).op).then_some(*at)
            };
            if let (Some(first), Some(second)) = (then(a), then(b))
                && second < first
            {
                return Some((a, b));
            }
        }
    }
    None
}

/// Whether the order of two operations on one object can matter. For explaining only; what is explored and
/// what is a bug is decided elsewhere.
fn conflict(a: OpKind, b: OpKind) -> bool {
    use OpKind::{
        CasFail, Exit, Load, Lock, Read, Recv, Rmw, Send, Store, TryLock, TryRecv, TrySend, Unlock, Write,
    };
    let reads = |op| matches!(op, Load | CasFail | Read);
    match (a, b) {
        (a, b) if reads(a) && reads(b) => false,
        (Load | CasFail | Rmw | Store, Load | CasFail | Rmw | Store) => true,
        (Lock | TryLock, Lock | TryLock)
        | (Send | TrySend, Send | TrySend)
        | (Recv | TryRecv, Recv | TryRecv) => true,
        (Read | Write, Read | Write) => true,
        (Unlock | Exit, _) | (_, Unlock | Exit) => false,
        _ => {
            matches!(a, OpKind::Close | OpKind::Select | OpKind::NotifyOne | OpKind::NotifyAll | OpKind::Wait)
                && a != b
        }
    }
}

type Position = (crate::TaskPath, u32);

/// Where each event of a trace stands, by its task's path and its ordinal in the task.
fn positions(trace: &Trace) -> std::collections::HashMap<Position, (usize, OpKind)> {
    let ordinals = ordinals(trace);
    trace
        .events
        .iter()
        .zip(ordinals)
        .enumerate()
        .map(|(at, (event, (task, ordinal)))| ((trace.task(task).path.clone(), ordinal), (at, event.op)))
        .collect()
}

/// Each event's task and its ordinal in it.
fn ordinals(trace: &Trace) -> Vec<(TaskIx, u32)> {
    let mut counts = vec![0; trace.tasks.len()];
    trace
        .events
        .iter()
        .map(|event| {
            counts[event.task.at()] += 1;
            (event.task, counts[event.task.at()])
        })
        .collect()
}

/// The help for a load and a store that another store comes between.
fn lost_update(names: &Names<'_>, earlier: EventIx, later: EventIx) -> Vec<String> {
    let (a, b) = (names.trace.event(earlier), names.trace.event(later));
    let stores_later = |task: TaskIx, from: EventIx| {
        names
            .trace
            .indexed()
            .any(|(ix, e)| ix > from && e.task == task && e.object == a.object && e.op == OpKind::Store)
    };
    let loads_then_stores = a.op == OpKind::Load && b.op == OpKind::Store && stores_later(a.task, earlier);
    match a.object {
        Some(object) if loads_then_stores => {
            let name = names.object(object);
            vec![format!(
                "make the read and the write of {name} one step: `fetch_add`, `fetch_update`, or hold a lock around both"
            )]
        }
        _ => Vec::new(),
    }
}
