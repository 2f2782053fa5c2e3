//! The name of the trace of each beginning of an execution: the sum of the names of its events.
//!
//! Equal for two beginnings exactly if they differ only in the order of independent events (up to hash
//! collisions of 64 bits). An event's name is made of whose it is and what happens before it, never of numbers
//! that depend on the order.

use crate::execution::Execution;
use crate::explore::optimal::{Decision, HappensBefore};
use gorace_analyzer_core::Listed;
use gorace_analyzer_core::finding::{FNV_START, fnv};
use gorace_analyzer_core::{EventIx, OpKind, TaskPath};

/// The keys of all beginnings of one execution. Reused from execution to execution.
#[derive(Debug, Default)]
pub struct PrefixKeys {
    /// That of the first so many decisions.
    sums: Vec<u64>,
}

impl PrefixKeys {
    /// Computes them for the execution that just ended, which shares its first `shared` decisions with the one
    /// before.
    pub fn compute(&mut self, execution: &Execution, order: &HappensBefore, shared: Decision) {
        self.sums.truncate(shared + 1);
        if self.sums.is_empty() {
            self.sums.push(FNV_START);
        }
        let paths: Vec<u64> = execution.tasks.iter().map(|task| name_of_task(&task.path)).listed();
        let name = |decision: Decision| {
            let (task, index) = (order.task(decision), order.index(decision));
            mix(paths[task.at()] ^ mix(u64::from(index)))
        };
        let kept = self.sums.len() - 1;
        for decision in kept..order.len() {
            let event = execution.trace.event(order.event(decision));
            let mut key = mix(name(decision) ^ event.op as u64);
            let chooses = [OpKind::Choose, OpKind::Select, OpKind::Wait, OpKind::Park, OpKind::Await];
            let at = order.event(decision);
            if chooses.contains(&event.op) {
                let is_later = execution.completed_later.iter().any(|(event, _)| *event == at);
                key = mix(key ^ if is_later { 0 } else { event.value });
            }
            if event.op == OpKind::Fire && execution.clock.had_effect(at) {
                // Which timer it was, by whoever started it.
                key = mix(key ^ order.decision_of(execution, EventIx(event.seen as u32)).map_or(0, name));
            }
            let past = order.clock(decision).iter();
            let past = past.map(|(task, count)| mix(paths[task.at()] ^ mix(u64::from(count)).rotate_left(1)));
            let key = mix(key ^ past.fold(0, u64::wrapping_add));
            self.sums.push(self.sums[decision].wrapping_add(key));
        }
        // Which arm was taken belongs to what has happened once it has: a beginning is named alike whatever comes after it.
        for (select, events) in &execution.completed_later {
            let Some(decision) = order.decision_of(execution, *select) else { continue };
            let after = execution.decisions().partition_point(|decided| decided.0 < *events);
            let arm = execution.trace.event(*select).value;
            self.add(kept, after, mix(name(decision) ^ mix(arm)));
        }
        // Whom a notification woke may not show in the clocks.
        for edge in execution.trace.edges.iter().filter(|edge| edge.kind.tells_whom()) {
            let decisions = [edge.from, edge.to].map(|event| order.decision_of(execution, event));
            let [Some(from), Some(to)] = decisions else { continue };
            self.add(kept, from.max(to) + 1, mix(name(from) ^ mix(name(to))));
        }
    }

    /// Adds what is known after so many decisions, unless it is in what was `kept` already.
    fn add(&mut self, kept: Decision, after: Decision, key: u64) {
        if after > kept {
            for sum in self.sums.iter_mut().skip(after) {
                *sum = sum.wrapping_add(key);
            }
        }
    }

    /// The key of the first `decisions` decisions.
    pub fn of(&self, decisions: Decision) -> u64 {
        self.sums[decisions]
    }

    /// The key of the whole execution.
    pub fn whole(&self) -> u64 {
        self.sums.last().copied().unwrap_or(FNV_START)
    }
}

/// A task's part in a key.
pub fn name_of_task(path: &TaskPath) -> u64 {
    path.ordinals().iter().fold(FNV_START, |hash, ordinal| fnv(hash, &ordinal.to_le_bytes()))
}

/// The finaliser of SplitMix64 (Steele, Lea, Flood, OOPSLA 2014): every bit bears on every other.
pub fn mix(value: u64) -> u64 {
    let value = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}
