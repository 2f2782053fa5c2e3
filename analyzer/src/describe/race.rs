//! GR0001 in words, and GR0005 where two operations are unordered.

use crate::describe::facts::begin;
use crate::describe::timeline::{Wanted, timeline};
use crate::describe::{Names, Report};
use crate::hb::why_unordered;
use crate::ids::{EventIx, ObjIx};
use crate::misuse::{ADD_WITH_WAIT, REUSED, as_go_prints};
use crate::op::OpKind;
use crate::{Code, ObjectKind};
use std::collections::BTreeMap;

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
    let conflict = format!("conflicts with: a {} by {}", words(b.op), names.task(b.task));
    report.add_event(names, Some(conflict), second, (Some(2), label(second), true));
    report.add_spawns(names, &[a.task, b.task], "both tasks are alive at the same time");
    report.why = Some(("why unordered", why(names, first, second)));
    report.help = help(names, first, second, &name);
    report.timeline = Some(timeline(names, wanted(names, first, second)));
    report
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
    report.help = vec![
        match words {
            ADD_WITH_WAIT => {
                "call `add` before the task is spawned that is to be waited for, in the task that waits"
            }
            REUSED => {
                "begin the next round only after all waits of the one before have returned, or take a wait group of its own"
            }
            _ => "guard the map with one lock in both places",
        }
        .to_owned(),
    ];
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
    let (mut events, mut remarks) = (BTreeMap::new(), BTreeMap::new());
    events.extend([(first, Some(1)), (second, Some(2))]);
    remarks.insert(second, "unordered with \u{2460}".to_owned());
    for at in [first, second] {
        for (lock, taken) in names.locks_held(at) {
            events.entry(taken).or_insert(None);
            let others = names.lock_events(lock, &[a, b]);
            // The last hand-over of a lock that one side holds shows what the lock does order.
            if let Some(last) = others.iter().rev().find(|other| **other < taken) {
                events.entry(*last).or_insert(None);
            }
        }
    }
    if let Some(last) = why_unordered(names.trace, first, second).last_known
        && names.trace.event(last).op != OpKind::Spawn
    {
        events.entry(last).or_insert(None);
        remarks.entry(last).or_insert_with(|| format!("the last that T{} learned of T{}", b.0, a.0));
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
            lines.push(format!(
                "the last thing T{} learned of T{} is its {}{place}; \u{2460} comes after it.",
                b.0,
                a.0,
                names.event_text(last)
            ));
        }
    }
    let held =
        |at: EventIx| -> Vec<ObjIx> { names.locks_held(at).into_iter().map(|(lock, _)| lock).collect() };
    let (of_first, of_second) = (held(first), held(second));
    let common: Vec<String> =
        of_first.iter().filter(|lock| of_second.contains(lock)).map(|lock| names.object(*lock)).collect();
    let common = if common.is_empty() { "none".to_owned() } else { common.join(", ") };
    lines.push(format!(
        "No lock, join, channel or atomic leads from \u{2460} to \u{2461}, or back. Locks in common: {common}."
    ));
    lines
}

fn help(names: &Names<'_>, first: EventIx, second: EventIx, name: &str) -> Vec<String> {
    let (of_first, of_second) = (names.locks_held(first), names.locks_held(second));
    let one_sided = match (of_first.first(), of_second.first()) {
        (Some((lock, _)), None) => Some((*lock, '\u{2461}', '\u{2460}')),
        (None, Some((lock, _))) => Some((*lock, '\u{2460}', '\u{2461}')),
        _ => None,
    };
    if let Some((lock, bare, holding)) = one_sided {
        let lock = names.object(lock);
        return vec![format!(
            "hold {lock} during {bare} too ({holding} already does), or make {name} an atomic"
        )];
    }
    let relaxed = names.trace.events[..second.at()].iter().any(|event| {
        event.order == crate::Order::Relaxed
            && event.object.is_some_and(|object| names.trace.object(object).kind == ObjectKind::Atomic)
            && [names.trace.event(first).task, names.trace.event(second).task].contains(&event.task)
    });
    if relaxed && of_first.is_empty() && of_second.is_empty() {
        return vec![
            "a Relaxed atomic orders nothing but itself: store with Release and load with Acquire to publish what came before".to_owned(),
        ];
    }
    if of_first.is_empty() && of_second.is_empty() {
        return vec![format!("guard {name} with one Mutex in both places, or make it an atomic")];
    }
    vec![format!("hold the same lock in both places: the two sides hold different ones around {name}")]
}
