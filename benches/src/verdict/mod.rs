//! What each tool says of twenty-five small programs.
//!
//! A failure is a panic in loom and shuttle, and may abort the process where destructors panic again while it
//! unwinds (loom, a deadlock with guards). So each question is asked in a process of its own, the binary
//! `verdict`, and what it wrote on its way down is read.

mod answer;
mod lock_programs;
mod memory_programs;
mod plain;
mod tools;

pub use answer::{Answer, Says};

/// Asks one of the tools `gorace`, `loom` and `shuttle` about one of the programs, in this process; `None` if
/// there is no such tool or program.
///
/// # Panics
/// If loom or shuttle finds something.
pub fn ask(tool: &str, program: &str) -> Option<Answer> {
    type Ask = fn(fn()) -> Answer;
    let (locks, memory, ask): ([_; 13], [_; 12], Ask) = match tool {
        "gorace" => (tools::locks_on_gorace::ALL, tools::memory_on_gorace::ALL, tools::gorace),
        "loom" => (tools::locks_on_loom::ALL, tools::memory_on_loom::ALL, tools::loom),
        "shuttle" => (tools::locks_on_shuttle::ALL, tools::memory_on_shuttle::ALL, tools::shuttle),
        _ => return None,
    };
    let (_, body) = locks.into_iter().chain(memory).find(|(name, _)| *name == program)?;
    Some(ask(body))
}
