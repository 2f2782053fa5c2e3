//! What a task and its scheduler say to each other at a switch.

/// What a suspended task wants to happen next.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Switch {
    /// What the engine said.
    Next(gorace_engine::Next),
    /// Nothing, for now: others are to be torn down first.
    Stuck,
}

/// How a task came back from [`Handle::resume`](super::Handle::resume).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Back {
    /// It was suspended.
    Suspended(Switch),
    /// Its code is over.
    Returned,
    /// Its stack had overflowed when it came to an operation, and is gone.
    Overflowed,
    /// Its stack and the reserve were used up, wherever it was, and are gone.
    CutOff,
}
