//! Words of the program's own memory: atomics whose values live there, and waiting on them as Linux's futexes do.
//!
//! The zero-change door runs code whose values the engine never sees: a word may be written as plain memory, in
//! other sizes, or by a copy. So an operation on a word is performed in two steps. The engine appends its event and
//! resumes the task; the driver then does it on the memory, before anything else runs, and
//! [`Execution::settle_word`]s what came of it.
//!
//! A wait orders nothing by itself: what is ordered is ordered by the atomics around it.

use crate::AccessKind;
use crate::execution::{Aside, Execution};
use crate::footprint::{Access, Footprint};
use crate::op::Reply;
use crate::prim::clock::CLOCK;
use crate::prim::{Primitive, State};
use crate::task;
use crate::task::Wait;
use gorace_analyzer_core::{EdgeKind, EventIx, ObjIx, OpKind, Order, TaskIx};

/// An operation on a word.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs, reason = "the fields are the operands; their meaning is said once a variant")]
pub enum WordOp {
    /// Atomic load.
    Load { word: ObjIx, order: Order },
    /// Atomic store.
    Store { word: ObjIx, order: Order },
    /// Atomic read-modify-write; a compare-exchange may turn out to have failed.
    Update { word: ObjIx, order: Order },
    /// Look at the word, to wait if it has the value expected: see [`Execution::wait_on`].
    Wait { word: ObjIx },
    /// Wake at most so many of those who wait with any of these bits, whichever; replies with their number.
    Wake { word: ObjIx, most: u32, bits: u32 },
}

/// What an operation on a word came to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Settled {
    /// It read this.
    Read(u64),
    /// It wrote this.
    Wrote(u64),
    /// It saw the first and wrote the second.
    Updated(u64, u64),
    /// A compare-exchange saw this, and failed; with the order of its failure.
    Failed(u64, Order),
}

#[derive(Debug)]
pub(crate) struct Word {
    /// The last store, unless none was seen.
    store: Option<EventIx>,
    waiters: Vec<(TaskIx, EventIx, u32)>,
}

impl State for Word {
    fn new(_initial: u64) -> Self {
        Word { store: None, waiters: Vec::new() }
    }
}

impl Word {
    /// `waiter` waits no more.
    pub fn forget(&mut self, waiter: TaskIx) {
        self.waiters.retain(|(task, ..)| *task != waiter);
    }
}

impl Primitive for WordOp {
    fn kind(self) -> OpKind {
        match self {
            WordOp::Load { .. } => OpKind::Load,
            WordOp::Store { .. } => OpKind::Store,
            WordOp::Update { .. } => OpKind::Rmw,
            WordOp::Wait { .. } => OpKind::FutexWait,
            WordOp::Wake { .. } => OpKind::FutexWake,
        }
    }

    fn footprint(self, _execution: &Execution, _task: TaskIx) -> Footprint {
        let (word, kind) = match self {
            WordOp::Load { word, .. } => (word, AccessKind::Read),
            WordOp::Store { word, .. } => (word, AccessKind::Write),
            WordOp::Update { word, .. } => (word, AccessKind::Update),
            WordOp::Wake { word, .. } => (word, AccessKind::FutexWake),
            // It may start a timer, which is told only once it has looked.
            WordOp::Wait { word } => {
                return Footprint::of(&[
                    Access::new(CLOCK, AccessKind::Arm),
                    Access::new(word, AccessKind::FutexWait),
                ]);
            }
        };
        Footprint::one(Access::new(word, kind))
    }

    fn perform(self, execution: &mut Execution, task: TaskIx) {
        let (word, order) = match self {
            WordOp::Load { word, order } | WordOp::Store { word, order } | WordOp::Update { word, order } => {
                (word, order)
            }
            WordOp::Wait { word } => (word, Order::None),
            WordOp::Wake { word, most, bits } => return execution.wake_some(task, word, most, bits),
        };
        execution.append(task, self.kind(), |e| (e.object, e.order) = (Some(word), order));
        execution.complete(task, Reply::Unit);
    }
}

