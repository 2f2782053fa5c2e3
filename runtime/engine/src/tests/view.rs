//! What a user could see of an execution.

use super::program::Outcome;
use gorace_analyzer_core::{TaskIx, Trace, hb::Walk};
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};

/// How it ended, and the clock of each task after each of its events, by the analyzer: from the causal edges
/// alone, never from the dependency table.
pub fn view(outcome: &Outcome, trace: &Trace) -> u64 {
    let tasks = trace.tasks.len() as u32;
    let mut clocks: Vec<Vec<u32>> = vec![Vec::new(); trace.tasks.len()];
    let mut walk = Walk::default();
    let history = trace.history();
    walk.start(&history);
    while let Some((_, event)) = walk.step(&history) {
        let clock = walk.clock(event.task);
        clocks[event.task.at()].extend((0..tasks).map(|task| clock.get(TaskIx(task))));
    }
    let mut hasher = DefaultHasher::new();
    (outcome, clocks).hash(&mut hasher);
    hasher.finish()
}
