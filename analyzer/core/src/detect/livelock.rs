//! GR0006: livelock: the step limit was reached, or a spin that nothing ends.
//!
//! May miss every livelock that a longer limit would be needed for. Whether more steps would have ended it
//! cannot be known; the finding says that it is the limit that was reached, and how to raise it. More is known
//! if the end of the trace is a [`Spin`]: all tasks that can run only look, and nobody else can run.

use crate::finding::FindingKind;
use crate::ids::{EventIx, TaskIx};
use crate::trace::{Ended, TaskEnd, Trace};

/// A task that looks fewer times than this, without anything having changed, is not said to spin.
const LOOKS: usize = 20;

/// Appends a finding if `trace` was cut by the step limit.
pub fn livelock(trace: &Trace, max_steps: u64, findings: &mut Vec<FindingKind>) {
    if trace.ended != Ended::StepLimit {
        return;
    }
    findings.push(FindingKind::Livelock { running: running(trace), max_steps });
}

/// The tasks that could still run.
fn running(trace: &Trace) -> Vec<TaskIx> {
    (0..trace.tasks.len() as u32)
        .map(TaskIx)
        .filter(|task| trace.task(*task).end == TaskEnd::Running)
        .collect()
}

/// The end of a trace in which nothing changes any more.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Spin {
    /// The first event of that end: whatever changed something came before.
    pub since: EventIx,
    /// The tasks that spin, each with the first of each kind of look that it takes: different in operation or
    /// object.
    pub tasks: Vec<(TaskIx, Vec<EventIx>)>,
}

/// How the trace ends, if every task that could still run only looked for long, at what nobody changed.
pub fn spin(trace: &Trace) -> Option<Spin> {
    let idle = trace.events.iter().rev().take_while(|event| event.only_looks()).count();
    let since = trace.events.len() - idle;
    let mut tasks = Vec::new();
    for task in running(trace) {
        let own = trace.events[since..].iter().zip(since as u32..).filter(|(event, _)| event.task == task);
        let mut looks: Vec<EventIx> = Vec::new();
        let mut taken = 0;
        for (event, ix) in own {
            taken += 1;
            let same = |look: &&EventIx| {
                let look = trace.event(**look);
                (look.op, look.object) == (event.op, event.object)
            };
            if looks.iter().find(same).is_none() {
                looks.push(EventIx(ix));
            }
        }
        if taken < LOOKS {
            return None;
        }
        tasks.push((task, looks));
    }
    (!tasks.is_empty()).then_some(Spin { since: EventIx(since as u32), tasks })
}
