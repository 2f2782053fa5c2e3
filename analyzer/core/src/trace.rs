//! The record of one execution: plain data that can cross a process.
//!
//! Invariants: `events` is in the order of execution; an edge's `at` is the number of events that had
//! happened when it took effect, and edges are sorted by it; every index points into its table. Only the
//! engine's `append` writes events.

mod events;

pub use events::Events;

use crate::ids::{EventIx, ObjIx, TaskIx, TaskPath};
use crate::op::{EdgeKind, ObjectKind, OpKind, Order};
use crate::place::{Frame, Place};

/// One step of one task.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Event {
    /// Where.
    pub place: Place,
    /// Who.
    pub task: TaskIx,
    /// What.
    pub op: OpKind,
    /// With which memory order.
    pub order: Order,
    /// To what, if to anything.
    pub object: Option<ObjIx>,
    /// A second object: a condvar wait's mutex.
    pub other: Option<ObjIx>,
    /// What was written, read, chosen or answered; see [`OpKind`].
    pub value: u64,
    /// What a read-modify-write saw.
    pub seen: u64,
}

impl Event {
    /// An event without operands.
    #[inline]
    pub fn new(task: TaskIx, op: OpKind, place: Place) -> Self {
        Event { place, task, op, order: Order::None, object: None, other: None, value: 0, seen: 0 }
    }

    /// Whether it changed nothing that anybody could see: such are the steps that spins are made of.
    #[inline]
    pub fn only_looks(&self) -> bool {
        match self.op {
            // Its default.
            OpKind::Select => self.object.is_none(),
            // Of itself: a future that asks to be polled again.
            OpKind::Wake => self.value == u64::from(self.task.0),
            op => op.only_looks(),
        }
    }

    /// Whether it woke, or failed, for no reason.
    pub fn is_spurious(&self) -> bool {
        match self.op {
            OpKind::Wait | OpKind::Park | OpKind::Await => self.value == 1,
            OpKind::CasFail => self.seen == 1,
            _ => false,
        }
    }
}

/// `to` is ordered after `from`, from the moment `at` on.
///
/// `to` is the event that *waited* (a lock, a join, a receive) and may be older than `from`: its completion
/// is what the edge orders, and so everything that its task does afterwards.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Edge {
    /// The event that came first.
    pub from: EventIx,
    /// The event whose completion comes after it; for [`EdgeKind::Spawn`] the child is named by `task`.
    pub to: EventIx,
    /// The task that goes on after the edge: `to`'s own, or the child for [`EdgeKind::Spawn`].
    pub task: TaskIx,
    /// The number of events executed when the edge took effect.
    pub at: u32,
    /// Why.
    pub kind: EdgeKind,
}

impl Edge {
    /// Whether it tells the last one to come to a barrier of one who came before. Such an edge takes effect within its
    /// event: whoever learns of that learns of this as well.
    #[inline]
    #[must_use]
    pub fn gathers(&self) -> bool {
        self.kind == EdgeKind::Barrier && self.at == self.to.0 + 1
    }
}

/// What a task that cannot go on waits for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Waiting {
    /// For what `event`'s object has not given: the lock, the value, the exit.
    On {
        /// The arrive event: a lock, a join, a send, ..
        event: EventIx,
    },
    /// For any of several channels (a parked `select!`), given with the direction: true for a send arm.
    Any {
        /// The select event.
        event: EventIx,
        /// The channels of its arms, in source order.
        arms: Vec<(ObjIx, bool)>,
    },
    /// For nothing that could ever come: a nil channel, `select! {}`.
    Forever {
        /// The event that waits.
        event: EventIx,
    },
}

impl Waiting {
    /// The event that waits.
    pub fn event(&self) -> EventIx {
        match *self {
            Waiting::On { event } | Waiting::Any { event, .. } | Waiting::Forever { event } => event,
        }
    }
}

/// How a task stood when the execution ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum TaskEnd {
    /// Its closure returned.
    Finished,
    /// Its closure panicked.
    Panicked {
        /// The panic's text.
        message: String,
        /// Where it panicked.
        place: Place,
        /// Whether somebody took the panic by joining; else it is a finding.
        taken: bool,
        /// The misuse that made gorace itself panic in the user's name, in Go's words ("send on closed
        /// channel"); `None` for the user's own panics.
        misuse: Option<&'static str>,
    },
    /// Its stack overflowed.
    Overflowed,
    /// It waits, and the execution ended.
    Blocked(Waiting),
    /// It could still run when the execution was cut (step limit).
    Running,
}

/// One task of the execution.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TaskInfo {
    /// Its stable identity.
    pub path: TaskPath,
    /// The name the user gave, if any.
    pub name: Option<String>,
    /// Who spawned it, and by which event; `None` for main.
    pub spawned: Option<(TaskIx, EventIx)>,
    /// `JoinHandle::detach` was called: meant to outlive main.
    pub detached: bool,
    /// How it ended.
    pub end: TaskEnd,
}

