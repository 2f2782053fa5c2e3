//! Checked plain memory. An access is an event but no scheduling point; it is open until it is released, and
//! a conflicting access by another task meanwhile is noted as an overlap and waits.

use crate::execution::Execution;
use crate::op::Reply;
use crate::prim;
use crate::task::State;
use gorace_analyzer_core::{EventIx, ObjIx, OpKind, Place, TaskIx, Waiting};
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
        Cell { nests: initial != 0, open: Vec::new(), queue: VecDeque::new(), by, written }
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
        let cell = self.cell(object);
        // Hardly ever is anybody inside.
        let is_open = !cell.open.is_empty();
        if is_open && cell.forbids(task, write) {
            return Access::Nested;
        }
        cell.by = match cell.by {
            Accessors::Nobody => Accessors::One(task),
            Accessors::One(other) if other == task => cell.by,
            _ => Accessors::Several,
        };
        cell.written |= write;
        let is_shared = cell.written && cell.by == Accessors::Several;
        self.shared_plain |= is_shared;
        let event = self.append(task, op, |e| (e.object, e.place) = (Some(object), place));
        let cell = self.cell(object);
        if is_open && let Some(other) = cell.conflict(task, write) {
            cell.queue.push_back((task, event, write));
            self.trace.overlaps.push((other, event));
            self.tasks[task.at()].state = State::Blocked;
            self.block(task, Waiting::On { event });
            return Access::Wait;
        }
        cell.open.push((task, event, write));
        Access::Granted
    }

    /// `task` is done with its last access to `object`.
    pub fn release_access(&mut self, task: TaskIx, object: ObjIx) {
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
