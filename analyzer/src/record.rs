//! What a checked test or program leaves behind: plain data, written by the library, read by the CLI.

use crate::finding::{Finding, Fingerprint};
use crate::trace::Trace;
use crate::verdict::{Limit, Stopped, Summary, Verdict};
use std::time::Duration;

/// How a program is found and run again.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Program {
    /// The package it is in.
    pub package: String,
    /// That package's folder.
    pub manifest_dir: String,
    /// The cargo target (binary, example, test or the library) that the code was built into.
    pub target: String,
    /// The test's name as libtest prints it; `None` for a `#[gorace::main]`.
    pub test: Option<String>,
}

impl Program {
    /// What a person calls it: the test's name, else the target's.
    pub fn title(&self) -> &str {
        self.test.as_deref().unwrap_or(&self.target)
    }

    /// A stable key for file names and tokens: package, target and test, no folder.
    pub fn key(&self) -> u64 {
        use crate::finding::{FNV_START, fnv};
        let parts = [self.package.as_str(), &self.target, self.test.as_deref().unwrap_or("")];
        parts.iter().fold(FNV_START, |hash, part| fnv(fnv(hash, part.as_bytes()), &[0]))
    }

    /// Whether it is in the `part`-th of `of` parts of all programs, counted from 1.
    #[inline]
    pub fn is_in_part(&self, part: u32, of: u32) -> bool {
        // The key's own low bits are spread badly for few parts.
        let spread = (self.key() ^ (self.key() >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 32;
        of > 0 && spread % u64::from(of) + 1 == u64::from(part)
    }
}

/// The word of [`Facts::strategy`] for what only a prediction from the first execution showed.
pub const PREDICTION: &str = "prediction";

/// How a finding was come by.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Facts {
    /// What `gorace replay` takes: 16 hex digits, any unique prefix does.
    pub id: String,
    /// The schedule token, `v1...`.
    pub token: String,
    /// The strategy that found it.
    pub strategy: String,
    /// The execution that showed it first, counted from 1.
    pub found_in: u64,
    /// All complete executions of the run.
    pub executions: u64,
    /// How many of them showed it.
    pub failing: u64,
    /// Whether the run was exhaustive (`executions` then counts interleavings).
    pub exhaustive: bool,
    /// What ended the run.
    pub stopped: Stopped,
    /// How long the run took; `None` where times are left out.
    pub elapsed: Option<Duration>,
    /// How many of how many replays of the schedule showed it again.
    pub replayed: (u32, u32),
    /// Whether a completed search shows that no schedule with fewer forced switches has the finding.
    pub minimal: bool,
}

/// One finding, whole: enough to print it again without the program.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Record {
    /// Where it was found.
    pub program: Program,
    /// How it was come by.
    pub facts: Facts,
    /// Which bug.
    pub finding: Finding,
    /// Its name across runs.
    pub fingerprint: Fingerprint,
    /// The shortened execution that shows it.
    pub trace: Trace,
    /// An execution of the same run that does not show it, if there was one.
    pub passing: Option<Trace>,
    /// For each source file that the trace names and that could be read: its path and FNV-1a hash.
    pub sources: Vec<(String, u64)>,
}

/// Why a run is not what was asked for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Misfit {
    /// In words.
    pub why: String,
    /// Whether it is a place that cannot be read or written. The program is no part of that.
    pub is_place: bool,
}

impl Misfit {
    /// Something does not fit the program.
    #[inline]
    pub fn of_program(why: String) -> Self {
        Misfit { why, is_place: false }
    }
}

/// What one checked test or program came to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RunResult {
    /// Which.
    pub program: Program,
    /// What it is worth.
    pub verdict: Verdict,
    /// What the verdict does not cover.
    pub limits: Vec<Limit>,
    /// What ended it.
    pub stopped: Stopped,
    /// Complete executions, pairwise inequivalent in exhaustive mode.
    pub executions: u64,
    /// Begun and abandoned, or equivalent to an earlier one.
    pub redundant: u64,
    /// For confirming, shortening and replaying.
    pub auxiliary: u64,
    /// Events of all executions.
    pub steps: u64,
    /// How long it took; `None` where times are left out.
    pub elapsed: Option<Duration>,
    /// The strategies that ran, as printed: `random`.
    pub strategies: String,
    /// The ids of its findings, in the order found.
    pub findings: Vec<String>,
    /// Notes for the reader that are no findings, one line each.
    pub notes: Vec<String>,
    /// Why the schedule that was to be replayed, or the file to go on from, does not fit the program, if it does not.
    pub misfit: Option<Misfit>,
    /// How many interleavings the verdict is about, if these are not the executions: earlier runs may have run some of
    /// them, and others may have been run besides.
    pub interleavings: Option<u64>,
    /// Runs that came to this together, each from where the one before was stopped; this one included.
    pub runs: u64,
    /// Which shard it is of how many, if others have run other schedules of the same test.
    pub shard: Option<(u32, u32)>,
}

impl RunResult {
    /// The verdict with its numbers.
    pub fn summary(&self) -> Summary<'_> {
        Summary {
            verdict: self.verdict,
            executions: self.interleavings.unwrap_or(self.executions),
            runs: self.runs,
            strategies: &self.strategies,
            limits: &self.limits,
        }
    }

    /// The word of the machine formats for what ended it, or for that it did not begin: a run that something does not fit
    /// may have explored nothing.
    #[inline]
    pub fn end_word(&self) -> &'static str {
        if self.is_unexplored() { "not explored" } else { self.stopped.word() }
    }

    /// The same for people. A run mostly goes on for a while after its first finding, to count how often that shows.
    #[inline]
    pub fn end(&self) -> &'static str {
        match self.stopped {
            Stopped::Finding if !self.is_unexplored() => "stopped after the first finding",
            _ => self.end_word(),
        }
    }

    /// Whether nothing was explored, since something does not fit.
    #[inline]
    pub fn is_unexplored(&self) -> bool {
        self.misfit.is_some() && self.executions == 0
    }

    /// What results are sorted by: package, target, test.
    #[inline]
    pub fn order(&self) -> (String, String, Option<String>) {
        let Program { package, target, test, .. } = &self.program;
        (package.clone(), target.clone(), test.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::Program;

    #[test]
    fn each_program_is_in_one_part_and_no_part_is_much_larger() {
        for of in 1..=7 {
            let mut sizes = vec![0; of as usize];
            for i in 0..700 {
                let program = Program { test: Some(format!("tests::case_{i}")), ..Program::default() };
                let parts: Vec<u32> = (1..=of).filter(|part| program.is_in_part(*part, of)).collect();
                assert_eq!(parts.len(), 1, "{program:?} of {of}");
                sizes[parts[0] as usize - 1] += 1;
            }
            // Chance alone keeps 700 drawn into 7 within four deviations of 100: 63 to 137.
            let (least, most) = (sizes.iter().min().copied(), sizes.iter().max().copied());
            assert!(least > Some(350 / of) && most < Some(1400 / of + 1), "{sizes:?}");
        }
    }
}
