//! Races that are meant: code that reads without order and checks afterwards whether it may use what it read.
//!
//! An entry names the function that reads so, by what it reads, and the functions whose writes it then expects. Nothing
//! else is hidden: not a race of those writes with each other, nor one of that read with anybody else's write.

use crate::zero_change::symbols::{Call, Whose};

/// Two accesses of a dependency that race by design.
struct Meant {
    /// The function that reads ..
    reader: &'static str,
    /// .. by this one of std's.
    by: &'static str,
    /// The beginnings of the paths of those that write.
    writers: &'static [&'static str],
}

const MEANT: &[Meant] = &[
    // `AtomicCell` of a type without an atomic of its own is a sequence lock: `load` reads the value first and takes it
    // only if nobody has written meanwhile; who writes has the lock. Upstream's own words, where it reads: "We need a
    // volatile read here because other threads might concurrently modify the value. In theory, data races are *always* UB,
    // even if we use volatile reads and discard the data when a data race is detected."
    // https://docs.rs/crate/crossbeam-utils/0.8.23/source/src/atomic/atomic_cell.rs (`atomic_load`)
    // ThreadSanitizer's pass sees volatile accesses of up to eight bytes as such, and a larger one as a plain copy.
    Meant {
        reader: "crossbeam_utils::atomic::atomic_cell::atomic_load",
        by: "core::ptr::read_volatile",
        writers: &[
            "crossbeam_utils::atomic::atomic_cell::atomic_store",
            "crossbeam_utils::atomic::atomic_cell::atomic_swap",
            "crossbeam_utils::atomic::atomic_cell::atomic_compare_exchange_weak",
            "crossbeam_utils::atomic::atomic_cell::AtomicCell::fetch_",
        ],
    },
];

/// Whether two accesses with these stacks, a read and a write, are one of those.
pub fn is_meant(read: &[Call], write: &[Call]) -> bool {
    MEANT.iter().any(|meant| {
        let reads = own(read).is_some_and(|(call, inside)| {
            call.function == meant.reader && inside.iter().any(|call| call.function == meant.by)
        });
        let starts = |call: &Call| meant.writers.iter().any(|start| call.function.starts_with(start));
        reads && own(write).is_some_and(|(call, _)| starts(call))
    })
}

/// The function that an access stands in, if it is a dependency's, and what it called of std's.
fn own(calls: &[Call]) -> Option<(&Call, &[Call])> {
    let at = calls.iter().position(|call| call.whose != Whose::Std)?;
    (calls[at].whose == Whose::Dependency).then_some((&calls[at], &calls[..at]))
}

#[cfg(test)]
mod tests {
    use super::is_meant;
    use crate::zero_change::symbols::{Call, Whose};

    fn call(function: &str, whose: Whose) -> Call {
        Call { function: function.to_owned(), file: "file.rs".to_owned(), line: 1, column: 1, whose }
    }

    #[test]
    fn only_that_read_and_those_writes_are_meant() {
        let cell = |function: &str| format!("crossbeam_utils::atomic::atomic_cell::{function}");
        let of = |std: &str, function: &str, whose| vec![call(std, Whose::Std), call(&cell(function), whose)];
        let read = of("core::ptr::read_volatile", "atomic_load", Whose::Dependency);
        let write = of("core::ptr::write", "atomic_store", Whose::Dependency);
        assert!(is_meant(&read, &write));
        let locked = of("core::ptr::read", "atomic_load", Whose::Dependency);
        assert!(!is_meant(&locked, &write), "the read with the lock is no guess");
        assert!(!is_meant(&write, &write), "two writes are never meant to race");
        let users = vec![call("core::ptr::write", Whose::Std), call("program::main", Whose::User)];
        assert!(!is_meant(&read, &users), "the user's own write through `as_ptr` is a race");
        let copy = of("core::ptr::read_volatile", "atomic_load", Whose::User);
        assert!(!is_meant(&copy, &write), "somebody's copy of the crate is the user's own code");
    }
}
