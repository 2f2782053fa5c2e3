//! The whole: from a raw trace to one that the analyzer judges and describes.

use super::calls::{Group, calls_at, groups, site};
use super::known::is_meant;
use super::objects::{Naming, Objects};
use super::order::edges;
use super::panics::{fatal, is_overflow};
use super::stack::frames;
use super::steps::{Steps, steps};
use crate::zero_change::symbols::{Call, Symbols, Whose};
use gorace_analyzer::source::Sources;
use gorace_analyzer::{Event, EventIx, OpKind, Order, Place, TaskEnd, TaskInfo, TaskIx, Trace, Waiting};
use gorace_inject::wire::RawTrace;
use std::collections::HashSet;
use std::rc::Rc;

/// Lifts a trace: of a test harness with one test, or of a program.
pub fn lift(raw: &RawTrace, symbols: &mut Symbols, sources: &dyn Sources, is_harness: bool) -> Trace {
    let stacks: Vec<Rc<[Call]>> = raw.stacks.iter().map(|pcs| symbols.stack(pcs).into()).collect();
    let Steps { trace: mut machine, targets } = steps(
        raw,
        &|stack| {
            let site = stacks.get(stack as usize).and_then(|calls| site(calls))?;
            Some((site.file, site.line))
        },
        &|read, write| {
            let calls = |stack| calls_at(&stacks, Place::Stack(stack as usize));
            is_meant(calls(read), calls(write), sources)
        },
    );
    let fatal =
        fatal(raw, &mut |stack| stacks.get(stack as usize).map(|calls| calls.to_vec()).unwrap_or_default());
    // A harness that ends well has had the panic that it expected.
    let fatal: Vec<_> = match (raw.exit_code, is_harness) {
        (Some(0), true) => Vec::new(),
        _ => fatal,
    };
    end_by_panics(&mut machine, &fatal);
    let groups = groups(&machine, &stacks);
    let mut trace =
        Trace { ended: raw.trace.ended, divergence: raw.trace.divergence.clone(), ..Trace::default() };
    let naming = Naming { symbols, stacks: &stacks, sources, targets: &targets };
    let shows_stack = with_whole_stacks(&groups, &machine);
    let mut objects = Objects::find(&machine, &groups, &naming, &mut trace.stacks);
    for (group, (object, other)) in groups.iter().zip(&objects.of_group) {
        let step = machine.event(group.last);
        let is_step = group.first == group.last;
        let place = group.site.as_ref().map_or(Place::Unknown, |site| {
            let is_whole = shows_stack.contains(&group.first);
            // Who waits does so in the last step of the call.
            let step = if is_whole { group.last } else { group.first };
            let mut frames = frames(calls_at(&stacks, machine.event(step).place), site, group.op, sources);
            frames.retain(|frame| is_whole || !frame.folded);
            trace.stacks.push(frames);
            Place::Stack(trace.stacks.len() - 1)
        });
        let keeps_value = is_step || !matches!(group.op, OpKind::Wait | OpKind::Park);
        trace.events.push(Event {
            task: step.task,
            object: *object,
            other: *other,
            op: group.op,
            order: if is_kept_order(group.op) { step.order } else { Order::None },
            value: if keeps_value && !is_call_of_std(group.op) { step.value } else { 0 },
            seen: if is_call_of_std(group.op) { 0 } else { step.seen },
            place,
        });
    }
    trace.edges = edges(&machine, &groups, &trace.events);
    let blocked_in = |event: EventIx| groups.iter().position(|group| group.steps.contains(&event));
    let by_itself = raw.ended_by.is_some();
    for (at, task) in machine.tasks.iter().enumerate() {
        let mut task = task.clone();
        task.spawned = task.spawned.and_then(|(by, event)| {
            let spawn = groups.iter().position(|group| group.first == event)?;
            Some((by, EventIx(spawn as u32)))
        });
        task.end = match task.end {
            TaskEnd::Blocked(_) | TaskEnd::Running if by_itself => TaskEnd::Finished,
            TaskEnd::Blocked(waiting) => match blocked_in(waiting.event()) {
                Some(group) => TaskEnd::Blocked(Waiting::On { event: EventIx(group as u32) }),
                None => TaskEnd::Running,
            },
            end => end,
        };
        let panicked = fatal.iter().find(|one| one.panic.task as usize == at);
        if panicked.is_some_and(is_overflow) {
            task.end = TaskEnd::Overflowed;
        } else if let Some(fatal) = panicked {
            let calls = calls_at(&stacks, Place::Stack(fatal.panic.raised as usize));
            let place = site(calls).map_or(Place::Unknown, |site| {
                trace.stacks.push(frames(calls, &site, OpKind::Panic, sources));
                Place::Stack(trace.stacks.len() - 1)
            });
            // Whoever was started by a test harness is joined by it, which takes nothing.
            let taken = fatal.panic.joined && !is_started_by_std(&task, &groups, &machine, &stacks);
            task.end = TaskEnd::Panicked { message: fatal.message.clone(), place, taken, misuse: None };
        }
        // Threads that a dependency keeps for itself are meant to outlive main.
        task.detached |=
            task.spawned.is_some_and(|(_, event)| is_of_dependency(&groups[event.at()], &machine, &stacks));
        trace.tasks.push(task);
    }
    // A task of the engine's that waits at the end holds nothing.
    objects.hold(&trace.events, |at| {
        let event = EventIx(at as u32);
        let task = &trace.tasks[trace.events[at].task.at()];
        !matches!(&task.end, TaskEnd::Blocked(waiting) if waiting.event() == event)
    });
    trace.objects = objects.infos;
    trace.forced_switches = switches(&machine, &groups);
    trace
}