impl Execution {
    /// What `task`'s operation on `word`, the last event of all, came to.
    pub fn settle_word(&mut self, task: TaskIx, word: ObjIx, settled: Settled) {
        let event = EventIx(self.trace.events.len() as u32 - 1);
        let last = &mut self.trace.events[event.at()];
        debug_assert_eq!((last.task, last.object), (task, Some(word)), "settled before anything else ran");
        let (reads, writes) = match settled {
            Settled::Read(value) => {
                last.value = value;
                (Some(value), false)
            }
            Settled::Wrote(value) => {
                last.value = value;
                (None, true)
            }
            Settled::Updated(seen, value) => {
                (last.seen, last.value) = (seen, value);
                (Some(seen), true)
            }
            Settled::Failed(value, order) => {
                (last.op, last.value, last.order) = (OpKind::CasFail, value, order);
                (Some(value), false)
            }
        };
        let store = self.word(word).store;
        if let (Some(store), Some(_)) = (store, reads) {
            self.edge(store, event, task, EdgeKind::ReadsFrom);
        }
        match reads {
            _ if writes => {
                self.word(word).store = Some(event);
                self.written(task, word);
            }
            Some(value) => _ = self.saw_again(task, word, value),
            None => {}
        }
    }

    /// `task`, which has just looked by [`WordOp::Wait`], waits until it is woken, or for so many nanoseconds: call
    /// [`Execution::next`]. When it goes on, the reply is `Flag(true)` if its time was up.
    pub fn wait_on(&mut self, task: TaskIx, word: ObjIx, bits: u32, nanos: Option<u64>) {
        self.note_aside(Aside::Wait { word, bits, nanos });
        let event = EventIx(self.trace.events.len() as u32 - 1);
        self.tasks[task.at()].state = task::State::Blocked;
        self.block(task, Wait::On, event);
        // In the order of their identities, so that an alternative names the same waiter in equivalent traces.
        let waiters = &self.word_state(word).waiters;
        let place = waiters.partition_point(|(other, ..)| self.task_path(*other) < self.task_path(task));
        self.word(word).waiters.insert(place, (task, event, bits));
        if let Some(nanos) = nanos {
            self.arm_word(task, event, word, nanos);
        }
    }

    /// Whether anybody waits on `word`.
    pub fn is_awaited(&self, word: ObjIx) -> bool {
        !self.word_state(word).waiters.is_empty()
    }

    fn wake_some(&mut self, task: TaskIx, word: ObjIx, most: u32, bits: u32) {
        let fitting: Vec<TaskIx> =
            self.word_state(word).waiters.iter().filter(|w| w.2 & bits != 0).map(|w| w.0).collect();
        let mut woken = Vec::new();
        let (mut first, mut needed) = (0, fitting.len().min(most as usize));
        while needed > 0 {
            // In their order, so that each set of them comes about in one way. Who wakes all has no choice.
            let taken = self.pick_alternative(task, (fitting.len() - first - needed + 1) as u32) as usize;
            let waiter = fitting[first + taken];
            self.word(word).forget(waiter);
            woken.push(waiter);
            (first, needed) = (first + taken + 1, needed - 1);
        }
        let wake = self.append(task, OpKind::FutexWake, |e| {
            (e.object, e.value) = (Some(word), woken.len() as u64);
        });
        if !woken.is_empty() {
            self.written(task, word);
        }
        for waiter in &woken {
            self.overtake_timer(*waiter);
            if let Some((_, waited)) = self.tasks[waiter.at()].waiting {
                self.edge(wake, waited, *waiter, EdgeKind::FutexWake);
            }
            self.complete(*waiter, Reply::Flag(false));
        }
        self.complete(task, Reply::Value(woken.len() as u64));
    }
}
