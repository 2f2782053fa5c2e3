//! `gorace run`: build a program, explore it, show one execution's output, report.
//!
//! The output of an exploration is never seen: the program explores with its output going nowhere, and then
//! runs once more, in a fresh process, by the schedule that is reported. That also confirms the report.

use crate::Exit;
use crate::args::{Explore, Print, Run as Args, Select};
use crate::bound;
use crate::cargo::{self, Built, Target, Workspace};
use crate::child::{self, Ended};
use crate::command::closing::interrupted;
use crate::error::{CliError, Outcome};
use crate::gate::standings;
use crate::naming::Naming;
use crate::print::Printer;
use crate::progress::Progress;
use crate::reports::{self, Wanted};
use crate::settings;
use crate::setup::Setup;
use crate::store::{Run, Store};
use gorace_analyzer::Code;
use gorace_analyzer::record::{Record, RunResult};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

/// See the module.
pub fn run(args: Args) -> Outcome {
    let started = Instant::now();
    if args.file.is_some() {
        return file(args);
    }
    let setup = Setup::of(args.select.manifest.manifest_path.as_deref(), &args.configured, "default")?;
    bound::check(&args.explore, &setup.effective)?;
    let workspace = &setup.workspace;
    let target =
        workspace.select(args.select.package.as_deref(), args.bin.as_deref(), args.example.as_deref())?;
    if !workspace.uses_gorace(&target.package) {
        return unmodified(&setup, &target, args);
    }
    let executable = build(workspace, &args.select, &target)?;
    let print = args.print.with_environment();
    let printer = Printer::new(&print);
    let store = Store::of(&workspace.target_dir);
    let run = store.new_run()?;
    let defaults = setup.effective.variables();
    let program =
        Program { executable, args: args.args, explore: args.explore, print, defaults, folder: None };
    let progress = Progress::watch(&run.folder, &target.name, program.explore.show_output);
    let ended = program.explore(&store, &run, &progress);
    progress.end();
    let ended = ended?;
    store.finish(&run);
    let results = run.results()?;
    if child::is_interrupted() {
        return Ok(interrupted(&printer, &results, &run.records(&results)?, false, false));
    }
    let Some(result) = results.first() else { return explain_end(&printer, &target, &ended) };
    let records = run.records(&results)?;
    let again = program.once_more(&store, result, &records)?;
    let elapsed = printer.times.then(|| started.elapsed());
    let wanted = setup.reports(&args.reports.report);
    let told = tell(&setup, &printer, &wanted, &store, &results, &records, elapsed)?;
    let new: Vec<Record> = told.new_findings().map(|found| found.record.clone()).collect();
    printer.summary(&told);
    let is_allowed = again && new.is_empty() && !records.is_empty();
    Ok(if is_allowed { Exit::Clean } else { verdict(&printer, result, &new, again, &ended) })
}

/// Explores a program that is one file: a package is made around it.
#[cfg(all(target_os = "linux", target_arch = "x86_64", target_env = "gnu"))]
fn file(mut args: Args) -> Outcome {
    let file = args.file.take().unwrap_or_default();
    let single = crate::zero_change::single_file(&file)?;
    args.select.manifest.manifest_path = Some(single);
    let setup = Setup::of(args.select.manifest.manifest_path.as_deref(), &args.configured, "default")?;
    bound::check(&args.explore, &setup.effective)?;
    let target = setup.workspace.select(None, None, None)?;
    unmodified(&setup, &target, args)
}

/// Says that this cannot be done here.
#[cfg(not(all(target_os = "linux", target_arch = "x86_64", target_env = "gnu")))]
fn file(_args: Args) -> Outcome {
    Err(CliError::new(Exit::BadConfiguration, "programs of one file run on x86_64-unknown-linux-gnu only"))
}

/// Tells what was found: prints it, writes the files that are asked for, and names what a rule allows.
///
/// # Errors
/// If a file cannot be written.
pub fn tell<'a>(
    setup: &Setup,
    printer: &Printer,
    wanted: &[Wanted],
    store: &Store,
    results: &'a [RunResult],
    records: &'a [Record],
    elapsed: Option<Duration>,
) -> Outcome<gorace_analyzer::export::Run<'a>> {
    let told = reports::words(results, records, standings(records, &setup.config.rules), elapsed);
    printer.found(&told);
    for path in reports::write(&told, wanted, &setup.workspace, &store.root.join("reports"))? {
        eprintln!("gorace: wrote {}", path.display());
    }
    printer.standings(&told, Naming::Title);
    Ok(told)
}

/// Explores a program that does not use gorace.
#[cfg(all(target_os = "linux", target_arch = "x86_64", target_env = "gnu"))]
fn unmodified(setup: &Setup, target: &Target, args: Args) -> Outcome {
    let print = args.print.with_environment();
    let workspace = &setup.workspace;
    let program = crate::zero_change::Unmodified {
        workspace,
        select: &args.select,
        target,
        args: args.args,
        folder: None,
        format: print.message_format,
    };
    program.run(&args.explore, &print, setup, &setup.reports(&args.reports.report))
}

/// Says that this cannot be done here.
#[cfg(not(all(target_os = "linux", target_arch = "x86_64", target_env = "gnu")))]
fn unmodified(setup: &Setup, target: &Target, _args: Args) -> Outcome {
    setup.workspace.checking(&target.package)?;
    Ok(Exit::Nothing)
}

