//! The inside of an execution: green threads driven by the engine, and the state that they share.

pub(crate) mod bias;
pub(crate) mod biased;
pub(crate) mod code;
pub(crate) mod comings;
pub(crate) mod context;
pub(crate) mod hook;
pub(crate) mod locals;
pub(crate) mod outsiders;
pub(crate) mod overflow;
pub(crate) mod panics;
pub(crate) mod peers;
pub(crate) mod slot;
pub(crate) mod special;
pub(crate) mod stack;
pub(crate) mod statics;
pub(crate) mod task;
pub(crate) mod task_slots;
pub(crate) mod teardown;
mod unwinding;
pub(crate) mod watchdog;
