//! The name of a bug across runs: file, enclosing function, operation and object of each of its sites. No
//! line, no task, no seed. Of a panic the statement is in it.

use crate::describe::{Names, passed_on};
use crate::finding::{Finding, Fingerprint};
use crate::ids::{EventIx, TaskIx};
use crate::record::{Facts, Program, Record};
use crate::source::Sources;
use crate::trace::{TaskEnd, Trace};
use crate::verdict::Stopped;
use crate::{FindingKind, Place};
use gorace_analyzer_core::Listed;
use std::fmt;

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
    let sites: Vec<String> = sites(&record, sources).iter().map(Site::to_string).listed();
    Fingerprint::of(kind.code(), &sites)
}

/// One of the places that a bug is known by.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Site {
    /// The file as the compiler saw it.
    pub file: String,
    /// The function around it; empty if it is not known.
    pub function: String,
    /// What is done there: an operation's word, or a misuse in Go's words.
    pub op: String,
    /// To what, by its name; of a panic the statement.
    pub object: String,
}

impl fmt::Display for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Site { file, function, op, object } = self;
        let place = if file.is_empty() { String::new() } else { format!("{file} {function}") };
        write!(f, "{place} {op} {object}")
    }
}

/// What the fingerprint of a finding is made of; nothing for a code of which each program has one.
#[inline]
pub fn sites(record: &Record, sources: &dyn Sources) -> Vec<Site> {
    let names = Names::new(record, sources);
    match &record.finding.kind {
        FindingKind::DataRace { first, second } | FindingKind::Unordered { first, second, .. } => {
            vec![site(&names, *first), site(&names, *second)]
        }
        FindingKind::Deadlock { blocked, cycle, .. } => {
            let tasks = if cycle.is_empty() { &blocked[..blocked.len().min(1)] } else { cycle };
            tasks.iter().map(|task| end_site(&names, *task)).listed()
        }
        FindingKind::Leak { task } => vec![end_site(&names, *task)],
        FindingKind::Panic { task } => {
            vec![end_site(&names, passed_on::origin(names.trace, *task).unwrap_or(*task))]
        }
        FindingKind::Misuse { task, words } => {
            let misuse = Site { op: (*words).to_owned(), ..Site::default() };
            vec![end_site(&names, *task), misuse]
        }
        FindingKind::Livelock { .. } | FindingKind::Nondeterminism { .. } | FindingKind::NothingExplored => {
            Vec::new()
        }
    }
}

fn site(names: &Names<'_>, event: EventIx) -> Site {
    let event = names.trace.event(event);
    let object = event.object.map_or("", |object| names.bare_object(object));
    // Neither the number of one among several of one line nor the line of one without a name is the bug's name.
    let object = object.split(" #").next().unwrap_or_default();
    let object = object.split(" made at ").next().unwrap_or_default();
    Site { op: event.op.word().to_owned(), object: object.to_owned(), ..place(names, event.place) }
}

fn place(names: &Names<'_>, place: Place) -> Site {
    names.frame(place).map_or_else(Site::default, |frame| {
        let function = names.function(&frame).unwrap_or_default();
        Site { file: frame.file, function, ..Site::default() }
    })
}

fn end_site(names: &Names<'_>, task: TaskIx) -> Site {
    match &names.trace.task(task).end {
        TaskEnd::Blocked(waiting) => site(names, waiting.event()),
        TaskEnd::Panicked { place: at, .. } => {
            let statement =
                names.frame(*at).and_then(|frame| statement(&names.text(&frame.file)?, frame.line));
            Site { op: "panic".to_owned(), object: statement.unwrap_or_default(), ..place(names, *at) }
        }
        TaskEnd::Overflowed => Site { op: "stack overflow".to_owned(), ..Site::default() },
        TaskEnd::Finished | TaskEnd::Running => Site::default(),
    }
}

/// The statement that begins in `line`, each space as one: two assertions of one function are two bugs.
fn statement(text: &str, line: u32) -> Option<String> {
    const LINES: usize = 8;
    let mut words = String::new();
    for row in text.lines().skip((line as usize).checked_sub(1)?).take(LINES) {
        for word in row.split_whitespace() {
            if !words.is_empty() {
                words.push(' ');
            }
            words.push_str(word);
        }
        if row.trim_end().ends_with([';', '{', '}', ',']) {
            break;
        }
    }
    Some(words)
}
