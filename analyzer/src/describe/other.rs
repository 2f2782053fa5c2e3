//! GR0007 and GR0008 in words.

use crate::Code;
use crate::describe::facts::begin;
use crate::describe::names::clean;
use crate::describe::{Names, Report};
use crate::ids::EventIx;
use crate::trace::Ended;
use gorace_analyzer_core::Listed;

pub(crate) fn nondeterminism(
    names: &Names<'_>,
    step: u32,
    expected: &str,
    found: &str,
    suspects: &[String],
) -> Report {
    let headline = "uncontrolled nondeterminism: the same schedule gave another execution".to_owned();
    let mut report = begin(Code::Nondeterminism, headline);
    let at = EventIx(step.min((names.trace.events.len() as u32).saturating_sub(1)));
    if !names.trace.events.is_empty() && (step as usize) < names.trace.events.len() {
        let differs = format!("differs from here on, at step {}", step + 1);
        let words = if suspects.is_empty() { "the execution uses it here".to_owned() } else { differs };
        report.add_event(names, None, at, (Some(1), words, true));
    }
    report.why = Some((
        "what differs",
        vec![format!("expected: {}", clean(expected)), format!("found:    {}", clean(found))],
    ));
    report.help = suspects.iter().map(|suspect| format!("suspect: {}", clean(suspect))).listed();
    report
}

pub(crate) fn nothing_explored(names: &Names<'_>) -> Report {
    let title = clean(names.record.program.title());
    let headline = format!("nothing explored: `{title}` reached no scheduling point");
    if names.trace.ended == Ended::Dropped {
        return all_dropped(&title);
    }
    let mut report = begin(Code::NothingExplored, headline);
    report.why = Some((
        "why it matters",
        vec!["a check without a lock, atomic, channel, spawn or join of gorace's has one schedule only, and proves nothing".to_owned()],
    ));
    report.help = vec!["use gorace::sync, gorace::thread and gorace::chan in the code under test, or make it an ordinary #[test]".to_owned()];
    report
}

fn all_dropped(title: &str) -> Report {
    let headline = format!("nothing explored: `{title}` dropped every execution by `gorace::assume`");
    let mut report = begin(Code::NothingExplored, headline);
    report.why = Some((
        "why it matters",
        vec!["an assumption that never holds leaves no execution to judge, and proves nothing".to_owned()],
    ));
    report.help = vec![
        "assume less, or choose inputs (`gorace::any`) among those for which it holds; with a random strategy, more executions may do"
            .to_owned(),
    ];
    report
}
