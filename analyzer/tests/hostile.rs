//! Reports of programs that are not nice: what their sources, names and messages hold reaches neither the terminal
//! nor the layout.
#![cfg(feature = "files")]

use gorace_analyzer::describe::{Row, describe, describe_whole};
use gorace_analyzer::file::read_record;
use gorace_analyzer::record::Record;
use gorace_analyzer::source::{MapSources, NoSources, Sources};
use gorace_analyzer::write::{TextOptions, go, text};
use gorace_analyzer::{Event, OpKind, TaskEnd, TaskIx};

const DEADLOCK: &str = include_str!("data/bank_transfer.gtrace.json");
const PANIC: &str = include_str!("data/panic_in_order.gtrace.json");

/// The source of the deadlock, with `edit` applied to each line.
fn bank(edit: impl Fn(&str) -> String) -> (Record, MapSources) {
    let mut record = read_record(DEADLOCK).expect("the file is read");
    let file = record.trace.frames(record.trace.events[0].place)[0].file.clone();
    let source = include_str!("../../fixtures/examples/bank_transfer.rs");
    let source: String = source.lines().map(|line| edit(line) + "\n").collect();
    // As if it had been compiled like this.
    record.sources.clear();
    let sources = MapSources::from_iter([(file.as_str(), source.as_str())]);
    (record, sources)
}

fn drawn(record: &Record, sources: &dyn Sources, ascii: bool) -> String {
    let mut out = Vec::new();
    let options = TextOptions { ascii, ..TextOptions::default() };
    text(&describe(record, sources), &options, &mut out).expect("memory can be written");
    String::from_utf8(out).expect("text")
}

/// No line is wider than the page, none moves the terminal, and there are not too many.
fn assert_tame(text: &str) {
    for line in text.lines() {
        assert!(line.chars().count() <= 100, "too wide: {line:?} in\n{text}");
        let wild = |c: char| c.is_control() || matches!(c, '\u{200e}'..='\u{200f}' | '\u{202a}'..='\u{202e}');
        assert!(!line.contains(wild), "{line:?}");
    }
    assert!(text.lines().count() <= 45, "{}\n{text}", text.lines().count());
}

#[test]
fn sources_with_long_lines_tabs_and_marks_of_direction() {
    let long = "x".repeat(10_000);
    for edit in [
        &(|line: &str| format!("{line} // {long}")) as &dyn Fn(&str) -> String,
        &|line| line.replace("    ", "\t"),
        &|line| format!("{line} // \u{202e}desrever\u{200f}"),
        &|line| format!("{line}\r"),
        &|line| format!("{line} \u{1b}[31m\u{7}"),
    ] {
        let (record, sources) = bank(edit);
        for ascii in [true, false] {
            let text = drawn(&record, &sources, ascii);
            assert_tame(&text);
            assert!(text.contains("self.b.lock()"), "{text}");
        }
    }
}

#[test]
fn marks_stand_below_wide_characters() {
    // Each takes two columns, and the marks with them; a place counts characters.
    let wide = "let mut from = \u{6f22}\u{5b57}xy.a.lock().unwrap();";
    let (record, sources) =
        bank(|line| if line.contains("let mut from") { format!("        {wide}") } else { line.to_owned() });
    let text = drawn(&record, &sources, true);
    let at = text.lines().position(|line| line.contains(wide)).expect("the line is shown");
    let marks = text.lines().nth(at + 1).expect("marks");
    // The trace has the lock at the 31st character; two of those before it are wide.
    assert_eq!(marks.find("---"), Some("   | ".len() + 30 + 2), "{text}");
}

#[test]
fn a_source_that_has_changed_is_not_shown() {
    let mut record = read_record(DEADLOCK).expect("the file is read");
    let file = record.trace.frames(record.trace.events[0].place)[0].file.clone();
    let (_, sources) = bank(|line| line.replace("lock", "lend"));
    record.sources = vec![(file.clone(), 1)];
    let text = drawn(&record, &sources, true);
    assert_tame(&text);
    assert!(!text.contains("lend"), "{text}");
    assert!(text.contains(&format!("{file}:13:")), "{text}");
    assert!(text.contains("has changed since the run"), "{text}");
}

