//! `gorace replay`: run one recorded schedule again.

mod test;

use crate::Exit;
use crate::args::{Configured, Explore, Format, Replay as Args, Select};
use crate::cargo::{Target, Workspace};
use crate::command::run::{self, Program};
use crate::command::step;
use crate::error::{CliError, Outcome};
use crate::print::Printer;
use crate::reports::words;
use crate::settings;
use crate::setup;
use crate::started::{Said, Started};
use crate::store::{self, Run, Store};
use gorace_analyzer::Code;
use gorace_analyzer::export::Standing;
use gorace_analyzer::record::{Record, RunResult};
use gorace_engine::Token;
use std::ffi::OsString;
use std::path::Path;
use std::time::Instant;

/// See the module.
pub fn replay(args: Args) -> Outcome {
    let started = Instant::now();
    let mut args = args;
    args.print = args.print.with_environment();
    let text = args.what.to_string_lossy().into_owned();
    let stored = if Token::is_meant(&text) {
        stored_with_token(&args, &text)?
    } else {
        let path = store::locate(args.select.manifest.manifest_path.as_deref(), &args.what)?;
        Some(Found::at(&path)?)
    };
    let (stored, said) = match stored {
        Some(Found { record, started: Some(started) }) => {
            if !started.is_in_force() {
                // That process tells what there is to tell.
                return started.with_variables();
            }
            (Some(record), started.said()?)
        }
        other => {
            let configured = Configured::from_environment();
            (other.map(|found| found.record), Said { configured, ..Said::default() })
        }
    };
    settings::tell_of_unknown();
    args.select = args.select.or(&said.select);
    let args = Wanted { args, said };
    let (run, results, ended) = match &stored {
        Some(record) => args.again(record)?,
        None => args.by_token(&text)?,
    };
    let args = args.args;
    let printer = Printer::new(&args.print);
    let mut records = run.records(&results)?;
    run::remove(&run.folder);
    let Some(result) = results.first() else {
        let name = stored.as_ref().map_or("the program", |record| record.program.title());
        return Err(CliError::new(Exit::Diverged, format!("`{name}` explored nothing: {ended}"))
            .hint("is it still there, under the same name?"));
    };
    if let ([], Some(misfit)) = (records.as_slice(), &result.misfit) {
        // A program says it itself, on its own standard error; a test's is not shown.
        return if printer.format == Format::Human && result.program.test.is_none() {
            Ok(Exit::Diverged)
        } else {
            Err(CliError::new(Exit::Diverged, misfit.why.clone()))
        };
    }
    let fit = Fit::of(result);
    let shows_it = stored.as_ref().is_none_or(|stored| match fit.found(stored, &records) {
        Some(at) => {
            fit.keep_known(stored, &mut records[at]);
            true
        }
        None => false,
    });
    if args.step {
        step::walk_through(&records);
    }
    let elapsed = printer.times.then(|| started.elapsed());
    let told = words(&results, &records, vec![Standing::New; records.len()], elapsed);
    printer.found(&told);
    printer.summary(&told);
    Ok(match (records.is_empty(), result.misfit.is_none()) {
        (false, _) if shows_it => {
            let codes = records.iter().map(|record| record.finding.kind.code());
            Exit::of_findings(codes).unwrap_or(Exit::Found)
        }
        (true, true) if stored.as_ref().is_some_and(is_of_several) => {
            printer.line("one execution cannot show that executions differ: gorace test or run tells whether they still do");
            Exit::Diverged
        }
        (true, true) => {
            printer.line(if fit == Fit::Changed {
                "the program has changed, and what was found does not show any more: gorace test or run tells whether another schedule shows it"
            } else {
                "the schedule runs as before, and what was found does not show any more"
            });
            Exit::Clean
        }
        _ => {
            if let Some(Record { facts, finding, .. }) = stored.as_ref().filter(|_| !records.is_empty()) {
                let (id, code) = (&facts.id[..8.min(facts.id.len())], finding.kind.code());
                printer.line(&format!(
                    "what was asked for, {id} ({}: {}), is not among what was found",
                    code.code(),
                    code.title()
                ));
            }
            Exit::Diverged
        }
    })
}

/// Whether it takes more than one execution to show it.
fn is_of_several(record: &Record) -> bool {
    record.finding.kind.code() == Code::Nondeterminism
}

/// How well the schedule fitted the program, from bad to good.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Fit {
    /// It could not be followed.
    Diverged,
    /// The program has changed, but the schedule could be followed.
    Changed,
    /// As far as the replay knows, the program is the same.
    Same,
}

impl Fit {
    fn of(result: &RunResult) -> Self {
        let says = |word| {
            result
                .notes
                .iter()
                .any(|note| note.strip_prefix("replay: ").is_some_and(|fit| fit.starts_with(word)))
        };
        match (result.misfit.is_some() || says("diverged"), says("resynchronised")) {
            (true, _) => Fit::Diverged,
            (false, true) => Fit::Changed,
            (false, false) => Fit::Same,
        }
    }

    /// Which of the `records` is the `stored` finding: it has names of the source in its fingerprint, which may have
    /// been changed, but what its own schedule shows again of its own code is the same.
    fn found(self, stored: &Record, records: &[Record]) -> Option<usize> {
        let code = |record: &Record| record.finding.kind.code();
        let same = records.iter().position(|record| record.fingerprint == stored.fingerprint);
        same.or_else(|| {
            let alike = records.iter().position(|record| code(record) == code(stored));
            alike.filter(|_| self != Fit::Diverged)
        })
    }

