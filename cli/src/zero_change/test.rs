//! `gorace test --all`: every ordinary `#[test]`, each as an exploration of its own.
//!
//! Those that are explored already, through the library door, are left out, and counted in the one summary.
//! A test runs as libtest runs it, alone, in a process of its own for each schedule. One that starts no thread is told
//! apart by its first schedule.

use super::build;
use super::files;
use super::options::{Again, Options, said};
use super::process::Launch;
use super::run::tell;
use super::session::{Broken, Explored, Session};
use crate::Exit;
use crate::args::{Format, Select, Test as Args};
use crate::cargo::{self, Built, Workspace};
use crate::child;
use crate::error::{CliError, Outcome};
use crate::gate::standings;
use crate::naming::Naming;
use crate::print::Printer;
use crate::reports;
use crate::setup::Setup;
use crate::store::{Run, Store};
use crate::tested::Tested;
use gorace_analyzer::record::{Program, Record, RunResult};
use gorace_engine::Token;
use std::ffi::OsString;
use std::path::Path;
use std::time::{Duration, Instant};

/// A run, its results, and how it ended.
type Replayed = (Run, Vec<RunResult>, String);

/// What suits a suite, where the flags say nothing else: schedules and time for each test.
const SCHEDULES: u64 = 200;
const TIME: Duration = Duration::from_secs(5);

/// See the module; `checked` is what came of the tests of the library door, which has told of it, unless there are rules
/// to judge it by.
///
/// # Errors
/// If the tests cannot be built or explored, or what is found cannot be kept.
pub fn test(setup: &Setup, args: &Args, flags: &[OsString], checked: Option<Tested>) -> Outcome {
    let workspace = &setup.workspace;
    let started = Instant::now();
    let print = args.print.clone().with_environment();
    let printer = Printer::new(&print);
    let defaults = setup.effective.variables();
    let mut options = Options::new(&args.explore, &defaults)?;
    if args.explore.max_executions.is_none() && said("GORACE_MAX_EXECUTIONS", &defaults).is_none() {
        options.max_executions = SCHEDULES;
    }
    if args.explore.timeout.is_none() && said("GORACE_TIMEOUT", &defaults).is_none() {
        options.timeout = TIME;
    }
    let binaries = build::tests(workspace, &args.select, flags)?;
    let store = Store::of(&workspace.target_dir);
    let run = store.new_run()?;
    let (mut results, mut records, code) = checked.map_or((Vec::new(), Vec::new(), Some(0)), |checked| {
        (checked.results, checked.records, checked.code)
    });
    let explored_already: Vec<Program> = results.iter().map(|result| result.program.clone()).collect();
    let packages: Vec<String> = binaries.iter().map(|binary| package_of(workspace, binary)).collect();
    let before = explored_already.iter().map(|program| &program.package);
    let naming = Naming::of_packages(packages.iter().chain(before).map(String::as_str));
    // Each is told of when it is done.
    let tell_of = |results: &[RunResult], records: &[Record], is_told: bool| {
        let told = reports::words(results, records, standings(records, &setup.config.rules), None);
        if !is_told {
            printer.found(&told);
        }
        printer.standings(&told, naming);
        results.iter().for_each(|result| printer.result(result, naming));
    };
    tell_of(&results, &records, setup.config.rules.is_empty());
    let (mut crashes, mut stalls, mut sequential) = (0, 0, 0);
    let mut complaints = Vec::new();
    'all: for binary in &binaries {
        // An interrupt ends what is being asked or started; what is known by then is told.
        let names = match names(binary, args) {
            Err(_) if child::is_interrupted() => break 'all,
            names => names?,
        };
        for name in names {
            if child::is_interrupted() {
                break 'all;
            }
            let program = program(workspace, binary, &name);
            if explored_already.iter().any(|known| is_same(known, &program)) {
                continue;
            }
            let mut explored = match explore(workspace, binary, program, &options, printer.format) {
                Err(_) if child::is_interrupted() => break 'all,
                explored => explored?,
            };
            if !printer.times {
                explored.result.elapsed = None;
                explored.records.iter_mut().for_each(|record| record.facts.elapsed = None);
            }
            files::keep(&run, &explored)?;
            let own = std::slice::from_ref(&explored.result).get(..usize::from(explored.broken.is_none()));
            tell_of(own.unwrap_or_default(), &explored.records, false);
            if let Some((how, at)) = &explored.broken {
                let count = if *how == Broken::Hung { &mut stalls } else { &mut crashes };
                *count += 1;
                complaints.push(format!("`{name}`: {how}"));
                tell(&printer, &name, how, *at, &options);
            } else {
                sequential += usize::from(explored.is_sequential);
            }
            results.push(explored.result);
            records.append(&mut explored.records);
        }
    }
    store.finish(&run);
    if child::is_interrupted() {
        // Each was told of when it was done.
        let run = reports::words(&results, &records, standings(&records, &setup.config.rules), None);
        printer.interrupted(&run, true);
        return Ok(Exit::Interrupted);
    }
    if results.is_empty() {
        let filter =
            args.filter.as_ref().map_or_else(String::new, |text| format!(" whose name contains `{text}`"));
        return Err(CliError::new(Exit::Nothing, format!("there is no #[test]{filter}")));
    }
    if sequential > 0 {
        printer.line(&format!(
            "note: {sequential} of the tests started no thread: one schedule is all that they have"
        ));
    }
    let elapsed = printer.times.then(|| started.elapsed());
    let mut told = reports::words(&results, &records, standings(&records, &setup.config.rules), elapsed);
    told.complaints = complaints;
    for path in
        reports::write(&told, &setup.reports(&args.reports.report), workspace, &store.root.join("reports"))?
    {
        eprintln!("gorace: wrote {}", path.display());
    }
    printer.total(&told, &[("crash", crashes), ("stall", stalls)]);
    let found = Exit::of_findings(told.new_findings().map(|found| found.report.code));
    Ok(match found {
        _ if !told.complaints.is_empty() => Exit::Found,
        Some(exit) => exit,
        // An ordinary test of a package with checked ones, which has run beside them, failed by itself.
        None if code != Some(0) => Exit::TestFailed,
        None => Exit::Clean,
    })
}

