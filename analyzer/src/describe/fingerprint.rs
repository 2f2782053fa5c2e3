//! The name of a bug across runs: file, enclosing function, operation and object of each of its sites. No
//! line, no task, no seed.

use crate::describe::{Names, passed_on};
use crate::finding::{Finding, Fingerprint};
use crate::ids::{EventIx, TaskIx};
use crate::record::{Facts, Program, Record};
use crate::source::Sources;
use crate::trace::{TaskEnd, Trace};
use crate::verdict::Stopped;
use crate::{FindingKind, Place};

/// The fingerprint of `kind` in `trace`.
pub fn fingerprint(trace: &Trace, kind: &FindingKind, sources: &dyn Sources) -> Fingerprint {
    let record = Record {
        program: Program::default(),
        facts: Facts {
            id: String::new(),
            token: String::new(),
            strategy: String::new(),
            found_in: 0,
            executions: 0,
            failing: 0,
            exhaustive: false,
            stopped: Stopped::Complete,
            elapsed: None,
            replayed: (0, 0),
            minimal: false,
        },
        finding: Finding { kind: kind.clone(), after_panic: false },
        fingerprint: Fingerprint(0),
        trace: trace.clone(),
        passing: None,
        sources: Vec::new(),
    };
    let names = Names::new(&record, sources);
    let sites: Vec<String> = match kind {
        FindingKind::DataRace { first, second } | FindingKind::Unordered { first, second, .. } => {
            vec![site(&names, *first), site(&names, *second)]
        }
        FindingKind::Deadlock { blocked, cycle, .. } => {
            let tasks = if cycle.is_empty() { &blocked[..blocked.len().min(1)] } else { cycle };
            tasks.iter().map(|task| end_site(&names, *task)).collect()
        }
        FindingKind::Leak { task } => vec![end_site(&names, *task)],
        FindingKind::Panic { task } => {
            vec![end_site(&names, passed_on::origin(trace, *task).unwrap_or(*task))]
        }
        FindingKind::Misuse { task, words } => vec![end_site(&names, *task), (*words).to_owned()],
        FindingKind::Livelock { .. } | FindingKind::Nondeterminism { .. } | FindingKind::NothingExplored => {
            Vec::new()
        }
    };
    Fingerprint::of(kind.code(), &sites)
}

fn site(names: &Names<'_>, event: EventIx) -> String {
    let event = names.trace.event(event);
    let object = event.object.map_or("", |object| names.bare_object(object));
    // Neither the number of one among several of one line nor the line of one without a name is the bug's name.
    let object = object.split(" #").next().unwrap_or_default();
    let object = object.split(" made at ").next().unwrap_or_default();
    format!("{} {} {object}", place(names, event.place), event.op.word())
}

fn place(names: &Names<'_>, place: Place) -> String {
    names.frame(place).map_or_else(String::new, |frame| {
        let function = names.function(&frame).unwrap_or_default();
        format!("{} {function}", frame.file)
    })
}

fn end_site(names: &Names<'_>, task: TaskIx) -> String {
    match &names.trace.task(task).end {
        TaskEnd::Blocked(waiting) => site(names, waiting.event()),
        TaskEnd::Panicked { place: at, .. } => place(names, *at),
        TaskEnd::Overflowed => "stack overflow".to_owned(),
        TaskEnd::Finished | TaskEnd::Running => String::new(),
    }
}
