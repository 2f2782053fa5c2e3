//! Panics: which of them ended their tasks, and what they said.

use crate::zero_change::symbols::{Call, Whose};
use gorace_inject::wire::{Panic, RawTrace};

/// A panic that ended its task, or the program.
pub struct Fatal<'r> {
    pub panic: &'r Panic,
    pub message: String,
}

/// Those of the trace that nobody caught: below whoever caught a panic there is only std.
pub fn fatal<'r>(raw: &'r RawTrace, calls: &mut dyn FnMut(u32) -> Vec<Call>) -> Vec<Fatal<'r>> {
    let aborted = raw.ended_by.as_deref() == Some("abort");
    let mut found = Vec::new();
    for (at, panic) in raw.panics.iter().enumerate() {
        // The last is the one that ended the program.
        let ends_program = aborted && at + 1 == raw.panics.len();
        let is_caught = calls(panic.unwound).iter().any(|call| call.whose != Whose::Std);
        if ends_program || !is_caught {
            let message = message(&panic.said).unwrap_or_else(|| {
                if ends_program {
                    "the program aborted itself".to_owned()
                } else {
                    "a panic that said nothing".to_owned()
                }
            });
            found.push(Fatal { panic, message });
        }
    }
    found
}

/// Whether a stack overflow ended the program, by what std's handler wrote.
pub fn is_overflow(fatal: &Fatal<'_>) -> bool {
    fatal
        .panic
        .said
        .rsplit("panicked at ")
        .next()
        .is_some_and(|last| last.contains("has overflowed its stack"))
}

/// The text of the last panic in what std's hook wrote to standard error; or of what it wrote where no memory was left.
fn message(said: &str) -> Option<String> {
    let Some(at) = said.rfind("panicked at ") else {
        let is_it = |line: &&str| line.starts_with("memory allocation of ") && line.ends_with(" failed");
        return said.lines().rfind(is_it).map(str::to_owned);
    };
    let rest = said[at..].split_once('\n')?.1;
    let end = ["\nnote: run with", "\nstack backtrace:"].iter().filter_map(|end| rest.find(end)).min();
    let message = rest[..end.unwrap_or(rest.len())].trim_end();
    (!message.is_empty()).then(|| message.to_owned())
}

#[cfg(test)]
mod tests {
    use super::message;

    #[test]
    fn the_last_panics_own_words_are_found() {
        let said = "before\n\nthread 'a' (7) panicked at src/main.rs:3:5:\nfirst\n\
                    thread 'b' (8) panicked at src/main.rs:4:5:\nsecond\nof two lines\n\
                    note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace\n";
        assert_eq!(message(said).as_deref(), Some("second\nof two lines"));
        assert_eq!(message("nothing of the kind"), None);
        let said = "before\nmemory allocation of 8 bytes failed\nnote: run with `RUST_BACKTRACE=1` ..\n";
        assert_eq!(message(said).as_deref(), Some("memory allocation of 8 bytes failed"));
    }
}
