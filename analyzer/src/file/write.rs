//! Writing.

use crate::file::SCHEMA;
use crate::finding::FindingKind;
use crate::place::{Frame, Place};
use crate::record::{Program, Record, RunResult};
use crate::trace::{Ended, TaskEnd, Trace, Waiting};
use crate::{Finding, Verdict};
use serde_json::{Value, json};
use std::io::{self, Write};

/// Writes one finding.
///
/// # Errors
/// If `out` cannot be written.
pub fn write_record(record: &Record, out: &mut dyn Write) -> io::Result<()> {
    let facts = &record.facts;
    let value = json!({
        "schema": SCHEMA,
        "gorace": env!("CARGO_PKG_VERSION"),
        "kind": "finding",
        "program": program(&record.program),
        "facts": {
            "id": facts.id,
            "token": facts.token,
            "strategy": facts.strategy,
            "found_in": facts.found_in,
            "executions": facts.executions,
            "failing": facts.failing,
            "exhaustive": facts.exhaustive,
            "stopped": facts.stopped.word(),
            "nanoseconds": facts.elapsed.map(|elapsed| elapsed.as_nanos() as u64),
            "replayed": [facts.replayed.0, facts.replayed.1],
        },
        "finding": finding(&record.finding),
        "fingerprint": record.fingerprint.to_string(),
        "trace": trace(&record.trace),
        "passing": record.passing.as_ref().map(trace),
        "sources": record.sources.iter().map(|(file, hash)| json!([file, format!("{hash:016x}")])).collect::<Vec<_>>(),
    });
    writeln!(out, "{value}")
}

/// Writes one result.
///
/// # Errors
/// If `out` cannot be written.
pub fn write_result(result: &RunResult, out: &mut dyn Write) -> io::Result<()> {
    let preemptions = match result.verdict {
        Verdict::VerifiedUpTo { preemptions } => Some(preemptions),
        _ => None,
    };
    let value = json!({
        "schema": SCHEMA,
        "gorace": env!("CARGO_PKG_VERSION"),
        "kind": "result",
        "program": program(&result.program),
        "verdict": result.verdict.word(),
        "preemptions": preemptions,
        "limits": result.limits.iter().map(|limit| limit.word()).collect::<Vec<_>>(),
        "stopped": result.stopped.word(),
        "executions": result.executions,
        "redundant": result.redundant,
        "auxiliary": result.auxiliary,
        "steps": result.steps,
        "nanoseconds": result.elapsed.map(|elapsed| elapsed.as_nanos() as u64),
        "strategies": result.strategies,
        "findings": result.findings,
        "notes": result.notes,
    });
    writeln!(out, "{value}")
}

fn program(program: &Program) -> Value {
    json!({
        "package": program.package,
        "manifest_dir": program.manifest_dir,
        "target": program.target,
        "test": program.test,
    })
}

fn finding(finding: &Finding) -> Value {
    let mut value = match &finding.kind {
        FindingKind::DataRace { first, second } => json!({ "first": first.0, "second": second.0 }),
        FindingKind::Deadlock { global, blocked, cycle } => json!({
            "global": global,
            "blocked": blocked.iter().map(|task| task.0).collect::<Vec<_>>(),
            "cycle": cycle.iter().map(|task| task.0).collect::<Vec<_>>(),
        }),
        FindingKind::Leak { task } | FindingKind::Panic { task } => json!({ "task": task.0 }),
        FindingKind::Misuse { task, words } => json!({ "task": task.0, "words": words }),
        FindingKind::Livelock { running, max_steps } => {
            json!({ "running": running.iter().map(|task| task.0).collect::<Vec<_>>(), "max_steps": max_steps })
        }
        FindingKind::Nondeterminism { step, expected, found, suspects } => {
            json!({ "step": step, "expected": expected, "found": found, "suspects": suspects })
        }
        FindingKind::NothingExplored => json!({}),
    };
    value["code"] = json!(finding.kind.code().code());
    value["after_panic"] = json!(finding.after_panic);
    value
}

