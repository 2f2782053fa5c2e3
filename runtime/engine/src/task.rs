//! One task as the engine sees it.

use crate::op::{Arm, Op, Reply};
use crate::picker::Coming;
use gorace_analyzer_core::{EventIx, ObjIx, OpKind, Place, TaskEnd, TaskIx, TaskPath};
use std::borrow::Cow;

/// Where a task stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum State {
    /// Made, not yet spawned.
    Made,
    /// Runs, or is to run, the code before its next operation.
    Local,
    /// Arrived at its next operation, which has not been performed.
    Ready,
    /// Its operation is being performed and has not completed.
    Performing,
    /// Its operation was performed and has not completed.
    Blocked,
    /// Exited.
    Done,
}

/// Tasks that wait, each since this event.
pub(crate) type Waiters = Vec<(TaskIx, EventIx)>;

/// For what a blocked task waits, since some event of its own.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Wait {
    /// For what the event's object has not given.
    On,
    /// For any of its select's arms.
    Any,
    /// For nothing that could ever come.
    Forever,
}

/// How many different things a spin may look at and still be known as one.
const SEEN: usize = 4;

/// What a task saw last without changing anything.
#[derive(Debug)]
pub(crate) struct Seen {
    last: [(ObjIx, u64); SEEN],
    len: u8,
}

impl Seen {
    pub const NOTHING: Seen = Seen { last: [(ObjIx::new(0), 0); SEEN], len: 0 };

    /// Notes that it saw `value` at `object`; whether that is something that it had seen.
    pub fn again(&mut self, object: ObjIx, value: u64) -> bool {
        let len = usize::from(self.len);
        if self.last[..len].contains(&(object, value)) {
            return true;
        }
        self.len = (len + 1).min(SEEN) as u8;
        self.last.rotate_right(1);
        self.last[0] = (object, value);
        false
    }

    /// Whether it saw `object`.
    pub fn includes(&self, object: ObjIx) -> bool {
        self.last[..usize::from(self.len)].iter().any(|(seen, _)| *seen == object)
    }

    pub fn forget(&mut self) {
        self.len = 0;
    }
}

#[derive(Debug)]
pub(crate) struct Task {
    pub path: TaskPath,
    pub name: Option<Cow<'static, str>>,
    pub spawned: Option<(TaskIx, EventIx)>,
    pub detached: bool,
    pub children: u32,
    pub objects: u32,
    pub state: State,
    /// Its next operation while `Ready`, its last one while `Blocked`.
    pub op: Op,
    pub kind: OpKind,
    pub place: Place,
    pub reply: Reply,
    /// The select arms of `op`.
    pub arms: Vec<Arm>,
    /// Events so far, as they were counted last: [`Execution::count_events`](crate::Execution::count_events).
    pub count: u32,
    /// The mutex that it was given last, while it holds that one.
    pub last_locked: Option<ObjIx>,
    /// What it waits on while `Blocked`.
    pub waiting: Option<(Wait, EventIx)>,
    pub exit: Option<EventIx>,
    /// The end of its closure, if destructors came between that and its exit.
    pub finish: Option<EventIx>,
    /// Whether main has waited for its exit.
    pub joined_by_main: bool,
    pub joiners: Waiters,
    /// Those who wait for the end of its closure.
    pub awaited_by: Waiters,
    /// How it ended, if not simply by finishing.
    pub end: Option<TaskEnd>,
    /// Whether it panicked where nobody can be given that: std ends the process.
    pub is_fatal: bool,
    /// Who panicked in its place, with which message, if nobody was given its panic.
    pub passed_to: Option<(TaskIx, String)>,
    /// Passed over until the others cannot go on.
    pub yielded: bool,
    pub seen: Seen,
    /// How often it saw that again.
    pub spins: u32,
    /// How it has come to its next operation, if that was told.
    pub coming: Option<Coming>,
    /// How often it has yielded without having come back to where it was.
    pub yields: u32,
    /// How often it has come to a choice; and to one whether something happens for no reason, which there is only
    /// where that is asked for.
    pub choices: [u32; 2],
    /// Where it was last woken, or last failed, for no reason.
    pub let_down: Vec<ObjIx>,
}

