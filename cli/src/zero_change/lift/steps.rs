//! The machine's steps in one list: events, and the plain accesses of races where they happened.

use gorace_analyzer::{
    Edge, Event, EventIx, ObjIx, ObjectInfo, ObjectKind, OpKind, Order, Place, TaskIx, TaskPath, Trace,
};
use gorace_inject::wire::{Access, RawTrace, Target};

/// The raw trace with its races as events of memory, and where everything went.
pub struct Steps {
    /// Still the machine's; its races' variables are further objects.
    pub trace: Trace,
    /// Whose memory each object is.
    pub targets: Vec<Target>,
}

/// A line of the source.
pub type Line = (String, u32);

/// Puts the accesses of races between the events; of several races of the same two lines the first one. `line` tells
/// where a stack is, `is_meant` whether a read and a write with these stacks race by design.
pub fn steps(
    raw: &RawTrace,
    line: &dyn Fn(u32) -> Option<Line>,
    is_meant: &dyn Fn(u32, u32) -> bool,
) -> Steps {
    let mut met: Vec<[Option<Line>; 2]> = Vec::new();
    let mut trace = raw.trace.clone();
    let mut targets = raw.owners.clone();
    // Each access, by the number of events before it.
    let mut inserted: Vec<(u32, Event)> = Vec::new();
    let own_events = |task: TaskIx| {
        let own = raw.trace.indexed().filter(move |(_, event)| event.task == task);
        own.map(|(ix, _)| ix.0 + 1).collect::<Vec<u32>>()
    };
    for (first, second) in &raw.races {
        let is_meant = match (first.op, second.op) {
            (OpKind::Read, OpKind::Write) => is_meant(first.stack, second.stack),
            (OpKind::Write, OpKind::Read) => is_meant(second.stack, first.stack),
            _ => false,
        };
        if is_meant {
            continue;
        }
        let mut lines = [line(first.stack), line(second.stack)];
        lines.sort_unstable();
        if met.contains(&lines) {
            continue;
        }
        met.push(lines);
        let object = ObjIx::new(trace.objects.len() as u32);
        trace.objects.push(ObjectInfo {
            kind: ObjectKind::Cell,
            task: TaskPath::main(),
            ordinal: object.number(),
            made: Place::Unknown,
            name: None,
            type_name: String::new(),
            held: Vec::new(),
            capacity: None,
        });
        targets.push(second.target);
        let event = |access: &Access| Event {
            task: access.task,
            object: Some(object),
            other: None,
            op: access.op,
            order: Order::None,
            value: 0,
            seen: 0,
            place: Place::Stack(access.stack as usize),
        };
        let before = own_events(first.task).get((first.after as usize).wrapping_sub(1)).copied().unwrap_or(0);
        // A task that was started later has no events of its own before its first one.
        let started =
            raw.trace.tasks.get(first.task.at()).and_then(|task| task.spawned).map_or(0, |(_, e)| e.0 + 1);
        let at = second.at.max(before);
        inserted.push((before.max(started).min(at), event(first)));
        inserted.push((at, event(second)));
    }
    if inserted.is_empty() {
        return Steps { trace, targets };
    }
    inserted.sort_by_key(|(at, _)| *at);
    let shift = |at: u32| at + inserted.iter().take_while(|(before, _)| *before <= at).count() as u32;
    let moved = |ix: EventIx| EventIx(shift(ix.0));
    for edge in &mut trace.edges {
        // It took effect after so many events: accesses that stand there come after it.
        let at = edge.at + inserted.iter().take_while(|(before, _)| *before < edge.at).count() as u32;
        *edge = Edge { from: moved(edge.from), to: moved(edge.to), at, ..*edge };
    }
    for task in &mut trace.tasks {
        task.spawned = task.spawned.map(|(by, event)| (by, moved(event)));
        if let gorace_analyzer::TaskEnd::Blocked(waiting) = &mut task.end {
            *waiting = gorace_analyzer::Waiting::On { event: moved(waiting.event()) };
        }
    }
    trace.forced_switches.iter_mut().for_each(|switch| *switch = moved(*switch));
    let mut events = Vec::with_capacity(trace.events.len() + inserted.len());
    let mut pending = inserted.iter().peekable();
    for (at, event) in trace.events.iter().enumerate() {
        while let Some((_, access)) = pending.next_if(|(before, _)| *before as usize <= at) {
            events.push(*access);
        }
        events.push(*event);
    }
    events.extend(pending.map(|(_, access)| *access));
    for event in &mut events {
        // These name their armed timer by its event.
        if event.op == OpKind::Fire {
            event.seen = u64::from(shift(event.seen as u32));
        }
    }
    trace.events = events.into();
    Steps { trace, targets }
}
