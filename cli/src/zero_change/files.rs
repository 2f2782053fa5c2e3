//! What an exploration leaves on disk, as the library door leaves it.

use super::session::Explored;
use crate::Exit;
use crate::error::{CliError, Outcome};
use crate::store::Run;
use gorace_analyzer::finding::{FNV_START, Fingerprint, fnv};
use gorace_analyzer::record::Program;
use gorace_analyzer::source::Sources;
use gorace_analyzer::{Trace, file};
use std::path::Path;

/// A finding's id: its program and its fingerprint.
pub fn id(program: &Program, fingerprint: Fingerprint) -> String {
    let hash = fnv(fnv(FNV_START, &program.key().to_le_bytes()), &fingerprint.0.to_le_bytes());
    format!("{hash:016x}")
}

/// The files that a trace names, each with the hash of what it holds now.
pub fn source_hashes(trace: &Trace, sources: &dyn Sources) -> Vec<(String, u64)> {
    let places =
        trace.events.iter().map(|event| event.place).chain(trace.objects.iter().map(|object| object.made));
    let mut hashes: Vec<(String, u64)> = Vec::new();
    for frame in places.flat_map(|place| trace.frames(place)) {
        if hashes.iter().all(|(file, _)| *file != frame.file)
            && let Some(text) = sources.text(&frame.file)
        {
            hashes.push((frame.file, fnv(FNV_START, text.as_bytes())));
        }
    }
    hashes
}

/// Writes a file for each finding and one for the result.
///
/// # Errors
/// If the folder cannot be written.
pub fn keep(run: &Run, explored: &Explored) -> Outcome<()> {
    for record in &explored.records {
        let mut bytes = Vec::new();
        // Writing to memory does not fail.
        let _ = file::write_record(record, &mut bytes);
        write(&run.folder.join(format!("{}.gtrace.json", record.facts.id)), &bytes)?;
    }
    let mut bytes = Vec::new();
    let _ = file::write_result(&explored.result, &mut bytes);
    write(&run.folder.join(format!("result-{:016x}.json", explored.result.program.key())), &bytes)
}

fn write(path: &Path, bytes: &[u8]) -> Outcome<()> {
    let temporary = path.with_extension(format!("tmp-{}", std::process::id()));
    let written = std::fs::write(&temporary, bytes).and_then(|()| std::fs::rename(&temporary, path));
    written.map_err(|error| {
        // What is left of it is only untidy.
        let _ = std::fs::remove_file(&temporary);
        CliError::new(Exit::BadConfiguration, format!("cannot write {}: {error}", path.display()))
            .hint("name a folder that can be written with the variable GORACE_OUT_DIR")
    })
}
