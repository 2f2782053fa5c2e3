//! Findings that no replay confirms: that executions do not repeat themselves, or that there was none.

use super::{Seen, Session};
use crate::check::confirm;
use gorace_analyzer::FindingKind;
use gorace_analyzer::key::key;
use gorace_analyzer::verdict::Stopped;

impl Session {
    /// GR0007: something that we do not control took part.
    pub(super) fn foreign(&mut self, found: String) {
        let step = self.cx.exec.steps() as u32;
        let expected = "everything that takes part to be made inside the execution".to_owned();
        let kind = FindingKind::Nondeterminism { step, expected, found, suspects: Vec::new() };
        self.add_unreplayed(kind);
    }

    /// GR0007: a prefix that was run before did not repeat itself.
    pub(super) fn diverged(&mut self) {
        let trace = self.cx.exec.trace().clone();
        let Some(divergence) = trace.divergence.clone() else { return };
        self.explorer.interrupt(Stopped::Finding);
        if self.has_changed(&trace) {
            return;
        }
        let kind = FindingKind::Nondeterminism {
            step: divergence.step,
            expected: divergence.expected,
            found: divergence.found,
            suspects: confirm::suspects(),
        };
        self.add_unreplayed(kind);
    }

    pub(super) fn add_unreplayed(&mut self, kind: FindingKind) {
        if !self.options.allow.contains(&kind.code()) {
            let confirmed = confirm::as_it_is(self, kind);
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
