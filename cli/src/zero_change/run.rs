//! `gorace run` and `gorace replay` on a program that does not use gorace.

use super::build;
use super::files;
use super::options::{Again, Options};
use super::process::Launch;
use super::session::{Broken, Explored, Session};
use crate::Exit;
use crate::args::{Explore, Format, Print, Select};
use crate::cargo::{Target, Workspace};
use crate::child;
use crate::error::Outcome;
use crate::print::Printer;
use crate::progress::Progress;
use crate::reports::Wanted;
use crate::setup::Setup;
use crate::started::Started;
use crate::store::{Run, Store};
use gorace_analyzer::Code;
use gorace_analyzer::record::{Misfit, Program, RunResult};
use gorace_engine::{Schedule, Token};
use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Instant;

/// A program, and how it is to be run.
pub struct Unmodified<'a> {
    pub workspace: &'a Workspace,
    pub select: &'a Select,
    pub target: &'a Target,
    pub args: Vec<OsString>,
    /// Where it runs, if not where we do.
    pub folder: Option<PathBuf>,
    pub format: Format,
}

impl Unmodified<'_> {
    fn program(&self) -> Program {
        Program {
            package: self.target.package.clone(),
            manifest_dir: self.target.manifest_dir.display().to_string(),
            target: self.target.name.clone(),
            test: None,
        }
    }

    fn start(&self, executable: PathBuf, options: &Options) -> Outcome<Session> {
        let launch = Launch {
            executable,
            args: self.args.clone(),
            folder: self.folder.clone(),
            is_quiet: self.format.is_for_programs(),
            package: None,
        };
        Session::start(&launch, self.program(), &self.root(), options.clone())
    }

    /// The folder of the user's sources: the workspace's, unless the program's file lies elsewhere.
    fn root(&self) -> PathBuf {
        let file = self.workspace.source_of(self.target).unwrap_or_default();
        match file.parent() {
            Some(parent) if !file.starts_with(&self.workspace.root) => parent.to_owned(),
            _ => self.workspace.root.clone(),
        }
    }

    /// Explores it, shows one execution's output, and reports.
    ///
    /// # Errors
    /// If it cannot be built or explored.
    pub fn run(&self, explore: &Explore, print: &Print, setup: &Setup, wanted: &[Wanted]) -> Outcome {
        let started = Instant::now();
        let options = Options::new(explore, &setup.effective.variables())?;
        let executable = build::program(self.workspace, self.select, self.target)?;
        let printer = Printer::new(print);
        let store = Store::of(&self.workspace.target_dir);
        let run = store.new_run()?;
        let progress = Progress::watch(&run.folder, &self.target.name, options.show_output);
        let explored = self.start(executable.clone(), &options).and_then(Session::explore);
        progress.end();
        let mut explored = explored?;
        if !printer.times {
            explored.result.elapsed = None;
            explored.records.iter_mut().for_each(|record| record.facts.elapsed = None);
        }
        // What cannot be kept is reported all the same.
        let kept = files::keep(&run, &explored);
        store.finish(&run);
        // An interrupt may come while its output is shown, too.
        let again = match child::is_interrupted() {
            true => Ok(false),
            false => self.once_more(executable, &options, &explored),
        };
        if child::is_interrupted() {
            let results = std::slice::from_ref(&explored.result);
            return Ok(crate::command::interrupted(&printer, results, &explored.records, false, false));
        }
        let again = again?;
        let elapsed = printer.times.then(|| started.elapsed());
        let results = std::slice::from_ref(&explored.result);
        let told =
            crate::command::tell(setup, &printer, wanted, &store, results, &explored.records, elapsed)?;
        match &explored.broken {
            Some((broken, at)) => {
                tell(&printer, &self.target.name, broken, *at, &options);
                printer.total(&told, &[(broken.word(), 1)]);
            }
            None => printer.summary(&told),
        }
        kept?;
        let new: Vec<Code> = told.new_findings().map(|found| found.report.code).collect();
        let is_allowed = again && new.is_empty() && !explored.records.is_empty() && explored.broken.is_none();
        Ok(if is_allowed { Exit::Clean } else { self.verdict(&printer, &explored, &new, again) })
    }

    /// Shows one execution's output: the first finding's, which is thereby confirmed in a fresh process, else the
    /// default one's. Gives whether the finding showed again.
    fn once_more(&self, executable: PathBuf, options: &Options, explored: &Explored) -> Outcome<bool> {
        if explored.broken.is_some() || options.show_output {
            return Ok(true);
        }
        let replayable =
            explored.records.iter().find(|record| record.finding.kind.code() != Code::Nondeterminism);
        let mut session = self.start(executable, options)?;
        let Some(record) = replayable else {
            session.show(&Schedule::default())?;
            return Ok(true);
        };
        let schedule = Token::parse(&record.facts.token).map(|token| token.schedule).unwrap_or_default();
        let wanted = gorace_analyzer::key::key(&record.trace, &record.finding.kind);
        Ok(session.show(&schedule)?.contains(&wanted))
    }

    fn verdict(&self, printer: &Printer, explored: &Explored, codes: &[Code], again: bool) -> Exit {
        if !again {
            printer.not_again();
            return Exit::Diverged;
        }
        match codes {
            [] if explored.broken.is_some() => Exit::Found,
            [] if explored.is_sequential => {
                eprintln!(
                    "error: `{}` started no second thread: there is nothing to explore",
                    self.target.name
                );
                Exit::Nothing
            }
            [] => Exit::Clean,
            codes => Exit::of_findings(codes.iter().copied()).unwrap_or(Exit::Found),
        }
    }

    /// Runs one schedule again.
    ///
    /// # Errors
    /// If it cannot be built or run.
    pub fn replay(
        &self,
        token: &Token,
        store: &Store,
        again: &Again<'_>,
    ) -> Outcome<(Run, Vec<RunResult>, String)> {
        let options = Options::new(again.explore, again.defaults)?;
        let executable = build::program(self.workspace, self.select, self.target)?;
        let mut explored = self.start(executable, &options)?.replay(&token.schedule)?;
        if !token.fits(self.program().key()) {
            let title = &self.target.name;
            explored.records.clear();
            explored.result.misfit = Some(Misfit::of_program(format!(
                "the schedule token belongs to another program than `{title}`"
            )));
        }
        let run = store.new_run()?;
        files::keep(&run, &explored)?;
        Ok((run, vec![explored.result], "it ended".to_owned()))
    }
}

/// Tells of an end that left no trace. Programs that read what is printed have no word for that.
pub fn tell(printer: &Printer, name: &str, broken: &Broken, execution: u64, options: &Options) {
    let seed = options.seed;
    let flags = [("--seed", seed.to_string()), ("--max-executions", execution.to_string())];
    let command = Started::now().again(&flags);
    let again = format!("   = in execution {execution} of seed {seed}\n   = again:   {command}");
    let text = match broken {
        Broken::Died(_) => {
            let how = broken.to_string();
            let how = how.trim_start_matches("it ");
            format!("error[GR0004]: panic: `{name}` {how}\n{again}\n")
        }
        Broken::Hung => format!(
            "error[GR0009]: stalled: `{name}` came to no end in {:?}: it computes without a scheduling point, or waits for something outside\n{again}\n   = explain: gorace explain GR0009\n",
            options.stall
        ),
    };
    printer.aside(&text);
}
