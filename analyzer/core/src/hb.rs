//! Happens-before: which event must come before which, and why.
//!
//! The relation is the transitive closure of program order and the trace's edges, where an edge of kind
//! [`EdgeKind::ReadsFrom`] counts as far as the C11 rules let it (Batty et al. 2011: release/acquire pairs,
//! release sequences, fences). It is computed from the trace alone and knows nothing of how the trace was
//! made. [`Walk`] goes through a trace once, forwards, with one vector clock a task.
//!
//! It does *not* contain the order in which a schedule happened to run two conflicting operations: a race
//! is exactly a pair that this relation leaves unordered.

use crate::clock::VectorClock;
use crate::ids::{EventIx, TaskIx};
use crate::op::{EdgeKind, OpKind};
use crate::trace::{Edge, Event, Trace};

/// A walk over a trace with the clock of each task at each moment.
///
/// Storage is kept between walks: [`Walk::start`] begins a new one.
#[derive(Debug, Default)]
pub struct Walk {
    /// The clock of each task, its own last event included.
    clocks: Vec<VectorClock>,
    /// What a later acquire fence of each task will learn.
    pending_acquire: Vec<VectorClock>,
    /// What each task's last release fence published.
    release_fence: Vec<VectorClock>,
    /// How many edges still start at each event.
    uses: Vec<u32>,
    /// The snapshots of events that edges will start at; index into `pool`, or `u32::MAX`.
    snapshot: Vec<u32>,
    pool: Vec<VectorClock>,
    free: Vec<u32>,
    next_event: usize,
    next_edge: usize,
}

const NONE: u32 = u32::MAX;

impl Walk {
    /// Begins a walk over `trace`.
    pub fn start(&mut self, trace: &Trace) {
        for clocks in [&mut self.clocks, &mut self.pending_acquire, &mut self.release_fence] {
            clocks.iter_mut().for_each(VectorClock::clear);
            clocks.resize_with(trace.tasks.len(), VectorClock::default);
        }
        self.uses.clear();
        self.uses.resize(trace.events.len(), 0);
        for edge in &trace.edges {
            self.uses[edge.from.at()] += 1;
        }
        self.snapshot.clear();
        self.snapshot.resize(trace.events.len(), NONE);
        self.free.clear();
        self.free.extend(0..self.pool.len() as u32);
        (self.next_event, self.next_edge) = (0, 0);
    }

