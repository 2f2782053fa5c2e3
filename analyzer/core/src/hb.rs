//! Happens-before: which event must come before which, and why.
//!
//! The relation is the transitive closure of program order and the trace's edges, where an edge of kind
//! [`EdgeKind::ReadsFrom`] counts as far as the C11 rules let it (Batty et al. 2011: release/acquire pairs,
//! release sequences, fences), and one of kind [`EdgeKind::FutexWake`] not at all. It is computed from the trace alone and knows nothing of how the trace was
//! made. [`WalkOf`] goes through a trace once, forwards, with one vector clock a task.
//!
//! It does *not* contain the order in which a schedule happened to run two conflicting operations: a race
//! is exactly a pair that this relation leaves unordered.

use crate::clock::{Clock, VectorClock};
use crate::ids::{EventIx, TaskIx};
use crate::op::{EdgeKind, OpKind};
use crate::trace::{Edge, Event, History, Trace};

/// A walk over a trace with the clock of each task at each moment.
///
/// Storage is kept between walks: [`WalkOf::start`] begins a new one.
#[derive(Debug, Default)]
pub struct WalkOf<C> {
    /// The clock of each task, its own last event included.
    clocks: Vec<C>,
    /// What a later acquire fence of each task will learn.
    pending_acquire: Vec<C>,
    /// What each task's last release fence published.
    release_fence: Vec<C>,
    /// Of each event, what edges carry from it.
    published: Vec<Published>,
    pool: Vec<C>,
    free: Vec<u32>,
    next_event: usize,
    next_edge: usize,
    /// How many events had happened when the next edge took effect.
    next_edge_at: usize,
}

/// A walk for any number of tasks.
pub type Walk = WalkOf<VectorClock>;

/// What an event publishes, while somebody is still to learn it.
#[derive(Clone, Copy, Debug)]
struct Published {
    /// How many edges still start at it.
    uses: u32,
    /// Where its clock is kept in the pool, or [`NONE`].
    slot: u32,
}

const NONE: u32 = u32::MAX;

impl<C: Clock> WalkOf<C> {
    /// Begins a walk over `history`.
    pub fn start(&mut self, history: &History<'_>) {
        for clocks in [&mut self.clocks, &mut self.pending_acquire, &mut self.release_fence] {
            clocks.iter_mut().for_each(C::clear);
            clocks.resize_with(history.tasks, C::default);
        }
        self.published.clear();
        self.published.resize(history.events.len(), Published { uses: 0, slot: NONE });
        for edge in history.edges {
            self.published[edge.from.at()].uses += 1;
        }
        self.free.clear();
        self.free.extend(0..self.pool.len() as u32);
        self.next_event = 0;
        self.go_to_edge(history, 0);
    }

    /// Executes the next event and gives it; `None` at the end of the history. [`WalkOf::clock`] of its task
    /// then covers the event and all that happened before it.
    pub fn step<'t>(&mut self, history: &History<'t>) -> Option<(EventIx, &'t Event)> {
        let ix = self.next_event;
        let event = history.events.get(ix)?;
        if self.next_edge_at <= ix {
            self.apply_edges(history, ix, |_| true);
        }
        let task = event.task.at();
        let own = self.clocks[task].tick(event.task);
        if event.op == OpKind::Fence {
            self.fence(event);
        }
        self.next_event += 1;
        if self.next_edge_at <= ix + 1 {
            // What an atomic read learns is part of what its own write publishes; and so with whoever opens a barrier.
            self.apply_edges(history, ix + 1, |edge| edge.kind == EdgeKind::ReadsFrom || edge.gathers());
        }
        if self.published[ix].uses > 0 {
            self.publish(history, ix, event);
        }
        if event.op == OpKind::Fire {
            // The clock is no task of the program's: a timer carries what its starter knew, to whom it concerns,
            // and nothing from one timer to the next.
            self.clocks[task].clear();
            self.clocks[task].set(event.task, own);
        }
        Some((EventIx(ix as u32), event))
    }

    /// Applies what took effect after the last event, so that [`WalkOf::clock`] is each task's final one.
    pub fn finish(&mut self, history: &History<'_>) {
        self.apply_edges(history, usize::MAX, |_| true);
    }

    /// What `task` knows now.
    pub fn clock(&self, task: TaskIx) -> &C {
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
    fn publish(&mut self, history: &History<'_>, ix: usize, event: &Event) {
        let slot = self.free.pop().unwrap_or_else(|| {
            self.pool.push(C::default());
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
            if let Some(from) = read_from(history, ix, self.next_edge) {
                self.join_pool(slot, from);
            }
        }
        self.published[ix].slot = slot;
    }

    fn join_pool(&mut self, slot: u32, from: EventIx) {
        let source = self.published[from.at()].slot;
        if source != NONE && source != slot {
            let taken = std::mem::take(&mut self.pool[source as usize]);
            self.pool[slot as usize].join(&taken);
            self.pool[source as usize] = taken;
        }
    }

    fn apply_edges(&mut self, history: &History<'_>, until: usize, wanted: impl Fn(&Edge) -> bool) {
        while let Some(edge) = history.edges.get(self.next_edge) {
            if edge.at as usize > until || !wanted(edge) {
                return;
            }
            self.go_to_edge(history, self.next_edge + 1);
            self.apply(history, edge);
        }
    }

    fn go_to_edge(&mut self, history: &History<'_>, next: usize) {
        self.next_edge = next;
        self.next_edge_at = history.edges.get(next).map_or(usize::MAX, |edge| edge.at as usize);
    }

    fn apply(&mut self, history: &History<'_>, edge: &Edge) {
        let Published { slot, uses } = &mut self.published[edge.from.at()];
        let slot = *slot;
        debug_assert_ne!(slot, NONE, "an edge starts at an event that has not happened");
        *uses -= 1;
        let is_last = *uses == 0;
        let task = edge.task.at();
        let source = &self.pool[slot as usize];
        match edge.kind {
            // Memory is ordered by what the words hold, not by who was woken.
            EdgeKind::FutexWake => {}
            EdgeKind::ReadsFrom if !history.event(edge.to).order.acquires() => {
                self.pending_acquire[task].join(source);
            }
            _ => self.clocks[task].join(source),
        }
        // A read-modify-write still has to pass its source on; `publish` runs right after this.
        let passes_on = edge.kind == EdgeKind::ReadsFrom && history.event(edge.to).op == OpKind::Rmw;
        if is_last && !passes_on {
            self.free.push(slot);
        }
    }
}

/// The store that the read-modify-write at `ix` read; its edge was the last one applied.
fn read_from(history: &History<'_>, ix: usize, next_edge: usize) -> Option<EventIx> {
    let edge = history.edges[..next_edge].last()?;
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
    let history = trace.history();
    walk.start(&history);
    while let Some((ix, event)) = walk.step(&history) {
        for (slot, _) in wanted.iter().enumerate().filter(|(_, w)| **w == ix) {
            found[slot].copy_from(walk.clock(event.task));
        }
    }
    found
}
