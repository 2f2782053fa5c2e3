//! GR0002: deadlocks, global and partial.
//!
//! Source: exploration of a closed program; at quiescence every task that has not ended is blocked for
//! ever, since everything that could wake it is an object of the trace (design page on exploration, 5). A
//! cycle of tasks that each wait for what the next one *owns* (a held lock, its own exit) can never be
//! broken, whoever else still runs (Coffman et al. 1971). A lock with several owners (readers) is waited for
//! until all of them let go, so that each owner counts.
//!
//! May miss: partial deadlocks over channels while other tasks still run; they show at quiescence. Reports
//! nothing false: at quiescence nobody is left who could wake main, and a lock's owner that waits in the
//! cycle cannot unlock.

use crate::finding::FindingKind;
use crate::ids::{EventIx, TaskIx};
use crate::op::OpKind;
use crate::trace::{Ended, Event, TaskEnd, Trace, Waiting};

/// Appends a finding for main being blocked for ever or gone without having returned, or else one for each
/// cycle.
pub fn deadlocks(trace: &Trace, findings: &mut Vec<FindingKind>) {
    let blocked: Vec<TaskIx> = blocked(trace).collect();
    let cycles = cycles(trace);
    let main_blocked = blocked.first() == Some(&TaskIx(0));
    if trace.ended == Ended::Quiescent && (main_blocked || main_goexit(trace).is_some()) {
        let cycle = cycles.into_iter().next().unwrap_or_default();
        findings.push(FindingKind::Deadlock { global: true, blocked, cycle });
        return;
    }
    for cycle in cycles {
        findings.push(FindingKind::Deadlock { global: false, blocked: blocked.clone(), cycle });
    }
}

/// Where main ended itself without returning: the program goes on, and is dead once nobody can run.
pub fn main_goexit(trace: &Trace) -> Option<EventIx> {
    let is_it = |event: &Event| event.task == TaskIx(0) && event.op == OpKind::Goexit;
    trace.indexed().find(|(_, event)| is_it(event)).map(|(ix, _)| ix)
}

/// The tasks that wait at the end of `trace`, in order.
pub fn blocked(trace: &Trace) -> impl Iterator<Item = TaskIx> + '_ {
    let is_blocked = |end: &TaskEnd| matches!(end, TaskEnd::Blocked(_));
    (0..trace.tasks.len() as u32).map(TaskIx).filter(move |task| is_blocked(&trace.task(*task).end))
}

/// The tasks that `task` waits for, all of which must act: the owners of its lock, or the task that it joins.
/// None if it does not wait, or waits for something that nobody owns.
pub fn waits_for(trace: &Trace, task: TaskIx) -> Vec<TaskIx> {
    let TaskEnd::Blocked(Waiting::On { event }) = trace.task(task).end else { return Vec::new() };
    let event = trace.event(event);
    match (event.op, event.object) {
        (OpKind::Join, _) => vec![TaskIx(event.value as u32)],
        (_, Some(object)) => trace.object(object).held.iter().map(|(owner, _)| *owner).collect(),
        (_, None) => Vec::new(),
    }
}

/// The wait-for cycles, each beginning with its lowest task: for each group of tasks that all wait for each
/// other, a shortest cycle through its lowest one.
pub fn cycles(trace: &Trace) -> Vec<Vec<TaskIx>> {
    let mut waits: Vec<Vec<TaskIx>> = vec![Vec::new(); trace.tasks.len()];
    for task in blocked(trace) {
        waits[task.at()] = waits_for(trace, task);
    }
    let in_circles = peel(&waits);
    let mut covered = vec![false; waits.len()];
    let mut cycles = Vec::new();
    for start in in_circles {
        if covered[start.at()] {
            continue;
        }
        let (before, seen) = breadth_first(&waits, start);
        let Some(mut task) = before[start.at()] else { continue };
        let mut cycle = vec![start];
        while task != start {
            cycle.insert(1, task);
            match before[task.at()] {
                Some(next) => task = next,
                None => break,
            }
        }
        // Whoever waits for the start in turn is of the same group.
        for task in seen {
            covered[task.at()] |= breadth_first(&waits, task).0[start.at()].is_some();
        }
        cycles.push(cycle);
    }
    cycles
}

/// The tasks that are left when those that wait for nobody left are taken away, again and again.
fn peel(waits: &[Vec<TaskIx>]) -> Vec<TaskIx> {
    let mut left: Vec<usize> = waits.iter().map(Vec::len).collect();
    let mut waiters: Vec<Vec<usize>> = vec![Vec::new(); waits.len()];
    for (task, owners) in waits.iter().enumerate() {
        for owner in owners {
            waiters[owner.at()].push(task);
        }
    }
    let mut free: Vec<usize> = (0..waits.len()).filter(|task| left[*task] == 0).collect();
    while let Some(task) = free.pop() {
        for waiter in std::mem::take(&mut waiters[task]) {
            left[waiter] -= 1;
            if left[waiter] == 0 {
                free.push(waiter);
            }
        }
    }
    (0..waits.len()).filter(|task| left[*task] > 0).map(|task| TaskIx(task as u32)).collect()
}

/// From whom each task is reached when one follows the waiting from `start`, and in which order.
fn breadth_first(waits: &[Vec<TaskIx>], start: TaskIx) -> (Vec<Option<TaskIx>>, Vec<TaskIx>) {
    let mut before = vec![None; waits.len()];
    let mut seen = vec![start];
    let mut at = 0;
    while let Some(task) = seen.get(at).copied() {
        at += 1;
        for owner in &waits[task.at()] {
            if before[owner.at()].is_none() {
                before[owner.at()] = Some(task);
                if *owner != start {
                    seen.push(*owner);
                }
            }
        }
    }
    (before, seen)
}
