//! The primitives' own state machines, one a file: what an operation does, what its footprint is, which
//! edges it gives. A new primitive is one file here, a row in [`Object`], its lines in `dispatch` and
//! `footprint`, and its rows in the dependency table.

mod atomic;
mod cell;
mod channel;
mod condvar;
mod lifecycle;
mod mutex;
mod select;

use crate::AccessKind;
use crate::execution::{Execution, ObjectSpec};
use crate::footprint::{Access, Footprint};
use crate::op::{Op, Reply};
use gorace_analyzer::{EventIx, ObjIx, ObjectKind, OpKind, TaskIx, Waiting};

pub use cell::Access as PlainAccess;

/// An object's state.
#[derive(Debug)]
pub(crate) enum Object {
    Atomic(atomic::Atomic),
    Mutex(mutex::Mutex),
    Condvar(condvar::Condvar),
    Channel(channel::Channel),
    Cell(cell::Cell),
}

impl Object {
    pub fn new(spec: &ObjectSpec) -> Self {
        match spec.kind {
            ObjectKind::Atomic => Object::Atomic(atomic::Atomic::new(spec.initial)),
            ObjectKind::Mutex => Object::Mutex(mutex::Mutex::default()),
            ObjectKind::Condvar => Object::Condvar(condvar::Condvar::default()),
            ObjectKind::Channel => Object::Channel(channel::Channel::new(spec.initial)),
            ObjectKind::Cell => Object::Cell(cell::Cell::default()),
            ObjectKind::Task => unreachable!("tasks are not registered as objects"),
        }
    }

    /// Who holds it, if it is something that one can hold.
    pub fn holder(&self) -> Option<(TaskIx, EventIx)> {
        match self {
            Object::Mutex(mutex) => mutex.owner,
            _ => None,
        }
    }
}

/// Typed access to an object's state. The driver passes each object only to operations of its own kind.
macro_rules! typed {
    ($($name:ident $variant:ident $ty:ty $(, to look at: $look:ident)?;)*) => {
        impl Execution {
            $(pub(crate) fn $name(&mut self, object: ObjIx) -> &mut $ty {
                match &mut self.objects[object.at()].state {
                    Object::$variant(state) => state,
                    other => unreachable!("expected a {}, got {other:?}", stringify!($name)),
                }
            }
            $(pub(crate) fn $look(&self, object: ObjIx) -> &$ty {
                match &self.objects[object.at()].state {
                    Object::$variant(state) => state,
                    other => unreachable!("expected a {}, got {other:?}", stringify!($name)),
                }
            })?)*
        }
    };
}
typed!(
    atomic Atomic atomic::Atomic;
    mutex Mutex mutex::Mutex;
    condvar Condvar condvar::Condvar, to look at: condvar_state;
    channel Channel channel::Channel, to look at: channel_state;
    cell Cell cell::Cell;
);

impl Execution {
    /// Performs the operation that `task` arrived at.
    pub(crate) fn dispatch(&mut self, task: TaskIx) {
        match self.tasks[task.at()].op {
            Op::Spawn { child } => self.spawn(task, child),
            Op::Exit => self.exit(task),
            Op::Join { task: target } => self.join(task, target),
            Op::IsFinished { task: target } => self.is_finished(task, target),
            Op::Yield => self.yield_now(task),
            Op::Choose { n } => self.choose(task, n),
            Op::Forever => {
                let event = self.append(task, OpKind::Select, |_| {});
                self.block(task, Waiting::Forever { event });
            }
            Op::Load { object, order } => self.load(task, object, order),
            Op::Store { object, value, order } => self.store(task, object, value, order),
            Op::Rmw { object, kind, operand, width, order } => {
                self.rmw(task, object, order, |old| kind.apply(old, operand, width));
            }
            Op::CompareExchange { object, expected, new, success, failure } => {
                self.compare_exchange(task, object, (expected, new), (success, failure));
            }
            Op::Fence { order } => self.fence(task, order),
            Op::Lock { mutex } => self.lock(task, mutex),
            Op::TryLock { mutex } => self.try_lock(task, mutex),
            Op::Unlock { mutex } => self.unlock(task, mutex),
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
        }
    }

    /// What `task`'s operation would touch if it were performed now.
    pub(crate) fn footprint(&self, task: TaskIx) -> Footprint {
        use AccessKind as K;
        let one = |object, kind| Footprint::one(Access::new(object, kind));
        match self.tasks[task.at()].op {
            Op::Spawn { .. }
            | Op::Join { .. }
            | Op::Yield
            | Op::Choose { .. }
            | Op::Forever
            | Op::Fence { .. } => Footprint::NONE,
            Op::Exit => Footprint::one(Access::to_task(task, K::Exit)),
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
            Op::Unlock { mutex } => one(mutex, K::Unlock),
            Op::IsPoisoned { mutex } => one(mutex, K::IsPoisoned),
            Op::ClearPoison { mutex } => one(mutex, K::ClearPoison),
            Op::Wait { condvar, mutex } => {
                Footprint::of(&[Access::new(condvar, K::Wait), Access::new(mutex, K::Unlock)])
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
        }
    }
}
