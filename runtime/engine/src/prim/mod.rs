//! The primitives' own state machines, one a file: what an operation does, what its footprint is, which
//! edges it gives. A new primitive is one file here that implements [`Primitive`] for its operations and
//! [`State`] for what it keeps, a line in `primitives!`, and its rows in the dependency table and in the
//! analyzer's lists of words.

mod atomic;
mod barrier;
mod cell;
mod channel;
pub(crate) mod clock;
mod condvar;
pub(crate) mod context;
mod finish;
mod lifecycle;
mod mpsc;
mod mutex;
mod once;
mod park;
mod rwlock;
mod select;
mod wait_group;
mod word;

use crate::AccessKind;
use crate::execution::{Execution, ObjectSpec};
use crate::footprint::{Access, Footprint};
use crate::op::{Op, Reply};
use crate::task::{State as TaskState, Wait};
use gorace_analyzer_core::{EventIx, ObjIx, ObjectKind, OpKind, TaskIx};

pub use barrier::BarrierOp;
pub use cell::Access as PlainAccess;
pub(crate) use cell::Newest;
pub use clock::{NEVER, TimerEffect, TimerOp};
pub use context::ContextOp;
pub use finish::FinishOp;
pub use mpsc::MpscOp;
pub use once::{OnceEnd, OnceOp};
pub use park::ParkOp;
pub use rwlock::RwLockOp;
pub use wait_group::WaitGroupOp;
pub use word::{Settled, WordOp};

/// What an object keeps during an execution.
pub(crate) trait State {
    /// At first use; `initial` as in [`ObjectSpec`].
    fn new(initial: u64) -> Self;

    /// Becomes a new object's, and keeps what is allocated.
    fn renew(&mut self, initial: u64)
    where
        Self: Sized,
    {
        *self = Self::new(initial);
    }

    /// Who has what others wait for.
    fn holders(&self) -> Vec<(TaskIx, EventIx)> {
        Vec::new()
    }
}

/// One operation of a primitive.
pub(crate) trait Primitive {
    /// The kind of event that it will be; attempts count as successes.
    fn kind(self) -> OpKind;
    /// What it would touch if `task` performed it now.
    fn footprint(self, execution: &Execution, task: TaskIx) -> Footprint;
    /// Appends its event, and completes `task` or blocks it.
    fn perform(self, execution: &mut Execution, task: TaskIx);
}

