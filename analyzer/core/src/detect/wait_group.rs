//! GR0005 for wait groups: an `add` from zero that nothing orders with a `wait`.
//!
//! Source: Go's documentation of `sync.WaitGroup`: calls with a positive delta that occur when the counter is
//! zero must happen before a Wait, and when it is used again, after all previous Waits have returned.
//!
//! An `add` counts as from zero if it is so in some order of what the trace has ([`super::first_adds`]).
//!
//! May miss: of several such pairs on one group and one pair of tasks, all but the latest. Reports nothing
//! false: the two are unordered by happens-before ([`crate::hb`]), and then either order may happen.

use super::first_adds::first_adds;
use crate::finding::FindingKind;
use crate::hb::Walk;
use crate::ids::{EventIx, TaskIx};
use crate::misuse::{ADD_WITH_WAIT, REUSED};
use crate::op::OpKind;
use crate::trace::Trace;

struct Seen {
    task: TaskIx,
    count: u32,
    event: EventIx,
    adds: bool,
    /// Of an `add`: how often the counter had left zero, with it.
    round: u32,
    /// Of a wait: whether it is of a round that an `add` from zero before it began.
    of_a_round: bool,
}

/// Appends a finding for each wait group of `trace` that is used so.
pub fn wait_groups(trace: &Trace, findings: &mut Vec<FindingKind>) {
    if !trace.events.iter().any(|event| event.op == OpKind::WgWait) {
        return;
    }
    let history = trace.history();
    let mut first_adds = first_adds(&history).into_iter().peekable();
    if first_adds.peek().is_none() {
        return;
    }
    let mut seen: Vec<Vec<Seen>> = Vec::new();
    seen.resize_with(trace.objects.len(), Vec::new);
    let mut rounds = vec![0; trace.objects.len()];
    let mut walk = Walk::default();
    walk.start(&history);
    while let Some((ix, event)) = walk.step(&history) {
        let adds = first_adds.next_if_eq(&ix).is_some();
        let Some(object) = event.object.filter(|_| adds || event.op == OpKind::WgWait) else { continue };
        let round = &mut rounds[object.at()];
        *round += u32::from(adds && event.seen == 0);
        let clock = walk.clock(event.task);
        let of_group = &mut seen[object.at()];
        let is_before = |other: &Seen| clock.get(other.task) >= other.count;
        let begun = |other: &&Seen| !adds && other.adds && is_before(other);
        let of_a_round = of_group.iter().any(|other| begun(&other));
        let other =
            of_group.iter().find(|other| other.adds != adds && other.task != event.task && !is_before(other));
        if let Some(other) = other {
            // Several tasks may begin one round: the one that began it with this `add` is no earlier one.
            let of_another = of_group.iter().filter(begun).any(|begun| begun.round != other.round);
            let words = if of_another || other.of_a_round { REUSED } else { ADD_WITH_WAIT };
            findings.push(FindingKind::Unordered { first: other.event, second: ix, words });
        }
        // Of a task's own, the latest counts; its first `add` stays too, which tells that there was a round.
        let mut is_first = adds;
        of_group.retain(|other| {
            let is_own = (other.task, other.adds) == (event.task, adds);
            !is_own || std::mem::take(&mut is_first)
        });
        let (task, count) = (event.task, clock.get(event.task));
        of_group.push(Seen { task, count, event: ix, adds, round: *round, of_a_round });
    }
    let mut groups = Vec::new();
    findings.retain(|finding| match finding {
        FindingKind::Unordered { first, words: ADD_WITH_WAIT | REUSED, .. } => {
            let group = trace.event(*first).object;
            let is_new = !groups.contains(&group);
            groups.push(group);
            is_new
        }
        _ => true,
    });
}
