//! Cargo's `compiler-message` lines, so that an editor that runs a check underlines what was found.
//!
//! Source: the Cargo book, "External tools", and rustc's documentation of its JSON output. Both accesses are primary,
//! since editors underline nothing else.

use crate::describe::{Mark, Snippet};
use crate::export::region::Region;
use crate::export::{Found, Standing};
use serde_json::{Value, json};

/// What cargo says of the target that a finding is in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CargoTarget {
    /// The package's id, as `cargo metadata` has it.
    pub package_id: String,
    /// The path of its Cargo.toml.
    pub manifest_path: String,
    /// The target, as `cargo metadata` has it.
    pub target: Value,
}

/// A finding's line, without the newline.
pub fn cargo_message(found: &Found<'_>, of: &CargoTarget) -> String {
    let report = &found.report;
    let spans: Vec<Value> = report.places().into_iter().map(|(snippet, mark)| span(snippet, mark)).collect();
    let child = |level: &str, message: String| json!({"message": message, "code": null, "level": level, "spans": [], "children": [], "rendered": null});
    let mut children: Vec<Value> = report.help.iter().map(|help| child("help", help.clone())).collect();
    children.push(child("note", format!("replay: {}", found.replay())));
    json!({
        "reason": "compiler-message",
        "package_id": of.package_id,
        "manifest_path": of.manifest_path,
        "target": of.target,
        "message": {
            "$message_type": "diagnostic",
            "message": report.headline,
            "code": {"code": report.code.code(), "explanation": crate::explain::text(report.code)},
            "level": if found.standing == Standing::New { "error" } else { "warning" },
            "spans": spans,
            "children": children,
            "rendered": found.text(),
        },
    })
    .to_string()
}

fn span(snippet: &Snippet, mark: &Mark) -> Value {
    let region = Region::of(snippet, mark);
    let (start, end) = (region.columns.start, region.columns.end);
    let text: Vec<Value> = region
        .row
        .iter()
        .map(|row| json!({"text": row, "highlight_start": start, "highlight_end": end}))
        .collect();
    json!({
        "file_name": snippet.file,
        "byte_start": region.bytes.start,
        "byte_end": region.bytes.end,
        "line_start": region.line.max(1),
        "line_end": region.line.max(1),
        "column_start": start,
        "column_end": end,
        "is_primary": mark.primary || mark.number.is_some(),
        "text": text,
        "label": mark.told(),
        "suggested_replacement": null,
        "suggestion_applicability": null,
        "expansion": null,
    })
}