/// The objects' states, each with its typed access, which the driver's promise backs that it passes an object
/// only to operations of its own kind; and the operations of those that implement [`Primitive`].
macro_rules! primitives {
    (
        states { $($variant:ident $state:ty, $get:ident $look:ident;)* }
        operations { $($(#[$doc:meta])* $op:ident $ty:ty,)* }
    ) => {
        /// An object's state. Which one is told by a byte of its own, since that is looked at in each operation.
        #[repr(u8)]
        pub(crate) enum Object { $($variant($state),)* }

        #[allow(dead_code, reason = "as below")]
        impl Object {
            /// Who holds it, if it is something that one can hold.
            pub fn holders(&self) -> Vec<(TaskIx, EventIx)> {
                match self { $(Object::$variant(state) => state.holders(),)* }
            }

            $(#[inline]
            pub fn $get(&mut self) -> &mut $state {
                match self {
                    Object::$variant(state) => state,
                    other => other.is_no(stringify!($variant)),
                }
            })*

            #[cold]
            fn is_no(&self, expected: &str) -> ! {
                let got = match self { $(Object::$variant(_) => stringify!($variant),)* };
                unreachable!("expected a {expected}, got a {got}")
            }
        }

        #[allow(dead_code, reason = "made for all alike; not every state is looked at in both ways")]
        impl Execution {
            $(#[inline]
            pub(crate) fn $get(&mut self, object: ObjIx) -> &mut $state {
                self.objects[object.at()].state.$get()
            }
            #[inline]
            pub(crate) fn $look(&self, object: ObjIx) -> &$state {
                match &self.objects[object.at()].state {
                    Object::$variant(state) => state,
                    other => other.is_no(stringify!($variant)),
                }
            })*
        }

        /// The operations of the primitives that are whole in a file of their own.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub enum PrimitiveOp { $($(#[$doc])* $op($ty),)* }

        impl Primitive for PrimitiveOp {
            #[inline]
            fn kind(self) -> OpKind {
                match self { $(PrimitiveOp::$op(op) => op.kind(),)* }
            }
            fn footprint(self, execution: &Execution, task: TaskIx) -> Footprint {
                match self { $(PrimitiveOp::$op(op) => op.footprint(execution, task),)* }
            }
            fn perform(self, execution: &mut Execution, task: TaskIx) {
                match self { $(PrimitiveOp::$op(op) => op.perform(execution, task),)* }
            }
        }

        $(impl From<$ty> for Op {
            fn from(op: $ty) -> Op {
                Op::Of(PrimitiveOp::$op(op))
            }
        })*
    };
}

primitives! {
    states {
        Atomic atomic::Atomic, atomic atomic_state;
        Mutex mutex::Mutex, mutex mutex_state;
        Condvar condvar::Condvar, condvar condvar_state;
        Channel channel::Channel, channel channel_state;
        Cell cell::Cell, cell cell_state;
        RwLock rwlock::RwLock, rwlock rwlock_state;
        Once once::Once, once once_state;
        Barrier barrier::Barrier, barrier barrier_state;
        WaitGroup wait_group::WaitGroup, wait_group wait_group_state;
        Token park::Token, token token_state;
        Word word::Word, word word_state;
    }
    operations {
        /// Of a read-write lock.
        RwLock RwLockOp,
        /// Of something that is initialised once.
        Once OnceOp,
        /// Of a barrier.
        Barrier BarrierOp,
        /// Of a wait group.
        WaitGroup WaitGroupOp,
        /// Of a channel whose senders are counted.
        Mpsc MpscOp,
        /// Of the clock.
        Timer TimerOp,
        /// Of a context.
        Context ContextOp,
        /// Of a thread's or a future's token.
        Park ParkOp,
        /// Of a word of the program's own memory.
        Word WordOp,
        /// Of the end of closures.
        Finish FinishOp,
    }
}

impl Object {
    pub fn new(spec: &ObjectSpec) -> Self {
        let initial = spec.initial;
        match spec.kind {
            ObjectKind::Atomic => Object::Atomic(State::new(initial)),
            ObjectKind::Mutex => Object::Mutex(State::new(initial)),
            ObjectKind::Condvar => Object::Condvar(State::new(initial)),
            ObjectKind::Channel | ObjectKind::Context | ObjectKind::Timer => {
                Object::Channel(State::new(initial))
            }
            ObjectKind::Cell | ObjectKind::Map => Object::Cell(State::new(initial)),
            ObjectKind::RwLock => Object::RwLock(State::new(initial)),
            ObjectKind::Once => Object::Once(State::new(initial)),
            // A task, as its end is awaited: that happens once.
            ObjectKind::Task => Object::Once(State::new(0)),
            ObjectKind::Barrier => Object::Barrier(State::new(initial)),
            ObjectKind::WaitGroup => Object::WaitGroup(State::new(initial)),
            ObjectKind::Parker | ObjectKind::Waker => Object::Token(State::new(initial)),
            ObjectKind::Word => Object::Word(State::new(initial)),
        }
    }
}

impl Object {
    /// Becomes a new object's.
    pub fn renew(&mut self, spec: &ObjectSpec) {
        match (self, spec.kind) {
            (Object::Mutex(mutex), ObjectKind::Mutex) => mutex.renew(spec.initial),
            (Object::Condvar(condvar), ObjectKind::Condvar) => condvar.renew(spec.initial),
            (Object::Channel(channel), ObjectKind::Channel) => channel.renew(spec.initial),
            (Object::Cell(cell), ObjectKind::Cell) => cell.renew(spec.initial),
            (other, _) => *other = Object::new(spec),
        }
    }
}

impl Execution {
    /// Begins to perform the operation that `task` arrived at; how the task stands then, where that is known without a look.
    #[inline(always)]
    pub(crate) fn dispatch(&mut self, task: TaskIx) -> Option<TaskState> {
        let slot = &mut *self.tasks[task.at()];
        // What is done most often is found first. Who locks is never completed by what asks for that.
        if let Op::Lock { mutex } = slot.op {
            return Some(self.lock(task, mutex));
        }
        slot.state = TaskState::Performing;
        match slot.op {
            Op::Lock { .. } => unreachable!("found first"),
            Op::Spawn { child } => self.spawn(task, child),
            Op::Exit => self.exit(task),
            Op::Join { task: target } => self.join(task, target),
            Op::IsFinished { task: target } => self.is_finished(task, target),
            Op::CountTasks => self.count_tasks(task),
            Op::Yield => self.yield_now(task),
            Op::Choose { n } => self.choose(task, n),
            Op::Forever { kind } => {
                let event = self.append(task, kind, |_| {});
                self.block(task, Wait::Forever, event);
            }
            Op::Load { object, order } => self.load(task, object, order),
            Op::Store { object, value, order } => {
                self.store(task, object, value, order);
                return Some(TaskState::Local);
            }
            Op::Rmw { object, kind, operand, width, order } => {
                self.rmw(task, object, order, |old| kind.apply(old, operand, width));
                return Some(TaskState::Local);
            }
            Op::CompareExchange { object, expected, new, success, failure, weak } => {
                self.compare_exchange(task, object, (expected, new), (success, failure), weak);
            }
            Op::Fence { order } => self.fence(task, order),
            Op::Unlock { mutex } => return Some(self.unlock(task, mutex)),
            Op::TryLock { mutex } => self.try_lock(task, mutex),
            Op::IsPoisoned { mutex } => {
                self.append(task, OpKind::IsPoisoned, |e| e.object = Some(mutex));
                self.complete(task, Reply::Unit);
            }
            Op::ClearPoison { mutex } => {
                self.append(task, OpKind::ClearPoison, |e| e.object = Some(mutex));
                self.complete(task, Reply::Unit);
            }
            Op::Wait { condvar, mutex } => self.wait(task, condvar, mutex),
            Op::NotifyOne { condvar } => self.notify_one(task, condvar),
            Op::NotifyAll { condvar } => self.notify_all(task, condvar),
            Op::Send { channel, handle } => self.send(task, channel, handle),
            Op::Recv { channel } => self.recv(task, channel),
            Op::TrySend { channel, handle } => self.try_send(task, channel, handle),
            Op::TryRecv { channel } => self.try_recv(task, channel),
            Op::Close { channel } => self.close(task, channel),
            Op::Len { channel } => self.len(task, channel),
            Op::Select { default } => self.select(task, default),
            Op::Of(op) => op.perform(self, task),
        }
        None
    }

    /// What `task`'s operation would touch if it were performed now, and which kind of operation it is.
    pub(crate) fn footprint(&self, task: TaskIx) -> Footprint {
        self.touched_by(task).of_op(self.tasks[task.at()].kind)
    }

    fn touched_by(&self, task: TaskIx) -> Footprint {
        use AccessKind as K;
        let one = |object, kind| Footprint::one(Access::new(object, kind));
        match self.tasks[task.at()].op {
            Op::Join { .. } | Op::Yield | Op::Choose { .. } | Op::Forever { .. } | Op::Fence { .. } => {
                Footprint::NONE
            }
            Op::Spawn { .. } => Footprint::one(Access::to_all_tasks(K::Spawn)),
            Op::Exit if self.tasks[task.at()].finish.is_some() => Footprint::NONE,
            Op::Exit => finish::touched(task),
            Op::CountTasks => Footprint::one(Access::to_all_tasks(K::CountTasks)),
            Op::IsFinished { task } => Footprint::one(Access::to_task(task, K::IsFinished)),
            Op::Load { object, .. } => one(object, K::Read),
            Op::Store { object, .. } => one(object, K::Write),
            Op::Rmw { object, .. } => one(object, K::Update),
            Op::CompareExchange { object, expected, .. } => {
                one(object, if self.atomic_value(object) == Some(expected) { K::Update } else { K::Read })
            }
            Op::Lock { mutex } => one(mutex, K::Lock),
            Op::TryLock { mutex } => {
                one(mutex, if self.is_free(mutex) { K::TryLock } else { K::TryLockFail })
            }
            Op::Unlock { mutex } => one(mutex, self.unlock_kind(task, mutex)),
            Op::IsPoisoned { mutex } => one(mutex, K::IsPoisoned),
            Op::ClearPoison { mutex } => one(mutex, K::ClearPoison),
            Op::Wait { condvar, mutex } => {
                let wait = if self.condvar_state(condvar).fifo { K::WaitInLine } else { K::Wait };
                let unlock = Access::new(mutex, self.unlock_kind(task, mutex));
                Footprint::of(&[Access::new(condvar, wait), unlock])
            }
            Op::NotifyOne { condvar } => one(condvar, K::NotifyOne),
            Op::NotifyAll { condvar } => one(condvar, K::NotifyAll),
            Op::Send { channel, .. } => self.channel_footprint(task, channel, K::Send),
            Op::Recv { channel } => self.channel_footprint(task, channel, K::Recv),
            Op::Close { channel } => self.channel_footprint(task, channel, K::Close),
            Op::Len { channel } => one(channel, K::Len),
            Op::TrySend { channel, .. } => {
                let kind = if self.can_send(channel, task) { K::TrySend } else { K::TrySendFail };
                self.channel_footprint(task, channel, kind)
            }
            Op::TryRecv { channel } => {
                let kind = if self.can_recv(channel, task) { K::TryRecv } else { K::TryRecvFail };
                self.channel_footprint(task, channel, kind)
            }
            Op::Select { .. } => self.select_footprint(task),
            Op::Of(op) => op.footprint(self, task),
        }
    }
}
