//! `gorace test`: `cargo test` with settings, and one summary of all checked tests behind it.

use crate::Exit;
use crate::args::{Format, Test as Args};
use crate::cargo::{self, Workspace};
use crate::child;
use crate::error::{CliError, Outcome};
use crate::print::{Printer, put};
use crate::settings;
use crate::store::Store;
use std::ffi::OsString;
use std::process::Stdio;
use std::time::Instant;

/// See the module.
pub fn test(args: Args) -> Outcome {
    let started = Instant::now();
    let workspace = Workspace::load(args.select.manifest.manifest_path.as_deref())?;
    let flags = flags(&args);
    let print = args.print.with_environment();
    let printer = Printer::new(&print);
    cargo::build(&["test", "--no-run"], &flags)?;
    let store = Store::of(&workspace.target_dir);
    let run = store.new_run()?;
    let mut command = cargo::passthrough("test", &flags);
    command.arg("--no-fail-fast").args(&args.filter);
    if !args.args.is_empty() {
        command.arg("--").args(&args.args);
    }
    command.envs(settings::variables(&args.explore, &print)).envs(run.variables(&store));
    if printer.format == Format::Json {
        // Only JSON lines on standard output; the harness's words go to standard error.
        command.stdout(Stdio::from(std::io::stderr()));
    }
    let status = child::run_visible(&mut command)?;
    store.finish(&run);
    let results = run.results()?;
    let records = run.records(&results)?;
    if child::is_interrupted() {
        put(format!(
            "gorace: interrupted; {} tests explored, {} findings so far\n",
            results.len(),
            records.len()
        )
        .as_bytes());
        return Ok(Exit::Interrupted);
    }
    if printer.format == Format::Json {
        printer.records(&records);
    }
    if results.is_empty() && status.code() != Some(66) {
        let filter =
            args.filter.map_or_else(String::new, |filter| format!(" whose name contains `{filter}`"));
        return Err(CliError::new(Exit::Nothing, format!("no #[gorace::checked_test]{filter} ran"))
            .hint("write #[gorace::checked_test] above a test, and give gorace the feature `check` in [dev-dependencies]"));
    }
    printer.line("");
    printer.summary(&results, &records, started.elapsed());
    let nothing = |record: &gorace_analyzer::record::Record| {
        record.finding.kind == gorace_analyzer::FindingKind::NothingExplored
    };
    Ok(match status.code() {
        _ if !records.is_empty() && records.iter().all(nothing) => Exit::Nothing,
        _ if !records.is_empty() => Exit::Found,
        Some(0) => Exit::Clean,
        // A watchdog ended a test binary.
        Some(66) => Exit::Found,
        _ => Exit::TestFailed,
    })
}

fn flags(args: &Args) -> Vec<OsString> {
    let mut flags = args.select.flags();
    if let Some(package) = &args.select.package {
        flags.extend(["-p".into(), package.into()]);
    }
    if args.workspace {
        flags.push("--workspace".into());
    }
    if args.lib {
        flags.push("--lib".into());
    }
    for test in &args.test {
        flags.extend(["--test".into(), test.into()]);
    }
    flags
}