/// One object of the execution.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ObjectInfo {
    /// What it is.
    pub kind: ObjectKind,
    /// The task that used it first (constructors are `const`, so creation itself is not seen) ..
    pub task: TaskPath,
    /// .. and how many objects that task had brought up before. With `task`, the stable identity.
    pub ordinal: u32,
    /// Where it was made.
    pub made: Place,
    /// The name that `Named::named` gave.
    pub name: Option<String>,
    /// Its type as Rust prints it: `Shared<u64>`.
    pub type_name: String,
    /// Who has at the end what others wait for (the lock, the right to initialise), each with the event that took
    /// it: all of them must let go before a waiter goes on.
    pub held: Vec<(TaskIx, EventIx)>,
    /// For a channel: its capacity; for a barrier: how many it waits for; for a task's end: which one's.
    pub capacity: Option<u64>,
}

/// What the whole execution came to. As wide as a task's number: what is either of them is passed in registers then.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[repr(u32)]
pub enum Ended {
    /// Nothing could run any more.
    #[default]
    Quiescent,
    /// The step limit cut it.
    StepLimit,
    /// The explorer gave it up: equivalent to one that was already run.
    Abandoned,
    /// The program dropped it: something that it assumed does not hold.
    Dropped,
    /// It did not follow the plan (see [`Divergence`]).
    Diverged,
}

/// Where a replay left its schedule.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Divergence {
    /// The number of events executed before.
    pub step: u32,
    /// What the schedule said.
    pub expected: String,
    /// What the program did.
    pub found: String,
}

/// One execution.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Trace {
    /// All that happened, in order.
    pub events: Events,
    /// What ordered it.
    pub edges: Vec<Edge>,
    /// The tasks; the first is main.
    pub tasks: Vec<TaskInfo>,
    /// The objects.
    pub objects: Vec<ObjectInfo>,
    /// The stacks that [`Place::Stack`] points to, innermost frame first.
    pub stacks: Vec<Vec<Frame>>,
    /// Pairs of plain accesses where the second came while the first was still open (inside its closure).
    pub overlaps: Vec<(EventIx, EventIx)>,
    /// The steps at which the running task could have gone on but another was chosen: indices of the first
    /// event after each forced switch (preemption).
    pub forced_switches: Vec<EventIx>,
    /// How it ended.
    pub ended: Ended,
    /// Set if it ended in [`Ended::Diverged`].
    pub divergence: Option<Divergence>,
}

/// What of an execution its order is computed from: there before names and ends are, which only reports need.
#[derive(Clone, Copy, Debug)]
pub struct History<'t> {
    /// All that happened, in order.
    pub events: &'t [Event],
    /// What ordered it.
    pub edges: &'t [Edge],
    /// As [`Trace::overlaps`].
    pub overlaps: &'t [(EventIx, EventIx)],
    /// How many tasks there are.
    pub tasks: usize,
    /// How many objects there are.
    pub objects: usize,
}

impl History<'_> {
    /// The event at `ix`.
    pub fn event(&self, ix: EventIx) -> &Event {
        &self.events[ix.at()]
    }
}

impl Trace {
    /// What its order is computed from.
    pub fn history(&self) -> History<'_> {
        let Trace { events, edges, overlaps, tasks, objects, .. } = self;
        History { events, edges, overlaps, tasks: tasks.len(), objects: objects.len() }
    }

    /// The event at `ix`.
    pub fn event(&self, ix: EventIx) -> &Event {
        &self.events[ix.at()]
    }

    /// The task at `ix`.
    pub fn task(&self, ix: TaskIx) -> &TaskInfo {
        &self.tasks[ix.at()]
    }

    /// The object at `ix`.
    pub fn object(&self, ix: ObjIx) -> &ObjectInfo {
        &self.objects[ix.at()]
    }

    /// Events with their indices, in order.
    pub fn indexed(&self) -> impl Iterator<Item = (EventIx, &Event)> {
        self.events.iter().enumerate().map(|(i, e)| (EventIx(i as u32), e))
    }

    /// The place's frames, innermost first, without those that are folded; empty if nobody knows it.
    ///
    /// ```
    /// use gorace_analyzer_core::{Place, Trace};
    /// let frames = Trace::default().frames(Place::here());
    /// assert!(frames[0].file.ends_with(".rs"));
    /// ```
    pub fn frames(&self, place: Place) -> Vec<Frame> {
        let mut frames = self.whole_stack(place);
        frames.retain(|frame| !frame.folded);
        frames
    }

    /// The place's frames, innermost first, the folded ones too.
    pub fn whole_stack(&self, place: Place) -> Vec<Frame> {
        match place {
            Place::Code(at) => vec![Frame {
                file: at.file().to_owned(),
                line: at.line(),
                column: at.column(),
                function: None,
                folded: false,
            }],
            Place::Stack(ix) => self.stacks.get(ix).cloned().unwrap_or_default(),
            Place::Unknown => Vec::new(),
        }
    }
}
