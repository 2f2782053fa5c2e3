//! What happened in one execution, and what it means.
//!
//! A [`Trace`] is plain data: the events of one execution, the edges that ordered them, and how each task
//! ended. From it this crate derives happens-before ([`hb`]), findings ([`detect`]) and, behind the feature
//! `report`, what a person or a program reads ([`mod@describe`], [`mod@write`], [`mod@file`]).
//!
//! Invariants: no `unsafe`, no threads, no clock, no environment; I/O only through `&mut dyn Write`. The
//! same trace gives the same findings and the same text, byte for byte.
#![forbid(unsafe_code)]

pub mod clock;
pub mod detect;
pub mod finding;
pub mod hb;
pub mod ids;
pub mod misuse;
pub mod op;
pub mod place;
pub mod record;
pub mod trace;
pub mod verdict;

#[cfg(feature = "report")]
pub mod describe;
#[cfg(feature = "report")]
pub mod explain;
#[cfg(feature = "report")]
pub mod file;
#[cfg(feature = "report")]
pub mod source;
#[cfg(feature = "report")]
pub mod write;

pub use finding::{Code, Finding, FindingKind};
pub use ids::{EventIx, ObjIx, TaskIx, TaskPath};
pub use op::{EdgeKind, ObjectKind, OpKind, Order};
pub use place::{Frame, Place};
pub use trace::{Edge, Event, ObjectInfo, TaskEnd, TaskInfo, Trace, Waiting};
pub use verdict::{Limit, Verdict};
