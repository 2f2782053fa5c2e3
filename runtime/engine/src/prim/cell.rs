//! Checked plain memory. An access is an event but no scheduling point; it is open until it is released, and
//! a conflicting access by another task meanwhile is noted as an overlap and waits.
//!
//! Races are judged by the analyzer, from the trace. What is seen here at once is that there can be none: if all
//! accesses to a cell were made with one mutex held, the mutex orders them (Eraser's lock sets, Savage et al., SOSP
//! 1997, with a set of one).

use crate::execution::{Execution, push};
use crate::op::Reply;
use crate::prim::{self, Object};
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

/// Who has accessed it: nobody, one task, or several, in one word, since it is compared at each access.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Accessors(u32);

impl Accessors {
    const NOBODY: Accessors = Accessors(u32::MAX - 1);
    const SEVERAL: Accessors = Accessors(u32::MAX);

    #[inline(always)]
    fn one(task: TaskIx) -> Self {
        Accessors(task.0)
    }
}

impl prim::State for Cell {
    fn new(initial: u64) -> Self {
        let (by, written) = (Accessors::NOBODY, false);
        Cell {
            nests: initial != 0,
            open: Opened::default(),
            queue: VecDeque::new(),
            by,
            written,
            guard: None,
        }
    }
}

/// The access that the running task is in, as long as nobody else has run since it began: who accesses nothing else
/// meanwhile, which is nearly everybody, opens no cell and closes none.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Newest(u32);

impl Newest {
    pub const NONE: Newest = Newest(0);

    /// In one word, since it is compared at the end of each access.
    #[inline(always)]
    fn within(object: ObjIx) -> Self {
        Newest(object.number() + 1)
    }

    #[inline(always)]
    fn is_none(self) -> bool {
        self == Newest::NONE
    }

    fn object(self) -> Option<ObjIx> {
        self.0.checked_sub(1).map(ObjIx::new)
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

    /// Whether nobody is inside, and the access by `task` tells nothing new, but for the mutex that it holds.
    #[inline(always)]
    fn is_familiar(&self, task: TaskIx, write: bool) -> bool {
        (self.by == Accessors::SEVERAL || self.by == Accessors::one(task))
            && (self.written || !write)
            && self.open.first.is_none()
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
    /// What is rare is called last, so that nothing needs to be kept across a call.
    pub fn access(&mut self, task: TaskIx, object: ObjIx, op: OpKind, place: Place) -> Access {
        let Execution { tasks, objects, trace, newest, idle_rounds, .. } = self;
        if newest.is_none()
            && *idle_rounds == 0
            && let Some(Object::Cell(cell)) = objects.get_mut(object)
            && cell.is_familiar(task, op == OpKind::Write)
            && let Some(slot) = tasks.get(task.at())
            && (cell.guard == slot.last_locked || cell.guard.is_none())
            && let Some(next) = trace.events.claim_room()
        {
            *newest = Newest::within(object);
            *next = Event { object: Some(object), ..Event::new(task, op, place) };
            return Access::Granted;
        }
        self.access_anew(task, object, op, place)
    }

    /// Opens the cell that the running task has come into: from now on others may meet it there.
    #[inline(always)]
    pub(crate) fn open_newest(&mut self) {
        if !self.newest.is_none() {
            self.open_its_cell();
        }
    }

    #[inline(never)]
    fn open_its_cell(&mut self) {
        let newest = std::mem::replace(&mut self.newest, Newest::NONE).object();
        // Nothing but accesses has cells for objects, and nobody has accessed any since.
        let is_it = |event: &Event| event.object == newest;
        if let (Some(object), Some(at)) = (newest, self.trace.events.iter().rposition(is_it)) {
            let Event { task, op, .. } = self.trace.events[at];
            self.cell(object).open.push((task, EventIx(at as u32), op == OpKind::Write));
        }
    }

    /// Notes what `task`'s access tells of `object`.
    fn note_access(&mut self, task: TaskIx, object: ObjIx, write: bool) {
        let last_locked = self.tasks[task.at()].last_locked;
        let cell = self.cell(object);
        cell.written |= write;
        if cell.by == Accessors::NOBODY {
            (cell.by, cell.guard) = (Accessors::one(task), last_locked);
            return;
        }
        if cell.guard.is_some() && cell.guard != last_locked {
            self.check_guard(task, object);
        }
        if self.cell(object).by != Accessors::one(task) {
            self.note_shared(object);
        }
    }

    /// As [`Execution::access`], perhaps while somebody is inside, or by who was not known to access it.
    #[inline(never)]
    fn access_anew(&mut self, task: TaskIx, object: ObjIx, op: OpKind, place: Place) -> Access {
        let write = op == OpKind::Write;
        self.open_newest();
        if self.cell(object).forbids(task, write) {
            return Access::Nested;
        }
        self.note_access(task, object, write);
        let event = Event { object: Some(object), ..Event::new(task, op, place) };
        let event = push(&mut self.trace, event);
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
        self.newest = Newest::within(object);
        Access::Granted
    }

    /// The cell's mutex guards it no longer if `task`, which accesses it, does not hold that one.
    fn check_guard(&mut self, task: TaskIx, object: ObjIx) {
        let guard = self.cell(object).guard;
        if guard.is_some_and(|mutex| !self.holds(task, mutex)) {
            self.cell(object).guard = None;
        }
    }

    /// Another task accesses `object` than the first one.
    fn note_shared(&mut self, object: ObjIx) {
        let cell = self.objects[object.at()].state.cell();
        cell.by = Accessors::SEVERAL;
        if cell.written {
            match cell.guard {
                None => self.shared_plain = true,
                _ => self.shared_guarded = true,
            }
        }
    }

    /// The running task is done with its last access to `object`; `false` if the cell was opened, which is then to be told
    /// by [`Execution::release_among`].
    #[inline(always)]
    pub fn release_newest(&mut self, object: ObjIx) -> bool {
        let is_newest = self.newest == Newest::within(object);
        if is_newest {
            self.newest = Newest::NONE;
        }
        is_newest
    }

    /// `task` is done with its last access to `object`, whose cell was opened.
    #[inline(never)]
    pub fn release_among(&mut self, task: TaskIx, object: ObjIx) {
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
