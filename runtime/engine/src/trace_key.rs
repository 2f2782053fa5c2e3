//! The name of a Mazurkiewicz trace: equal for two executions exactly if they differ only in the order of
//! independent events (up to hash collisions of 64 bits). The alternatives taken within events (the arm of a
//! select, an explored input, the waiter that a notification wakes) are part of it.
//!
//! Quadratic in the number of events: meant for the reference search and for tests, not for the hot path.

use crate::execution::Execution;
use gorace_analyzer_core::Listed;
use gorace_analyzer_core::clock::VectorClock;
use gorace_analyzer_core::finding::{FNV_START, fnv};
use gorace_analyzer_core::{EdgeKind, EventIx, OpKind, TaskIx};

/// The key of the execution that just ended; its footprints must have been recorded.
pub fn trace_key(execution: &Execution) -> u64 {
    let trace = &execution.trace;
    let mut known: Vec<VectorClock> = vec![VectorClock::default(); execution.tasks.len()];
    let mut clocks: Vec<VectorClock> = Vec::with_capacity(trace.events.len());
    let mut edges = trace.edges.iter().filter(|edge| edge.kind != EdgeKind::ReadsFrom).peekable();
    for (i, event) in trace.events.iter().enumerate() {
        while let Some(edge) = edges.next_if(|edge| edge.at as usize <= i) {
            known[edge.task.at()].join(&clocks[edge.from.at()]);
        }
        let task = event.task.at();
        let mut clock = known[task].clone();
        if let Some(own) = execution.footprints().get(i) {
            for (earlier, touched) in execution.footprints()[..i].iter().enumerate() {
                if trace.events[earlier].task != event.task && touched.depends_on(own) {
                    clock.join(&clocks[earlier]);
                }
            }
        }
        clock.set(event.task, known[task].get(event.task) + 1);
        known[task].copy_from(&clock);
        clocks.push(clock);
    }
    hash(execution, &clocks)
}

/// Hashes the events task by task, tasks in the order of their paths, so that neither the order of events
/// nor the numbering of tasks goes in.
fn hash(execution: &Execution, clocks: &[VectorClock]) -> u64 {
    let paths = execution.tasks.iter().zip(0..).map(|(task, ix)| (&task.path, TaskIx(ix)));
    let order = paths.in_order().into_iter().map(|(_, ix)| ix).listed();
    let mut rank = vec![0_u32; order.len()];
    for (task, place) in order.iter().zip(0..) {
        rank[task.at()] = place;
    }
    // Whom a notification woke may not show in the clocks, so the edges themselves go in.
    let mut matched = vec![0_u64; clocks.len()];
    for edge in execution.trace.edges.iter().filter(|edge| edge.kind.tells_whom()) {
        let from = execution.trace.event(edge.from).task;
        let source = fnv(FNV_START, &rank[from.at()].to_le_bytes());
        matched[edge.to.at()] = fnv(source, &clocks[edge.from.at()].get(from).to_le_bytes());
    }
    let mut key = FNV_START;
    for task in &order {
        key = fnv(key, execution.task_path(*task).to_string().as_bytes());
        let own = execution.trace.events.iter().zip(0..).zip(clocks).zip(&matched);
        for (((event, at), clock), matched) in own.filter(|(((e, _), _), _)| e.task == *task) {
            key = fnv(key, &[event.op as u8]);
            key = fnv(key, &matched.to_le_bytes());
            if matches!(
                event.op,
                OpKind::Choose | OpKind::Select | OpKind::Wait | OpKind::Park | OpKind::Await
            ) {
                key = fnv(key, &event.value.to_le_bytes());
            }
            if event.op == OpKind::Fire && execution.clock.had_effect(EventIx(at)) {
                // Which timer it was, by whoever started it.
                let armed = EventIx(event.seen as u32);
                let starter = execution.trace.event(armed).task;
                key = fnv(key, &rank[starter.at()].to_le_bytes());
                key = fnv(key, &clocks[armed.at()].get(starter).to_le_bytes());
            }
            for other in &order {
                key = fnv(key, &clock.get(*other).to_le_bytes());
            }
        }
    }
    key
}
