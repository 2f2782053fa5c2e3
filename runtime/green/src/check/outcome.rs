//! What a check came to.

use crate::check::render;
use gorace_analyzer::Code;
use gorace_analyzer::Listed;
use gorace_analyzer::record::{Misfit, Record, RunResult};
use gorace_analyzer::verdict::{Limit, Verdict};
use std::time::Duration;

/// The result of a [`Checker`](crate::Checker)'s run.
///
/// ```no_run
/// let outcome = gorace::Checker::new().run(|| { gorace::go!({}).join().unwrap(); });
/// assert_eq!(outcome.verdict, gorace::check::Verdict::Verified);
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Outcome {
    /// What was found, each confirmed by replaying it.
    pub findings: Vec<Finding>,
    /// What the run is worth.
    pub verdict: Verdict,
    /// What the verdict does not cover.
    pub limits: Vec<Limit>,
    /// Complete executions, pairwise inequivalent in exhaustive mode.
    pub executions: u64,
    /// Executions begun and abandoned, or equivalent to an earlier one.
    pub redundant: u64,
    /// Executions for confirming and shortening findings, predictions that were tried, and known failing schedules
    /// tried first.
    pub auxiliary: u64,
    /// Events of all executions.
    pub steps: u64,
    /// How long it took.
    pub elapsed: Duration,
    pub(crate) result: RunResult,
    pub(crate) records: Vec<Record>,
    pub(crate) look: render::Look,
    /// Whether the command line has started the test: it prints what the results say.
    pub(crate) is_told: bool,
    /// Whether the findings are kept for somebody else to judge.
    pub(crate) deferred: bool,
    /// Why a schedule to be replayed, or a file to go on from, does not fit the program, or cannot be left.
    pub(crate) misfit: Option<Misfit>,
}

/// One finding.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Finding {
    /// `GR0001` ..
    pub code: Code,
    /// The report's first line.
    pub title: String,
    /// The bug's name across runs and line shifts.
    pub fingerprint: String,
    /// The token that replays it.
    pub schedule: String,
    /// Where it shows, most important first.
    pub locations: Vec<Location>,
    /// How many of the run's executions showed it.
    pub failing: u64,
    /// Which of the run's executions showed it first, counted from 1; 0 if only a schedule known from before or a
    /// prediction did.
    pub found_in: u64,
    /// Executions of all kinds until it was met, itself included: those of the search, predictions that were tried, and
    /// schedules known from before.
    pub found_after: u64,
}

/// A place in the source.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Location {
    /// As the compiler saw it.
    pub file: String,
    /// Counted from 1.
    pub line: u32,
    /// Counted from 1.
    pub column: u32,
}

impl Outcome {
    /// Panics with the report if anything was found.
    ///
    /// # Panics
    /// If there is a finding, unless `gorace ci` runs the test: it judges the findings itself. If a schedule to be
    /// replayed or a file to go on from does not fit, or what is left to do cannot be kept.
    #[track_caller]
    #[inline]
    pub fn assert_clean(&self) {
        self.assert_fit();
        if !self.findings.is_empty() && !self.deferred {
            panic!("{}", self.report());
        }
    }

    /// Prints what a test that passes is worth, where nobody else does. Libtest shows it if it is asked to, as it does
    /// what the test itself prints.
    pub(crate) fn tell(&self) {
        if self.is_told || !self.findings.is_empty() {
            return;
        }
        let title = self.result.program.title();
        println!("gorace: {title}: {}", self.summary());
        self.notes().iter().for_each(|note| println!("gorace: note: {title}: {note}"));
    }

    /// Panics if a schedule or a file does not fit, with what was found all the same.
    #[track_caller]
    #[inline]
    fn assert_fit(&self) {
        match &self.misfit {
            None => {}
            Some(Misfit { why, .. }) if self.findings.is_empty() || self.deferred => panic!("{why}"),
            Some(Misfit { why, .. }) => panic!("{}\n{why}", self.report()),
        }
    }

    /// The findings of one kind, named by its code or word: `GR0002` or `deadlock`.
    ///
    /// # Panics
    /// If there is no such finding, or no such kind, and as [`Outcome::assert_clean`] if something does not fit.
    #[track_caller]
    #[inline]
    pub fn expect(&self, kind: &str) -> Vec<&Finding> {
        let Some(code) = Code::parse(kind) else {
            let known: Vec<_> = Code::ALL.iter().map(|code| code.word()).listed();
            panic!("no finding is called `{kind}`; expected a code or one of: {}", known.join(", "));
        };
        self.assert_fit();
        let found: Vec<_> = self.findings.iter().filter(|finding| finding.code == code).listed();
        if found.is_empty() {
            let what = code.title();
            match self.findings.is_empty() {
                true => panic!("expected a {what} ({code}), found nothing: {}", self.summary()),
                false => panic!("expected a {what} ({code}), found something else\n{}", self.report()),
            }
        }
        found
    }

    /// What a reader should know beside the verdict and the findings, a line each: tasks that had not finished when
    /// main returned, and why a run stopped early.
    ///
    /// ```
    /// let outcome = gorace::Checker::new().run(|| {
    ///     gorace::go!("worker", { println!("hello") });
    ///     gorace::time::sleep(gorace::time::Duration::from_secs(1));
    /// });
    /// assert!(outcome.notes()[0].starts_with("`worker` had not finished when main returned"));
    /// ```
    #[inline]
    pub fn notes(&self) -> &[String] {
        &self.result.notes
    }

    /// The verdict in words: `verified: all 90 interleavings`.
    #[inline]
    pub fn summary(&self) -> String {
        render::summary(&self.result)
    }

    /// All findings as a person reads them; empty if there is none.
    #[inline]
    pub fn report(&self) -> String {
        render::reports(&self.records, self.look)
    }
}
