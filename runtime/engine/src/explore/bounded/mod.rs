//! Search within a bound on preemptions: first what needs none, then what needs one, and so on.
//!
//! Source: Musuvathi, Qadeer, *Iterative Context Bounding for Systematic Testing of Multithreaded Programs*,
//! PLDI 2007. A preemption is a switch away from a task that could go on. Each round runs the schedules with at
//! most so many of them, depth first; the next round allows one more ([`search`]). So the first failure has next
//! to no needless switches, and what is found is complete up to the last round that was finished.
//!
//! Partial-order reduction loses schedules under a bound (the equivalent schedule that stands for them may need
//! one preemption more), so that every schedule counts, but for three things which cost no trace:
//! * **A preempted task sleeps** until somebody accesses an object of the operation before which it was
//!   preempted. If nobody does, the operation could have been done before the switch: the same trace, with no
//!   more preemptions. (It is not enough to wait for an operation that depends on it: one that blocks at the
//!   object makes a switch free that would be a preemption otherwise.)
//! * **A task is preempted only before an operation on what others use too**, as far as that was seen. A
//!   round in which something turned out to be used by others is repeated.
//! * **No state is explored twice** if nobody is preempted in it ([`prefix_key`]): what is left to do there
//!   depends on the trace so far, on who sleeps, and on how many preemptions are left.
//!
//! None of them is used where the bounds on timers may disable one.

mod node;
mod prefix_key;
mod search;
mod sharing;

pub use search::Bounded;
