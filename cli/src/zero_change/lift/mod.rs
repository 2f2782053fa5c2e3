//! From what the machine did to what the program did.
//!
//! The library in the program sees atomics, futexes and addresses. The words of a report are locks, conditions, channels
//! and variables. Steps that one call of std (or of a lock library) made become one event of that call; steps that say
//! nothing to a reader go; what orders the rest stays exactly as it was.

mod api;
mod calls;
mod known;
mod objects;
mod order;
mod panics;
mod place;
mod stack;
mod steps;
mod trace;

pub use trace::lift;
