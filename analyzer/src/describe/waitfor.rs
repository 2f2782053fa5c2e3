//! Who waits for whom at a trace's end, in words.

use crate::describe::Names;
use crate::detect::{cycles, waits_for};
use crate::ids::TaskIx;
use crate::trace::TaskEnd;
use gorace_analyzer_core::Listed;

/// One line for the cycle and one for each task that is stuck behind something.
pub(crate) fn wait_for(names: &Names<'_>, blocked: &[TaskIx], cycle: &[TaskIx]) -> Vec<String> {
    let cycles = cycles(names.trace);
    let mut lines = Vec::new();
    if !cycle.is_empty() {
        let mut line = names.header(cycle[0]);
        for (i, task) in cycle.iter().enumerate() {
            let next = cycle[(i + 1) % cycle.len()];
            line.push_str(&format!(" --[{}]--> {}", reason(names, *task), names.header(next)));
        }
        lines.push(line);
    }
    for task in blocked.iter().filter(|task| !cycle.contains(task)) {
        let owners: Vec<String> =
            waits_for(names.trace, *task).iter().map(|owner| names.header(*owner)).listed();
        let line = match owners.is_empty() {
            false => {
                let stuck = if cycle.is_empty() || cycles.iter().any(|cycle| cycle.contains(task)) {
                    ""
                } else {
                    "   (stuck behind it, not part of a cycle)"
                };
                format!(
                    "{} --[{}]--> {}{stuck}",
                    names.header(*task),
                    reason(names, *task),
                    owners.join(", ")
                )
            }
            true => format!("{} waits {}", names.header(*task), names.waiting_text(*task)),
        };
        lines.push(line);
    }
    if lines.len() > 8 {
        let more = lines.len() - 7;
        lines.truncate(7);
        lines.push(format!("and {more} more"));
    }
    lines
}

/// `lock b`, `join`.
pub(crate) fn reason(names: &Names<'_>, task: TaskIx) -> String {
    let TaskEnd::Blocked(waiting) = &names.trace.task(task).end else { return String::new() };
    let event = names.trace.event(waiting.event());
    match (event.op, event.object) {
        (op, Some(object)) => {
            format!("{} {}", op.word().replace('_', " "), names.object_for(op, object).trim_matches('`'))
        }
        (op, None) => op.word().to_owned(),
    }
}