/// A test of a binary.
fn program(workspace: &Workspace, binary: &Built, name: &str) -> Program {
    Program {
        package: package_of(workspace, binary),
        manifest_dir: binary.manifest_dir.display().to_string(),
        target: cargo::stem(&binary.executable),
        test: Some(name.to_owned()),
    }
}

/// Whether they are one test. Crates have underscores where targets may have hyphens.
fn is_same(a: &Program, b: &Program) -> bool {
    let target = |program: &Program| program.target.replace('-', "_");
    (&a.package, &a.test, target(a)) == (&b.package, &b.test, target(b))
}

/// Explores one test.
fn explore(
    workspace: &Workspace,
    binary: &Built,
    program: Program,
    options: &Options,
    format: Format,
) -> Outcome<Explored> {
    let launch = launch(binary, program.test.as_deref().unwrap_or_default(), format);
    Session::start(&launch, program, &workspace.root, options.clone())?.explore()
}

/// Builds the tests of a recorded one's package.
///
/// # Errors
/// If they cannot be built.
pub fn build_again(workspace: &Workspace, select: &Select, program: &Program) -> Outcome<Vec<Built>> {
    build::tests(workspace, select, &["-p".into(), program.package.clone().into()])
}

/// Runs one recorded schedule of a test again, in a binary that has it.
///
/// # Errors
/// If the test cannot be run.
pub fn replay(
    workspace: &Workspace,
    binary: &Built,
    record: &Record,
    store: &Store,
    again: &Again<'_>,
) -> Outcome<Replayed> {
    let program = &record.program;
    let token = Token::parse(&record.facts.token)
        .map_err(|error| CliError::new(Exit::BadConfiguration, error.to_string()))?;
    let options = Options::new(again.explore, again.defaults)?;
    let launch = launch(binary, program.test.as_deref().unwrap_or_default(), again.format);
    let session = Session::start(&launch, program.clone(), &workspace.root, options)?;
    let explored = session.replay(&token.schedule)?;
    let run = store.new_run()?;
    files::keep(&run, &explored)?;
    Ok((run, vec![explored.result], "it ended".to_owned()))
}

/// One test, as cargo has it run.
fn launch(binary: &Built, name: &str, format: Format) -> Launch {
    let args = ["--exact", name, "--nocapture", "--test-threads=1", "--quiet"].map(OsString::from).to_vec();
    let (executable, folder) = (binary.executable.clone(), Some(binary.manifest_dir.clone()));
    Launch { executable, args, folder: folder.clone(), is_quiet: format.is_for_programs(), package: folder }
}

fn package_of(workspace: &Workspace, binary: &Built) -> String {
    let manifest = binary.manifest_dir.join("Cargo.toml");
    let is_it = |package: &&serde_json::Value| {
        package["manifest_path"].as_str().is_some_and(|path| Path::new(path) == manifest)
    };
    workspace.packages.iter().find(is_it).map(|package| cargo::text(&package["name"])).unwrap_or_default()
}

/// The names of a binary's tests, as its harness lists them; those that are ignored are left out.
fn names(binary: &Built, args: &Args) -> Outcome<Vec<String>> {
    let filter: Vec<&str> = args.filter.as_deref().into_iter().collect();
    let ignored = binary.tests(&[&["--ignored"], &filter[..]].concat())?;
    Ok(binary.tests(&filter)?.into_iter().filter(|name| !ignored.contains(name)).collect())
}
