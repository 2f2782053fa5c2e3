//! SARIF 2.1.0, the format of static analysers: one result a finding, with a code flow whose threads are the tasks.
//!
//! Source: OASIS, "Static Analysis Results Interchange Format (SARIF) Version 2.1.0", and the limits that GitHub
//! states for uploads: of the locations of one thread-flow's result a thousand are kept, and of related locations a
//! hundred. The interleaving that is written is the shortened one.

use crate::describe::{Names, Report, Row};
use crate::explain;
use crate::export::region::Region;
use crate::export::{Found, Paths, Run, Standing};
use crate::ids::{EventIx, TaskIx};
use crate::source::Sources;
use crate::{Code, Frame};
use serde_json::{Map, Value, json};
use std::collections::HashMap;

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";
const HOME: &str = env!("CARGO_PKG_REPOSITORY");
/// Steps of one result, at the most.
const STEPS: usize = 1_000;
/// Related locations of one result, at the most.
const RELATED: usize = 100;

/// The run as a SARIF log. `sources` gives those of a finding.
///
/// ```
/// use gorace_analyzer::export::{Paths, Run, sarif};
/// use gorace_analyzer::source::{NoSources, Sources};
/// let run = Run { results: &[], findings: Vec::new(), complaints: Vec::new(), elapsed: None };
/// let log = sarif(&run, &Paths::default(), &|_| Box::new(NoSources) as Box<dyn Sources>);
/// assert_eq!(log["version"], "2.1.0");
/// ```
pub fn sarif<'s>(
    run: &Run<'_>,
    paths: &Paths,
    sources: &dyn Fn(&Found<'_>) -> Box<dyn Sources + 's>,
) -> Value {
    let mut codes: Vec<Code> = run.findings.iter().map(|found| found.report.code).collect();
    codes.sort_unstable();
    codes.dedup();
    let rules: Vec<Value> = codes.iter().map(|code| rule(*code)).collect();
    let result = |found: &Found<'_>| result(found, &codes, paths, &*sources(found));
    let mut results: Vec<Value> = run.findings.iter().map(result).collect();
    // If one result says how it stands to the baseline, all have to.
    if run.findings.iter().any(|found| found.standing == Standing::Known) {
        for (result, found) in results.iter_mut().zip(&run.findings) {
            let state = if found.standing == Standing::Known { "unchanged" } else { "new" };
            result["baselineState"] = state.into();
        }
    }
    let notification = |words: &String| json!({"level": "error", "message": {"text": words}});
    let notifications: Vec<Value> = run.complaints.iter().map(notification).collect();
    json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "gorace",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "informationUri": HOME,
                "rules": rules,
            }},
            "invocations": [{
                "executionSuccessful": run.complaints.is_empty(),
                "toolExecutionNotifications": notifications,
            }],
            "columnKind": "unicodeCodePoints",
            "originalUriBaseIds": {"SRCROOT": {"description": {"text": "the root of the repository"}}},
            "results": results,
        }],
    })
}

fn rule(code: Code) -> Value {
    let name: String = code.word().split('_').map(capitalised).collect();
    json!({
        "id": code.code(),
        "name": name,
        "shortDescription": {"text": code.title()},
        "fullDescription": {"text": format!("{}; `gorace explain {code}` has more", code.title())},
        "help": {"text": explain::text(code), "markdown": explain::text(code)},
        "defaultConfiguration": {"level": "error"},
        "properties": {"tags": ["concurrency"], "precision": "very-high"},
    })
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().collect::<String>() + letters.as_str())
}

fn result(found: &Found<'_>, codes: &[Code], paths: &Paths, sources: &dyn Sources) -> Value {
    let Found { record, report, standing } = found;
    let mut places = report.places().into_iter().map(|(snippet, mark)| {
        let mut location = json!({
            "physicalLocation": physical(&snippet.file, &Region::of(snippet, mark), paths),
            "message": {"text": mark.told()},
        });
        if let Some(function) = Names::new(record, sources).function(&frame(&snippet.file, mark.line)) {
            location["logicalLocations"] = json!([{"name": function, "kind": "function"}]);
        }
        location
    });
    // GitHub refuses a result without a place; a test that explored nothing has none but its package.
    let main = places.next().unwrap_or_else(|| {
        json!({"physicalLocation": {"artifactLocation": artifact(&manifest(found), paths), "region": {"startLine": 1}}})
    });
    let mut result = json!({
        "ruleId": report.code.code(),
        "ruleIndex": codes.iter().position(|code| *code == report.code),
        "level": "error",
        "message": {"text": message(found)},
        "locations": [main],
        "partialFingerprints": {"goraceFingerprint/v1": record.fingerprint.to_string()},
        "properties": {
            "package": record.program.package,
            "test": record.program.title(),
            "id": record.facts.id,
            "schedule": record.facts.token,
        },
    });
    let related: Vec<Value> = places.take(RELATED).collect();
    if !related.is_empty() {
        result["relatedLocations"] = Value::from(related);
    }
    let threads = threads(report, &Names::new(record, sources), paths);
    if !threads.is_empty() {
        result["codeFlows"] =
            json!([{"message": {"text": "the shortest interleaving that shows it"}, "threadFlows": threads}]);
    }
    if let Standing::Allowed(reason) = standing {
        result["suppressions"] = json!([{"kind": "external", "status": "accepted", "justification": reason}]);
    }
    result
}

