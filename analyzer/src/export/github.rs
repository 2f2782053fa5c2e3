//! GitHub's annotations: lines on standard output that the runner of a workflow reads as orders.
//!
//! Source: GitHub's documentation, "Workflow commands": in a message `%`, carriage return and line feed are written as
//! their codes, in a property `:` and `,` too. Of one step no more than ten errors are shown, so that the eleventh
//! line tells how many are left.

use crate::describe::names::clean;
use crate::export::region::Region;
use crate::export::{Found, Paths, Run};
use std::fmt::Write as _;

/// Errors that GitHub shows of one step.
const SHOWN: usize = 10;

/// One line for what is wrong with the run itself, one for each of the first findings that count, and one for the rest.
pub fn github(run: &Run<'_>, paths: &Paths) -> String {
    let mut lines = String::new();
    let mut room = SHOWN;
    if !run.complaints.is_empty() {
        let _ = writeln!(lines, "::error title=gorace::{}", data(&run.complaints.join("\n")));
        room -= 1;
    }
    for found in run.new_findings().take(room) {
        lines.push_str(&annotation(found, paths));
    }
    let rest = run.new_findings().count().saturating_sub(room);
    if rest > 0 {
        let s = if rest == 1 { "" } else { "s" };
        let _ = writeln!(
            lines,
            "::notice title=gorace::{rest} more finding{s}: see the step's summary or its log"
        );
    }
    lines
}

fn annotation(found: &Found<'_>, paths: &Paths) -> String {
    let report = &found.report;
    let mut line = "::error ".to_owned();
    let mut message = report.headline.clone();
    let places = report.places();
    if let Some((snippet, mark)) = places.first() {
        let region = Region::of(snippet, mark);
        let at = region.line.max(1);
        let _ = write!(line, "file={},line={at},endLine={at}", property(&paths.file(&snippet.file)));
        if region.columns.end > region.columns.start {
            let _ = write!(line, ",col={},endColumn={}", region.columns.start, region.columns.end - 1);
        }
        line.push(',');
    }
    for (snippet, mark) in &places {
        let file = clean(&paths.file(&snippet.file));
        let _ = write!(message, "\n{file}:{}: {}", mark.line, mark.told());
    }
    for help in &report.help {
        let _ = write!(message, "\nhelp: {help}");
    }
    let _ = write!(message, "\n{}", found.replay());
    let _ = writeln!(line, "title={}::{}", property(&found.title()), data(&message));
    line
}

/// A message's text.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A property's value.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
