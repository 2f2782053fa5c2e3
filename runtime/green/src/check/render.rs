//! The one adapter between a check and the analyzer's words: fingerprints, reports, files, source text.

use crate::check::Environment;
use crate::check::env::Color;
use gorace_analyzer::Listed;
use gorace_analyzer::describe::{self, describe, describe_whole};
use gorace_analyzer::finding::{FNV_START, Fingerprint, fnv};
use gorace_analyzer::record::{Program, Record, RunResult};
use gorace_analyzer::source::{Files, Sources as _};
use gorace_analyzer::write::colour::{self, Choice};
use gorace_analyzer::write::{TextOptions, text};
use gorace_analyzer::{FindingKind, Frame, Trace, file};
use std::io::IsTerminal as _;

/// How reports look.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Look {
    colour: bool,
    ascii: bool,
    verbose: bool,
}

impl Look {
    /// Decides once, from the environment and the stream that reports go to.
    pub fn decide(environment: &Environment) -> Self {
        let choice = match environment.color {
            Some(Color::Always) => Choice::Always,
            Some(Color::Never) => Choice::Never,
            Some(Color::Auto) | None => Choice::Auto,
        };
        let variable = |name: &str| std::env::var(name).ok();
        let colour = colour::decide(choice, &variable, std::io::stderr().is_terminal());
        Look { colour, ascii: environment.ascii, verbose: environment.verbose }
    }
}

/// The package's files, read from the disk.
fn files(manifest_dir: &str) -> Files {
    Files::new(manifest_dir, |path| std::fs::read_to_string(path).ok())
}

/// The verdict in words.
pub(crate) fn summary(result: &RunResult) -> String {
    result.summary().to_string()
}

/// The bug's name across runs.
pub(crate) fn fingerprint(program: &Program, trace: &Trace, kind: &FindingKind) -> Fingerprint {
    describe::fingerprint(trace, kind, &files(&program.manifest_dir))
}

/// All reports as a person reads them.
pub(crate) fn reports(records: &[Record], look: Look) -> String {
    let Look { colour, ascii, verbose } = look;
    let options = TextOptions { width: 100, ascii, colour, verbose };
    let mut out = Vec::new();
    for record in records {
        let word = if verbose { describe_whole } else { describe };
        let report = word(record, &files(&record.program.manifest_dir));
        out.push(b'\n');
        // Writing to memory does not fail.
        let _ = text(&report, &options, &mut out);
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// The report's first line and its places.
pub(crate) fn headline(record: &Record) -> (String, Vec<Frame>) {
    let report = describe(record, &files(&record.program.manifest_dir));
    (report.headline, report.accesses.into_iter().map(|(_, _, frame)| frame).listed())
}

/// The files that a trace names, each with the hash of what it holds now.
pub(crate) fn source_hashes(program: &Program, trace: &Trace) -> Vec<(String, u64)> {
    let files = files(&program.manifest_dir);
    let places =
        trace.events.iter().map(|event| event.place).chain(trace.objects.iter().map(|object| object.made));
    let mut hashes: Vec<(String, u64)> = Vec::new();
    for frame in places.flat_map(|place| trace.frames(place)) {
        if hashes.iter().all(|(file, _)| *file != frame.file)
            && let Some(text) = files.text(&frame.file)
        {
            hashes.push((frame.file, fnv(FNV_START, text.as_bytes())));
        }
    }
    hashes
}

/// A finding's file.
pub(crate) fn record_file(record: &Record) -> std::io::Result<Vec<u8>> {
    let mut out = Vec::new();
    file::write_record(record, &mut out)?;
    Ok(out)
}

/// A result's file.
pub(crate) fn result_file(result: &RunResult) -> std::io::Result<Vec<u8>> {
    let mut out = Vec::new();
    file::write_result(result, &mut out)?;
    Ok(out)
}

/// A finding's id: its program and its fingerprint.
pub(crate) fn id(program: &Program, fingerprint: Fingerprint) -> String {
    let hash = fnv(fnv(FNV_START, &program.key().to_le_bytes()), &fingerprint.0.to_le_bytes());
    format!("{hash:016x}")
}
