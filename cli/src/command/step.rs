//! `gorace replay --step`: walks through the replayed execution, on a terminal at the reader's pace.
//!
//! The execution is over by then: nothing is run between two steps.

use crate::print::sources;
use gorace_analyzer::describe::{WalkStep, walk};
use gorace_analyzer::record::Record;
use std::io::{self, BufRead, IsTerminal as _, Write as _};

/// Prints the steps of each finding. On a terminal each waits for the Enter key; `q` ends it.
pub fn walk_through(records: &[Record]) {
    let waits = io::stdin().is_terminal() && io::stdout().is_terminal();
    for record in records {
        let steps = walk(record, &sources(&record.program));
        for (at, step) in steps.iter().enumerate() {
            // Whoever closes the pipe has seen enough.
            if io::stdout().write_all(text(step, at + 1, steps.len()).as_bytes()).is_err() {
                return;
            }
            if waits && !goes_on() {
                return;
            }
        }
    }
}

fn text(step: &WalkStep, number: usize, of: usize) -> String {
    let WalkStep { task, did, forced, waits, place, line } = step;
    let forced = if *forced { " (forced switch)" } else { "" };
    let waits = if *waits { ", and waits for ever" } else { "" };
    let mut text = format!("step {number} of {of}: {task}: {did}{waits}{forced}\n");
    if let Some(place) = place {
        text.push_str(&format!("    at {place}\n"));
    }
    if let Some(line) = line {
        text.push_str(&format!("    {line}\n"));
    }
    text
}

fn goes_on() -> bool {
    let mut answer = String::new();
    let read = io::stdin().lock().read_line(&mut answer);
    read.is_ok_and(|read| read > 0) && !answer.trim().eq_ignore_ascii_case("q")
}
