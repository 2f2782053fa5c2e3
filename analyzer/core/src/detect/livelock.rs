//! GR0006: livelock, in its simplest form: the step limit was reached.
//!
//! May miss every livelock that a longer limit would be needed for. Whether more steps would have ended it
//! cannot be known; the finding says that it is the limit that was reached, and how to raise it.

use crate::finding::FindingKind;
use crate::ids::TaskIx;
use crate::trace::{Ended, TaskEnd, Trace};

/// Appends a finding if `trace` was cut by the step limit.
pub fn livelock(trace: &Trace, max_steps: u64, findings: &mut Vec<FindingKind>) {
    if trace.ended != Ended::StepLimit {
        return;
    }
    let running = (0..trace.tasks.len() as u32)
        .map(TaskIx)
        .filter(|task| trace.task(*task).end == TaskEnd::Running)
        .collect();
    findings.push(FindingKind::Livelock { running, max_steps });
}
