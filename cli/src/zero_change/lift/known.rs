//! Races that are meant: code that reads without order and checks afterwards whether it may use what it read.
//!
//! Each entry names one function's path, why it races, and where upstream says so. Nothing else is hidden: the entry counts
//! only if the access itself stands in that function.

use crate::zero_change::symbols::{Call, Whose};

/// A function whose accesses race by design.
struct Meant {
    /// The beginning of its path.
    function: &'static str,
}

const MEANT: &[Meant] = &[
    // `AtomicCell` of a type that has no atomic of its own is a sequence lock: `load` reads the value with
    // `read_volatile` or as `MaybeUninit`, and takes it only if no `store` came in between.
    // https://github.com/crossbeam-rs/crossbeam/blob/crossbeam-utils-0.8.21/crossbeam-utils/src/atomic/atomic_cell.rs
    // ("Try doing an optimistic read first.", and the discussion in crossbeam-rs/crossbeam#315)
    Meant { function: "crossbeam_utils::atomic::atomic_cell::" },
];

/// Whether an access with this stack is one of those. What std does inside of the function, as copying, is its own.
pub fn is_meant(calls: &[Call]) -> bool {
    let own = calls.iter().find(|call| call.whose != Whose::Std);
    own.is_some_and(|call| {
        call.whose == Whose::Dependency && MEANT.iter().any(|meant| call.function.starts_with(meant.function))
    })
}
