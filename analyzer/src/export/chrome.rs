//! The interleaving as a trace for Perfetto and Chrome: tasks as tracks, a step a microsecond.
//!
//! Source: "Trace Event Format", Google. A step is a complete event within the slice in which its task runs, edges of
//! happens-before are flows, and what has a number in the report is an instant.

use crate::describe::{Names, Row};
use crate::export::Found;
use crate::ids::TaskIx;
use crate::source::Sources;
use crate::trace::Trace;
use serde_json::{Value, json};

/// The finding's execution as a trace.
pub fn chrome(found: &Found<'_>, sources: &dyn Sources) -> Value {
    let names = Names::new(found.record, sources);
    let trace = names.trace;
    let mut events = vec![named("process_name", 0, found.record.program.title())];
    for task in 0..trace.tasks.len() as u32 {
        events.push(named("thread_name", task, &names.header(TaskIx(task))));
        events.push(json!({"ph": "M", "name": "thread_sort_index", "pid": 1, "tid": task, "args": {"sort_index": task}}));
    }
    events.extend(runs(names.trace));
    for (ix, event) in trace.indexed() {
        let place = names.event_frame(ix).map(|frame| format!("{}:{}", frame.file, frame.line));
        events.push(json!({
            "ph": "X", "name": names.event_text(ix), "cat": "step", "pid": 1, "tid": event.task.0, "ts": ix.at(), "dur": 1,
            "args": {"step": ix.at() + 1, "at": place},
        }));
    }
    for (id, edge) in trace.edges.iter().enumerate() {
        let from = trace.event(edge.from).task;
        if from == edge.task {
            continue;
        }
        let mut flow = |phase: &str, task: TaskIx, at: f64| {
            events.push(json!({
                "ph": phase, "bp": "e", "name": edge.kind.word(), "cat": "happens-before", "id": id, "pid": 1,
                "tid": task.0, "ts": at,
            }));
        };
        flow("s", from, f64::from(edge.from.0) + 0.5);
        // Into the first thing that the task does once the edge holds.
        let at = if edge.gathers() { edge.to.at() } else { edge.at as usize };
        let later = trace.indexed().skip(at).find(|(_, event)| event.task == edge.task);
        if let Some((target, _)) = later {
            flow("f", edge.task, f64::from(target.0) + 0.5);
        }
    }
    let rows = found.report.timeline.iter().flat_map(|timeline| &timeline.rows);
    for row in rows {
        if let Row::Step { event, cell, .. } = row
            && let Some(number) = cell.number
        {
            let task = trace.event(*event).task.0;
            events.push(json!({
                "ph": "i", "s": "t", "name": format!("({number}) {}", names.event_text(*event)), "cat": "access", "pid": 1,
                "tid": task, "ts": event.0,
            }));
        }
    }
    json!({
        "displayTimeUnit": "ms",
        "otherData": {"finding": found.report.headline, "replay": found.replay()},
        "traceEvents": events,
    })
}

/// The stretches in which a task ran: slices that the steps stand in.
fn runs(trace: &Trace) -> Vec<Value> {
    let mut runs: Vec<(TaskIx, usize, usize)> = Vec::new();
    for (ix, event) in trace.indexed() {
        match runs.last_mut() {
            Some((task, _, length)) if *task == event.task => *length += 1,
            _ => runs.push((event.task, ix.at(), 1)),
        }
    }
    let slice = |(task, start, length): (TaskIx, usize, usize)| json!({"ph": "X", "name": "runs", "cat": "run", "pid": 1, "tid": task.0, "ts": start, "dur": length, "args": {}});
    runs.into_iter().map(slice).collect()
}

fn named(what: &str, task: u32, name: &str) -> Value {
    json!({"ph": "M", "name": what, "pid": 1, "tid": task, "args": {"name": name}})
}
