//! Findings of programs that try to forge something: whatever stands in names, messages, sources and file names, the
//! formats say what they would say anyway.

#[path = "../random/mod.rs"]
mod random;

use crate::runs::{PANIC, RACE, Stored, file_of, paths};
use crate::{assert_valid, sarif_of, target};
use gorace_analyzer::export::{Standing, cargo_message, github, gitlab, junit, summary};
use gorace_analyzer::record::Record;
use gorace_analyzer::trace::TaskEnd;
use random::Random;
use serde_json::Value;

/// Each tries to end what it is in, or to begin something else.
const HOSTILE: &[&str] = &[
    "\n::error file=x.rs,line=1::forged",
    "\r\n::set-output name=x::y",
    "%0A::error::forged",
    "]]></failure></testcase><testcase name=\"forged\"/>",
    "]]>\u{0}\u{1}\u{8}\u{b}\u{1f}\u{7f}\u{fffe}",
    "\u{1b}[31mred\u{1b}]0;title\u{7}",
    "\"},{\"ruleId\":\"forged\"},{\"",
    "```\n### forged\n<script>alert(1)</script>",
    "| forged | table |\n| --- | --- |",
    "'\"><img src=x onerror=alert(1)>",
    "\u{202e}desrever\u{2066}",
    "\u{85}\u{2028}\u{2029}",
    "\\u0000\\n\\\"",
    "a,b:c,title=forged",
];

/// A file's name, a task's, a test's, a panic's words and a line of source are all `text`.
fn hostile(text: &str) -> Stored {
    Stored::read(&[RACE, PANIC], |record: &mut Record, source| {
        let file = file_of(record);
        for stack in &mut record.trace.stacks {
            stack
                .iter_mut()
                .filter(|frame| frame.file == file)
                .for_each(|frame| frame.file = format!("src/{text}.rs"));
        }
        record.program.test = Some(format!("tests::{text}"));
        record.program.package = text.to_owned();
        for task in &mut record.trace.tasks {
            task.name = Some(text.to_owned());
            if let TaskEnd::Panicked { message, .. } = &mut task.end {
                *message = text.to_owned();
            }
        }
        for object in &mut record.trace.objects {
            object.name = Some(text.to_owned());
        }
        let lines: Vec<String> =
            source.lines().map(|line| format!("{line} // {}", text.replace('\n', " "))).collect();
        *source = lines.join("\n");
    })
}

/// Each text, some of them very long, and random mixtures of them.
pub fn each(judge: impl Fn(&str, &Stored)) {
    let mut random = Random(0x9e37_79b9);
    for _ in 0..20 {
        let parts = (0..=random.below(5)).map(|_| HOSTILE[random.below(HOSTILE.len())]);
        let text: String = parts.collect();
        judge(&text, &hostile(&text));
    }
    for (i, text) in HOSTILE.iter().enumerate() {
        judge(text, &hostile(text));
        if i % 4 == 0 {
            let long = text.repeat(10_000 / text.len());
            judge(&long, &hostile(&long));
        }
    }
}

#[test]
fn annotations_are_one_line_each_and_all_ours() {
    each(|text, stored| {
        let lines = github(&stored.run(|_| Standing::New), &paths());
        // The runner ends lines at each of these.
        let rows: Vec<&str> = lines.split_terminator(['\n', '\r']).collect();
        assert_eq!(rows.len(), 2, "{text:?}: {lines:?}");
        for row in rows {
            assert!(row.starts_with("::error file=rust/src/"), "{text:?}: {row:?}");
            let (properties, _) = row["::error ".len()..].split_once("::").expect("a message");
            let keys: Vec<&str> = properties.split(',').filter_map(|one| one.split('=').next()).collect();
            assert!(
                keys == ["file", "line", "endLine", "col", "endColumn", "title"]
                    || keys == ["file", "line", "endLine", "title"],
                "{text:?}: {keys:?}"
            );
        }
    });
}

#[test]
fn junit_has_two_cases_whatever_they_are_called() {
    each(|text, stored| {
        let xml = junit(&stored.run(|_| Standing::New), &crate::suite);
        let read = junit_parser::from_reader(xml.as_bytes());
        let read = read.unwrap_or_else(|error| panic!("{text:?}: {error}\n{xml}"));
        assert_eq!((read.tests, read.failures), (2, 2), "{text:?}: {xml}");
        assert_eq!(read.suites.iter().map(|suite| suite.cases.len()).sum::<usize>(), 2, "{text:?}: {xml}");
        // XML 1.0 has none of these characters.
        let outside = |c: char| (c.is_control() && !"\t\n\r".contains(c) && c < '\u{7f}') || c == '\u{fffe}';
        assert!(!xml.contains(outside), "{text:?}: {xml:?}");
    });
}

#[test]
fn json_formats_hold_two_findings_and_sarif_stays_valid() {
    each(|text, stored| {
        let log = sarif_of(stored);
        assert_valid(&log);
        assert_eq!(log["runs"][0]["results"].as_array().map(Vec::len), Some(2), "{text:?}");
        let uris = log.to_string();
        assert!(!uris.contains("\"uri\":\"src/\n"), "{text:?}");
        let run = stored.run(|_| Standing::New);
        assert_eq!(gitlab(&run, &paths()).as_array().map(Vec::len), Some(2), "{text:?}");
        for found in &run.findings {
            let line = cargo_message(found, &target());
            assert!(!line.contains('\n'), "{text:?}");
            let value: Value =
                serde_json::from_str(&line).unwrap_or_else(|error| panic!("{text:?}: {error}"));
            assert_eq!(value["reason"], "compiler-message");
        }
    });
}

/// Outside of code blocks nothing that the program said is Markdown or HTML; no block ends early.
#[test]
fn the_summary_keeps_what_programs_say_in_blocks_and_cells() {
    each(|text, stored| {
        let page = summary(&stored.run(|_| Standing::New));
        let mut fence: Option<&str> = None;
        let (mut blocks, mut headings, mut rows) = (0, 0, 0);
        for line in page.split('\n') {
            let ticks = line.bytes().take_while(|byte| *byte == b'`').count();
            match fence {
                None if ticks >= 3 => {
                    fence = Some(&line[..ticks]);
                    blocks += 1;
                }
                // CommonMark: a fence of at least as many backticks, and nothing else in the line.
                Some(open) if ticks >= open.len() && line[ticks..].trim().is_empty() => fence = None,
                Some(_) => {}
                None => {
                    headings += usize::from(line.starts_with('#'));
                    rows += usize::from(line.starts_with('|'));
                    assert!(!line.contains('<') && !line.contains('\u{1b}'), "{text:?}: {line:?}");
                }
            }
        }
        assert_eq!((fence, blocks, headings, rows), (None, 2, 3, 4), "{text:?}: {page}");
    });
}
