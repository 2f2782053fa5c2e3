//! Findings that no replay confirms: that executions do not repeat themselves, or that there was none.

use super::{Seen, Session, divergence};
use crate::check::{Strategy, confirm};
use gorace_analyzer::key::key;
use gorace_analyzer::verdict::Stopped;
use gorace_analyzer::{FindingKind, Trace};

impl Session {
    /// Runs the first schedule that passed once more, last of all. A search repeats what its executions have in
    /// common, but what changes for good between two that have little in common, as those of several threads, shows
    /// nowhere else; nor does the program of a single interleaving, or a random run's. What was found was confirmed.
    pub(super) fn repeat(&mut self) {
        if matches!(self.options.strategy, Strategy::Replay(_)) || !self.seen.is_empty() {
            return;
        }
        let Some((schedule, first)) = self.passing.take() else { return };
        let again = confirm::replay(self, &schedule, false);
        if let Some(what) = self.cx.foreign.take() {
            self.foreign(what);
        } else if let Some(kind) = confirm::compare_with_values(&first, &again.trace) {
            self.add_unreplayed(kind, confirm::longer(first.clone(), again.trace));
        }
        self.passing = Some((schedule, first));
    }

    /// GR0007: something that we do not control took part.
    pub(super) fn foreign(&mut self, found: String) {
        let trace = self.cx.exec.trace().clone();
        let object = self.cx.outsiders.used(self.cx.generation);
        let own =
            object.and_then(|object| trace.events.iter().rposition(|event| event.object == Some(object)));
        let step = own.unwrap_or(trace.events.len()) as u32;
        let expected = "everything that takes part to be made inside the execution".to_owned();
        let kind = FindingKind::Nondeterminism { step, expected, found, suspects: Vec::new() };
        self.add_unreplayed(kind, trace);
    }

    /// GR0007: a prefix that was run before did not repeat itself.
    pub(super) fn diverged(&mut self) {
        let trace = self.cx.exec.trace().clone();
        let Some(at) = trace.divergence.clone() else { return };
        self.explorer.interrupt(Stopped::Finding);
        if self.has_changed(&trace) {
            return;
        }
        let kind = FindingKind::Nondeterminism {
            step: at.step,
            expected: divergence::in_words(&at.expected, &trace),
            found: divergence::in_words(&at.found, &trace),
            suspects: confirm::suspects(),
        };
        let trace = divergence::with_what_differs(trace, &self.cx.exec, &at);
        self.add_unreplayed(kind, trace);
    }

    pub(super) fn add_unreplayed(&mut self, kind: FindingKind, trace: Trace) {
        if !self.options.allow.contains(&kind.code()) {
            let confirmed = confirm::unreplayed(self, kind, trace);
            let key = key(&confirmed.trace, &confirmed.finding.kind);
            if self.seen.iter().all(|seen| seen.key != key) {
                self.seen.push(Seen {
                    key,
                    found_in: self.executions.max(1),
                    is_predicted: false,
                    found_after: self.executions + self.redundant + self.auxiliary,
                    failing: 1,
                    confirmed: Some(confirmed),
                });
            }
        }
    }
}
