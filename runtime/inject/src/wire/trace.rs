//! One execution as the library in the program saw it: machine addresses, no names.

use super::call::Call;
use gorace_analyzer_core::{OpKind, TaskIx, Trace};
use gorace_engine::Schedule;

/// An execution's trace, whose places are stacks of code addresses.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct RawTrace {
    /// The trace. Its stacks are empty: a [`Place::Stack`](gorace_analyzer_core::Place) is an index of [`RawTrace::stacks`].
    pub trace: Trace,
    /// The schedule that it followed.
    pub schedule: Schedule,
    /// For each stack: return addresses, innermost first, relative to where the executable was linked to be.
    pub stacks: Vec<Vec<u64>>,
    /// For each object, whose memory it is.
    pub owners: Vec<Target>,
    /// Pairs of plain accesses that nothing orders.
    pub races: Vec<(Access, Access)>,
    /// The last panic of each task that had one.
    pub panics: Vec<Panic>,
    /// What drove the engine, where that was asked for.
    pub calls: Vec<Call>,
    /// The last that was written to standard error.
    pub stderr: String,
    /// The code with which the program ended, if it did.
    pub exit_code: Option<i32>,
    /// How the program ended itself, if it did not return from main: `exit`, `abort`.
    pub ended_by: Option<String>,
}

/// A panic: whether somebody caught it is told by the stacks.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Panic {
    /// Whose: the task's number.
    pub task: u32,
    /// Where it was raised: an index of [`RawTrace::stacks`].
    pub raised: u32,
    /// The stack when a landing pad last went on unwinding: whoever caught it is on it.
    pub unwound: u32,
    /// The last written to standard error before.
    pub said: String,
    /// Whether the task was joined.
    pub joined: bool,
}

/// What an object's address is part of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Target {
    /// The address, as it was in this execution.
    pub address: u64,
    /// Whose memory it is.
    pub owner: Owner,
}

/// Whose memory an address is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Owner {
    /// The executable's statics: the address as linked.
    Static(u64),
    /// A block of the heap: how far into it, and the stack that allocated it.
    Heap {
        /// In bytes.
        offset: u64,
        /// An index of [`RawTrace::stacks`].
        stack: u32,
    },
    /// A thread's stack.
    Stack(TaskIx),
    /// Something else.
    Unknown,
}

/// One side of a race.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Access {
    /// Who.
    pub task: TaskIx,
    /// How many events that task had had before.
    pub after: u32,
    /// How many events there had been of all tasks; 0 if that is not known.
    pub at: u32,
    /// [`OpKind::Read`] or [`OpKind::Write`].
    pub op: OpKind,
    /// Whether it was an atomic access, or one that the heap makes: `free` is a write.
    pub kind: u8,
    /// Where: an index of [`RawTrace::stacks`].
    pub stack: u32,
    /// What.
    pub target: Target,
    /// How many bytes.
    pub size: u32,
}
