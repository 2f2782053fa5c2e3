//! What each tool says of twelve small programs.
//!
//! A failure is a panic in loom and shuttle, and may abort the process where destructors panic again while it
//! unwinds (loom, a deadlock with guards). So each question is asked in a process of its own, the binary
//! `verdict`, and what it wrote on its way down is read.

mod answer;
mod plain;
mod programs;
mod tools;

pub use answer::{Answer, Says};

/// Asks one of the tools `gorace`, `loom` and `shuttle` about one of the programs, in this process; `None` if
/// there is no such tool or program.
///
/// # Panics
/// If loom or shuttle finds something.
pub fn ask(tool: &str, program: &str) -> Option<Answer> {
    type Ask = fn(fn()) -> Answer;
    let (programs, ask): ([_; 12], Ask) = match tool {
        "gorace" => (tools::on_gorace::ALL, tools::gorace),
        "loom" => (tools::on_loom::ALL, tools::loom),
        "shuttle" => (tools::on_shuttle::ALL, tools::shuttle),
        _ => return None,
    };
    let (_, body) = programs.into_iter().find(|(name, _)| *name == program)?;
    Some(ask(body))
}
