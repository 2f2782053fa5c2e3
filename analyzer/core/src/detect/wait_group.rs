//! GR0005 for wait groups: an `add` from zero that nothing orders with a `wait`.
//!
//! Source: Go's documentation of `sync.WaitGroup`: calls with a positive delta that occur when the counter is
//! zero must happen before a Wait, and when it is used again, after all previous Waits have returned.
//!
//! May miss: of several such pairs on one group and one pair of tasks, all but the latest. Reports nothing
//! false: the two are unordered by happens-before ([`crate::hb`]), and then either order may happen.

use crate::finding::FindingKind;
use crate::hb::Walk;
use crate::ids::{EventIx, TaskIx};
use crate::misuse::{ADD_WITH_WAIT, REUSED};
use crate::op::OpKind;
use crate::trace::{Event, Trace};

struct Seen {
    task: TaskIx,
    count: u32,
    event: EventIx,
    adds: bool,
    /// Of a wait: whether it is of a round that an `add` from zero before it began.
    of_a_round: bool,
}

/// Appends a finding for each wait group of `trace` that is used so.
pub fn wait_groups(trace: &Trace, findings: &mut Vec<FindingKind>) {
    let is_add = |event: &Event| event.op == OpKind::WgAdd && event.seen == 0;
    if !trace.events.iter().any(is_add) {
        return;
    }
    let mut seen: Vec<Vec<Seen>> = Vec::new();
    seen.resize_with(trace.objects.len(), Vec::new);
    let mut walk = Walk::default();
    let history = trace.history();
    walk.start(&history);
    while let Some((ix, event)) = walk.step(&history) {
        let (adds, Some(object)) = (is_add(event), event.object) else { continue };
        if !adds && event.op != OpKind::WgWait {
            continue;
        }
        let clock = walk.clock(event.task);
        let of_group = &mut seen[object.at()];
        let of_a_round =
            !adds && of_group.iter().any(|other| other.adds && clock.get(other.task) >= other.count);
        let other = of_group.iter().find(|other| {
            other.adds != adds && other.task != event.task && clock.get(other.task) < other.count
        });
        if let Some(other) = other {
            let words = if of_a_round || other.of_a_round { REUSED } else { ADD_WITH_WAIT };
            findings.push(FindingKind::Unordered { first: other.event, second: ix, words });
        }
        // Of a task's own, the latest counts; its first `add` stays too, which tells that there was a round.
        let mut is_first = adds;
        of_group.retain(|other| {
            let is_own = (other.task, other.adds) == (event.task, adds);
            !is_own || std::mem::take(&mut is_first)
        });
        of_group.push(Seen { task: event.task, count: clock.get(event.task), event: ix, adds, of_a_round });
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
