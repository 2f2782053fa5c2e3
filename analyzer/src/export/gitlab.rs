//! GitLab's code quality report: a list of issues, each with a place.
//!
//! Source: GitLab's documentation of Code Quality, "Implement a custom tool". GitLab compares the list with that of the
//! target branch by fingerprint, so that what is known stays in it; each bug is in it once.

use crate::export::{Paths, Run, Standing};
use serde_json::{Value, json};

/// The run as a code quality report.
pub fn gitlab(run: &Run<'_>, paths: &Paths) -> Value {
    let mut issues: Vec<Value> = Vec::new();
    let mut met = Vec::new();
    for found in &run.findings {
        let report = &found.report;
        // What has no place is told apart by its test.
        let place = report.places().into_iter().next();
        let fingerprint = match place {
            Some(_) => found.record.fingerprint.to_string(),
            None => found.record.facts.id.clone(),
        };
        if matches!(found.standing, Standing::Allowed(_)) || met.contains(&fingerprint) {
            continue;
        }
        let (file, line) = place.map_or_else(
            || (format!("{}/Cargo.toml", found.record.program.manifest_dir), 1),
            |(snippet, mark)| (snippet.file.clone(), mark.line.max(1)),
        );
        issues.push(json!({
            "description": format!("{}: {}", report.code, report.headline),
            "check_name": report.code.code(),
            "fingerprint": fingerprint,
            "severity": "major",
            "location": {"path": paths.file(&file), "lines": {"begin": line}},
        }));
        met.push(fingerprint);
    }
    Value::from(issues)
}
