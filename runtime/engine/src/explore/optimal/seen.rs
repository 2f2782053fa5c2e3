//! What a task's code has seen before an operation: it is the same operation wherever that is the same.
//!
//! Code sees what its operations gave, and the memory that others wrote before: whom a causal edge puts before it, and
//! what they had seen. Other operations that came before it, only because theirs do not commute with its own, have left
//! no mark: a notification, or a store, tells nothing to who does it. So this is less than what happens before, and it
//! names it, with its task, in all executions.

use super::happens_before::Decision;
use super::operation::Operation;
use crate::execution::Execution;
use crate::op::Reply;
use gorace_analyzer_core::finding::{FNV_START, fnv};
use gorace_analyzer_core::{Edge, OpKind, TaskIx};

/// By task: what it has seen since its last decision through causal edges, in whatever order.
#[derive(Debug, Default)]
pub struct Seen {
    since: Vec<u64>,
}

impl Seen {
    /// Of so many tasks, none of which has seen anything.
    pub fn clear(&mut self, tasks: usize) {
        self.since.clear();
        self.since.resize(tasks, 0);
    }

    /// The edge comes from this decision.
    pub fn note(&mut self, edge: &Edge, from: &Operation) {
        let told = fnv(fnv(FNV_START, &from.seen.to_le_bytes()), &[edge.kind as u8]);
        let since = &mut self.since[edge.task.at()];
        *since = since.wrapping_add(told);
    }

    /// What the task of this decision has seen before it, given its decision before. The clock has no code: what it
    /// does goes by the state.
    pub fn before(
        &mut self,
        execution: &Execution,
        decision: Decision,
        task: TaskIx,
        last: Option<&Operation>,
    ) -> u64 {
        if execution.clock.task == Some(task) {
            return fnv(FNV_START, &decision.to_le_bytes());
        }
        let since = std::mem::take(&mut self.since[task.at()]);
        let path = || execution.task_path(task).ordinals();
        let begun = || path().iter().fold(FNV_START, |name, ordinal| fnv(name, &ordinal.to_le_bytes()));
        let mut seen = fnv(last.map_or_else(begun, |last| last.seen), &since.to_le_bytes());
        if let Some(last) = last {
            let event = execution.trace.event(last.event);
            let is_value = matches!(
                event.op,
                OpKind::Load | OpKind::Rmw | OpKind::CasFail | OpKind::FutexWait | OpKind::FutexWake
            );
            // The answer to an operation on the program's own memory is there.
            let value = if is_value { [event.value, event.seen] } else { [0; 2] };
            seen =
                value.iter().fold(fnv(seen, &[event.op as u8]), |seen, part| fnv(seen, &part.to_le_bytes()));
            seen = answer(seen, event.op, execution.answered(decision));
        }
        seen
    }
}

fn answer(seen: u64, op: OpKind, answer: Reply) -> u64 {
    let is_message = matches!(op, OpKind::Recv | OpKind::TryRecv);
    let (sort, value) = match answer {
        // A message is known by who sent it. Its number depends on what else was sent.
        Reply::Value(_) if is_message => (0, 0),
        Reply::Unit => (1, 0),
        Reply::Value(value) => (2, value),
        Reply::Flag(flag) => (3, u64::from(flag)),
        Reply::Seen(value, done) => (4, value << 1 | u64::from(done)),
        Reply::Closed => (5, 0),
        Reply::WouldBlock => (6, 0),
        Reply::Arm(arm, message) => (7, u64::from(arm) << 1 | u64::from(message.is_some())),
        Reply::Default => (8, 0),
        Reply::Misuse(words) => (9, fnv(FNV_START, words.as_bytes())),
    };
    fnv(fnv(seen, &[sort]), &value.to_le_bytes())
}
