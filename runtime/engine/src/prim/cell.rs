//! Checked plain memory. An access is an event but no scheduling point; it is open until it is released, and
//! a conflicting access by another task meanwhile is noted as an overlap and waits.
//!
//! Races are judged by the analyzer, from the trace. What is seen here at once is that there can be none: if all
//! accesses to a cell were made with one mutex held, the mutex orders them (Eraser's lock sets, Savage et al., SOSP
//! 1997, with a set of one).

use crate::execution::{Execution, push};
use crate::op::Reply;
use crate::prim;
use crate::task::{State, Wait};
use gorace_analyzer_core::{Event, EventIx, ObjIx, OpKind, Place, TaskIx};
use std::collections::VecDeque;

#[derive(Debug)]
pub(crate) struct Cell {
    /// Whether a task may access it from within an access of its own: raw pointers are no references.
    nests: bool,
    open: Opened,
    queue: VecDeque<Open>,
    by: Accessors,
    written: bool,
    /// The mutex that has been held at each access so far; `None`: there is none, or nobody has accessed it.
    guard: Option<ObjIx>,
    /// Whether what there is to note of it has been noted, as long as nothing of the above changes.
    is_noted: bool,
}

/// Who is inside, with the access's event, and whether it writes.
type Open = (TaskIx, EventIx, bool);

/// Those who are inside: hardly ever more than one, who lies in place.
#[derive(Debug, Default)]
struct Opened {
    first: Option<Open>,
    /// Nobody if there is no first one.
    more: Vec<Open>,
}

impl Opened {
    fn iter(&self) -> impl Iterator<Item = &Open> {
        self.first.iter().chain(&self.more)
    }

    fn push(&mut self, open: Open) {
        match self.first {
            None => self.first = Some(open),
            Some(_) => self.more.push(open),
        }
    }

    /// Removes the last one of `task`; the last of all takes its place.
    fn remove(&mut self, task: TaskIx) {
        if let Some(at) = self.more.iter().rposition(|(other, ..)| *other == task) {
            self.more.swap_remove(at);
        } else if self.first.is_some_and(|(other, ..)| other == task) {
            self.first = self.more.pop();
        }
    }
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
        Cell {
            nests: initial != 0,
            open: Opened::default(),
            queue: VecDeque::new(),
            by,
            written,
            guard: None,
            is_noted: false,
        }
    }
}

/// The access that the running task is in, as long as nobody else has run since it began: who accesses nothing else
/// meanwhile, which is nearly everybody, opens no cell and closes none.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(crate) struct Newest(Option<(ObjIx, EventIx)>);

impl Newest {
    pub const NONE: Newest = Newest(None);

    #[inline]
    fn is_to(self, object: ObjIx) -> bool {
        self.0.is_some_and(|(newest, _)| newest == object)
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
    ///
    /// What is rare is called last or not at all, so that nothing needs to be kept across a call.
    pub fn access(&mut self, task: TaskIx, object: ObjIx, op: OpKind, place: Place) -> Access {
        let Execution { tasks, objects, trace, newest, idle_rounds, .. } = self;
        let has_room = trace.events.len() < trace.events.capacity();
        let cell = objects[object.at()].state.cell();
        if !has_room | (*newest != Newest::NONE) | cell.open.first.is_some() | (*idle_rounds > 0) {
            return self.access_beside(task, object, op, place);
        }
        let slot = &mut *tasks[task.at()];
        let event = push(trace, slot, Event { object: Some(object), ..Event::new(task, op, place) });
        *newest = Newest(Some((object, event)));
        let write = op == OpKind::Write;
        let is_by_known = cell.by == Accessors::Several && cell.is_noted || cell.by == Accessors::One(task);
        let is_guard_known = cell.guard == slot.last_locked || cell.guard.is_none();
        if !(is_by_known & is_guard_known & (cell.written | !write)) {
            self.note_access(task, object, write);
        }
        Access::Granted
    }

    /// Opens the cell that the running task has come into: from now on others may meet it there.
    #[inline(always)]
    pub(crate) fn open_newest(&mut self) {
        if self.newest != Newest::NONE {
            self.open_its_cell();
        }
    }

    #[inline(never)]
    fn open_its_cell(&mut self) {
        if let Newest(Some((object, event))) = std::mem::take(&mut self.newest) {
            let Event { task, op, .. } = self.trace.events[event.at()];
            self.cell(object).open.push((task, event, op == OpKind::Write));
        }
    }

    /// Notes what `task`'s access tells of `object`.
    #[inline(never)]
    fn note_access(&mut self, task: TaskIx, object: ObjIx, write: bool) {
        let last_locked = self.tasks[task.at()].last_locked;
        let cell = self.cell(object);
        cell.written |= write;
        cell.is_noted = false;
        if cell.by == Accessors::Nobody {
            (cell.by, cell.guard) = (Accessors::One(task), last_locked);
            return;
        }
        if cell.guard.is_some() && cell.guard != last_locked {
            self.check_guard(task, object);
        }
        if self.cell(object).by != Accessors::One(task) {
            self.note_shared(object);
        }
    }

    /// As [`Execution::access`], perhaps while somebody is inside.
    #[inline(never)]
    fn access_beside(&mut self, task: TaskIx, object: ObjIx, op: OpKind, place: Place) -> Access {
        let write = op == OpKind::Write;
        self.open_newest();
        if self.cell(object).forbids(task, write) {
            return Access::Nested;
        }
        self.note_access(task, object, write);
        let slot = &mut *self.tasks[task.at()];
        let event = Event { object: Some(object), ..Event::new(task, op, place) };
        let event = push(&mut self.trace, slot, event);
        if !op.only_looks() {
            self.idle_rounds = 0;
        }
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

    /// The cell's mutex guards it no longer if `task`, which accesses it, does not hold that one.
    fn check_guard(&mut self, task: TaskIx, object: ObjIx) {
        let guard = self.cell(object).guard.filter(|mutex| self.holds(task, *mutex));
        self.cell(object).guard = guard;
    }

    /// Another task accesses `object` than the first one.
    fn note_shared(&mut self, object: ObjIx) {
        let cell = self.objects[object.at()].state.cell();
        (cell.by, cell.is_noted) = (Accessors::Several, true);
        if cell.written {
            match cell.guard {
                Some(_) => self.shared_guarded = true,
                None => self.shared_plain = true,
            }
        }
    }

    /// `task` is done with its last access to `object`.
    #[inline]
    pub fn release_access(&mut self, task: TaskIx, object: ObjIx) {
        if self.newest.is_to(object) {
            self.newest = Newest::NONE;
        } else {
            self.release_among(task, object);
        }
    }

    /// As [`Execution::release_access`], where the cell was opened.
    #[inline(never)]
    fn release_among(&mut self, task: TaskIx, object: ObjIx) {
        let cell = self.cell(object);
        cell.open.remove(task);
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
