//! `gorace merge`: the results of shards, put together into one report and one verdict.
//!
//! Each folder is what one shard left: a run's folder, or the store that names its latest run. A check that several
//! shards made (ordinary tests run in all of them) counts once, by the graver of its results.

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
    let (mut named, mut records): (Vec<(String, RunResult)>, Vec<Record>) = (Vec::new(), Vec::new());
    let mut parts = Vec::new();
    for folder in &args.folders {
        let run = Run::at(folder)?;
        parts.extend(run.part());
        let of_run = run.named_results()?;
        let results: Vec<RunResult> = of_run.iter().map(|(_, result)| result.clone()).collect();
        for record in run.records(&results)? {
            if records.iter().all(|other| other.facts.id != record.facts.id) {
                records.push(record);
            }
        }
        of_run.into_iter().for_each(|result| add(&mut named, result));
    }
    all_there(&parts)?;
    if named.is_empty() {
        return Err(CliError::new(Exit::Nothing, "no test ran in any of these parts"));
    }
    named.sort_by_key(|(name, result)| (result.order(), name.clone()));
    let results: Vec<RunResult> = named.into_iter().map(|(_, result)| result).collect();
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
    closing.close(&results, records, &judgement)
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

/// Adds a result; of two of one check the graver one stays, with the findings of both.
fn add(results: &mut Vec<(String, RunResult)>, (name, mut result): (String, RunResult)) {
    let Some((_, there)) = results.iter_mut().find(|(other, _)| *other == name) else {
        return results.push((name, result));
    };
    if result.verdict.doubt() > there.verdict.doubt() {
        std::mem::swap(there, &mut result);
    }
    for id in result.findings {
        if !there.findings.contains(&id) {
            there.findings.push(id);
        }
    }
}
