//! The one adapter between a check and the analyzer's words: fingerprints, reports, files, source text.

use crate::check::Environment;
use crate::check::env::Color;
use gorace_analyzer::finding::{FNV_START, Fingerprint, fnv};
use gorace_analyzer::record::{Program, Record, RunResult};
use gorace_analyzer::verdict::Summary;
use gorace_analyzer::{FindingKind, Frame, Trace, Verdict};
use std::io::IsTerminal as _;

/// How reports look.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Look {
    pub colour: bool,
    pub ascii: bool,
    pub verbose: bool,
}

impl Look {
    pub fn decide(environment: &Environment) -> Self {
        let colour = match environment.color {
            Some(Color::Always) => true,
            Some(Color::Never) => false,
            _ => std::io::stderr().is_terminal(),
        };
        Look { colour, ascii: environment.ascii, verbose: environment.verbose }
    }
}

/// The verdict in words.
pub(crate) fn summary(result: &RunResult) -> String {
    let RunResult { verdict, executions, strategies, limits, .. } = result;
    Summary { verdict: *verdict, executions: *executions, strategies, limits }.to_string()
}

pub(crate) fn fingerprint(trace: &Trace, kind: &FindingKind) -> Fingerprint {
    let _ = trace;
    Fingerprint::of(kind.code(), &[])
}

pub(crate) fn reports(records: &[Record], look: Look) -> String {
    let _ = look;
    format!("{:#?}", records.iter().map(|r| (&r.facts, &r.finding, &r.trace)).collect::<Vec<_>>())
}

pub(crate) fn title(record: &Record) -> String {
    record.finding.kind.code().title().to_owned()
}

pub(crate) fn places(_record: &Record) -> Vec<Frame> {
    Vec::new()
}

pub(crate) fn source_hashes(_trace: &Trace) -> Vec<(String, u64)> {
    Vec::new()
}

pub(crate) fn record_file(_record: &Record) -> Vec<u8> {
    Vec::new()
}

pub(crate) fn result_file(_result: &RunResult) -> Vec<u8> {
    Vec::new()
}

/// A finding's id: its program and its fingerprint.
pub(crate) fn id(program: &Program, fingerprint: Fingerprint) -> String {
    let hash = fnv(fnv(FNV_START, &program.key().to_le_bytes()), &fingerprint.0.to_le_bytes());
    format!("{hash:016x}")
}

#[allow(dead_code)]
fn _unused(_: Verdict) {}
