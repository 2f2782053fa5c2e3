//! Phrases that several reports share.

use crate::describe::Names;
use crate::ids::TaskIx;
use gorace_analyzer_core::Listed;

/// `a, b and c`
pub(crate) fn listed(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// `T1 at src/bank.rs:9:14 and T2 at src/bank.rs:10:14, both by T0`; `None` if nobody knows.
pub(crate) fn spawned_at(names: &Names<'_>, tasks: &[TaskIx]) -> Option<String> {
    let mut places: Vec<(String, Vec<String>)> = Vec::new();
    for task in tasks {
        let Some(frame) = names.spawn_of(*task).and_then(|spawn| names.event_frame(spawn)) else { continue };
        let place = format!("{}:{}:{}", frame.file, frame.line, frame.column);
        let task = format!("T{}", task.0);
        match places.iter_mut().find(|(known, _)| *known == place) {
            Some((_, tasks)) => tasks.push(task),
            None => places.push((place, vec![task])),
        }
    }
    let mut parents: Vec<TaskIx> =
        tasks.iter().filter_map(|task| names.trace.task(*task).spawned.map(|(parent, _)| parent)).listed();
    let count = parents.len();
    parents.dedup();
    let by = match (parents.as_slice(), count) {
        ([parent], 2) => format!(", both by T{}", parent.0),
        ([parent], 3..) => format!(", all by T{}", parent.0),
        _ => String::new(),
    };
    let places: Vec<String> =
        places.into_iter().map(|(place, tasks)| format!("{} at {place}", listed(&tasks))).listed();
    (!places.is_empty()).then(|| listed(&places) + &by)
}
