//! `gorace merge`: the results of shards, put together into one report and one verdict.
//!
//! Each folder is what one shard left: a run's folder, or the store that names its latest run. Ordinary tests run in all
//! shards; a check that they make comes to the same in each, and counts once.

use crate::Exit;
use crate::args::Merge as Args;
use crate::command::ci::{judged, platform, write_baseline};
use crate::command::closing::Closing;
use crate::error::{CliError, Outcome};
use crate::print::Printer;
use crate::setup::Setup;
use crate::store::{Run, Store};
use gorace_analyzer::record::{Record, RunResult};
use std::time::Instant;

/// See the module.
pub fn merge(args: Args) -> Outcome {
    let started = Instant::now();
    let setup = Setup::of(args.select.manifest_path.as_deref(), &args.configured, "ci")?;
    let printer = Printer::new(&args.print.clone().with_environment());
    let (mut results, mut records): (Vec<RunResult>, Vec<Record>) = (Vec::new(), Vec::new());
    let mut parts = Vec::new();
    for folder in &args.folders {
        let run = Run::at(folder)?;
        parts.extend(run.part());
        let of_run = run.results()?;
        for record in run.records(&of_run)? {
            if records.iter().all(|other| other.facts.id != record.facts.id) {
                records.push(record);
            }
        }
        add(&mut results, of_run);
    }
    all_there(&parts)?;
    if results.is_empty() {
        return Err(CliError::new(Exit::Nothing, "no test ran in any of these parts"));
    }
    results.sort_by_key(RunResult::order);
    records
        .sort_by_key(|record| results.iter().position(|result| result.findings.contains(&record.facts.id)));
    if args.gate.write_baseline {
        return write_baseline(&setup, &results, &records, Some(0));
    }
    let judgement = judged(&setup, &args.gate, &results, &records)?;
    let closing = Closing {
        setup: &setup,
        printer: &printer,
        store: &Store::of(&setup.workspace.target_dir),
        wanted: setup.reports(&args.reports.report),
        started,
        platform: platform(&setup, &args.gate, printer.format),
        told: false,
    };
    closing.close(&results, &records, &judgement)
}

/// Where one folder is the I-th of N parts, all N have to be there.
///
/// # Errors
/// If one is missing.
fn all_there(parts: &[String]) -> Outcome<()> {
    let of = parts.iter().filter_map(|part| part.split_once('/')?.1.parse::<u32>().ok()).max().unwrap_or(0);
    let missing = (1..=of).map(|part| format!("{part}/{of}")).find(|part| !parts.contains(part));
    missing.map_or(Ok(()), |part| {
        Err(CliError::new(
            Exit::Nothing,
            format!("the part {part} is missing, or was run with another number of parts"),
        ))
    })
}

/// Adds a shard's results, but for those that another shard has too: each of theirs stands for one of these.
fn add(results: &mut Vec<RunResult>, of_run: Vec<RunResult>) {
    let same = |a: &RunResult, b: &RunResult| {
        let timeless = |result: &RunResult| RunResult { elapsed: None, ..result.clone() };
        a.program.key() == b.program.key()
            && timeless(a) == RunResult { program: a.program.clone(), ..timeless(b) }
    };
    let mut others: Vec<RunResult> = results.clone();
    for result in of_run {
        match others.iter().position(|other| same(other, &result)) {
            Some(at) => drop(others.swap_remove(at)),
            None => results.push(result),
        }
    }
}
