//! `gorace replay`: run one recorded schedule again.

use crate::Exit;
use crate::args::{Explore, Format, Replay as Args};
use crate::cargo::{self, Built, Target, Workspace};
use crate::child;
use crate::command::run::{self, Program};
use crate::command::step;
use crate::error::{CliError, Outcome};
use crate::print::Printer;
use crate::reports::words;
use crate::setup;
use crate::store::{Run, Store};
use gorace_analyzer::export::Standing;
use gorace_analyzer::record::{Record, RunResult};
use gorace_engine::Token;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

/// See the module.
pub fn replay(args: Args) -> Outcome {
    let started = Instant::now();
    let mut args = args;
    args.print = args.print.with_environment();
    let text = args.what.to_string_lossy().into_owned();
    let stored = if Token::is_meant(&text) { stored_with_token(&args, &text)? } else { Some(find(&args)?) };
    let (run, results, ended) = match &stored {
        Some(record) => again(&args, record)?,
        None => by_token(&args, &text)?,
    };
    let printer = Printer::new(&args.print);
    let records = run.records(&results)?;
    run::remove(&run.folder);
    let Some(result) = results.first() else {
        let name = stored.as_ref().map_or("the program", |record| record.program.title());
        return Err(CliError::new(Exit::Diverged, format!("`{name}` explored nothing: {ended}"))
            .hint("is it still there, under the same name?"));
    };
    if let ([], Some(why)) = (records.as_slice(), &result.misfit) {
        // A program says it itself, on its own standard error; a test's is not shown.
        return if printer.format == Format::Human && result.program.test.is_none() {
            Ok(Exit::Diverged)
        } else {
            Err(CliError::new(Exit::Diverged, why.clone()))
        };
    }
    if args.step {
        step::walk_through(&records);
    }
    let elapsed = printer.times.then(|| started.elapsed());
    let told = words(&results, &records, vec![Standing::New; records.len()], elapsed);
    printer.found(&told);
    printer.summary(&told);
    let same =
        stored.as_ref().is_none_or(|stored| records.iter().any(|r| r.fingerprint == stored.fingerprint));
    Ok(match (records.is_empty(), result.misfit.is_none()) {
        (false, _) if same => Exit::Found,
        (true, true) => {
            printer.line("the schedule runs as before, and what was found does not show any more");
            Exit::Clean
        }
        _ => Exit::Diverged,
    })
}

fn find(args: &Args) -> Outcome<Record> {
    if Path::new(&args.what).is_file() {
        return Store::of(Path::new("")).find(&args.what);
    }
    let found = Workspace::load(args.select.manifest.manifest_path.as_deref())
        .and_then(|workspace| Store::of(&workspace.target_dir).find(&args.what));
    #[cfg(all(target_os = "linux", target_arch = "x86_64", target_env = "gnu"))]
    let found = found.or_else(|error| match args.what == "latest" {
        true => Err(error),
        // Programs of one file have their packages in the cache.
        false => crate::zero_change::single_files()
            .iter()
            .find_map(|package| Store::of(&package.join("target")).find(&args.what).ok())
            .ok_or(error),
    });
    found
}

/// The stored finding with this token, unless the flags say which program is meant.
fn stored_with_token(args: &Args, token: &str) -> Outcome<Option<Record>> {
    Token::parse(token).map_err(|error| CliError::new(Exit::BadCommandLine, error.to_string()))?;
    if args.bin.is_some() || args.example.is_some() || args.select.package.is_some() {
        return Ok(None);
    }
    let workspace = Workspace::load(args.select.manifest.manifest_path.as_deref())?;
    let store = Store::of(&workspace.target_dir);
    for (_, path) in store.findings() {
        if let Ok(record) = store.find(path.as_os_str())
            && record.facts.token == token
        {
            return Ok(Some(record));
        }
    }
    Err(CliError::new(Exit::BadCommandLine, "no stored finding has this token")
        .hint("say which program it belongs to: gorace replay TOKEN -p PACKAGE --example NAME"))
}

