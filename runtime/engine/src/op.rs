//! What a task can ask for, and what it gets.
//!
//! An operation *arrives* (always possible, one event) and *completes* (no event: at once, or when the state
//! says so). Values of channels, locks and joins stay with the driver; the engine moves handles.

use crate::prim::{Primitive as _, PrimitiveOp};
use gorace_analyzer_core::{ObjIx, Order, TaskIx};

/// One operation of a task, about to arrive.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs, reason = "the fields are the operands; their meaning is said once a variant")]
pub enum Op {
    /// Start the task that [`Execution::new_task`](crate::Execution::new_task) made.
    Spawn { child: TaskIx },
    /// The last operation of every task.
    Exit,
    /// Wait for `task`'s exit.
    Join { task: TaskIx },
    /// Ask whether `task`'s closure is done.
    IsFinished { task: TaskIx },
    /// Ask how many tasks have been spawned and are not done with their closures, main among them.
    CountTasks,
    /// Step back: run again only when the others cannot go on.
    Yield,
    /// Atomic load.
    Load { object: ObjIx, order: Order },
    /// Atomic store.
    Store { object: ObjIx, value: u64, order: Order },
    /// Atomic read-modify-write; replies with the old value.
    Rmw { object: ObjIx, kind: RmwKind, operand: u64, width: Width, order: Order },
    /// Compare-exchange; replies with the value seen and whether it was `expected` and replaced: a weak one may
    /// fail all the same if the plan allows it.
    CompareExchange { object: ObjIx, expected: u64, new: u64, success: Order, failure: Order, weak: bool },
    /// Atomic fence.
    Fence { order: Order },
    /// Queue for a mutex.
    Lock { mutex: ObjIx },
    /// Take a mutex if it is free.
    TryLock { mutex: ObjIx },
    /// Release a mutex.
    Unlock { mutex: ObjIx },
    /// Look whether a mutex is poisoned; the driver knows the answer once this is complete.
    IsPoisoned { mutex: ObjIx },
    /// Forget a mutex's poison; the driver does.
    ClearPoison { mutex: ObjIx },
    /// Release `mutex` and queue on `condvar`, in one step. The driver locks again afterwards.
    Wait { condvar: ObjIx, mutex: ObjIx },
    /// Wake one waiter, whichever.
    NotifyOne { condvar: ObjIx },
    /// Wake all waiters.
    NotifyAll { condvar: ObjIx },
    /// Queue the value behind `handle`.
    Send { channel: ObjIx, handle: u64 },
    /// Queue for a value; replies with its handle.
    Recv { channel: ObjIx },
    /// Send if that completes at once.
    TrySend { channel: ObjIx, handle: u64 },
    /// Receive if that completes at once.
    TryRecv { channel: ObjIx },
    /// Close a channel.
    Close { channel: ObjIx },
    /// The number of buffered values.
    Len { channel: ObjIx },
    /// Take one ready arm of those set by [`Execution::set_arms`](crate::Execution::set_arms).
    Select { default: bool },
    /// Wait for what never comes, as this kind of operation: a send or receive on a nil channel, `select! {}`.
    Forever { kind: gorace_analyzer_core::OpKind },
    /// An explored choice among `n`.
    Choose { n: u32 },
    /// An operation of a primitive that is whole in a file of its own.
    Of(PrimitiveOp),
}

/// One arm of a `select!`. A nil channel's arm is never ready.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Arm {
    /// The channel; `None` for nil.
    pub channel: Option<ObjIx>,
    /// `Some(handle)` for a send arm.
    pub send: Option<u64>,
}

/// What a completed operation gives its task.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Reply {
    /// Nothing to say.
    #[default]
    Unit,
    /// A value: loaded, chosen, counted, or the handle of a message.
    Value(u64),
    /// A yes or no.
    Flag(bool),
    /// What a compare-exchange saw, and whether it succeeded.
    Seen(u64, bool),
    /// The channel is closed and drained.
    Closed,
    /// It could not be done at once (`try_` operations).
    WouldBlock,
    /// A select took this arm, with the message's handle for a receive (`None`: closed, or a send).
    Arm(u32, Option<u64>),
    /// A select took its default.
    Default,
    /// The object forbids it; Go's words.
    Misuse(&'static str),
}