/// Interns files and stacks while a trace is written.
#[derive(Default)]
struct Stacks {
    stacks: Vec<Vec<Frame>>,
}

impl Stacks {
    fn place(&mut self, trace: &Trace, place: Place) -> Value {
        let frames = trace.frames(place);
        if frames.is_empty() {
            return Value::Null;
        }
        let at = self.stacks.iter().position(|stack| *stack == frames).unwrap_or_else(|| {
            self.stacks.push(frames);
            self.stacks.len() - 1
        });
        json!(at)
    }
}

fn trace(trace: &Trace) -> Value {
    let mut stacks = Stacks::default();
    let events: Vec<Value> = trace
        .events
        .iter()
        .map(|event| {
            json!([
                event.task.0,
                event.op.word(),
                event.object.map(|object| object.0),
                event.other.map(|object| object.0),
                event.order.word(),
                event.value,
                event.seen,
                stacks.place(trace, event.place),
            ])
        })
        .collect();
    let edges: Vec<Value> = trace
        .edges
        .iter()
        .map(|edge| json!([edge.from.0, edge.to.0, edge.task.0, edge.at, edge.kind.word()]))
        .collect();
    let tasks: Vec<Value> = trace
        .tasks
        .iter()
        .map(|task| {
            json!({
                "path": task.path.to_string(),
                "name": task.name,
                "spawned": task.spawned.map(|(parent, event)| [parent.0, event.0]),
                "detached": task.detached,
                "end": end(&mut stacks, trace, &task.end),
            })
        })
        .collect();
    let objects: Vec<Value> = trace
        .objects
        .iter()
        .map(|object| {
            json!({
                "kind": object.kind.word(),
                "task": object.task.to_string(),
                "ordinal": object.ordinal,
                "made": stacks.place(trace, object.made),
                "name": object.name,
                "type": object.type_name,
                "held": object.held.map(|(task, event)| [task.0, event.0]),
                "capacity": object.capacity,
            })
        })
        .collect();
    let ended = match trace.ended {
        Ended::Quiescent => "quiescent",
        Ended::StepLimit => "step_limit",
        Ended::Abandoned => "abandoned",
        Ended::Diverged => "diverged",
    };
    let frame = |frame: &Frame| json!([frame.file, frame.line, frame.column, frame.function]);
    json!({
        "events": events,
        "edges": edges,
        "tasks": tasks,
        "objects": objects,
        "stacks": stacks.stacks.iter().map(|stack| stack.iter().map(frame).collect::<Vec<_>>()).collect::<Vec<_>>(),
        "overlaps": trace.overlaps.iter().map(|(a, b)| [a.0, b.0]).collect::<Vec<_>>(),
        "forced_switches": trace.forced_switches.iter().map(|event| event.0).collect::<Vec<_>>(),
        "ended": ended,
        "divergence": trace.divergence.as_ref().map(|at| json!([at.step, at.expected, at.found])),
    })
}

fn end(stacks: &mut Stacks, trace: &Trace, end: &TaskEnd) -> Value {
    match end {
        TaskEnd::Finished => json!({ "how": "finished" }),
        TaskEnd::Overflowed => json!({ "how": "overflowed" }),
        TaskEnd::Running => json!({ "how": "running" }),
        TaskEnd::Panicked { message, place, taken, misuse } => json!({
            "how": "panicked",
            "message": message,
            "place": stacks.place(trace, *place),
            "taken": taken,
            "misuse": misuse,
        }),
        TaskEnd::Blocked(Waiting::On { event }) => json!({ "how": "blocked", "event": event.0 }),
        TaskEnd::Blocked(Waiting::Forever { event }) => json!({ "how": "forever", "event": event.0 }),
        TaskEnd::Blocked(Waiting::Any { event, arms }) => json!({
            "how": "select",
            "event": event.0,
            "arms": arms.iter().map(|(channel, send)| json!([channel.0, send])).collect::<Vec<_>>(),
        }),
    }
}
