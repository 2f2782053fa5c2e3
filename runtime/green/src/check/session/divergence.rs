//! What differs between two executions, in the names that a report uses, and where.
//!
//! The engine knows tasks by their paths, and ends an execution before the operation in which it differs. The report names
//! tasks as every other does, and shows the operation, which is the last of its trace.

use gorace_analyzer::trace::Divergence;
use gorace_analyzer::{Event, TaskIx, Trace};
use gorace_engine::Execution;

/// How the engine begins to name a task, before its path.
const TASK: &str = "task ";

/// A task as reports name it.
pub(crate) fn who(trace: &Trace, task: TaskIx) -> String {
    match &trace.task(task).name {
        Some(name) => format!("`{name}` (T{})", task.0),
        None => format!("T{}", task.0),
    }
}

/// Names the tasks of an execution in the engine's words about it.
pub(crate) fn in_words(text: &str, trace: &Trace) -> String {
    let mut words = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once(TASK) {
        let (path, after) = path(behind);
        words.push_str(before);
        match task_of(trace, path) {
            Some(task) => words.push_str(&who(trace, task)),
            None => words.extend([TASK, path]),
        }
        rest = after;
    }
    words + rest
}

/// The execution with the operation at which it left its plan, if that is known: the one that the task is about to do.
pub(super) fn with_what_differs(mut trace: Trace, execution: &Execution, divergence: &Divergence) -> Trace {
    let at = divergence.found.strip_prefix(TASK).map(|found| path(found).0);
    let task = at.and_then(|path| task_of(&trace, path)).filter(|_| divergence.found.contains(" is at "));
    if let Some(task) = task {
        let (op, place) = execution.doing(task);
        trace.events.push(Event::new(task, op, place));
    }
    trace
}

/// A path, and what stands behind it.
fn path(text: &str) -> (&str, &str) {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    text.split_at(end)
}

fn task_of(trace: &Trace, path: &str) -> Option<TaskIx> {
    let at = trace.tasks.iter().position(|task| task.path.to_string() == path)?;
    Some(TaskIx(at as u32))
}
