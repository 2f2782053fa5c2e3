//! Races that are meant: code that reads without order and checks afterwards whether it may use what it read.
//!
//! An entry names the function that reads so, by what it reads, and the functions whose writes it then expects. Nothing
//! else is hidden: not a race of those writes with each other, nor one of that read with anybody else's write.

use crate::zero_change::symbols::{Call, Whose};
use gorace_analyzer::source::{self, Sources};

/// Two accesses of a dependency that race by design.
struct Meant {
    /// The function that reads ..
    reader: &'static str,
    /// .. in a line that has this in it.
    line: &'static str,
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
        line: "ptr::read_volatile(",
        writers: &[
            "crossbeam_utils::atomic::atomic_cell::atomic_store",
            "crossbeam_utils::atomic::atomic_cell::atomic_swap",
            "crossbeam_utils::atomic::atomic_cell::atomic_compare_exchange_weak",
            "crossbeam_utils::atomic::atomic_cell::AtomicCell::fetch_",
        ],
    },
];

/// Whether two accesses with these stacks, a read and a write, are one of those.
pub fn is_meant(read: &[Call], write: &[Call], sources: &dyn Sources) -> bool {
    let (Some(read), Some(write)) = (own(read), own(write)) else { return false };
    MEANT.iter().any(|meant| {
        read.function == meant.reader
            && meant.writers.iter().any(|start| write.function.starts_with(start))
            && sources.text(&read.file).is_some_and(|text| {
                source::line(&text, read.line).is_some_and(|line| line.contains(meant.line))
            })
    })
}

/// The function that an access stands in, but for what that calls of std's, if it is a dependency's.
fn own(calls: &[Call]) -> Option<&Call> {
    calls.iter().find(|call| call.whose != Whose::Std).filter(|call| call.whose == Whose::Dependency)
}

#[cfg(test)]
mod tests {
    use super::is_meant;
    use crate::zero_change::symbols::{Call, Whose};
    use gorace_analyzer::source::Files;
    use std::path::Path;

    fn call(function: &str, line: u32, whose: Whose) -> Call {
        let function = format!("crossbeam_utils::atomic::atomic_cell::{function}");
        Call { function, file: "atomic_cell.rs".to_owned(), line, column: 1, whose }
    }

    #[test]
    fn only_that_read_and_those_writes_are_meant() {
        let text =
            |_: &Path| Some("let val = ptr::read_volatile(src);\nlet val = ptr::read(src);\n".to_owned());
        let sources = Files::new("", text);
        let std = Call { function: "core::ptr::write".to_owned(), ..call("", 9, Whose::Std) };
        let is_meant = |read: Call, write: Call| is_meant(&[read], &[std.clone(), write], &sources);
        let read = call("atomic_load", 1, Whose::Dependency);
        let write = call("atomic_store", 3, Whose::Dependency);
        assert!(is_meant(read.clone(), write.clone()));
        let locked = call("atomic_load", 2, Whose::Dependency);
        assert!(!is_meant(locked, write.clone()), "the read with the lock is no guess");
        assert!(!is_meant(write.clone(), write.clone()), "two writes are never meant to race");
        let users = call("atomic_store", 3, Whose::User);
        assert!(!is_meant(read.clone(), users), "somebody's copy of the crate is the user's own code");
        let other = Call { function: "program::main".to_owned(), ..write };
        assert!(!is_meant(read, other), "a write past the cell's functions is a race");
    }
}
