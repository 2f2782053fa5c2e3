//! GR0006 in words.

use crate::Code;
use crate::describe::by_event::ByEvent;
use crate::describe::facts::begin;
use crate::describe::prose::listed;
use crate::describe::timeline::{Wanted, timeline};
use crate::describe::{Names, Report};
use crate::detect::{Spin, spin};
use crate::ids::{EventIx, ObjIx, TaskIx};
use crate::op::OpKind;
use crate::trace::TaskEnd;
use crate::verdict::Grouped;
use gorace_analyzer_core::Listed;

/// Changes before a spin that are shown.
const CHANGES: usize = 8;

pub(crate) fn describe(names: &Names<'_>, running: &[TaskIx], max_steps: u64) -> Report {
    match spin(names.trace) {
        Some(spin) => spinning(names, &spin),
        None => still_running(names, running, max_steps),
    }
}

/// All that still run only look, and nothing changes what they see.
fn spinning(names: &Names<'_>, spin: &Spin) -> Report {
    let who: Vec<String> = spin.tasks.iter().map(|(task, _)| names.task(*task)).listed();
    let mut objects = spin.tasks.iter().flat_map(|(_, looks)| objects(names, looks)).in_order();
    objects.dedup();
    let on: Vec<String> = objects.iter().take(3).map(|object| names.object(*object)).listed();
    let on = if on.is_empty() { String::new() } else { format!(" on {}", listed(&on)) };
    let s = if who.len() == 1 { "s" } else { "" };
    let left = if has_clock(names) { "nothing changes" } else { "nobody is left to change" };
    let what = if on.is_empty() { "anything" } else { "it" };
    let headline = format!("livelock: {} spin{s}{on} for ever: {left} {what}", listed(&who));
    let mut report = begin(Code::Livelock, headline);
    let mut events = ByEvent::new();
    for (i, (task, looks)) in spin.tasks.iter().take(3).enumerate() {
        let number = i as u8 + 1;
        // What it looks at says more than that it steps back in between.
        let shown = looks.iter().find(|look| names.trace.event(**look).object.is_some()).unwrap_or(&looks[0]);
        let label = format!("{} does this again and again: {}", names.task(*task), names.event_text(*shown));
        report.add_event(names, None, *shown, (Some(number), label, true));
        events.set(*shown, Some(number));
    }
    let changed = |event: &crate::trace::Event| event.object.is_some_and(|object| objects.contains(&object));
    let before = names.trace.indexed().take_while(|(ix, _)| *ix < spin.since);
    let changes: Vec<EventIx> =
        before.filter(|(_, e)| !e.only_looks() && changed(e)).map(|(ix, _)| ix).listed();
    for change in changes.iter().skip(changes.len().saturating_sub(CHANGES)) {
        events.add(*change, None);
    }
    let tasks: Vec<TaskIx> = spin.tasks.iter().map(|(task, _)| *task).listed();
    let spawned: Vec<TaskIx> = tasks.iter().copied().filter(|task| *task != TaskIx(0)).take(3).listed();
    report.add_spawns(names, &spawned, "the tasks that spin");
    let end = "the same again and again".to_owned();
    report.timeline =
        Some(timeline(names, Wanted { tasks, events, remarks: ByEvent::new(), end: Some(end) }));
    report.why = Some(("why a livelock", vec![why(names, spin)]));
    report.help = vec![
        "make it true on every path, or wait in a way that shows who waits: a channel, a `Condvar`, `park`"
            .to_owned(),
    ];
    report
}

fn why(names: &Names<'_>, spin: &Spin) -> String {
    let steps = names.trace.events.len() as u64 - u64::from(spin.since.0);
    let last = spin.since.0.checked_sub(1).map(EventIx).map(|event| {
        let by = names.task(names.trace.event(event).task);
        match names.trace.event(event).op {
            op if op.is_end() => format!("the last other step was the end of {by}"),
            _ => format!("the last other step was {} by {by}", names.event_text(event)),
        }
    });
    let last = last.unwrap_or_else(|| "there was no other step".to_owned());
    let others = names.trace.tasks.len() - spin.tasks.len() - usize::from(has_clock(names));
    let waiting = names.trace.tasks.iter().filter(|task| matches!(task.end, TaskEnd::Blocked(_))).count();
    let rest = match (others, waiting) {
        (0, _) => "There is no other task.".to_owned(),
        (_, 0) => "Every other task has ended.".to_owned(),
        (n, w) if n == w => "Every other task is blocked.".to_owned(),
        _ => "Every other task has ended or is blocked.".to_owned(),
    };
    format!("{last}; in the {} steps since then nobody did more than look. {rest}", Grouped(steps))
}

/// The objects that these events are about.
fn objects<'a>(names: &'a Names<'_>, events: &'a [EventIx]) -> impl Iterator<Item = ObjIx> + 'a {
    let is_shown = |op: OpKind| !matches!(op, OpKind::Wake | OpKind::Await | OpKind::DropWaker);
    events
        .iter()
        .map(|event| names.trace.event(*event))
        .filter(move |event| is_shown(event.op))
        .filter_map(|event| event.object)
}

/// Whether there were timers, one of which might still fire.
fn has_clock(names: &Names<'_>) -> bool {
    names.trace.tasks.iter().any(|task| task.path.is_clock())
}

/// Something still changes, so that nobody knows whether it would have ended.
fn still_running(names: &Names<'_>, running: &[TaskIx], max_steps: u64) -> Report {
    let who: Vec<String> = running.iter().take(4).map(|task| names.task(*task)).listed();
    let who = if who.is_empty() { "the program".to_owned() } else { listed(&who) };
    let headline = format!("no end in sight: {who} still ran after {} steps", Grouped(max_steps));
    let mut report = begin(Code::Livelock, headline);
    for (i, task) in running.iter().take(3).enumerate() {
        let last = names.trace.indexed().filter(|(_, event)| event.task == *task).map(|(ix, _)| ix).last();
        if let Some(event) = last {
            let label = format!("{} was here: {}", names.task(*task), names.event_text(event));
            report.add_event(names, None, event, (Some(i as u8 + 1), label, true));
        }
    }
    let tasks: Vec<TaskIx> = running.iter().copied().filter(|task| *task != TaskIx(0)).take(3).listed();
    report.add_spawns(names, &tasks, "the tasks that still ran");
    report.help = vec![
        "if this loop waits for something, nobody makes it true; if it is only long, raise max_steps (GORACE_MAX_STEPS)"
            .to_owned(),
    ];
    report
}
