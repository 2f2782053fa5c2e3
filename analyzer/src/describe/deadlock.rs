//! GR0002 in words.

use crate::Code;
use crate::describe::by_event::ByEvent;
use crate::describe::facts::begin;
use crate::describe::prose::{listed, spawned_at};
use crate::describe::timeline::{Wanted, timeline};
use crate::describe::waitfor::wait_for;
use crate::describe::{Names, Report, held, missed, unnotified, waker};
use crate::detect::main_goexit;
use crate::ids::{EventIx, ObjIx, TaskIx};
use crate::op::OpKind;
use crate::trace::TaskEnd;
use gorace_analyzer_core::Listed;

/// Tasks that are named in the headline, at the most.
const NAMED: usize = 3;
/// Tasks whose source is shown, at the most; the line of who waits for whom has all of a circle.
const BLOCKS: usize = 3;
/// Steps of a task that are shown before the one that blocks it.
const BEFORE: usize = 2;

const NO_GOROUTINES: &str = "fatal error: no goroutines (main called runtime.Goexit) - deadlock!";
const ASLEEP: &str = "fatal error: all goroutines are asleep - deadlock!";

pub(crate) fn describe(names: &Names<'_>, global: bool, blocked: &[TaskIx], cycle: &[TaskIx]) -> Report {
    let goexit = main_goexit(names.trace).filter(|_| global);
    if let (Some(goexit), []) = (goexit, blocked) {
        return nobody_left(names, goexit);
    }
    let mut report = begin(Code::Deadlock, headline(names, global, blocked, cycle));
    report.go_words = global.then(|| go_words(blocked));
    let shown: Vec<TaskIx> = if cycle.is_empty() {
        first_blocked(names, blocked)
    } else {
        // Of a large circle two tell how it goes on.
        let most = if cycle.len() > BLOCKS { 2 } else { BLOCKS };
        cycle.iter().copied().take(most).listed()
    };
    let mut events = ByEvent::new();
    let mut number = 0;
    for (i, task) in shown.iter().enumerate() {
        let Some(wait) = waits_at(names, *task) else { continue };
        let title = (i > 0).then(|| conflict(names, &shown, cycle, *task));
        number = add_task(names, &mut report, *task, wait, title, number, &mut events);
        number = waker::add(names, &mut report, *task, number, &mut events);
    }
    // A lock that is not given back explains more than a notification that did not come.
    if cycle.is_empty()
        && held::help(names, blocked).is_none()
        && let Some(unnotified) = unnotified::of_blocked(names, blocked)
    {
        number = unnotified.add(names, &mut report, number, &mut events);
    }
    if let Some(goexit) = goexit {
        number += 1;
        let title = format!("main is gone: {} ended itself and has not returned", names.task(TaskIx(0)));
        report.add_event(names, Some(title), goexit, (Some(number), "`goexit` in main".to_owned(), false));
        events.set(goexit, Some(number));
    }
    let title = if cycle.is_empty() { "who waits for whom" } else { "wait-for cycle" };
    report.waits = Some((title, wait_for(names, blocked, cycle)));
    for task in blocked.iter().filter(|task| !shown.contains(task)).take(3) {
        if let Some(event) = waits_at(names, *task) {
            events.add(event, None);
        }
    }
    if cycle.is_empty() {
        let looked_at = shown.iter().flat_map(|task| waker::looked_at(names, *task));
        for object in shown.iter().filter_map(|task| awaited(names, *task)).chain(looked_at) {
            let used = names.trace.indexed().filter(|(_, event)| event.object == Some(object));
            for (event, _) in used {
                events.add(event, None);
            }
        }
        for wait in shown.iter().filter_map(|task| waits_at(names, *task)) {
            let task = names.trace.event(wait).task;
            let own = names.trace.indexed().take_while(|(ix, _)| *ix < wait).filter(|(_, e)| e.task == task);
            let own: Vec<EventIx> = own.map(|(ix, _)| ix).listed();
            let before = own[own.len().saturating_sub(BEFORE)..].iter();
            for event in before {
                events.add(*event, None);
            }
        }
    }
    let mut tasks = shown.clone();
    let mut add = |task: TaskIx| {
        if !tasks.contains(&task) {
            tasks.push(task);
        }
    };
    // Whoever dropped a waker may have ended since.
    let numbered = events.iter().filter(|(_, number)| number.is_some());
    for (event, _) in numbered {
        add(names.trace.event(*event).task);
    }
    for task in blocked {
        add(*task);
    }
    let spawned: Vec<TaskIx> = tasks.iter().copied().filter(|task| *task != TaskIx(0)).listed();
    report.spawned = spawned_at(names, &spawned);
    // And so may those who notified, counted or sent.
    for event in events.events() {
        let by = names.trace.event(event).task;
        if !tasks.contains(&by) {
            tasks.push(by);
        }
    }
    let end = if global { "nothing can run" } else { "these tasks can never go on" };
    report.timeline =
        Some(timeline(names, Wanted { tasks, events, remarks: ByEvent::new(), end: Some(end.to_owned()) }));
    report.help = help(names, blocked, cycle);
    report
}

