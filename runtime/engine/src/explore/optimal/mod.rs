//! Optimal dynamic partial-order reduction: one execution of each Mazurkiewicz trace, and none begun in vain.
//!
//! Source: Abdulla, Aronis, Jonsson, Sagonas, *Source Sets: A Foundation for Optimal Dynamic Partial Order
//! Reduction*, JACM 64(4), 2017. After each execution its clocks are computed ([`happens_before`]). For each
//! race a sequence that runs the second event before the first ([`reversal`]) is put into the wakeup tree of the
//! state before the first ([`tree`]), unless what is asleep or planned there leads to it anyway. The search goes
//! on with the deepest state that has something planned ([`search`]).
//!
//! Three things are not in the paper:
//! * **Numbers.** Tasks and objects are numbered in the order in which an execution meets them, so that two
//!   executions agree on the numbers only of what they share. Trees name later tasks by their paths. A later object is
//!   known again by an operation that used it, and an operation by what its task's code had seen before ([`seen`]).
//! * **Choices.** An operation that chooses (a select, a `notify_one`, a tie of timers) is followed by a node
//!   of its own with all alternatives, wherever it is run. A tree says what follows which alternative. Where somebody
//!   sleeps, an alternative is one more event that excludes the one that was run: it is planned as the reversal of a race
//!   is, followed by what wakes the sleeper, or not at all.
//! * **Doubt.** What an operation touches may depend on the state: whether a `try_lock` succeeds, which timer is
//!   the next. Only the second event of a race can do something else in its new place, since all others keep
//!   their past. What that is, is found out by rehearsal: the sequence's operations are performed once more, without
//!   the program (`execution/rehearsal.rs`), where a decision hangs on it. Doubt is left where nobody has seen whether
//!   two operations use the same object, since no execution so far had both. Then the sequence is planned, and dropped
//!   before its turn comes if it leads to nothing new: by then an execution has shown that ([`led`]). A leaf planned
//!   in doubt does not stand for all that follows it ([`tree`]), since somebody may sleep there whom only a longer
//!   sequence wakes.
//!
//! The paper's assumption that no event disables another fails only where fairness or the bounds on timers pass a
//! task over. A plan that cannot be followed because of it is given up, and all who may run there are tried.

mod adoption;
mod ahead;
mod analysis;
mod below;
mod coded;
mod estimate;
mod happens_before;
mod highest;
mod index;
mod kept;
mod last_access;
mod leaves;
mod led;
mod node;
mod operation;
mod part;
mod part_coded;
mod ran;
mod reversal;
mod search;
mod seen;
mod shown;
mod spare;
mod takings;
mod touches;
mod tree;
mod used;

pub use analysis::Analysis;
pub use happens_before::{Decision, HappensBefore};
#[cfg(test)]
pub use kept::Kept;
pub use leaves::{Leaves, parts_of_mark};
pub use part::ELSEWHERE;
pub use ran::Ran;
pub use search::Optimal;
pub use spare::Spare;