fn is_kept_order(op: OpKind) -> bool {
    use OpKind::{CasFail, Fence, Load, Rmw, Store};
    matches!(op, Load | Store | Rmw | CasFail | Fence)
}

/// Whether the values of the machine's steps say nothing about the operation.
fn is_call_of_std(op: OpKind) -> bool {
    use OpKind::{CasFail, Exit, Fire, Join, Load, Rmw, Sleep, Spawn, Store};
    !matches!(op, Load | Store | Rmw | CasFail | Spawn | Join | Exit | Sleep | Fire)
}

/// The steps whose whole stacks are kept: accesses of races, starts of threads, and where each thread was at the end.
/// All the others' would be many, and no report shows them.
fn with_whole_stacks(groups: &[Group], machine: &Trace) -> HashSet<EventIx> {
    let mut last = vec![None; machine.tasks.len()];
    for group in groups.iter().filter(|group| group.op != OpKind::Exit) {
        last[machine.event(group.first).task.at()] = Some(group.first);
    }
    let is_shown = |group: &&Group| matches!(group.op, OpKind::Read | OpKind::Write | OpKind::Spawn);
    let shown = groups.iter().filter(is_shown).map(|group| group.first);
    shown.chain(last.into_iter().flatten()).collect()
}

/// Whether a thread was started by a dependency, for itself.
fn is_of_dependency(spawn: &Group, machine: &Trace, stacks: &[Rc<[Call]>]) -> bool {
    let calls = calls_at(stacks, machine.event(spawn.first).place);
    calls.iter().find(|call| call.whose != Whose::Std).is_some_and(|call| call.whose == Whose::Dependency)
}

/// Whether a task was started by std itself: a test, by its harness.
fn is_started_by_std(task: &TaskInfo, groups: &[Group], machine: &Trace, stacks: &[Rc<[Call]>]) -> bool {
    task.spawned.is_some_and(|(_, event)| {
        let calls = calls_at(stacks, machine.event(groups[event.at()].first).place);
        calls.iter().all(|call| call.whose == Whose::Std)
    })
}

/// Tells of each fatal panic by an event, before its task's exit.
fn end_by_panics(machine: &mut Trace, fatal: &[super::panics::Fatal<'_>]) {
    for one in fatal {
        let task = TaskIx(one.panic.task);
        let exit = machine.events.iter().rposition(|event| event.task == task && event.op == OpKind::Exit);
        let Some(exit) = exit else { continue };
        // The exit's own number is given to nobody else: it only changes what it is called.
        let event = &mut machine.events[exit];
        if event.place == Place::Unknown {
            event.place = Place::Stack(one.panic.raised as usize);
        }
    }
}

/// The forced switches, each at the first event that is left of those after it.
fn switches(machine: &Trace, groups: &[Group]) -> Vec<EventIx> {
    let mut switches: Vec<EventIx> = machine
        .forced_switches
        .iter()
        .filter_map(|switch| groups.iter().position(|group| group.first >= *switch))
        .filter(|at| {
            let task = |at: usize| machine.event(groups[at].first).task;
            *at > 0 && task(*at) != task(*at - 1)
        })
        .map(|at| EventIx(at as u32))
        .collect();
    switches.dedup();
    switches
}