/// Runs, its results, and how it ended.
type Replayed = (Run, Vec<RunResult>, String);

fn again(args: &Args, record: &Record) -> Outcome<Replayed> {
    let manifest = Path::new(&record.program.manifest_dir).join("Cargo.toml");
    if !manifest.is_file() {
        return Err(CliError::new(Exit::Diverged, format!("the package is gone: no {}", manifest.display()))
            .hint("gorace show prints the stored report without the program"));
    }
    let mut select = args.select.clone();
    select.manifest.manifest_path = Some(manifest.clone());
    let workspace = Workspace::load(Some(&manifest))?;
    let store = Store::of(&workspace.target_dir);
    let Some(test) = &record.program.test else {
        let package = Some(record.program.package.as_str());
        let name = Some(record.program.target.as_str());
        let target =
            workspace.select(package, name, None).or_else(|_| workspace.select(package, None, name))?;
        return run_program(args, &workspace, &select, &target, &store, &record.facts.token);
    };
    #[cfg(all(target_os = "linux", target_arch = "x86_64", target_env = "gnu"))]
    if !workspace.uses_gorace(&record.program.package) {
        return crate::zero_change::test::replay(&workspace, &select, record, &store);
    }
    let mut flags = select.flags();
    flags.extend(["-p".into(), record.program.package.clone().into()]);
    flags.extend(workspace.checking(&record.program.package)?.flags());
    let built = cargo::build_tests(&flags)?;
    let is_it = |built: &Built| {
        cargo::stem(&built.executable) == record.program.target
            && built.manifest_dir == Path::new(&record.program.manifest_dir)
    };
    let Some(Built { executable, .. }) = built.into_iter().find(is_it) else {
        return Err(CliError::new(
            Exit::Diverged,
            format!("there is no test target `{}` any more", record.program.target),
        ));
    };
    let run = store.new_run()?;
    let mut command = Command::new(executable);
    command.args(["--exact", test, "--nocapture"]).current_dir(&record.program.manifest_dir);
    command.env("GORACE_REPLAY", &record.facts.token).envs(run.variables(&store));
    command.envs(setup::defaults(select.manifest.manifest_path.as_deref())?);
    // As cargo has it: a check that was started by hand takes its name from these.
    command
        .env("CARGO_PKG_NAME", &record.program.package)
        .env("CARGO_MANIFEST_DIR", &record.program.manifest_dir);
    let ended = child::run_hidden(&mut command, false)?;
    let results = run.results()?;
    Ok((run, results, ended.how()))
}

fn by_token(args: &Args, token: &str) -> Outcome<Replayed> {
    let workspace = Workspace::load(args.select.manifest.manifest_path.as_deref())?;
    let target =
        workspace.select(args.select.package.as_deref(), args.bin.as_deref(), args.example.as_deref())?;
    let store = Store::of(&workspace.target_dir);
    run_program(args, &workspace, &args.select, &target, &store, token)
}

fn run_program(
    args: &Args,
    workspace: &Workspace,
    select: &crate::args::Select,
    target: &Target,
    store: &Store,
    token: &str,
) -> Outcome<Replayed> {
    #[cfg(all(target_os = "linux", target_arch = "x86_64", target_env = "gnu"))]
    if !workspace.uses_gorace(&target.package) {
        let token =
            Token::parse(token).map_err(|error| CliError::new(Exit::BadCommandLine, error.to_string()))?;
        let program = crate::zero_change::Unmodified { workspace, select, target, args: Vec::new() };
        return program.replay(&token, store);
    }
    let executable = run::build(workspace, select, target)?;
    let program = Program {
        executable,
        args: Vec::new(),
        explore: Explore::default(),
        print: args.print.clone(),
        defaults: setup::defaults(select.manifest.manifest_path.as_deref())?,
    };
    let (run, results, ended) = program.replay(store, token)?;
    Ok((run, results, ended.how()))
}