impl Task {
    /// Whether it is the clock, which runs no code.
    #[inline]
    pub fn is_clock(&self) -> bool {
        self.path.is_clock()
    }

    /// What it does next, or does now, is this.
    #[inline(always)]
    pub fn come_to(&mut self, op: Op, place: Place) {
        (self.kind, self.op, self.place) = (op.kind(), op, place);
    }

    /// It is about to do this.
    #[inline(always)]
    pub fn intend(&mut self, op: Op, place: Place) {
        self.come_to(op, place);
        self.state = State::Ready;
    }

    /// Its operation, whose event is this one, was performed and waits for what its object has not given.
    #[inline(always)]
    pub fn wait_now(&mut self, event: EventIx) {
        (self.state, self.waiting) = (State::Blocked, Some((Wait::On, event)));
    }

    /// It changed something: it does not spin.
    #[inline(always)]
    pub fn does_not_spin(&mut self) {
        self.spins = 0;
        self.seen.forget();
    }

    /// It waits no more: goes on with `reply` once its turn has come.
    #[inline(always)]
    pub fn wake(&mut self, reply: Reply) {
        (self.state, self.reply, self.waiting) = (State::Local, reply, None);
    }

    /// Its operation, which is being performed, is complete.
    #[inline(always)]
    pub fn complete_now(&mut self, reply: Reply) {
        debug_assert_eq!(self.state, State::Performing);
        (self.state, self.reply) = (State::Local, reply);
    }

    /// The same of one that nobody asks for an answer.
    #[inline(always)]
    pub fn complete_unasked(&mut self) {
        self.state = State::Local;
    }

    /// Becomes a new task's; its path and name are still the old one's.
    pub fn renew(&mut self) {
        // All are named, so that none is forgotten.
        let Task {
            path: _,
            name: _,
            spawned,
            detached,
            children,
            objects,
            state,
            op,
            kind,
            place,
            reply,
            arms,
            count,
            last_locked,
            waiting,
            exit,
            finish,
            joined_by_main,
            joiners,
            awaited_by,
            end,
            is_fatal,
            passed_to,
            yielded,
            seen,
            spins,
            coming,
            yields,
            choices,
            let_down,
        } = self;
        *spawned = None;
        *detached = false;
        *children = 0;
        *objects = 0;
        *state = State::Made;
        *op = Op::Exit;
        *kind = OpKind::Exit;
        *place = Place::Unknown;
        *reply = Reply::Unit;
        arms.clear();
        *count = 0;
        *last_locked = None;
        *waiting = None;
        *exit = None;
        *finish = None;
        *joined_by_main = false;
        joiners.clear();
        awaited_by.clear();
        *end = None;
        *is_fatal = false;
        *passed_to = None;
        *yielded = false;
        seen.forget();
        *spins = 0;
        *coming = None;
        *yields = 0;
        *choices = [0; 2];
        let_down.clear();
    }
}

impl Default for Task {
    fn default() -> Self {
        Task {
            path: TaskPath::main(),
            name: None,
            spawned: None,
            detached: false,
            children: 0,
            objects: 0,
            state: State::Made,
            op: Op::Exit,
            kind: OpKind::Exit,
            place: Place::Unknown,
            reply: Reply::Unit,
            arms: Vec::new(),
            count: 0,
            last_locked: None,
            waiting: None,
            exit: None,
            finish: None,
            joined_by_main: false,
            joiners: Vec::new(),
            awaited_by: Vec::new(),
            end: None,
            is_fatal: false,
            passed_to: None,
            yielded: false,
            seen: Seen::NOTHING,
            spins: 0,
            coming: None,
            yields: 0,
            choices: [0; 2],
            let_down: Vec::new(),
        }
    }
}
