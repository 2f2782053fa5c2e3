//! What happened in one execution, and which findings that amounts to.
//!
//! A [`Trace`] is plain data: the events of one execution, the edges that ordered them, and how each task
//! ended. From it this crate derives happens-before ([`hb`]) and findings ([`detect`]). Wording and drawing
//! them is `gorace-analyzer`'s, which exports all of this again.
//!
//! Invariants: no dependency, no `unsafe`, no threads, no clock, no environment, no I/O. The same trace gives
//! the same findings.
#![forbid(unsafe_code)]

pub mod clock;
pub mod detect;
pub mod finding;
pub mod hb;
pub mod ids;
mod listed;
pub mod misuse;
pub mod op;
pub mod place;
pub mod trace;
pub mod verdict;

pub use finding::{Code, Finding, FindingKind};
pub use ids::{EventIx, ObjIx, TaskIx, TaskPath};
pub use listed::Listed;
pub use op::{EdgeKind, ObjectKind, OpKind, Order};
pub use place::{Frame, Place};
pub use trace::{Edge, Event, ObjectInfo, TaskEnd, TaskInfo, Trace, Waiting};
pub use verdict::{Limit, Verdict};
