//! The report as JSON lines: one object a line, `"schema": 2`. What scripts read; the text is no interface.

use crate::export::{Found, Run};
use crate::record::RunResult;
use crate::verdict::Verdict;
use serde_json::{Value, json};

/// The schema of the lines; a meaningful new field raises it.
const SCHEMA: u32 = 2;

/// A finding's line, without the newline.
pub fn json_finding(found: &Found<'_>) -> String {
    let Found { record, report, standing } = found;
    let accesses: Vec<Value> = report
        .accesses
        .iter()
        .map(|(task, op, frame)| {
            let info = record.trace.task(*task);
            json!({
                "task": info.path.to_string(),
                "name": info.name,
                "op": op,
                "file": frame.file,
                "line": frame.line,
                "column": frame.column,
            })
        })
        .collect();
    json!({
        "schema": SCHEMA,
        "type": "finding",
        "code": report.code.code(),
        "kind": report.code.word(),
        "title": report.headline,
        "fingerprint": record.fingerprint.to_string(),
        "id": record.facts.id,
        "schedule": record.facts.token,
        "package": record.program.package,
        "test": record.program.title(),
        "accesses": accesses,
        "help": report.help,
        "standing": standing.word(),
        "found_in": record.facts.found_in,
        "failing": record.facts.failing,
        "executions": record.facts.executions,
        "replayed": record.facts.replayed.0,
        "minimal": record.facts.minimal,
    })
    .to_string()
}

/// The bound of `verified-up-to`.
fn preemptions(verdict: Verdict) -> Option<u32> {
    match verdict {
        Verdict::VerifiedUpTo { preemptions } => Some(preemptions),
        _ => None,
    }
}

/// The summary line of one test or program, without the newline.
pub fn json_summary(result: &RunResult) -> String {
    let limits: Vec<&str> = result.limits.iter().map(|limit| limit.word()).collect();
    json!({
        "schema": SCHEMA,
        "type": "summary",
        "package": result.program.package,
        "test": result.program.title(),
        "verdict": result.verdict.word(),
        "preemptions": preemptions(result.verdict),
        "interleavings": result.interleavings,
        "runs": result.runs,
        "limits": limits,
        "stopped": result.end_word(),
        "executions": result.executions,
        "redundant": result.redundant,
        "steps": result.steps,
        "findings": result.findings.len(),
        "seconds": result.elapsed.map(|elapsed| elapsed.as_secs_f64()),
    })
    .to_string()
}

/// The summary line of a whole run, without the newline.
pub fn json_total(run: &Run<'_>) -> String {
    let Run { results, elapsed, .. } = run;
    let sum = |part: fn(&RunResult) -> u64| results.iter().map(part).sum::<u64>();
    let verdict = results.iter().map(|result| result.verdict).max_by_key(|verdict| verdict.doubt());
    json!({
        "schema": SCHEMA,
        "type": "summary",
        "total": true,
        "tests": results.len(),
        "verdict": verdict.map_or("tested", Verdict::word),
        "preemptions": verdict.and_then(preemptions),
        "executions": sum(|result| result.executions),
        "redundant": sum(|result| result.redundant),
        "steps": sum(|result| result.steps),
        "findings": sum(|result| result.findings.len() as u64),
        "new": run.new_findings().count(),
        "seconds": elapsed.map(|elapsed| elapsed.as_secs_f64()),
    })
    .to_string()
}