/// How a read-modify-write computes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs, reason = "named as std's fetch_ functions")]
pub enum RmwKind {
    Swap,
    Add,
    Sub,
    And,
    Nand,
    Or,
    Xor,
    Max,
    Min,
}

/// The size of an atomic in bits, and whether `Max` and `Min` compare it signed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Width {
    /// 8, 16, 32 or 64; 1 for `AtomicBool`.
    pub bits: u32,
    /// Two's complement.
    pub signed: bool,
}

impl RmwKind {
    /// The value after the operation; both operands and the result are zero-extended.
    ///
    /// ```
    /// use gorace_engine::{RmwKind, Width};
    /// let byte = Width { bits: 8, signed: true };
    /// assert_eq!(RmwKind::Add.apply(255, 2, byte), 1);
    /// assert_eq!(RmwKind::Max.apply(255, 1, byte), 1); // -1 < 1
    /// ```
    #[inline]
    pub fn apply(self, old: u64, operand: u64, width: Width) -> u64 {
        let mask = if width.bits == 64 { u64::MAX } else { (1 << width.bits) - 1 };
        let signed = |value: u64| ((value << (64 - width.bits)) as i64) >> (64 - width.bits);
        let less = || if width.signed { signed(old) < signed(operand) } else { old < operand };
        let value = match self {
            RmwKind::Swap => operand,
            RmwKind::Add => old.wrapping_add(operand),
            RmwKind::Sub => old.wrapping_sub(operand),
            RmwKind::And => old & operand,
            RmwKind::Nand => !(old & operand),
            RmwKind::Or => old | operand,
            RmwKind::Xor => old ^ operand,
            RmwKind::Max => {
                if less() {
                    operand
                } else {
                    old
                }
            }
            RmwKind::Min => {
                if less() {
                    old
                } else {
                    operand
                }
            }
        };
        value & mask
    }
}

impl Op {
    /// The kind of event that it will be, as far as that is known beforehand: attempts count as successes.
    #[inline(always)]
    pub fn kind(&self) -> gorace_analyzer_core::OpKind {
        use gorace_analyzer_core::OpKind as K;
        match self {
            Op::Spawn { .. } => K::Spawn,
            Op::Exit => K::Exit,
            Op::Join { .. } => K::Join,
            Op::IsFinished { .. } => K::IsFinished,
            Op::CountTasks => K::NumGoroutine,
            Op::Yield => K::Yield,
            Op::Load { .. } => K::Load,
            Op::Store { .. } => K::Store,
            Op::Rmw { .. } | Op::CompareExchange { .. } => K::Rmw,
            Op::Fence { .. } => K::Fence,
            Op::Lock { .. } => K::Lock,
            Op::TryLock { .. } => K::TryLock,
            Op::Unlock { .. } => K::Unlock,
            Op::IsPoisoned { .. } => K::IsPoisoned,
            Op::ClearPoison { .. } => K::ClearPoison,
            Op::Wait { .. } => K::Wait,
            Op::NotifyOne { .. } => K::NotifyOne,
            Op::NotifyAll { .. } => K::NotifyAll,
            Op::Send { .. } => K::Send,
            Op::Recv { .. } => K::Recv,
            Op::TrySend { .. } => K::TrySend,
            Op::TryRecv { .. } => K::TryRecv,
            Op::Close { .. } => K::Close,
            Op::Len { .. } => K::Len,
            Op::Select { .. } => K::Select,
            Op::Forever { kind } => *kind,
            Op::Choose { .. } => K::Choose,
            Op::Of(op) => op.kind(),
        }
    }
}
