//! What orders the program's events: exactly what ordered the machine's steps, seen from the events that are left.
//!
//! Each step has its clock from the analyzer's own walk over the machine's trace. An event learns of another task's last
//! event that the clock of its last step covers; what it knew already is left out.

use super::calls::Group;
use gorace_analyzer::clock::VectorClock;
use gorace_analyzer::hb::Walk;
use gorace_analyzer::{Edge, EdgeKind, Event, EventIx, OpKind, TaskIx, Trace};
use std::collections::HashMap;

/// What is known of the program's events while they come.
struct Known {
    /// For each task: its events, each with the number of the task's steps up to its first one.
    events: Vec<Vec<(u32, EventIx)>>,
    /// For each event, how many of each task's events its task knew.
    at_event: Vec<Vec<u32>>,
    /// For each task, how many of each task's events it knows.
    now: Vec<Vec<u32>>,
}

/// The edges among the program's events. `place` gives for each group its event.
pub fn edges(steps: &Trace, groups: &[Group], events: &[Event]) -> Vec<Edge> {
    let tasks = steps.tasks.len();
    let mut known =
        Known { events: vec![Vec::new(); tasks], at_event: Vec::new(), now: vec![vec![0; tasks]; tasks] };
    let firsts: HashMap<EventIx, usize> =
        groups.iter().enumerate().map(|(i, group)| (group.first, i)).collect();
    let lasts: HashMap<EventIx, usize> =
        groups.iter().enumerate().map(|(i, group)| (group.last, i)).collect();
    let mut walk = Walk::default();
    let history = steps.history();
    walk.start(&history);
    let mut counts = vec![0_u32; tasks];
    let mut edges = Vec::new();
    let mut before: Vec<VectorClock> = vec![VectorClock::default(); tasks];
    while let Some((ix, step)) = walk.step(&history) {
        let task = step.task;
        counts[task.at()] += 1;
        let clock = walk.clock(task).clone();
        if let Some(group) = firsts.get(&ix).copied() {
            let event = EventIx(group as u32);
            // What the task had learned by steps that are gone, and by waiting.
            let at_once = matches!(step.op, OpKind::Read | OpKind::Write | OpKind::Exit | OpKind::Spawn);
            let first = if at_once { &clock } else { &before[task.at()] };
            known.learn(events, task, event, first, &mut edges);
            known.events[task.at()].push((counts[task.at()], event));
            known.now[task.at()][task.at()] = known.events[task.at()].len() as u32;
            known.at_event.push(known.now[task.at()].clone());
        }
        if let Some(group) = lasts.get(&ix).copied() {
            let event = EventIx(group as u32);
            known.learn(events, task, event, &clock, &mut edges);
            known.at_event[event.at()] = known.now[task.at()].clone();
        }
        before[task.at()] = clock;
        if step.op == OpKind::Spawn
            && let Some(group) = firsts.get(&ix)
        {
            let (from, child) = (EventIx(*group as u32), TaskIx(step.value as u32));
            let at = known.at_event.len() as u32;
            edges.push(Edge { from, to: from, task: child, at, kind: EdgeKind::Spawn });
            let of_parent = known.at_event[from.at()].clone();
            known.now[child.at()].iter_mut().zip(of_parent).for_each(|(own, other)| *own = (*own).max(other));
        }
    }
    // Those who waited to the end learned by that what no later step of theirs tells.
    edges
}

impl Known {
    /// `task`, in `event`, knows what `clock` covers.
    fn learn(
        &mut self,
        events: &[Event],
        task: TaskIx,
        event: EventIx,
        clock: &VectorClock,
        edges: &mut Vec<Edge>,
    ) {
        let mut news: Vec<(EventIx, TaskIx, u32)> = Vec::new();
        for other in (0..self.events.len() as u32).map(TaskIx).filter(|other| *other != task) {
            let covered = clock.get(other);
            let count = self.events[other.at()].partition_point(|(steps, _)| *steps <= covered) as u32;
            if count > self.now[task.at()][other.at()] {
                news.push((self.events[other.at()][count as usize - 1].1, other, count));
            }
        }
        // The latest first: it may have known the others.
        news.sort_by_key(|(from, ..)| std::cmp::Reverse(*from));
        let at = self.at_event.len() as u32;
        for (from, other, count) in news {
            if self.now[task.at()][other.at()] >= count {
                continue;
            }
            edges.push(Edge {
                from,
                to: event,
                task,
                at,
                kind: kind(&events[from.at()], &events[event.at()]),
            });
            let of_other = self.at_event[from.at()].clone();
            let now = &mut self.now[task.at()];
            now.iter_mut().zip(of_other).for_each(|(own, other)| *own = (*own).max(other));
            now[other.at()] = now[other.at()].max(count);
        }
    }
}

/// What to call the order of two events.
fn kind(from: &Event, to: &Event) -> EdgeKind {
    match (from.op, to.op) {
        (OpKind::Unlock | OpKind::ReadUnlock | OpKind::Wait, _) => EdgeKind::Unlock,
        (OpKind::Exit, _) => EdgeKind::Join,
        (OpKind::Fire, _) | (_, OpKind::Fire) => EdgeKind::Timer,
        (OpKind::NotifyOne | OpKind::NotifyAll, _) => EdgeKind::Notify,
        (OpKind::Unpark, _) => EdgeKind::Unpark,
        (OpKind::OnceBegin, _) => EdgeKind::Once,
        (OpKind::BarrierWait, _) => EdgeKind::Barrier,
        (OpKind::Store | OpKind::Rmw, OpKind::Load | OpKind::Rmw | OpKind::CasFail)
            if from.object == to.object && from.order.releases() && to.order.acquires() =>
        {
            EdgeKind::ReadsFrom
        }
        _ => EdgeKind::Message,
    }
}
