//! The edges that follow from the events, made when somebody looks.
//!
//! Locks and atomics are what programs do most, and most executions end without that anybody looks at their edges. So a
//! lock that did not wait says in its event after which release it came, and what an atomic was read from is the store
//! before. Invariant: nobody is given edges without that these are among them, sorted by `at`; where footprints are recorded
//! they are made at once, since a search looks at all of its executions.

use super::Execution;
use crate::prim::Object;
use gorace_analyzer_core::trace::Trace;
use gorace_analyzer_core::{Edge, EdgeKind, Event, EventIx, ObjIx, OpKind};

impl Execution {
    /// Makes those of the events since the last call.
    pub(crate) fn settle_edges(&mut self) {
        let start = std::mem::replace(&mut self.settled, self.trace.events.len());
        if self.record || start == self.settled {
            return;
        }
        let Execution { trace: Trace { events, edges, .. }, objects, .. } = self;
        // The last store of each atomic.
        let mut stores: Vec<Option<EventIx>> = vec![None; objects.len()];
        let mut others = std::mem::take(edges).into_iter().peekable();
        for (event, at) in events.iter_mut().zip(0..) {
            let object = event.object.map_or(usize::MAX, ObjIx::at);
            let before = match objects.get(object).map(|entry| &entry.state) {
                Some(Object::Atomic(_)) => read_from(event, EventIx(at), &mut stores[object]),
                _ => released(event).map(|from| (from, EdgeKind::Unlock)),
            };
            let Some((from, kind)) = before.filter(|_| at as usize >= start) else { continue };
            let (to, task, at) = (EventIx(at), event.task, at + 1);
            // What takes effect with its event comes before what does so after it.
            while let Some(other) = others.next_if(|other| other.at < at) {
                edges.push(other);
            }
            edges.push(Edge { from, to, task, at, kind });
        }
        edges.extend(others);
    }
}

/// What the access `event` of an atomic reads, whose last `store` this is, and which it may be itself from now on.
fn read_from(event: &Event, ix: EventIx, store: &mut Option<EventIx>) -> Option<(EventIx, EdgeKind)> {
    let before = *store;
    if matches!(event.op, OpKind::Store | OpKind::Rmw) {
        *store = Some(ix);
    }
    before.filter(|_| event.op != OpKind::Store).map(|from| (from, EdgeKind::ReadsFrom))
}

/// The release that the lock `event` came after and has said, which is not to be said again.
fn released(event: &mut Event) -> Option<EventIx> {
    if event.op != OpKind::Lock {
        return None;
    }
    let released = std::mem::take(&mut event.seen);
    released.checked_sub(1).map(|event| EventIx(event as u32))
}
