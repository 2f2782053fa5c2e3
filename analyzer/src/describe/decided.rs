//! Which two operations decide between a failing execution and the nearest one that passes.

use crate::describe::Names;
use crate::ids::{EventIx, TaskIx};
use crate::op::OpKind;
use crate::trace::Trace;
use gorace_analyzer_core::Listed;

/// The first pair of conflicting operations on one object whose order differs in the passing execution.
pub(crate) fn decided_by(names: &Names<'_>) -> Option<(EventIx, EventIx)> {
    let passing = names.record.passing.as_ref()?;
    let places = by_task(passing);
    let here = ordinals(names.trace);
    let trace = names.trace;
    for (b, later) in trace.indexed() {
        for (a, earlier) in trace.indexed().take_while(|(ix, _)| *ix < b) {
            if earlier.task == later.task || earlier.object.is_none() || earlier.object != later.object {
                continue;
            }
            if !conflict(earlier.op, later.op) {
                continue;
            }
            let then = |ix: EventIx| {
                let (task, ordinal) = here[ix.at()];
                let path = &trace.task(task).path;
                let same = passing.tasks.iter().position(|task| task.path == *path)?;
                let at = *places[same].get(ordinal)?;
                is_same(passing.event(at).op, trace.event(ix).op).then_some(at)
            };
            if let (Some(first), Some(second)) = (then(a), then(b))
                && second < first
            {
                return Some((a, b));
            }
        }
    }
    None
}

/// Whether the order of two operations on one object can matter. For explaining only; what is explored and
/// what is a bug is decided elsewhere.
fn conflict(a: OpKind, b: OpKind) -> bool {
    use OpKind::{
        CasFail, DropReceiver, Load, Lock, Read, Recv, Rmw, Send, Store, TryLock, TryRecv, TrySend, Unlock,
        Write,
    };
    let reads = |op| matches!(op, Load | CasFail | Read);
    match (a, b) {
        (a, b) if reads(a) && reads(b) => false,
        (Load | CasFail | Rmw | Store, Load | CasFail | Rmw | Store) => true,
        (Lock | TryLock, Lock | TryLock)
        | (Send | TrySend, Send | TrySend)
        | (Recv | TryRecv, Recv | TryRecv) => true,
        (Read | Write, Read | Write) => true,
        (Send | TrySend, DropReceiver) | (DropReceiver, Send | TrySend) => true,
        (a, b) if a.is_end() || b.is_end() => false,
        (Unlock, _) | (_, Unlock) => false,
        _ => {
            matches!(a, OpKind::Close | OpKind::Select | OpKind::NotifyOne | OpKind::NotifyAll | OpKind::Wait)
                && a != b
        }
    }
}

/// Whether a task does the same in both: where the order decides, a compare-and-swap fails in one of them.
fn is_same(a: OpKind, b: OpKind) -> bool {
    let tried = |op| if op == OpKind::CasFail { OpKind::Rmw } else { op };
    tried(a) == tried(b)
}

/// Each task's events.
fn by_task(trace: &Trace) -> Vec<Vec<EventIx>> {
    let mut events = vec![Vec::new(); trace.tasks.len()];
    for (ix, event) in trace.indexed() {
        events[event.task.at()].push(ix);
    }
    events
}

/// Each event's task, and how many of its events came before.
fn ordinals(trace: &Trace) -> Vec<(TaskIx, usize)> {
    let mut counts = vec![0; trace.tasks.len()];
    trace
        .events
        .iter()
        .map(|event| {
            counts[event.task.at()] += 1;
            (event.task, counts[event.task.at()] - 1)
        })
        .listed()
}
