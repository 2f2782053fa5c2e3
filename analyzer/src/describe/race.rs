//! GR0001 in words, and GR0005 where two operations are unordered.

use crate::describe::by_event::ByEvent;
use crate::describe::facts::begin;
use crate::describe::prose::listed;
use crate::describe::timeline::{Wanted, timeline};
use crate::describe::{Names, Report, guard};
use crate::hb::why_unordered;
use crate::ids::EventIx;
use crate::misuse::{ADD_WITH_WAIT, REUSED, as_go_prints};
use crate::op::OpKind;
use crate::trace::Event;
use crate::{Code, ObjectKind, Order};
use gorace_analyzer_core::Listed;

pub(crate) fn describe(names: &Names<'_>, first: EventIx, second: EventIx) -> Report {
    let (a, b) = (names.trace.event(first), names.trace.event(second));
    let object = a.object.or(b.object);
    let name = object.map_or_else(|| "a variable".to_owned(), |object| names.object(object));
    let both = match (a.op, b.op) {
        (OpKind::Write, OpKind::Write) => "two writes",
        (OpKind::Write, _) => "a write and a read",
        _ => "a read and a write",
    };
    let mut report = begin(Code::DataRace, format!("data race on {name}: {both} that nothing orders"));
    let words = |op: OpKind| if op == OpKind::Write { "write" } else { "read" };
    let label = |event: EventIx| {
        let this = names.trace.event(event);
        format!("{} by {}, {}", words(this.op), names.task(this.task), names.holding(event))
    };
    report.add_event(names, None, first, (Some(1), label(first), true));
    report.add_caller(names, first);
    add_lock(names, &mut report, first);
    let conflict = format!("conflicts with: a {} by {}", words(b.op), names.task(b.task));
    report.add_event(names, Some(conflict), second, (Some(2), label(second), true));
    report.add_caller(names, second);
    add_lock(names, &mut report, second);
    report.add_spawns(names, &[a.task, b.task], "both tasks are alive at the same time");
    report.why = Some(("why unordered", why(names, first, second)));
    report.help = help(names, first, second, &name);
    report.timeline = Some(timeline(names, wanted(names, first, second)));
    report
}

/// Shows where the lock was taken that is held at `event`, if that is near.
fn add_lock(names: &Names<'_>, report: &mut Report, event: EventIx) {
    const NEAR: u32 = 8;
    let Some((lock, taken)) = names.locks_held(event).pop() else { return };
    let (Some(at), Some(frame)) = (names.event_frame(event), names.event_frame(taken)) else { return };
    if frame.file == at.file && frame.line.abs_diff(at.line) <= NEAR {
        let reading = if names.is_to_read(taken) { " for reading" } else { "" };
        let label = format!("{} is taken here{reading}", names.object(lock));
        report.add_event(names, None, taken, (None, label, false));
    }
}

/// GR0005 for two operations that Go forbids to be concurrent.
pub(crate) fn misuse(names: &Names<'_>, first: EventIx, second: EventIx, words: &'static str) -> Report {
    let (a, b) = (names.trace.event(first), names.trace.event(second));
    let name = a.object.map_or_else(String::new, |object| format!(" on {}", names.object(object)));
    let mut report = begin(Code::Misuse, format!("misuse{name}: {words}"));
    report.go_words = as_go_prints(words);
    let is_map = a.object.is_some_and(|object| names.trace.object(object).kind == ObjectKind::Map);
    let label = |event: EventIx| {
        let this = names.trace.event(event);
        let by = format!("{} by {}", noun(this.op), names.task(this.task));
        if is_map { format!("{by}, {}", names.holding(event)) } else { by }
    };
    report.add_event(names, None, first, (Some(1), label(first), true));
    let article = if noun(b.op).starts_with(['a', 'i', '`']) && b.op != OpKind::WgWait { "an" } else { "a" };
    let conflict = format!("conflicts with: {article} {} by {}", noun(b.op), names.task(b.task));
    report.add_event(names, Some(conflict), second, (Some(2), label(second), true));
    report.add_spawns(names, &[a.task, b.task], "both tasks are alive at the same time");
    report.why = Some(("why unordered", why(names, first, second)));
    let help = match words {
        ADD_WITH_WAIT => {
            Some("call `add` before the task is spawned that is to be waited for, in the task that waits")
        }
        REUSED => Some(
            "begin the next round only after all waits of the one before have returned, or take a wait group of its own",
        ),
        _ => None,
    };
    let guard = || {
        guard::lock_to_hold(names, first, second)
            .unwrap_or_else(|| "guard the map with one lock in both places".to_owned())
    };
    report.help = vec![help.map_or_else(guard, str::to_owned)];
    report.timeline = Some(timeline(names, wanted(names, first, second)));
    report
}

/// What an operation that must be ordered is called.
fn noun(op: OpKind) -> &'static str {
    match op {
        OpKind::Write => "write",
        OpKind::Iterate => "iteration",
        OpKind::WgAdd => "`add`",
        OpKind::WgWait => "`wait`",
        _ => "read",
    }
}

