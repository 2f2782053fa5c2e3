//! The run as Markdown, for the page that a workflow's step shows of itself.
//!
//! What programs say stands in code blocks whose fence is longer than any row of backticks in it, or in cells where
//! what Markdown or HTML would obey is escaped.

use crate::export::{Found, Run, Standing};
use crate::verdict::{Counted, Stopped};
use std::fmt::Write as _;

/// Bytes that GitHub takes of one step.
pub const SUMMARY_LIMIT: usize = 1 << 20;
/// Bytes that are left for what is said about reports that are left out.
const RESERVE: usize = 4 << 10;
/// Rows of the table, at the most.
const ROWS: usize = 500;

/// The summary: a line, a table of the tests, and the reports that count, within [`SUMMARY_LIMIT`].
pub fn summary(run: &Run<'_>) -> String {
    let count =
        |wanted: fn(&Standing) -> bool| run.findings.iter().filter(|found| wanted(&found.standing)).count();
    let new = count(|standing| *standing == Standing::New);
    let known = count(|standing| *standing == Standing::Known);
    let allowed = count(|standing| matches!(standing, Standing::Allowed(_)));
    let title = match (new, run.complaints.is_empty()) {
        (0, true) => "no new finding",
        (0, false) => "the run says too little",
        _ => "new findings",
    };
    let mut page = format!("## gorace: {title}\n\n");
    let _ = writeln!(
        page,
        "{new} new, {known} in the baseline, {allowed} allowed; {}, {}",
        Counted(run.results.len() as u64, "test"),
        Counted(run.results.iter().map(|result| result.executions).sum(), "execution")
    );
    for words in run.complaints.iter().take(ROWS) {
        let _ = writeln!(page, "* {}", cell(words));
    }
    page.push_str("\n| test | verdict | stopped | findings |\n| --- | --- | --- | --- |\n");
    for result in run.results.iter().take(ROWS) {
        let why = if result.stopped == Stopped::Complete { "" } else { result.end() };
        let title = cell(&format!("{} {}", result.program.package, result.program.title()));
        let _ = writeln!(
            page,
            "| {title} | {} | {why} | {} |",
            cell(&result.summary().to_string()),
            result.findings.len()
        );
    }
    if let Some(rest) = run.results.len().checked_sub(ROWS).filter(|rest| *rest > 0) {
        let _ = writeln!(page, "| {rest} more | | | |");
    }
    reports(run, &mut page);
    page
}

fn reports(run: &Run<'_>, page: &mut String) {
    let new: Vec<&Found<'_>> = run.new_findings().collect();
    for (i, found) in new.iter().enumerate() {
        let text = found.text();
        let fence = "`".repeat(longest_row(&text, '`').max(2) + 1);
        let part = format!("\n### {}\n\n{fence}text\n{text}{fence}\n", cell(&found.title()));
        if page.len() + part.len() + RESERVE > SUMMARY_LIMIT {
            let (rest, them) = (new.len() - i, if new.len() - i == 1 { "report does" } else { "reports do" });
            let _ = writeln!(page, "\n{rest} more {them} not fit here: see the step's log");
            return;
        }
        page.push_str(&part);
    }
}

fn longest_row(text: &str, wanted: char) -> usize {
    let (mut longest, mut now) = (0, 0);
    for c in text.chars() {
        now = if c == wanted { now + 1 } else { 0 };
        longest = longest.max(now);
    }
    longest
}

/// Text in a table's cell or a heading, none of it obeyed.
fn cell(text: &str) -> String {
    let mut cell = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => cell.push_str("&amp;"),
            '<' => cell.push_str("&lt;"),
            '>' => cell.push_str("&gt;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '#' | '!' | '~' | '@' | '$' => {
                cell.push('\\');
                cell.push(c);
            }
            c if c.is_control() => cell.push(' '),
            c => cell.push(c),
        }
    }
    cell
}
