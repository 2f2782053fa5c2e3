//! Telling findings apart within a run: cheaply, before source files are read and fingerprints are made.

use crate::describe::origin;
use crate::finding::{FNV_START, fnv};
use crate::{EventIx, FindingKind, TaskEnd, TaskIx, Trace};
use gorace_analyzer_core::Listed;

/// Equal for the same bug under other schedules of the same program.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Key(u64);

/// The key of a finding in its trace.
pub fn key(trace: &Trace, finding: &FindingKind) -> Key {
    let sites: Vec<String> = match finding {
        FindingKind::DataRace { first, second } | FindingKind::Unordered { first, second, .. } => {
            vec![site(trace, *first), site(trace, *second)]
        }
        FindingKind::Deadlock { global, blocked, cycle } => {
            let tasks = match (cycle.is_empty(), global) {
                (false, _) => cycle.as_slice(),
                (true, true) => &blocked[..blocked.len().min(1)],
                (true, false) => blocked.as_slice(),
            };
            tasks.iter().map(|task| blocked_site(trace, *task)).listed()
        }
        FindingKind::Leak { task } => vec![blocked_site(trace, *task)],
        // A panic that came by `join` is the same bug as the panic itself.
        FindingKind::Panic { task } => vec![end_site(trace, origin(trace, *task).unwrap_or(*task))],
        FindingKind::Misuse { task, .. } => vec![end_site(trace, *task)],
        FindingKind::Livelock { .. } | FindingKind::Nondeterminism { .. } | FindingKind::NothingExplored => {
            Vec::new()
        }
    };
    let sites = sites.into_iter().in_order();
    let hash = fnv(FNV_START, finding.code().code().as_bytes());
    Key(sites.iter().fold(hash, |hash, site| fnv(fnv(hash, site.as_bytes()), &[0])))
}

fn site(trace: &Trace, event: EventIx) -> String {
    let event = trace.event(event);
    format!("{} {}", event.op.word(), place(trace, event.place))
}

fn place(trace: &Trace, place: crate::Place) -> String {
    let frame = trace.frames(place).into_iter().next();
    frame.map_or_else(String::new, |frame| format!("{}:{}:{}", frame.file, frame.line, frame.column))
}

fn blocked_site(trace: &Trace, task: TaskIx) -> String {
    match &trace.task(task).end {
        TaskEnd::Blocked(waiting) => site(trace, waiting.event()),
        _ => String::new(),
    }
}

fn end_site(trace: &Trace, task: TaskIx) -> String {
    match &trace.task(task).end {
        TaskEnd::Panicked { place: at, misuse, .. } => format!("{misuse:?} {}", place(trace, *at)),
        TaskEnd::Overflowed => format!("overflow {}", trace.task(task).path),
        _ => String::new(),
    }
}