    /// Gives a finding the name by which it was asked for, under which it is stored, and what no single execution
    /// can show.
    fn keep_known(self, stored: &Record, record: &mut Record) {
        record.facts.id.clone_from(&stored.facts.id);
        record.facts.minimal |= self == Fit::Same && stored.facts.minimal;
    }
}

/// A stored finding, and how its run was started, if that was kept.
struct Found {
    record: Record,
    started: Option<Started>,
}

impl Found {
    fn at(path: &Path) -> Outcome<Self> {
        Ok(Found { record: store::read(path)?, started: Started::beside(path)? })
    }
}

/// The stored finding with this token, unless the flags say which program is meant.
fn stored_with_token(args: &Args, token: &str) -> Outcome<Option<Found>> {
    Token::parse(token).map_err(|error| CliError::new(Exit::BadCommandLine, error.to_string()))?;
    if args.bin.is_some() || args.example.is_some() || args.select.package.is_some() {
        return Ok(None);
    }
    let workspace = Workspace::load(args.select.manifest.manifest_path.as_deref())?;
    for (_, path) in Store::of(&workspace.target_dir).findings() {
        if let Ok(record) = store::read(&path)
            && record.facts.token == token
        {
            return Found::at(&path).map(Some);
        }
    }
    Err(CliError::new(Exit::BadCommandLine, "no stored finding has this token")
        .hint("say which program it belongs to: gorace replay TOKEN -p PACKAGE --example NAME"))
}

/// Runs, its results, and how it ended.
type Replayed = (Run, Vec<RunResult>, String);

/// What is to be run again: what this command says, and what the one before said.
struct Wanted {
    args: Args,
    said: Said,
}

impl Wanted {
    fn again(&self, record: &Record) -> Outcome<Replayed> {
        let manifest = Path::new(&record.program.manifest_dir).join("Cargo.toml");
        if !manifest.is_file() {
            return Err(CliError::new(
                Exit::Diverged,
                format!("the package is gone: no {}", manifest.display()),
            )
            .hint("gorace show prints the stored report without the program"));
        }
        let mut select = self.args.select.clone();
        select.manifest.manifest_path = Some(manifest.clone());
        let workspace = Workspace::load(Some(&manifest))?;
        let store = Store::of(&workspace.target_dir);
        if record.program.test.is_some() {
            return self.test(record, &workspace, &select, &store);
        }
        let package = Some(record.program.package.as_str());
        let name = Some(record.program.target.as_str());
        let target = match &self.said.target {
            Some(("example", _)) => workspace.select(package, None, name)?,
            Some(_) => workspace.select(package, name, None)?,
            None => {
                workspace.select(package, name, None).or_else(|_| workspace.select(package, None, name))?
            }
        };
        self.program(&workspace, &select, &target, &store, &record.facts.token)
    }

    fn by_token(&self, token: &str) -> Outcome<Replayed> {
        let Args { select, bin, example, .. } = &self.args;
        let workspace = Workspace::load(select.manifest.manifest_path.as_deref())?;
        let target = workspace.select(select.package.as_deref(), bin.as_deref(), example.as_deref())?;
        let store = Store::of(&workspace.target_dir);
        self.program(&workspace, select, &target, &store, token)
    }

    fn program(
        &self,
        workspace: &Workspace,
        select: &Select,
        target: &Target,
        store: &Store,
        token: &str,
    ) -> Outcome<Replayed> {
        let args = if self.args.args.is_empty() { self.said.args.clone() } else { self.args.args.clone() };
        let (folder, defaults) = (self.said.folder.clone(), self.defaults(select)?);
        #[cfg(all(target_os = "linux", target_arch = "x86_64", target_env = "gnu"))]
        if !workspace.uses_gorace(&target.package) {
            let token = Token::parse(token)
                .map_err(|error| CliError::new(Exit::BadCommandLine, error.to_string()))?;
            let program = crate::zero_change::Unmodified {
                workspace,
                select,
                target,
                args,
                folder,
                format: self.args.print.message_format,
            };
            return program.replay(&token, store, &self.again_under(&self.explore(), &defaults));
        }
        let executable = run::build(workspace, select, target)?;
        let explore = self.explore();
        let program = Program { executable, args, explore, print: self.args.print.clone(), defaults, folder };
        let (run, results, ended) = program.replay(store, token)?;
        Ok((run, results, ended.how()))
    }

    #[cfg(all(target_os = "linux", target_arch = "x86_64", target_env = "gnu"))]
    fn again_under<'a>(
        &self,
        explore: &'a Explore,
        defaults: &'a [(String, OsString)],
    ) -> crate::zero_change::Again<'a> {
        crate::zero_change::Again { explore, defaults, format: self.args.print.message_format }
    }

    /// What of the run's exploration bears on one execution.
    fn explore(&self) -> Explore {
        let Explore { clock, max_steps, stack_size, spurious, .. } = self.said.explore.clone();
        Explore { clock, max_steps, stack_size, spurious, ..Explore::default() }
    }

    /// What the configuration says, by the profile that the run went by.
    fn defaults(&self, select: &Select) -> Outcome<Vec<(String, OsString)>> {
        setup::defaults(select.manifest.manifest_path.as_deref(), &self.said.configured)
    }
}
