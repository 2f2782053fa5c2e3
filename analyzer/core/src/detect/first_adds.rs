//! Which `add`s of wait groups are from zero in some execution that differs from the trace in nothing but the order of
//! operations that do not see each other.
//!
//! Of two tasks that add to a group at zero, only the first one's `add` is from zero in a trace, but nobody sees which
//! one that was: a search runs one of the two orders and calls the other one the same. So an `add` after another one
//! counts as well, if nothing of what the other one brought about comes before it.
//!
//! What comes before is taken to be more than happens-before has it ([`crate::hb`]): whatever an operation may have
//! seen, too ([`super::commute`]). So what is run without the other `add` runs as it did, and the execution that is
//! meant exists. May miss: an `add` that comes after another one only as two operations that do commute came.

use super::commute::{Reach, commute, reach};
use crate::ids::{EventIx, ObjIx};
use crate::op::OpKind;
use crate::trace::{Edge, Event, History};

/// The event adds to a counter, which was not too much for it.
fn adds(event: &Event) -> bool {
    event.op == OpKind::WgAdd && event.value > event.seen && event.value as i64 > 0
}

/// The `add`s of `history` that are from zero so, in order.
pub(super) fn first_adds(history: &History<'_>) -> Vec<EventIx> {
    let mut found = Vec::new();
    for (start, event) in history.events.iter().enumerate().filter(|(_, event)| adds(event)) {
        if event.seen == 0 {
            found.push(EventIx(start as u32));
            if let Some(end) = end_of_round(history, start) {
                Consequences::new(history, start).find(end, &mut found);
            }
        }
    }
    found.sort_unstable();
    found
}

/// Where to look for other `add`s that could have been the first of the round that begins at `start`: up to the last one
/// by another task before the first `done`. All later ones come after that, which comes after all earlier ones.
fn end_of_round(history: &History<'_>, start: usize) -> Option<usize> {
    let first = &history.events[start];
    let of_group =
        history.events.iter().enumerate().skip(start + 1).filter(|(_, e)| e.object == first.object);
    let before_done = of_group.take_while(|(_, event)| event.op != OpKind::WgDone);
    before_done.filter(|(_, event)| adds(event) && event.task != first.task).last().map(|(at, _)| at)
}

/// What comes after the `add`s of one round.
struct Consequences<'h> {
    history: &'h History<'h>,
    group: Option<ObjIx>,
    start: usize,
    edges: &'h [Edge],
    /// The tasks that go on after one.
    tasks: Vec<bool>,
    /// Of each event since the start, whether it is one.
    events: Vec<bool>,
    /// What they did, to which object; each once.
    done: Vec<(Reach, OpKind)>,
    /// Whether selects, and foreign unlocks, are there at all.
    has_selects: bool,
    has_foreign_unlocks: bool,
}

impl<'h> Consequences<'h> {
    fn new(history: &'h History<'h>, start: usize) -> Self {
        let edges = &history.edges[history.edges.partition_point(|edge| edge.at as usize <= start)..];
        Consequences {
            history,
            group: history.events[start].object,
            start,
            edges,
            tasks: vec![false; history.tasks],
            events: Vec::new(),
            done: Vec::new(),
            has_selects: history.events.iter().any(|event| event.op == OpKind::Select),
            has_foreign_unlocks: has_foreign_unlocks(history),
        }
    }

    /// Appends the `add`s up to `end` that are no consequences of earlier ones.
    fn find(mut self, end: usize, found: &mut Vec<EventIx>) {
        for at in self.start..=end {
            self.apply_edges(at);
            let event = self.history.events[at];
            let mut is_after = self.tasks[event.task.at()] || self.sees(&event);
            if adds(&event) && event.object == self.group {
                if !is_after && at > self.start {
                    found.push(EventIx(at as u32));
                }
                is_after = true;
            }
            self.events.push(is_after);
            if is_after {
                self.note(&event);
            }
        }
    }

    fn apply_edges(&mut self, at: usize) {
        while let Some((edge, rest)) = self.edges.split_first()
            && edge.at as usize <= at
        {
            self.edges = rest;
            let from = edge.from.at().checked_sub(self.start);
            self.tasks[edge.task.at()] |= from.is_some_and(|from| self.events[from]);
        }
    }

    /// Whether it may have seen something of what was done.
    fn sees(&self, event: &Event) -> bool {
        self.reaches(event).any(|reached| {
            self.done
                .iter()
                .any(|(other, op)| reached.meets(*other) && !commute(event.op, *op, self.has_foreign_unlocks))
        })
    }

    fn note(&mut self, event: &Event) {
        self.tasks[event.task.at()] = true;
        let new: Vec<_> = self.reaches(event).map(|reached| (reached, event.op)).collect();
        for done in new {
            if !self.done.contains(&done) {
                self.done.push(done);
            }
        }
    }

    fn reaches(&self, event: &Event) -> impl Iterator<Item = Reach> + use<> {
        let reached = reach(event, self.has_selects);
        let other = event.other.map(Reach::Object);
        std::iter::once(reached).chain(other).filter(|reached| *reached != Reach::Nothing)
    }
}

/// Whether somebody releases a lock that he did not take.
fn has_foreign_unlocks(history: &History<'_>) -> bool {
    let mut held = Vec::new();
    history.events.iter().any(|event| {
        let key = (event.task, event.object);
        if event.op.takes_lock() {
            held.push(key);
        }
        let releases = matches!(event.op, OpKind::Unlock | OpKind::ReadUnlock);
        releases && held.iter().rposition(|other| *other == key).map(|at| held.swap_remove(at)).is_none()
    })
}