/// The headline, what may help and how to replay it.
fn message(found: &Found<'_>) -> String {
    let mut text = found.report.headline.clone();
    for help in &found.report.help {
        text.push_str("\nhelp: ");
        text.push_str(help);
    }
    text + "\nreplay: " + &found.replay()
}

fn frame(file: &str, line: u32) -> Frame {
    Frame { file: file.to_owned(), line, column: 0, function: None, folded: false }
}

fn manifest(found: &Found<'_>) -> String {
    format!("{}/Cargo.toml", found.record.program.manifest_dir)
}

/// One thread-flow a task: its steps, each with when it ran.
fn threads(report: &Report, names: &Names<'_>, paths: &Paths) -> Vec<Value> {
    let numbers: HashMap<EventIx, u8> = numbers(report).collect();
    let told = |event: &EventIx| names.event_frame(*event).is_some_and(|frame| frame.line > 0);
    let mut events: Vec<EventIx> = names.trace.indexed().map(|(event, _)| event).filter(told).collect();
    if events.len() > STEPS {
        events = shown(report).filter(told).take(STEPS).collect();
    }
    let mut threads: Vec<(TaskIx, Vec<Value>)> = Vec::new();
    for event in events {
        let task = names.trace.event(event).task;
        let Some(at) = names.event_frame(event) else { continue };
        let number = numbers.get(&event).copied();
        let region =
            Region { line: at.line, columns: at.column.max(1)..at.column.max(1), bytes: 0..0, row: None };
        let step = json!({
            "executionOrder": event.0 + 1,
            "importance": if number.is_some() { "essential" } else { "important" },
            "location": {
                "physicalLocation": physical(&at.file, &region, paths),
                "message": {"text": names.event_text(event)},
            },
        });
        match threads.iter_mut().find(|(other, _)| *other == task) {
            Some((_, steps)) => steps.push(step),
            None => threads.push((task, vec![step])),
        }
    }
    threads.sort_by_key(|(task, _)| *task);
    let thread = |(task, steps): (TaskIx, Vec<Value>)| {
        json!({
            "id": names.trace.task(task).path.to_string(),
            "message": {"text": names.header(task)},
            "locations": steps,
        })
    };
    threads.into_iter().map(thread).collect()
}

/// The events that the timeline shows.
fn shown(report: &Report) -> impl Iterator<Item = EventIx> + '_ {
    let rows = report.timeline.iter().flat_map(|timeline| &timeline.rows);
    rows.filter_map(|row| if let Row::Step { event, .. } = row { Some(*event) } else { None })
}

/// The events that have a number in the prose.
fn numbers(report: &Report) -> impl Iterator<Item = (EventIx, u8)> + '_ {
    let rows = report.timeline.iter().flat_map(|timeline| &timeline.rows);
    rows.filter_map(|row| match row {
        Row::Step { event, cell, .. } => cell.number.map(|number| (*event, number)),
        _ => None,
    })
}

fn physical(file: &str, region: &Region, paths: &Paths) -> Value {
    let mut shown = Map::new();
    shown.insert("startLine".to_owned(), region.line.max(1).into());
    shown.insert("startColumn".to_owned(), region.columns.start.into());
    if region.columns.end > region.columns.start {
        shown.insert("endColumn".to_owned(), region.columns.end.into());
    }
    if let Some(row) = &region.row {
        shown.insert("snippet".to_owned(), json!({"text": row}));
    }
    json!({"artifactLocation": artifact(file, paths), "region": shown})
}

fn artifact(file: &str, paths: &Paths) -> Value {
    let file = paths.file(file);
    if file.starts_with('/') {
        json!({"uri": format!("file://{}", uri(&file))})
    } else {
        json!({"uri": uri(&file), "uriBaseId": "SRCROOT"})
    }
}

/// A path as part of a URI (RFC 3986): what is not unreserved is written as its bytes.
fn uri(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                uri.push(byte as char)
            }
            _ => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::uri;

    #[test]
    fn a_path_is_a_uri() {
        assert_eq!(uri("src/a b.rs"), "src/a%20b.rs");
        assert_eq!(uri("src/\u{e9}\n#?.rs"), "src/%C3%A9%0A%23%3F.rs");
    }
}