/// Go's words for a deadlock that ends the program: whether anybody is left decides, see Go's `checkdead`.
pub(crate) fn go_words(blocked: &[TaskIx]) -> &'static str {
    if blocked.is_empty() { NO_GOROUTINES } else { ASLEEP }
}

/// Main ended itself, and so did or has everybody else: nothing keeps the program, and nothing ends it.
fn nobody_left(names: &Names<'_>, goexit: EventIx) -> Report {
    let main = names.task(TaskIx(0));
    let mut report = begin(
        Code::Deadlock,
        format!(
            "deadlock: {main} called `goexit`, and when the other tasks had ended, nobody was left to end the program"
        ),
    );
    report.go_words = Some(go_words(&[]));
    let label = format!("{main} ends itself here, without returning");
    report.add_event(names, None, goexit, (Some(1), label, true));
    let mut events = ByEvent::new();
    events.set(goexit, Some(1));
    let mut tasks = vec![TaskIx(0)];
    for (event, this) in names.trace.indexed().filter(|(_, event)| event.op == OpKind::Exit) {
        events.add(event, None);
        tasks.push(this.task);
    }
    let end = Some("nobody is left".to_owned());
    report.timeline = Some(timeline(names, Wanted { tasks, events, remarks: ByEvent::new(), end }));
    report.help = vec![
        "return from main, or wait there for the others: `goexit` ends the task that calls it and not the program"
            .to_owned(),
    ];
    report
}

/// The tasks to show where nobody waits in a circle: the first few, and first those whose wait is the cause.
fn first_blocked(names: &Names<'_>, blocked: &[TaskIx]) -> Vec<TaskIx> {
    let joins =
        |task: &TaskIx| waits_at(names, *task).is_some_and(|e| names.trace.event(e).op == OpKind::Join);
    let causes: Vec<TaskIx> = blocked.iter().copied().filter(|task| !joins(task)).take(BLOCKS).listed();
    if causes.is_empty() { blocked.iter().copied().take(BLOCKS).listed() } else { causes }
}

/// `all 3 unfinished tasks`
fn all(n: usize) -> String {
    if n == 2 { "both unfinished tasks".to_owned() } else { format!("all {n} unfinished tasks") }
}

/// What the only blocked task waits for; who has it, if somebody has.
fn awaited_text(names: &Names<'_>, task: TaskIx) -> String {
    let what = names.waiting_text(task);
    match waits_at(names, task).and_then(|wait| names.owner(wait)) {
        Some(owner) => format!("{what}, which {} took and never gave back", names.task(owner)),
        None => what,
    }
}

