//! Who runs next: workers, their queues, and how they find work.

mod alarms;
mod global;
mod inbox;
pub(crate) mod local;
mod ring;
mod sleepers;
mod unstarted;
mod worker;

pub(crate) use global::{SCHED, ready, submit};
pub(crate) use inbox::Linked;
pub(crate) use worker::{Worker, work};
