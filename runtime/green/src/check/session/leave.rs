//! What a session leaves: its result and its findings, as plain data, for the outcome and for other processes.

use super::{Seen, Session};
use crate::check::outcome::Outcome;
use crate::check::pieces::Pieces;
use crate::check::progress::Standing;
use crate::check::render;
use gorace_analyzer::Listed;
use gorace_analyzer::record::{Facts, PREDICTION, Record, RunResult};
use gorace_analyzer::verdict::{Stopped, Verdict};
use gorace_engine::Token;
use std::time::{Duration, Instant};

impl Session {
    /// Leaves a result that says that the test has begun: if the process ends during it, that is seen.
    pub(super) fn keep_begun(&self) {
        if self.options.program.test.is_some() && self.environment.replay.is_none() {
            let verdict = Verdict::Tested;
            let begun = RunResult { verdict, ..self.result(Stopped::Interrupted, None, &[]) };
            self.store.keep(&begun, &[]);
        }
    }

    /// Whoever is interrupted wants nothing more to be run. What an earlier piece left stays as it is.
    pub(super) fn not_begun(mut self, started: Instant) -> Outcome {
        self.explorer.interrupt(Stopped::Interrupted);
        self.is_interrupted = true;
        self.outcome(started)
    }

    /// How far it is, as a text for whoever watches.
    pub(super) fn standing(&self, elapsed: Duration) -> String {
        let standing = Standing {
            title: self.options.program.title(),
            executions: self.executions,
            max_executions: self.options.max_executions,
            elapsed,
            timeout: self.options.timeout,
            findings: self.seen.len(),
            searched: self.explorer.estimate().map(|estimate| (estimate.run, estimate.all)),
        };
        standing.text()
    }

    /// What the run has come to so far.
    pub(super) fn result(
        &self,
        stopped: Stopped,
        elapsed: Option<Duration>,
        records: &[Record],
    ) -> RunResult {
        let verdict = match (&self.misfit, records.is_empty()) {
            (None, true) => self.explorer.verdict(),
            _ => Verdict::Failed,
        };
        RunResult {
            program: self.options.program.clone(),
            verdict,
            limits: self.limits.clone(),
            stopped,
            executions: self.executions,
            redundant: self.redundant,
            auxiliary: self.auxiliary,
            steps: self.steps,
            elapsed,
            strategies: self.explorer.strategies(),
            findings: records.iter().map(|record| record.facts.id.clone()).listed(),
            notes: self.notes.clone(),
            misfit: self.misfit.clone(),
            interleavings: self.explorer.interleavings(),
            runs: 1 + self.pieces.as_ref().map_or(0, Pieces::earlier_runs),
            shard: self.options.shard,
        }
    }

    /// Leaves it for other processes; gives whether they can read it. What a test expects to be found is no finding to
    /// them.
    pub(super) fn keep(&self, result: &RunResult, records: &[Record]) -> bool {
        let is_expected = |record: &Record| Some(record.finding.kind.code()) == self.options.expect;
        if self.misfit.is_none() && !records.is_empty() && records.iter().all(is_expected) {
            let verdict = Verdict::Tested;
            self.store.keep(&RunResult { verdict, findings: Vec::new(), ..result.clone() }, &[])
        } else {
            self.store.keep(result, records)
        }
    }

    pub(super) fn records(&self, stopped: Stopped, elapsed: Option<Duration>) -> Vec<Record> {
        self.seen.iter().filter_map(|seen| self.record(seen, stopped, elapsed)).listed()
    }

    fn record(&self, seen: &Seen, stopped: Stopped, elapsed: Option<Duration>) -> Option<Record> {
        let confirmed = seen.confirmed.as_ref()?;
        let program = self.options.program.clone();
        let token = Token { program: Some(program.key() as u32), schedule: confirmed.schedule.clone() };
        // Its schedules may not have shown it at all.
        let is_predicted = seen.is_predicted && seen.found_in == 0;
        let strategy = if is_predicted { PREDICTION.to_owned() } else { self.explorer.strategies() };
        let facts = Facts {
            id: render::id(&program, confirmed.fingerprint),
            token: token.to_string(),
            strategy,
            found_in: seen.found_in,
            executions: self.executions,
            failing: seen.failing,
            exhaustive: self.explorer.is_exhaustive(),
            stopped,
            elapsed,
            replayed: confirmed.replayed,
            minimal: confirmed.minimal,
        };
        Some(Record {
            sources: render::source_hashes(&self.options.program, &confirmed.trace),
            program,
            facts,
            finding: confirmed.finding.clone(),
            fingerprint: confirmed.fingerprint,
            trace: confirmed.trace.clone(),
            passing: confirmed
                .passing
                .clone()
                .or_else(|| self.passing.as_ref().map(|(_, trace)| trace.clone())),
        })
    }
}
