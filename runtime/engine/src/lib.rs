//! Who runs next.
//!
//! An [`Execution`] is a state machine: tasks arrive at operations, the engine picks one, performs it on the
//! engine's own objects and says which task to resume. It owns no stack and no OS thread; a driver (the
//! library's green threads, or the runtime of the zero-change door) runs the code between two operations.
//! What is decided within an execution is the picker's, what is decided between two is the
//! [`explore`]r's; a [`Plan`] goes in, a [`Trace`](gorace_analyzer_core::Trace) comes out.
//!
//! Invariants: the same program and the same plan give the same trace; nothing depends on addresses, time,
//! hash seeds or global counters; only `Execution::append` appends events.
#![forbid(unsafe_code)]

mod after_main;
mod base64url;
mod dependency;
mod descent;
mod execution;
pub mod explore;
mod footprint;
mod hold;
mod in_order;
mod made;
mod mark;
mod nearby;
mod op;
mod picker;
mod plan;
mod prim;
mod random;
mod retrace;
mod rng;
mod task;
#[cfg(test)]
mod tests;
mod token;
mod trace_key;

pub use dependency::{AccessKind, DEPENDENT};
pub use execution::{Execution, Next, ObjectSpec, Suspicion};
pub use footprint::{Access, Footprint, Known};
pub use mark::Mark;
pub use op::{Arm, Op, Reply, RmwKind, Width};
pub use picker::Coming;
pub use plan::{Deviation, Hold, NodeRecord, Order, Plan, Schedule, Selection, Step, WakeOn, WakeupStep};
pub use prim::{
    BarrierOp, ContextOp, FinishOp, MpscOp, NEVER, OnceEnd, OnceOp, ParkOp, PlainAccess, PrimitiveOp,
    RwLockOp, Settled, TimerEffect, TimerOp, WaitGroupOp, WordOp,
};
pub use random::{Profile, Sampler};
pub use retrace::Fit;
pub use rng::SplitMix64;
pub use token::{Token, TokenError};
pub use trace_key::trace_key;