/// Builds the program with checking on.
pub fn build(workspace: &Workspace, select: &Select, target: &Target) -> Outcome<PathBuf> {
    let mut flags = select.flags();
    let checking = workspace.checking(&target.package)?;
    let kind = format!("--{}", target.kind);
    flags.extend(["-p".into(), target.package.clone().into(), kind.into(), target.name.clone().into()]);
    flags.extend(checking.flags());
    let built = cargo::build(&["build"], &flags)?;
    let is_it = |built: &Built| built.name == target.name && built.manifest_dir == target.manifest_dir;
    built.into_iter().find(is_it).map(|built| built.executable).ok_or_else(|| {
        CliError::new(Exit::Internal, format!("cargo built no executable for `{}`", target.name))
    })
}

/// An explored program.
pub struct Program {
    pub executable: PathBuf,
    pub args: Vec<OsString>,
    pub explore: Explore,
    pub print: Print,
    /// What the configuration says.
    pub defaults: Vec<(String, OsString)>,
    /// Where it runs, if not where we do.
    pub folder: Option<PathBuf>,
}

impl Program {
    fn command(&self, store: &Store, run: &Run) -> Command {
        let mut command = Command::new(&self.executable);
        if let Some(folder) = &self.folder {
            command.current_dir(folder);
        }
        command.args(&self.args).env("GORACE_EXPLORE", "1").env("RUST_BACKTRACE", "0");
        command.envs(self.defaults.iter().map(|(name, value)| (name, value)));
        command.envs(settings::variables(&self.explore, &self.print)).envs(run.variables(store));
        command
    }

    fn explore(&self, store: &Store, run: &Run, progress: &Progress) -> Outcome<Ended> {
        let mut command = self.command(store, run);
        command.envs(progress.variable());
        child::run_hidden(&mut command, self.explore.show_output)
    }

    /// Runs the schedule `token` in a fresh process, with its output shown; its result, if it left one.
    pub fn replay(&self, store: &Store, token: &str) -> Outcome<(Run, Vec<RunResult>, Ended)> {
        let run = store.new_run()?;
        let mut command = self.command(store, &run);
        command.env("GORACE_REPLAY", token);
        let ended = if self.print.message_format.is_for_programs() {
            child::run_hidden(&mut command, false)?
        } else {
            Ended { status: child::run_visible(&mut command)?, stderr: String::new() }
        };
        let results = run.results()?;
        Ok((run, results, ended))
    }

    /// Shows one execution's output: the first finding's, which is thereby confirmed, else the default one's.
    /// Gives whether the finding showed again.
    fn once_more(&self, store: &Store, result: &RunResult, records: &[Record]) -> Outcome<bool> {
        let replayable = |record: &&Record| {
            !matches!(record.finding.kind.code(), Code::Nondeterminism | Code::NothingExplored)
        };
        let Some(record) = records.iter().find(replayable) else {
            if records.is_empty() && result.misfit.is_none() && !self.explore.show_output {
                let (run, ..) = self.replay(store, "v1.")?;
                remove(&run.folder);
            }
            return Ok(true);
        };
        let (run, results, _) = self.replay(store, &record.facts.token)?;
        let again = run.records(&results)?.iter().any(|other| other.fingerprint == record.fingerprint);
        remove(&run.folder);
        Ok(again)
    }
}

/// Forgets the folder of a run that only showed something.
pub fn remove(folder: &Path) {
    // A folder that stays is only untidy.
    let _ = std::fs::remove_dir_all(folder);
}

fn verdict(printer: &Printer, result: &RunResult, records: &[Record], again: bool, ended: &Ended) -> Exit {
    let codes = records.iter().map(|record| record.finding.kind.code());
    if !again {
        printer.not_again();
        return Exit::Diverged;
    }
    match (Exit::of_findings(codes), &result.misfit) {
        (Some(exit), _) => exit,
        (None, Some(misfit)) => Exit::of_misfit(misfit),
        (None, None) if ended.code() != Some(0) => Exit::Internal,
        (None, None) => Exit::Clean,
    }
}

/// The program left no result: says why, as far as that can be told.
pub fn explain_end(printer: &Printer, target: &Target, ended: &Ended) -> Outcome {
    let name = &target.name;
    let said = ended.stderr.trim();
    match ended.code() {
        Some(66) if said.contains("GR0009") => {
            printer.aside(&format!("{said}\n\ngorace: 1 stall; the program was ended"));
            if printer.format.is_for_programs() {
                printer.total(&reports::words(&[], &[], Vec::new(), None), &[("stall", 1)]);
            }
            Ok(Exit::Found)
        }
        Some(78) => Err(CliError::new(Exit::BadConfiguration, said.trim_start_matches("error: "))),
        Some(0) => Err(CliError::new(Exit::Nothing, format!("`{name}` ran to its end and explored nothing"))
            .hint("put #[gorace::main] above its main")),
        _ => {
            let mut error = CliError::new(
                Exit::TestFailed,
                format!("`{name}` ended with {} before it was explored", ended.how()),
            );
            if !said.is_empty() {
                error = error.hint(format!("the last it said:\n{said}"));
            }
            Err(error)
        }
    }
}
