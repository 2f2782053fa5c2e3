//! Wording: from a finding to a [`Report`]. Everything that a person or a program reads about a finding is
//! worded here, once; [`crate::write`] only draws.
//!
//! Nothing is promised that the trace does not show: a line whose facts are missing is left out.

mod by_event;
mod deadlock;
mod decided;
mod events;
mod facts;
mod fingerprint;
mod goroutines;
mod guard;
mod held;
mod leak;
mod leak_time;
mod livelock;
mod locks;
mod missed;
pub(crate) mod names;
mod other;
mod panic;
mod passed_on;
mod poison;
mod prose;
mod race;
mod report;
mod spurious;
mod stale;
mod timeline;
mod unnotified;
mod waitfor;
mod waker;
#[cfg(feature = "files")]
mod walk;

pub use fingerprint::{Site, fingerprint, sites};
pub use goroutines::{Access, Call, Goroutine, InGo};
pub use names::Names;
pub(crate) use names::turns;
pub use passed_on::origin;
pub use report::{Cell, Column, Mark, Report, Row, Snippet, Timeline};
#[cfg(feature = "files")]
pub(crate) use waitfor::reason;
#[cfg(feature = "files")]
pub use walk::{WalkStep, walk};

use crate::FindingKind;
use crate::record::Record;
use crate::source::Sources;

/// Words a finding.
pub fn describe(record: &Record, sources: &dyn Sources) -> Report {
    report(&Names::new(record, sources))
}

/// Words a finding with every step of its interleaving.
pub fn describe_whole(record: &Record, sources: &dyn Sources) -> Report {
    let mut names = Names::new(record, sources);
    names.whole = true;
    report(&names)
}

fn report(names: &Names<'_>) -> Report {
    let mut report = match &names.record.finding.kind {
        FindingKind::DataRace { first, second } => race::describe(names, *first, *second),
        FindingKind::Unordered { first, second, words } => race::misuse(names, *first, *second, words),
        FindingKind::Deadlock { global, blocked, cycle } => {
            deadlock::describe(names, *global, blocked, cycle)
        }
        FindingKind::Leak { task } => leak::describe(names, *task),
        FindingKind::Panic { task } => panic::describe(names, *task),
        FindingKind::Misuse { task, words } => panic::misuse(names, *task, words),
        FindingKind::Livelock { running, max_steps } => livelock::describe(names, running, *max_steps),
        FindingKind::Nondeterminism { step, expected, found, suspects } => {
            other::nondeterminism(names, *step, expected, found, suspects)
        }
        FindingKind::NothingExplored => other::nothing_explored(names),
    };
    facts::complete(names, &mut report);
    report.in_go = goroutines::in_go(names, &report.headline);
    report
}