    /// Executes the next event and gives it; `None` at the end of the trace. [`Walk::clock`] of its task
    /// then covers the event and all that happened before it.
    pub fn step<'t>(&mut self, trace: &'t Trace) -> Option<(EventIx, &'t Event)> {
        let ix = self.next_event;
        let event = trace.events.get(ix)?;
        self.apply_edges(trace, ix, |_| true);
        let task = event.task.at();
        let own = self.clocks[task].get(event.task) + 1;
        self.clocks[task].set(event.task, own);
        if event.op == OpKind::Fence {
            self.fence(event);
        }
        self.next_event += 1;
        // What an atomic read learns is part of what its own write publishes.
        self.apply_edges(trace, ix + 1, |edge| edge.kind == EdgeKind::ReadsFrom);
        if self.uses[ix] > 0 {
            self.publish(trace, ix, event);
        }
        if event.op == OpKind::Fire {
            // The clock is no task of the program's: a timer carries what its starter knew, to whom it concerns,
            // and nothing from one timer to the next.
            self.clocks[task].clear();
            self.clocks[task].set(event.task, own);
        }
        Some((EventIx(ix as u32), event))
    }

    /// Applies what took effect after the last event, so that [`Walk::clock`] is each task's final one.
    pub fn finish(&mut self, trace: &Trace) {
        self.apply_edges(trace, usize::MAX, |_| true);
    }

    /// What `task` knows now.
    pub fn clock(&self, task: TaskIx) -> &VectorClock {
        &self.clocks[task.at()]
    }

    fn fence(&mut self, event: &Event) {
        let task = event.task.at();
        if event.order.acquires() {
            self.clocks[task].join(&self.pending_acquire[task]);
        }
        if event.order.releases() {
            self.release_fence[task].copy_from(&self.clocks[task]);
        }
    }

    /// Keeps what an edge from event `ix` will carry.
    fn publish(&mut self, trace: &Trace, ix: usize, event: &Event) {
        let slot = self.free.pop().unwrap_or_else(|| {
            self.pool.push(VectorClock::default());
            self.pool.len() as u32 - 1
        });
        let task = event.task.at();
        let published = match event.op {
            OpKind::Store | OpKind::Rmw if !event.order.releases() => &self.release_fence[task],
            _ => &self.clocks[task],
        };
        self.pool[slot as usize].copy_from(published);
        if event.op == OpKind::Rmw {
            // A release sequence goes through a read-modify-write, whatever its own order.
            if let Some(from) = read_from(trace, ix, self.next_edge) {
                self.join_pool(slot, from);
            }
        }
        self.snapshot[ix] = slot;
    }

    fn join_pool(&mut self, slot: u32, from: EventIx) {
        let source = self.snapshot[from.at()];
        if source != NONE && source != slot {
            let taken = std::mem::take(&mut self.pool[source as usize]);
            self.pool[slot as usize].join(&taken);
            self.pool[source as usize] = taken;
        }
    }

    fn apply_edges(&mut self, trace: &Trace, until: usize, wanted: impl Fn(&Edge) -> bool) {
        while let Some(edge) = trace.edges.get(self.next_edge) {
            if edge.at as usize > until || !wanted(edge) {
                return;
            }
            self.next_edge += 1;
            self.apply(trace, edge);
        }
    }

    fn apply(&mut self, trace: &Trace, edge: &Edge) {
        let slot = self.snapshot[edge.from.at()];
        debug_assert_ne!(slot, NONE, "an edge starts at an event that has not happened");
        let source = std::mem::take(&mut self.pool[slot as usize]);
        let task = edge.task.at();
        if edge.kind == EdgeKind::ReadsFrom && !trace.event(edge.to).order.acquires() {
            self.pending_acquire[task].join(&source);
        } else {
            self.clocks[task].join(&source);
        }
        self.pool[slot as usize] = source;
        // A read-modify-write still has to pass its source on; `publish` runs right after this.
        self.uses[edge.from.at()] -= 1;
        let passes_on = edge.kind == EdgeKind::ReadsFrom && trace.event(edge.to).op == OpKind::Rmw;
        if self.uses[edge.from.at()] == 0 && !passes_on {
            self.free.push(slot);
        }
    }
}

/// The store that the read-modify-write at `ix` read; its edge was the last one applied.
fn read_from(trace: &Trace, ix: usize, next_edge: usize) -> Option<EventIx> {
    let edge = trace.edges[..next_edge].last()?;
    (edge.kind == EdgeKind::ReadsFrom && edge.to.at() == ix).then_some(edge.from)
}

/// Why nothing orders two events: what the later one's task last knew of the earlier one's.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Unordered {
    /// The last event of `first`'s task that `second`'s task had learned of; `None`: not even its start.
    pub last_known: Option<EventIx>,
    /// The edge that carried it, or the first edge of the chain that did.
    pub carried_by: Option<Edge>,
}

/// Explains why `first` is not ordered before `second`. Meant for one pair: walks the trace.
pub fn why_unordered(trace: &Trace, first: EventIx, second: EventIx) -> Unordered {
    let task = trace.event(first).task;
    let clocks = clocks_at(trace, &[second]);
    let known = clocks[0].get(task);
    let last_known = trace.indexed().filter(|(_, e)| e.task == task).nth((known as usize).wrapping_sub(1));
    let last_known = if known == 0 { None } else { last_known.map(|(ix, _)| ix) };
    let carried_by = last_known.and_then(|last| {
        trace
            .edges
            .iter()
            .filter(|e| e.from <= last && trace.event(e.from).task == task && e.task != task)
            .filter(|e| (e.at as usize) <= second.at())
            .max_by_key(|e| e.from)
            .copied()
    });
    Unordered { last_known, carried_by }
}

/// The clock of each wanted event's task, just after that event.
pub fn clocks_at(trace: &Trace, wanted: &[EventIx]) -> Vec<VectorClock> {
    let mut walk = Walk::default();
    let mut found = vec![VectorClock::default(); wanted.len()];
    walk.start(trace);
    while let Some((ix, event)) = walk.step(trace) {
        for (slot, _) in wanted.iter().enumerate().filter(|(_, w)| **w == ix) {
            found[slot].copy_from(walk.clock(event.task));
        }
    }
    found
}
