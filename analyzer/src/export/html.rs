//! One self-contained page: a person opens it and understands the bug.
//!
//! The page is a template with its style and its scripts in it, and the findings as data. Nothing is fetched, and the page
//! forbids itself to: it works from a disk, and shows what programs say as text. The scripts draw what the data says
//! and word nothing; clocks and what else could have run follow from the edges. Without scripts the reports stand there
//! as text.

use crate::describe::names::turns;
use crate::export::story::story;
use crate::export::{Found, Run};
use crate::source::Sources;
use serde_json::{Value, json};

const PAGE: &str = include_str!("html/page.html");
const STYLE: &str = include_str!("html/page.css");
/// In the order in which they build on each other.
const SCRIPTS: [&str; 4] = [
    include_str!("html/model.js"),
    include_str!("html/timeline.js"),
    include_str!("html/panes.js"),
    include_str!("html/page.js"),
];

/// The run as a page. `sources` gives those of a finding.
///
/// ```
/// use gorace_analyzer::export::{Run, html};
/// use gorace_analyzer::source::{NoSources, Sources};
/// let run = Run { results: &[], findings: Vec::new(), complaints: Vec::new(), elapsed: None };
/// assert!(html(&run, &|_| Box::new(NoSources) as Box<dyn Sources>).starts_with("<!DOCTYPE html>"));
/// ```
pub fn html<'s>(run: &Run<'_>, sources: &dyn Fn(&Found<'_>) -> Box<dyn Sources + 's>) -> String {
    let findings: Vec<Value> = run.findings.iter().map(|found| story(found, &*sources(found))).collect();
    let texts: Vec<String> = run.findings.iter().map(Found::text).collect();
    let title = match run.findings.as_slice() {
        [found] => format!("{}: {}", found.title(), found.report.headline),
        all => format!("gorace: {} findings", all.len()),
    };
    let data = json!({"tests": run.results.len(), "findings": findings}).to_string();
    let parts: [(&str, &str); 5] = [
        ("{{title}}", &text(&title)),
        ("{{style}}", STYLE),
        ("{{reports}}", &text(&texts.join("\n"))),
        ("{{data}}", &script(&data)),
        ("{{scripts}}", &SCRIPTS.concat()),
    ];
    filled(PAGE, &parts)
}

/// The template with its parts; what a part holds is never looked at again.
fn filled(template: &str, parts: &[(&str, &str)]) -> String {
    let mut page =
        String::with_capacity(template.len() + parts.iter().map(|(_, part)| part.len()).sum::<usize>());
    let mut rest = template;
    for (name, part) in parts {
        let (before, after) = rest.split_once(name).unwrap_or((rest, ""));
        page.push_str(before);
        page.push_str(part);
        rest = after;
    }
    page + rest
}

/// Marks of direction would turn what stands behind them around, in the page's own words too.
fn straight(words: &str) -> String {
    words.replace(turns, "\u{fffd}")
}

/// Text between tags.
fn text(words: &str) -> String {
    straight(words).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// JSON in a script element: nothing in it can end the element.
fn script(json: &str) -> String {
    straight(json).replace('<', "\\u003c").replace('\u{2028}', "\\u2028").replace('\u{2029}', "\\u2029")
}