fn headline(names: &Names<'_>, global: bool, blocked: &[TaskIx], cycle: &[TaskIx]) -> String {
    let n = blocked.len();
    let who: Vec<String> = blocked.iter().map(|task| names.task(*task)).listed();
    let who = if n <= NAMED { format!(": {}", listed(&who)) } else { String::new() };
    match (global, cycle) {
        (_, [one]) => match waits_at(names, *one) {
            Some(wait) => format!(
                "deadlock: {} waits {}, which it {} itself",
                names.task(*one),
                names.waiting_text(*one),
                held::holds(names, wait)
            ),
            None => format!("deadlock: {} waits for itself", names.task(*one)),
        },
        (true, []) if n == 1 => {
            format!("deadlock: {} waits for ever {}", names.task(blocked[0]), awaited_text(names, blocked[0]))
        }
        (true, []) => format!("deadlock: {} are blocked{who}", all(n)),
        (true, cycle) if cycle.len() == n => format!("deadlock: {} are blocked on each other{who}", all(n)),
        (true, cycle) => {
            format!("deadlock: all {n} unfinished tasks are blocked, {} of them on each other", cycle.len())
        }
        (false, cycle) => {
            let tasks: Vec<String> = cycle.iter().map(|task| names.task(*task)).listed();
            format!("partial deadlock: {} wait for each other for ever", listed(&tasks))
        }
    }
}

/// The condvar, channel, barrier, wait group or thread's token that `task` waits for: what was done to it before tells the story.
fn awaited(names: &Names<'_>, task: TaskIx) -> Option<ObjIx> {
    let event = names.trace.event(waits_at(names, task)?);
    use OpKind::{BarrierWait, Park, Recv, Send, Wait, WgWait};
    matches!(event.op, Wait | Recv | Send | Park | BarrierWait | WgWait).then_some(event.object?)
}

fn waits_at(names: &Names<'_>, task: TaskIx) -> Option<EventIx> {
    match &names.trace.task(task).end {
        TaskEnd::Blocked(waiting) => Some(waiting.event()),
        _ => None,
    }
}

fn conflict(names: &Names<'_>, shown: &[TaskIx], cycle: &[TaskIx], task: TaskIx) -> String {
    let opposite = cycle.len() == 2
        && shown.iter().all(|task| waits_at(names, *task).is_some_and(|e| names.trace.event(e).op.is_lock()));
    if opposite {
        format!("conflicts with: {}, which takes the same two locks in the other order", names.task(task))
    } else if cycle.is_empty() {
        format!("blocked too: {}", names.task(task))
    } else {
        format!("conflicts with: {}", names.task(task))
    }
}

/// Shows what `task` holds that the others want, and what it waits for; gives the last number used.
fn add_task(
    names: &Names<'_>,
    report: &mut Report,
    task: TaskIx,
    wait: EventIx,
    mut title: Option<String>,
    mut number: u8,
    events: &mut ByEvent<Option<u8>>,
) -> u8 {
    let wanted: Vec<_> = names
        .trace
        .tasks
        .iter()
        .filter_map(|other| match &other.end {
            TaskEnd::Blocked(waiting) => names.trace.event(waiting.event()).object,
            _ => None,
        })
        .listed();
    for (lock, taken) in names.locks_held(wait).into_iter().filter(|(lock, _)| wanted.contains(lock)) {
        number += 1;
        let label = format!("{} took {} here and still holds it", names.task(task), names.object(lock));
        report.add_event(names, title.take(), taken, (Some(number), label, false));
        events.set(taken, Some(number));
    }
    number += 1;
    let owner = names.owner(wait);
    let what = names.waiting_text(task);
    let label = match owner {
        Some(owner) if owner == task => {
            format!("{} waits {what}, which it {} itself", names.task(task), held::holds(names, wait))
        }
        Some(owner) => {
            let holds = held::holds(names, wait);
            format!("{} waits {what}, which {} {holds}", names.task(task), names.task(owner))
        }
        None => format!("{} waits {what}", names.task(task)),
    };
    report.add_event(names, title.take(), wait, (Some(number), label, true));
    events.set(wait, Some(number));
    held::add_ended_owners(names, report, wait, number, events)
}

