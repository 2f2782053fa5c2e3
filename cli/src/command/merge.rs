//! `gorace merge`: the results of shards, put together into one report and one verdict.
//!
//! Each folder is what one shard left: a run's folder, or the store that names its latest run. Or there is one folder, of
//! a round of `gorace split`.

use crate::Exit;
use crate::args::Merge as Args;
use crate::command::ci::{judged, platform, write_baseline};
use crate::command::closing::Closing;
use crate::command::round;
use crate::error::{CliError, Outcome};
use crate::gate::Ran;
use crate::print::Printer;
use crate::setup::Setup;
use crate::shard;
use crate::store::{Run, Store};
use gorace_analyzer::record::{Record, RunResult};
use std::path::PathBuf;
use std::time::Instant;

/// See the module.
pub fn merge(args: Args) -> Outcome {
    let started = Instant::now();
    let setup = Setup::of(args.select.manifest_path.as_deref(), &args.configured, "ci")?;
    let printer = Printer::new(&args.print.clone().with_environment());
    let round = match args.folders.as_slice() {
        [folder] if round::is_round(folder) => {
            let left = args.left.clone().unwrap_or_else(|| folder.join("left"));
            Some((round::join(folder, &left)?, left))
        }
        _ => None,
    };
    let (mut results, mut records, ran) = match &round {
        Some((round, _)) => {
            let programs = round.results.iter().map(|result| (&result.program, ""));
            (round.results.clone(), round.records.clone(), Ran::of(programs))
        }
        None => of_shards(&args.folders)?,
    };
    if results.is_empty() {
        return Err(CliError::new(Exit::Nothing, "no test ran in any of these parts"));
    }
    results.sort_by_key(RunResult::order);
    records
        .sort_by_key(|record| results.iter().position(|result| result.findings.contains(&record.facts.id)));
    if args.gate.write_baseline {
        return write_baseline(&setup, &results, &records, &ran, Some(0));
    }
    // A round is about the tests that were divided.
    let is_whole = round.is_none();
    let judgement = judged(&setup, &args.gate, &results, &records, &ran, is_whole)?;
    let closing = Closing {
        setup: &setup,
        printer: &printer,
        store: &Store::of(&setup.workspace.target_dir),
        wanted: setup.reports(&args.reports.report),
        started,
        platform: platform(&setup, &args.gate, printer.format),
        told: false,
    };
    let exit = closing.close(&results, &records, &judgement)?;
    if let Some((round, left)) = &round {
        round.keep_left(left)?;
    }
    Ok(exit)
}

/// What shards have left, as one run.
fn of_shards(folders: &[PathBuf]) -> Outcome<(Vec<RunResult>, Vec<Record>, Ran)> {
    let (mut results, mut records): (Vec<RunResult>, Vec<Record>) = (Vec::new(), Vec::new());
    let (mut ran, mut parts) = (Ran::default(), Vec::new());
    for folder in folders {
        let run = Run::at(folder)?;
        let manifest = run.manifest()?;
        let of_run = run.results()?;
        ran.join(run.ran()?);
        for record in run.records(&of_run)? {
            let part = of_run.iter().find(|result| result.findings.contains(&record.facts.id));
            shard::keep_shortest(&mut records, &in_all(record, part.and_then(|result| result.shard)));
        }
        parts.push((folder.clone(), manifest));
        shard::add(&mut results, of_run);
    }
    shard::all_fit(&parts)?;
    for result in &mut results {
        result.shard = None;
    }
    Ok((results, records, ran))
}

/// The finding with its place among the schedules of all shards: the k-th of shard i is the (k - 1) n + i-th.
fn in_all(mut record: Record, shard: Option<(u32, u32)>) -> Record {
    if let Some((index, of)) = shard
        && record.facts.found_in > 0
    {
        record.facts.found_in = (record.facts.found_in - 1) * u64::from(of) + u64::from(index);
    }
    record
}
