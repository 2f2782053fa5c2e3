//! How a run of tests ends: its reports, the files for other tools, what is wrong beside the findings, and the last line.

use crate::Exit;
use crate::args::Format;
use crate::error::Outcome;
use crate::gate::{Judgement, Platform};
use crate::naming::Naming;
use crate::print::{Printer, put};
use crate::reports::{self, Wanted};
use crate::setup::Setup;
use crate::store::Store;
use gorace_analyzer::export::{Run, Standing, github, summary};
use gorace_analyzer::record::{Record, RunResult};
use std::io::Write as _;
use std::time::Instant;

/// What the end of a run needs to know.
pub struct Closing<'a> {
    pub setup: &'a Setup,
    pub printer: &'a Printer,
    pub store: &'a Store,
    pub wanted: Vec<Wanted>,
    pub started: Instant,
    /// The platform that is told, if any is.
    pub platform: Option<Platform>,
    /// Whether the harness has printed the reports already, as it does of tests that fail.
    pub told: bool,
}

impl Closing<'_> {
    /// Prints and writes; gives how the process ends.
    ///
    /// # Errors
    /// If a file cannot be written.
    pub fn close(self, results: &[RunResult], records: &[Record], judgement: &Judgement) -> Outcome {
        let elapsed = self.printer.times.then(|| self.started.elapsed());
        let mut run = reports::words(results, records, judgement.standings.clone(), elapsed);
        run.complaints.clone_from(&judgement.errors);
        if !self.told || self.printer.format != Format::Human {
            self.printer.found(&run);
        }
        let paths = self.setup.workspace.paths();
        let written =
            reports::write(&run, &self.wanted, &self.setup.workspace, &self.store.root.join("reports"))?;
        if self.platform == Some(Platform::Github) {
            put(github(&run, &paths).as_bytes());
            append_summary(&run);
        }
        for path in written {
            eprintln!("gorace: wrote {}", path.display());
        }
        for warning in &judgement.warnings {
            eprintln!("warning: {warning}");
        }
        for error in &judgement.errors {
            eprintln!("error: {error}");
        }
        if self.told {
            self.printer.line("");
        }
        self.printer.standings(&run, Naming::of(results));
        self.printer.summary(&run);
        Ok(judgement.exit())
    }
}

/// Adds the summary to the page of the workflow's step.
fn append_summary(run: &Run<'_>) {
    let Some(path) = std::env::var_os("GITHUB_STEP_SUMMARY").filter(|path| !path.is_empty()) else { return };
    let file = std::fs::OpenOptions::new().append(true).create(true).open(&path);
    if let Err(error) = file.and_then(|mut file| file.write_all(summary(run).as_bytes())) {
        eprintln!("gorace: cannot write the step's summary: {error}");
    }
}

/// The user interrupted: says what there is, and that it is not all; `told` if the harness has printed the reports.
pub fn interrupted(
    printer: &Printer,
    results: &[RunResult],
    records: &[Record],
    told: bool,
    of_tests: bool,
) -> Exit {
    let run = reports::words(results, records, vec![Standing::New; records.len()], None);
    if !told || printer.format != Format::Human {
        printer.found(&run);
    }
    results.iter().for_each(|result| printer.result(result, Naming::of(results)));
    printer.interrupted(&run, of_tests);
    Exit::Interrupted
}