fn help(names: &Names<'_>, blocked: &[TaskIx], cycle: &[TaskIx]) -> Vec<String> {
    if let Some(help) = held::initialisations(names, cycle) {
        return vec![help];
    }
    let lock_of = |task: &TaskIx| {
        let event = names.trace.event(waits_at(names, *task)?);
        event.op.is_lock().then_some(event.object?)
    };
    match cycle {
        [one] if lock_of(one).is_some() => {
            vec![held::taken_again(names, *one)]
        }
        [first, second] => match (lock_of(first), lock_of(second)) {
            (Some(b), Some(a)) => {
                let (a, b) = (names.object(a), names.object(b));
                vec![format!(
                    "take {a} and {b} in one order everywhere: T{} uses {a} then {b}, T{} uses {b} then {a}",
                    first.0, second.0
                )]
            }
            (Some(_), None) | (None, Some(_)) => {
                vec!["do not join a task while holding a lock that it needs: drop the guard first".to_owned()]
            }
            (None, None) => Vec::new(),
        },
        [_, _, _, ..] if cycle.iter().all(|task| lock_of(task).is_some()) => {
            vec!["give the locks one order and take them in it everywhere".to_owned()]
        }
        _ => help_without_cycle(names, blocked),
    }
}

fn help_without_cycle(names: &Names<'_>, blocked: &[TaskIx]) -> Vec<String> {
    if let Some(help) = held::help(names, blocked) {
        return vec![help];
    }
    let waits = |task: TaskIx, op: OpKind| {
        let event = names.trace.event(waits_at(names, task)?);
        (event.op == op).then_some((event.object?, task))
    };
    let first = |op: OpKind| blocked.iter().find_map(|task| waits(*task, op));
    if let Some(help) = waker::help(names, blocked) {
        return vec![help];
    }
    if let Some((_, task)) = first(OpKind::Park) {
        return vec![format!(
            "nobody is left to unpark {}: unpark it after each change that it waits for, and let it look at the change \
             again before it parks",
            names.task(task)
        )];
    }
    let help = missed::notification(names, blocked);
    if !help.is_empty() {
        return help;
    }
    if let Some((channel, _)) = first(OpKind::Recv).filter(|(channel, _)| names.is_mpsc(*channel)) {
        return vec![format!(
            "a sender of {} is still alive, and nobody is left to use it: drop each sender after its last send, and the \
             receiver sees the end",
            names.object_for(OpKind::Recv, channel)
        )];
    }
    let recvs: Vec<(ObjIx, TaskIx)> = blocked.iter().filter_map(|task| waits(*task, OpKind::Recv)).listed();
    if let [(channel, task), ..] = recvs.as_slice() {
        let used = |op: OpKind| names.trace.events.iter().any(|e| e.object == Some(*channel) && e.op == op);
        let end = names.object_for(OpKind::Send, *channel);
        if let [_, _, ..] = recvs.as_slice()
            && !used(OpKind::Send)
        {
            let who: Vec<String> = recvs.iter().map(|(_, task)| names.task(*task)).listed();
            return vec![format!(
                "{} wait to receive before anything is sent: let one of them send first",
                listed(&who)
            )];
        }
        if !used(OpKind::Close) {
            return vec![if used(OpKind::Send) {
                format!("nobody is left to send on {end} or to close it: close it after the last send")
            } else {
                format!(
                    "nobody ever sends on {end} or closes it, and nobody is left to do it: do that before anything \
                     waits for {}, or wait in a `select!` beside what may come instead",
                    names.task(*task)
                )
            }];
        }
    }
    if let Some((channel, _)) = first(OpKind::Send) {
        let channel = names.object_for(OpKind::Recv, channel);
        return vec![format!(
            "nobody is left to receive from {channel}: receive as often as you send, or give it room"
        )];
    }
    if let Some(help) = missed::count(names, blocked) {
        return vec![help];
    }
    missed::arms(names, blocked).into_iter().listed()
}
