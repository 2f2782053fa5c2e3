//! `gorace test`: `cargo test` with settings, and one summary of all checked tests behind it.

use crate::Exit;
use crate::args::{Format, Test as Args};
use crate::cargo::{self, Built, Workspace};
use crate::checking::Checking;
use crate::child;
use crate::error::{CliError, Outcome};
use crate::print::{Printer, put};
use crate::settings;
use crate::store::Store;
use std::ffi::OsString;
use std::process::{Command, Stdio};
use std::time::Instant;

/// See the module.
pub fn test(args: Args) -> Outcome {
    let started = Instant::now();
    let workspace = Workspace::load(args.select.manifest.manifest_path.as_deref())?;
    if args.all {
        return every_test(&workspace, &args);
    }
    let checking = checking(&workspace, &args);
    let mut flags = flags(&args);
    flags.extend(checking.flags());
    let print = args.print.clone().with_environment();
    let printer = Printer::new(&print);
    let built = cargo::build(&["test", "--no-run"], &flags)?;
    let store = Store::of(&workspace.target_dir);
    let run = store.new_run()?;
    let folder = args.resume.clone().map(|folder| folder.unwrap_or_else(|| store.resume_folder()));
    // Tests run in the folder of their package.
    let resume = folder.map(|folder| std::path::absolute(&folder).unwrap_or(folder));
    let commands = if checking.through.is_empty() {
        let mut command = cargo::passthrough("test", &flags);
        command.arg("--no-fail-fast").args(&args.filter);
        if !args.args.is_empty() {
            command.arg("--").args(&args.args);
        }
        vec![command]
    } else {
        // Cargo would run the tests of the members that are selected for their feature's sake, too.
        by_hand(&workspace, &args, built)
    };
    let mut code = Some(0);
    for mut command in commands {
        command.envs(settings::variables(&args.explore, &print)).envs(run.variables(&store));
        command.envs(resume.iter().map(|folder| ("GORACE_RESUME", folder)));
        if printer.format != Format::Human {
            // Standard output is for the reports; the harness's words go to standard error.
            command.stdout(Stdio::from(std::io::stderr()));
        }
        let status = child::run_visible(&mut command)?;
        if !status.success() {
            code = status.code();
        }
    }
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
    if printer.format != Format::Human {
        printer.records(&records);
    }
    if results.is_empty() && code != Some(66) {
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
    Ok(match code {
        _ if !records.is_empty() && records.iter().all(nothing) => Exit::Nothing,
        _ if !records.is_empty() => Exit::Found,
        _ if results.iter().any(|result| result.misfit.is_some()) => Exit::Diverged,
        Some(0) => Exit::Clean,
        // A watchdog ended a test binary.
        Some(66) => Exit::Found,
        _ => Exit::TestFailed,
    })
}

/// `--all`: ordinary tests, through the zero-change door.
#[cfg(all(target_os = "linux", target_arch = "x86_64", target_env = "gnu"))]
fn every_test(workspace: &Workspace, args: &Args) -> Outcome {
    let users = workspace.candidates(args.select.package.as_deref())?;
    let users = if args.workspace { workspace.packages.iter().collect() } else { users };
    if let Some(user) =
        users.iter().map(|package| cargo::text(&package["name"])).find(|name| workspace.uses_gorace(name))
    {
        let message = format!("`{user}` uses gorace: --all is for packages that do not, so far");
        return Err(CliError::new(Exit::BadCommandLine, message)
            .hint("leave --all out, or name another package with -p"));
    }
    // The selection's own flags come with it.
    let own = flags(args).split_off(args.select.flags().len());
    crate::zero_change::test::test(workspace, args, &own)
}

/// Says that this cannot be done here.
#[cfg(not(all(target_os = "linux", target_arch = "x86_64", target_env = "gnu")))]
fn every_test(_workspace: &Workspace, _args: &Args) -> Outcome {
    Err(CliError::new(Exit::BadConfiguration, "--all runs on x86_64-unknown-linux-gnu only"))
}

/// How checking is turned on in what is selected; not at all where nothing depends on gorace, which is said later.
fn checking(workspace: &Workspace, args: &Args) -> Checking {
    match &args.select.package {
        Some(package) if !args.workspace => workspace.checking(package).unwrap_or_default(),
        _ if args.workspace => workspace.checking_of_all(&workspace.packages.iter().collect::<Vec<_>>()),
        _ => workspace.candidates(None).map(|all| workspace.checking_of_all(&all)).unwrap_or_default(),
    }
}

/// The package's own test binaries, run as cargo runs them. Documentation tests are left out.
fn by_hand(workspace: &Workspace, args: &Args, built: Vec<Built>) -> Vec<Command> {
    let Some(package) = &args.select.package else { return Vec::new() };
    let Some(folder) = workspace.folder(package) else { return Vec::new() };
    let own = built.into_iter().filter(|built| built.manifest_dir == folder);
    own.map(|built| {
        let mut command = Command::new(built.executable);
        command.args(&args.filter).args(&args.args).current_dir(&folder);
        command.env("CARGO_PKG_NAME", package).env("CARGO_MANIFEST_DIR", &folder);
        command
    })
    .collect()
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