#[test]
fn without_sources_the_places_are_told() {
    let text = drawn(&read_record(DEADLOCK).expect("the file is read"), &NoSources, true);
    assert_tame(&text);
    assert!(text.contains("bank_transfer.rs:13:"), "{text}");
    assert!(text.contains("the source is not here"), "{text}");
}

#[test]
fn messages_do_not_reach_the_terminal_as_they_are() {
    let mut record = read_record(PANIC).expect("the file is read");
    for end in record.trace.tasks.iter_mut().map(|task| &mut task.end) {
        if let TaskEnd::Panicked { message, .. } = end {
            *message = format!(
                "\u{1b}]0;title\u{7}\u{202e}{}\nleft: \u{1b}[2J{}",
                "m".repeat(10_000),
                "l".repeat(9_000)
            );
        }
    }
    let sources = NoSources;
    for ascii in [true, false] {
        let text = drawn(&record, &sources, ascii);
        assert_tame(&text);
        assert!(text.contains("more characters)"), "{text}");
        assert!(text.contains("\\u{1b}"), "{text}");
    }
    let mut as_go = Vec::new();
    go(&describe(&record, &sources), false, &mut as_go).expect("memory can be written");
    let as_go = String::from_utf8(as_go).expect("text");
    assert!(!as_go.contains(['\u{1b}', '\u{7}', '\u{202e}']), "{as_go}");
}

#[test]
fn names_do_not_break_the_layout() {
    for name in ["it's `quoted` \"twice\"", "\u{1b}[31mred\n\u{202e}", &"n".repeat(10_000)] {
        let mut record = read_record(DEADLOCK).expect("the file is read");
        record.trace.tasks[1].name = Some(name.to_owned());
        record.trace.objects[0].name = Some(name.to_owned());
        for ascii in [true, false] {
            let text = drawn(&record, &NoSources, ascii);
            let wild = |c: char| c != '\n' && (c.is_control() || c == '\u{202e}');
            assert!(!text.contains(wild), "{text:?}");
            assert!(text.len() < 9_000, "{} bytes", text.len());
            assert!(text.lines().count() <= 45, "{text}");
        }
    }
}

#[test]
fn tasks_with_long_names_share_the_page() {
    let (mut record, sources) = bank(str::to_owned);
    for (task, name) in [(1, "producer"), (2, "consumer")] {
        record.trace.tasks[task].name = Some(format!("{name}-of-very-long-names-for-the-report"));
    }
    for ascii in [true, false] {
        // Without its sources an object's name is long, too.
        let text = drawn(&record, &NoSources, ascii);
        assert!(text.lines().all(|line| line.chars().count() <= 100), "{text}");
        let text = drawn(&record, &sources, ascii);
        assert_tame(&text);
        let names =
            text.lines().find(|line| line.contains("T0 main") && line.contains("T2 c")).expect("names");
        assert!(names.contains("T1 producer-of-") && names.contains(".."), "{names}");
    }
}

#[test]
fn a_whole_interleaving_has_every_step() {
    let mut record = read_record(DEADLOCK).expect("the file is read");
    // More tasks than there is room for side by side.
    let place = record.trace.events[0].place;
    for _ in 3..7 {
        let mut more = record.trace.tasks[2].clone();
        more.end = TaskEnd::Finished;
        record.trace.tasks.push(more);
        let task = TaskIx(record.trace.tasks.len() as u32 - 1);
        record.trace.events.push(Event::new(task, OpKind::Yield, place));
    }
    let timeline = describe_whole(&record, &NoSources).timeline.expect("a timeline");
    let is_step = |row: &&Row| matches!(row, Row::Step { .. } | Row::Beside { .. });
    assert_eq!(timeline.rows.iter().filter(is_step).count(), record.trace.events.len());
    assert_eq!((timeline.shown, timeline.of), (record.trace.events.len(), record.trace.events.len()));
    assert!(timeline.columns.len() <= 4, "{timeline:?}");
    let mut out = Vec::new();
    let options = TextOptions { verbose: true, ..TextOptions::default() };
    text(&describe_whole(&record, &NoSources), &options, &mut out).expect("memory can be written");
    let text = String::from_utf8(out).expect("text");
    for step in 1..=record.trace.events.len() {
        assert!(text.lines().any(|line| line.starts_with(&format!("{step:>4}  "))), "{step}: {text}");
    }
    assert!(text.contains("T6 audit: yield"), "{text}");
}
