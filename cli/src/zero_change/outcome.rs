//! What an exploration came to, as results and records say it.

use super::confirm::Confirmed;
use super::session::{Explored, Seen, Session};
use gorace_analyzer::Code;
use gorace_analyzer::record::{Facts as Found, Record, RunResult};
use gorace_analyzer::verdict::{Limit, Stopped, Verdict};
use gorace_engine::Token;
use gorace_engine::explore::Explorer;
use gorace_inject::wire::Facts;
use std::time::Duration;

impl Session {
    fn limits(&self) -> Vec<Limit> {
        let Facts { weak, ordered_timers, bounded_timers, timers, spin_cut, outside, truncated, .. } =
            self.facts;
        let has_race = self.seen.iter().any(|seen| seen.confirmed.finding.kind.code() == Code::DataRace);
        let mut limits: Vec<Limit> = [
            (weak, Limit::WeakValues),
            (ordered_timers, Limit::TimerOrder),
            (bounded_timers, Limit::TickerBound),
            (timers && self.options.idle_clock, Limit::IdleClock),
            (spin_cut, Limit::SpinCut),
            (outside, Limit::ForeignState),
            (truncated, Limit::StepLimit),
            (has_race, Limit::UnexploredRace),
        ]
        .into_iter()
        .filter(|(met, _)| *met)
        .map(|(_, limit)| limit)
        .collect();
        limits.sort_unstable();
        limits
    }

    /// The whole; with the `explorer`, if it was a search.
    pub fn explored(self, stopped: Stopped, elapsed: Duration, explorer: Option<&Explorer>) -> Explored {
        let limits = self.limits();
        let is_sequential = self.facts.threaded == 0;
        let strategies = explorer.map_or_else(|| self.random_words(), Explorer::strategies);
        let executions = self.facts.executions - self.redundant;
        let is_exhaustive = explorer.is_some_and(Explorer::is_exhaustive);
        let record = |seen: &Seen| {
            let mut record = self.record(seen, stopped, elapsed, &strategies);
            (record.facts.executions, record.facts.exhaustive) = (executions, is_exhaustive);
            record
        };
        let records: Vec<Record> = self.seen.iter().map(record).collect();
        let verdict = match explorer {
            _ if !records.is_empty() || self.broken.is_some() => Verdict::Failed,
            Some(explorer) => self.verdict(explorer),
            None => Verdict::Tested,
        };
        let is_verified = matches!(verdict, Verdict::Verified | Verdict::VerifiedUpTo { .. });
        let interleavings = explorer.filter(|_| is_verified).and_then(Explorer::interleavings);
        let result = RunResult {
            program: self.program.clone(),
            verdict,
            limits,
            stopped,
            executions,
            interleavings,
            runs: 1,
            shard: None,
            redundant: self.redundant,
            auxiliary: self.auxiliary,
            steps: self.facts.steps,
            elapsed: Some(elapsed),
            strategies,
            findings: records.iter().map(|record| record.facts.id.clone()).collect(),
            notes: self.deeds().into_iter().collect(),
            misfit: None,
        };
        Explored { result, records, broken: self.broken, is_sequential }
    }

    /// What the program does to the world outside, if anything.
    fn deeds(&self) -> Option<String> {
        let Facts { files, sockets, processes, .. } = self.facts;
        let all = [(files, "writes to files"), (sockets, "uses sockets"), (processes, "starts processes")];
        let did: Vec<&str> = all.into_iter().filter(|(did, _)| *did).map(|(_, words)| words).collect();
        let (last, others) = did.split_last()?;
        let words =
            if others.is_empty() { (*last).to_owned() } else { format!("{} and {last}", others.join(", ")) };
        Some(format!("it {words}, and does so again in each schedule"))
    }

    fn record(&self, seen: &Seen, stopped: Stopped, elapsed: Duration, strategies: &str) -> Record {
        let Confirmed { finding, fingerprint, schedule, trace, replayed, passing } = &seen.confirmed;
        let token = Token { program: Some(self.program.key() as u32), schedule: schedule.clone() };
        let facts = Found {
            id: super::files::id(&self.program, *fingerprint),
            token: token.to_string(),
            strategy: strategies.to_owned(),
            found_in: seen.found_in,
            executions: self.facts.executions,
            failing: seen.failing,
            exhaustive: false,
            minimal: false,
            stopped,
            elapsed: Some(elapsed),
            replayed: *replayed,
        };
        Record {
            program: self.program.clone(),
            facts,
            finding: finding.clone(),
            fingerprint: *fingerprint,
            trace: trace.clone(),
            passing: passing.clone(),
            sources: super::files::source_hashes(trace, &self.sources),
        }
    }
}