fn wanted(names: &Names<'_>, first: EventIx, second: EventIx) -> Wanted {
    let (a, b) = (names.trace.event(first).task, names.trace.event(second).task);
    let (mut events, mut remarks) = (ByEvent::new(), ByEvent::new());
    events.extend([(first, Some(1)), (second, Some(2))]);
    remarks.set(second, "unordered with \u{2460}".to_owned());
    for at in [first, second] {
        for (lock, taken) in names.locks_held(at) {
            events.add(taken, None);
            let others = names.lock_events(lock, &[a, b]);
            // The last hand-over of a lock that one side holds shows what the lock does order.
            if let Some(last) = others.iter().rev().find(|other| **other < taken) {
                events.add(*last, None);
            }
        }
    }
    for event in weak_signal(names, first, second).into_iter().flatten() {
        events.add(event, None);
        if names.trace.event(event).order == Order::Relaxed {
            remarks.add(event, "Relaxed".to_owned());
        }
    }
    if let Some(last) = why_unordered(names.trace, first, second).last_known
        && names.trace.event(last).op != OpKind::Spawn
    {
        events.add(last, None);
        remarks.add(last, format!("the last that T{} learned of T{}", b.0, a.0));
    }
    Wanted { tasks: vec![a, b], events, remarks, end: None }
}

fn why(names: &Names<'_>, first: EventIx, second: EventIx) -> Vec<String> {
    if names.trace.overlaps.contains(&(first, second)) {
        let task = names.trace.event(first).task;
        return vec![format!(
            "\u{2461} came while {} was still inside \u{2460}: the two overlap in time.",
            names.task(task)
        )];
    }
    let (a, b) = (names.trace.event(first).task, names.trace.event(second).task);
    let unordered = why_unordered(names.trace, first, second);
    let mut lines = Vec::new();
    match unordered.last_known {
        None => lines.push(format!("T{} has learned nothing of what T{} did.", b.0, a.0)),
        Some(last) => {
            let line = names.line(last);
            let place = if line > 0 { format!(" at line {line}") } else { String::new() };
            let event = names.trace.event(last);
            lines.push(if event.op == OpKind::Spawn && event.value == u64::from(b.0) {
                format!(
                    "T{} has learned nothing of T{} since it was spawned{place}; \u{2460} comes after that.",
                    b.0, a.0
                )
            } else {
                format!(
                    "the last thing T{} learned of T{} is: {}{place}; \u{2460} comes after it.",
                    b.0,
                    a.0,
                    names.event_text(last)
                )
            });
        }
    }
    lines.push(format!(
        "No lock, join, channel or atomic leads from \u{2460} to \u{2461}, or back. Locks in common: {}.",
        guard::in_common(names, first, second)
    ));
    lines
}

/// The atomic by which one side seems to tell the other: what the first task does to it after `first`, and the
/// second one before `second`, if one of the two is too weak to order anything.
fn weak_signal(names: &Names<'_>, first: EventIx, second: EventIx) -> Option<[EventIx; 2]> {
    let (a, b) = (names.trace.event(first).task, names.trace.event(second).task);
    let of = |task| move |(_, event): &(EventIx, &Event)| event.task == task;
    let is_atomic = |event: &Event| {
        event.object.is_some_and(|object| names.trace.object(object).kind == ObjectKind::Atomic)
    };
    let between = || names.trace.indexed().filter(|(ix, e)| *ix > first && *ix < second && is_atomic(e));
    between().filter(of(a)).find_map(|(told, event)| {
        let seen =
            between().filter(of(b)).filter(|(ix, other)| *ix > told && other.object == event.object).last();
        let (seen, other) = seen?;
        [event.order, other.order].contains(&Order::Relaxed).then_some([told, seen])
    })
}

/// The help for that.
fn publish(names: &Names<'_>, [told, seen]: [EventIx; 2]) -> String {
    let (event, other) = (names.trace.event(told), names.trace.event(seen));
    let name = event.object.map_or_else(String::new, |object| names.object(object));
    let mut places: Vec<String> = [(told, event), (seen, other)]
        .into_iter()
        .filter(|(_, event)| event.order == Order::Relaxed)
        .map(|(ix, _)| format!("line {}", names.line(ix)))
        .listed();
    places.dedup();
    format!(
        "{name} is accessed with Relaxed at {}, and a Relaxed atomic orders nothing but itself: store with Release and \
         load with Acquire to publish what came before",
        listed(&places)
    )
}

fn help(names: &Names<'_>, first: EventIx, second: EventIx, name: &str) -> Vec<String> {
    let published = weak_signal(names, first, second).map(|signal| publish(names, signal));
    if let Some(hold) = guard::lock_to_hold(names, first, second) {
        let help = format!("{hold}, or make {name} an atomic");
        return published.into_iter().chain([help]).listed();
    }
    published.or_else(|| guard::one_lock(names, first, second, name)).into_iter().listed()
}
