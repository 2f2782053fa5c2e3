//! GR0002: deadlocks, global and partial.
//!
//! Source: exploration of a closed program; at quiescence every task that has not ended is blocked for
//! ever, since everything that could wake it is an object of the trace (design page on exploration, 5). A
//! cycle of tasks that each wait for what the next one *owns* (a held lock, its own exit) can never be
//! broken, whoever else still runs (Coffman et al. 1971, single-unit resources).
//!
//! May miss: partial deadlocks over channels while other tasks still run; they show at quiescence. Reports
//! nothing false: at quiescence nobody is left who could wake main, and a lock's owner that waits in the
//! cycle cannot unlock.

use crate::finding::FindingKind;
use crate::ids::TaskIx;
use crate::op::OpKind;
use crate::trace::{Ended, TaskEnd, Trace, Waiting};

/// Appends a finding for main being blocked for ever, or else one for each cycle.
pub fn deadlocks(trace: &Trace, findings: &mut Vec<FindingKind>) {
    let blocked: Vec<TaskIx> = blocked(trace).collect();
    let cycles = cycles(trace);
    let main_blocked = trace.ended == Ended::Quiescent && blocked.first() == Some(&TaskIx(0));
    if main_blocked {
        let cycle = cycles.into_iter().next().unwrap_or_default();
        findings.push(FindingKind::Deadlock { global: true, blocked, cycle });
        return;
    }
    for cycle in cycles {
        findings.push(FindingKind::Deadlock { global: false, blocked: blocked.clone(), cycle });
    }
}

/// The tasks that wait at the end of `trace`, in order.
pub fn blocked(trace: &Trace) -> impl Iterator<Item = TaskIx> + '_ {
    let is_blocked = |end: &TaskEnd| matches!(end, TaskEnd::Blocked(_));
    (0..trace.tasks.len() as u32).map(TaskIx).filter(move |task| is_blocked(&trace.task(*task).end))
}

/// The one task that `task` waits for: the owner of its lock, or the task that it joins. `None` if it does
/// not wait, or waits for something that nobody owns.
pub fn waits_for(trace: &Trace, task: TaskIx) -> Option<TaskIx> {
    let TaskEnd::Blocked(Waiting::On { event }) = trace.task(task).end else { return None };
    let event = trace.event(event);
    match event.op {
        OpKind::Lock => trace.object(event.object?).held.map(|(owner, _)| owner),
        OpKind::Join => Some(TaskIx(event.value as u32)),
        _ => None,
    }
}

/// The wait-for cycles, each beginning with its lowest task. Every task waits for at most one owner, so the
/// graph has at most one cycle a component.
pub fn cycles(trace: &Trace) -> Vec<Vec<TaskIx>> {
    let mut state = vec![0_u32; trace.tasks.len()];
    let mut cycles = Vec::new();
    for start in blocked(trace) {
        let round = start.0 + 1;
        let mut path = Vec::new();
        let mut next = Some(start);
        while let Some(task) = next.filter(|task| state[task.at()] == 0) {
            state[task.at()] = round;
            path.push(task);
            next = waits_for(trace, task);
        }
        if let Some(task) = next.filter(|task| state[task.at()] == round) {
            let begin = path.iter().position(|other| *other == task).unwrap_or(0);
            let mut cycle = path.split_off(begin);
            let lowest = cycle.iter().enumerate().min_by_key(|(_, task)| **task).map_or(0, |(i, _)| i);
            cycle.rotate_left(lowest);
            cycles.push(cycle);
        }
    }
    cycles
}
