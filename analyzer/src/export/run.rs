//! One run as every format is written from it.

use crate::describe::Report;
use crate::record::{Record, RunResult};
use crate::write::{TextOptions, text};
use std::time::Duration;

/// A run: what each test came to, and what was found.
///
/// ```
/// use gorace_analyzer::export::{Paths, Run, github, gitlab, junit, summary};
/// let run = Run { results: &[], findings: Vec::new(), complaints: Vec::new(), elapsed: None };
/// assert!(junit(&run, &|program| program.package.clone()).contains("<testsuites name=\"gorace\" tests=\"0\""));
/// assert!(summary(&run).starts_with("## gorace: no new finding\n"));
/// assert_eq!(github(&run, &Paths::default()), "");
/// assert_eq!(gitlab(&run, &Paths::default()), serde_json::json!([]));
/// ```
#[derive(Clone, Debug)]
pub struct Run<'a> {
    /// By package, target and test.
    pub results: &'a [RunResult],
    /// In the order of the results.
    pub findings: Vec<Found<'a>>,
    /// What else is wrong with the run: a test that was expected and did not run, ..
    pub complaints: Vec<String>,
    /// How long it took; `None` where times are left out.
    pub elapsed: Option<Duration>,
}

/// A finding of the run.
#[derive(Clone, Debug)]
pub struct Found<'a> {
    /// What was found.
    pub record: &'a Record,
    /// Its words.
    pub report: Report,
    /// Where it stands for the gate.
    pub standing: Standing,
}

/// Where a finding stands for the gate.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Standing {
    /// It counts.
    New,
    /// It is in the baseline.
    Known,
    /// A rule of the configuration allows it, for this reason.
    Allowed(String),
}

impl Standing {
    /// The word of the machine formats.
    pub fn word(&self) -> &'static str {
        match self {
            Standing::New => "new",
            Standing::Known => "known",
            Standing::Allowed(_) => "allowed",
        }
    }

    /// Whether a finding that stands so counts.
    pub fn counts(&self) -> bool {
        *self == Standing::New
    }
}

impl Run<'_> {
    /// The findings that count.
    pub fn new_findings(&self) -> impl Iterator<Item = &Found<'_>> {
        self.findings.iter().filter(|found| found.standing.counts())
    }

    /// The findings of one test or program.
    pub fn of<'r>(&'r self, result: &'r RunResult) -> impl Iterator<Item = &'r Found<'r>> {
        self.findings.iter().filter(|found| found.record.program == result.program)
    }
}

impl Found<'_> {
    /// The report as a person reads it, without colour.
    pub fn text(&self) -> String {
        let mut out = Vec::new();
        // Writing to memory does not fail.
        let _ = text(&self.report, &TextOptions::default(), &mut out);
        String::from_utf8_lossy(&out).into_owned()
    }

    /// `GR0001 data race`.
    pub(crate) fn title(&self) -> String {
        format!("{} {}", self.report.code, self.report.code.title())
    }

    /// `gorace replay 7c1f09ab`.
    pub(crate) fn replay(&self) -> String {
        format!("gorace replay {}", self.report.replay.get(..8).unwrap_or(&self.report.replay))
    }
}
