//! Damaged trace files, results and tokens: each is an error that says where, or is read, and then every writer writes it.
//!
//! The other readers' own tests do the same for the configuration, the baseline and kept schedules.

use crate::damage;
use gorace_analyzer::describe::describe;
use gorace_analyzer::export::{
    Found, Paths, Run, Standing, chrome, dot, github, gitlab, html, junit, sarif, summary,
};
use gorace_analyzer::file::{ReadError, read_record, read_result, write_result};
use gorace_analyzer::record::{Program, Record, RunResult};
use gorace_analyzer::source::{NoSources, Sources};
use gorace_analyzer::verdict::{Limit, Stopped, Verdict};
use gorace_engine::Token;
use std::path::Path;

/// One without and one with a passing execution.
const STORED: [&str; 2] = ["bank_transfer", "panic_in_order"];

fn stored(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../analyzer/tests/data");
    std::fs::read_to_string(folder.join(format!("{name}.gtrace.json"))).expect("a stored trace")
}

/// Says where it is wrong: a line and a column, or a path within the file; or that it is newer.
fn says_where(error: &ReadError) {
    let words = error.to_string();
    let is_placed = words.contains(" at line ") || words.contains(" at `") || words.contains("update gorace");
    assert!(is_placed, "{words}");
}

/// Everything that can be made of a finding.
fn write_all(record: &Record) {
    let found = Found { record, report: describe(record, &NoSources), standing: Standing::New };
    let run = Run { results: &[], findings: vec![found], complaints: Vec::new(), elapsed: None };
    let none = |_: &Found<'_>| Box::new(NoSources) as Box<dyn Sources>;
    let paths = Paths::default();
    let written = [
        run.findings[0].text(),
        gorace_analyzer::write::json_finding(&run.findings[0]),
        html(&run, &none),
        sarif(&run, &paths, &none).to_string(),
        junit(&run, &|program| program.package.clone()),
        gitlab(&run, &paths).to_string(),
        format!("{:?}", github(&run, &paths)),
        summary(&run),
        chrome(&run.findings[0], &NoSources).to_string(),
        dot(&run.findings[0], &NoSources),
    ];
    assert!(written.iter().all(|text| !text.is_empty()));
}

#[test]
fn damaged_traces() {
    for name in STORED {
        let (mut refused, mut read) = (0, 0);
        damage::each(&stored(name), |text| match read_record(text) {
            Ok(record) => {
                write_all(&record);
                read += 1;
            }
            Err(error) => {
                says_where(&error);
                refused += 1;
            }
        });
        assert!(refused > 0 && read > 0, "one-sided: {refused} refused, {read} read");
    }
}

#[test]
fn damaged_results() {
    let result = RunResult {
        program: Program {
            package: "p".to_owned(),
            manifest_dir: "/p".to_owned(),
            target: "t".to_owned(),
            test: Some("a::b".to_owned()),
        },
        verdict: Verdict::VerifiedUpTo { preemptions: 2 },
        limits: vec![Limit::WeakValues],
        stopped: Stopped::MaxExecutions,
        executions: 12,
        redundant: 3,
        auxiliary: 4,
        steps: 567,
        elapsed: None,
        strategies: "dpor".to_owned(),
        findings: vec!["7c1f09ab".to_owned()],
        notes: vec!["a note".to_owned()],
        misfit: None,
        interleavings: Some(12),
        runs: 2,
        shard: Some((1, 3)),
    };
    let mut whole = Vec::new();
    write_result(&result, &mut whole).expect("written");
    let whole = String::from_utf8(whole).expect("text");
    assert_eq!(read_result(&whole), Ok(result));
    damage::each(&whole, |text| match read_result(text) {
        Ok(result) => assert!(!result.summary().to_string().is_empty()),
        Err(error) => says_where(&error),
    });
}

#[test]
fn damaged_tokens() {
    let record = read_record(&stored(STORED[0])).expect("it is whole");
    damage::each(&record.facts.token, |text| {
        if let Err(error) = Token::parse(text) {
            assert!(!error.to_string().is_empty());
        }
    });
}
