//! GR0003: leaked tasks.
//!
//! A task that is blocked for ever after main has returned. Judged at quiescence, when everything that could
//! run has run: a task that was merely slow has ended by then.
//!
//! Misses nothing in the executions that were run to quiescence. Reports nothing false: no task is left that
//! could wake it; tasks that were detached are meant to outlive main and are left out, and so are those of a
//! wait-for cycle, which are a deadlock (see [`super::deadlocks`]).

use crate::detect::deadlock;
use crate::finding::FindingKind;
use crate::ids::TaskIx;
use crate::trace::{Ended, Trace};

/// Appends a finding for each leaked task of `trace`.
pub fn leaks(trace: &Trace, findings: &mut Vec<FindingKind>) {
    let mut blocked = deadlock::blocked(trace).peekable();
    // Main has not returned: nobody waits for longer than the program lives.
    if deadlock::main_goexit(trace).is_some() {
        return;
    }
    if trace.ended != Ended::Quiescent || blocked.peek().is_none_or(|first| *first == TaskIx(0)) {
        return;
    }
    let in_cycle: Vec<TaskIx> = deadlock::cycles(trace).into_iter().flatten().collect();
    let behind_cycle = |task: TaskIx| {
        let mut reached = vec![task];
        let mut at = 0;
        while let Some(task) = reached.get(at).copied() {
            if in_cycle.contains(&task) {
                return true;
            }
            at += 1;
            for owner in deadlock::waits_for(trace, task) {
                if !reached.contains(&owner) {
                    reached.push(owner);
                }
            }
        }
        false
    };
    findings.extend(
        blocked
            .filter(|task| !trace.task(*task).detached && !behind_cycle(*task))
            .map(|task| FindingKind::Leak { task }),
    );
}
