//! Checked plain memory. An access is an event but no scheduling point; it is open until it is released, and
//! a conflicting access by another task meanwhile is noted as an overlap and waits.
//!
//! Races are judged by the analyzer, from the trace. What is seen here at once is that there can be none: if all
//! accesses to a cell were made with one mutex held, the mutex orders them (Eraser's lock sets, Savage et al., SOSP
//! 1997, with a set of one).

use crate::execution::Execution;
use crate::op::Reply;
use crate::prim;
use crate::task::{State, Wait};
use gorace_analyzer_core::{EventIx, ObjIx, OpKind, Place, TaskIx};
use std::collections::VecDeque;

#[derive(Debug)]
pub(crate) struct Cell {
    /// Whether a task may access it from within an access of its own: raw pointers are no references.
    nests: bool,
    /// Who is inside, with the access's event, and whether it writes.
    open: Vec<(TaskIx, EventIx, bool)>,
    queue: VecDeque<(TaskIx, EventIx, bool)>,
    by: Accessors,
    written: bool,
    /// The mutex that has been held at each access so far; `None`: there is none, or nobody has accessed it.
    guard: Option<ObjIx>,
}

/// Who has accessed it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Accessors {
    Nobody,
    One(TaskIx),
    Several,
}

impl prim::State for Cell {
    fn new(initial: u64) -> Self {
        let (by, written) = (Accessors::Nobody, false);
        Cell { nests: initial != 0, open: Vec::new(), queue: VecDeque::new(), by, written, guard: None }
    }
}

/// What came of a plain access.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Access {
    /// Go on.
    Granted,
    /// Another task is inside: call [`Execution::next`], and go on when resumed.
    Wait,
    /// The same task is inside already, and one of the two accesses writes.
    Nested,
}

impl Cell {
    /// Whether `task` is inside already, and may not come in again.
    fn forbids(&self, task: TaskIx, write: bool) -> bool {
        !self.nests && self.open.iter().any(|&(other, _, writes)| other == task && (write || writes))
    }

    /// The access of another task that is in the way.
    fn conflict(&self, task: TaskIx, write: bool) -> Option<EventIx> {
        let other = self.open.iter().find(|&&(other, _, writes)| other != task && (write || writes));
        other.map(|(_, event, _)| *event)
    }
}

impl Execution {
    /// `task` accesses `object` at `place`: `op` is one of the plain ones. Not a scheduling point.
    pub fn access(&mut self, task: TaskIx, object: ObjIx, op: OpKind, place: Place) -> Access {
        let write = op == OpKind::Write;
        if !self.cell(object).open.is_empty() {
            return self.access_beside(task, object, op, place);
        }
        self.note_access(task, object, write);
        // The event that is appended next.
        let event = EventIx(self.trace.events.len() as u32);
        self.cell(object).open.push((task, event, write));
        self.append(task, op, |e| (e.object, e.place) = (Some(object), place));
        Access::Granted
    }

    /// As [`Execution::access`], while somebody is inside.
    #[cold]
    fn access_beside(&mut self, task: TaskIx, object: ObjIx, op: OpKind, place: Place) -> Access {
        let write = op == OpKind::Write;
        if self.cell(object).forbids(task, write) {
            return Access::Nested;
        }
        self.note_access(task, object, write);
        let event = self.append(task, op, |e| (e.object, e.place) = (Some(object), place));
        let cell = self.cell(object);
        if let Some(other) = cell.conflict(task, write) {
            cell.queue.push_back((task, event, write));
            self.trace.overlaps.push((other, event));
            self.tasks[task.at()].state = State::Blocked;
            self.block(task, Wait::On, event);
            return Access::Wait;
        }
        cell.open.push((task, event, write));
        Access::Granted
    }

    /// Notes who accesses `object`, and whether with its mutex held.
    #[inline]
    fn note_access(&mut self, task: TaskIx, object: ObjIx, write: bool) {
        let (by, guard) = (self.cell(object).by, self.cell(object).guard);
        let guard = if by == Accessors::Nobody { self.tasks[task.at()].last_locked } else { guard };
        let guard = guard.filter(|mutex| self.holds(task, *mutex));
        let cell = self.cell(object);
        cell.guard = guard;
        cell.written |= write;
        cell.by = match by {
            Accessors::Nobody => Accessors::One(task),
            Accessors::One(other) if other == task => by,
            _ => Accessors::Several,
        };
        if cell.written && cell.by == Accessors::Several {
            match guard {
                Some(_) => self.shared_guarded = true,
                None => self.shared_plain = true,
            }
        }
    }

    /// `task` is done with its last access to `object`.
    #[inline]
    pub fn release_access(&mut self, task: TaskIx, object: ObjIx) {
        let cell = self.cell(object);
        match cell.open[..] {
            [(other, ..)] if other == task && cell.queue.is_empty() => cell.open.clear(),
            _ => self.release_among(task, object),
        }
    }

    #[cold]
    fn release_among(&mut self, task: TaskIx, object: ObjIx) {
        let cell = self.cell(object);
        if let Some(at) = cell.open.iter().rposition(|&(other, _, _)| other == task) {
            cell.open.swap_remove(at);
        }
        if !cell.queue.is_empty() {
            self.let_in(object);
        }
    }

    /// Grants the accesses that wait for `object`, as far as nobody is in their way.
    fn let_in(&mut self, object: ObjIx) {
        while let Some(&(next, event, write)) = self.cell(object).queue.front() {
            let cell = self.cell(object);
            if cell.open.iter().any(|&(other, _, writes)| other != next && (write || writes)) {
                return;
            }
            cell.queue.pop_front();
            cell.open.push((next, event, write));
            self.complete(next, Reply::Unit);
        }
    }
}
