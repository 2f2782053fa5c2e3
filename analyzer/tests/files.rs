//! Trace files: what was written is read again; what was cut, changed or made up is refused with the place
//! where it is wrong, or can be worded and drawn without a panic.
#![cfg(feature = "files")]

mod random;

use gorace_analyzer::Verdict;
use gorace_analyzer::describe::describe;
use gorace_analyzer::export::{Found, Standing};
use gorace_analyzer::file::{ReadError, read_record, read_result, write_record, write_result};
use gorace_analyzer::record::{Misfit, Program, Record, RunResult};
use gorace_analyzer::source::Sources;
use gorace_analyzer::verdict::{Limit, Stopped};
use gorace_analyzer::write::{TextOptions, go, json_finding, text};
use random::Random;
use serde_json::Value;
use std::rc::Rc;
use std::time::Duration;

const FILES: [(&str, &str); 6] = [
    ("bank_transfer", include_str!("data/bank_transfer.gtrace.json")),
    ("leaked_receiver", include_str!("data/leaked_receiver.gtrace.json")),
    ("panic_in_order", include_str!("data/panic_in_order.gtrace.json")),
    ("racy_counter", include_str!("data/racy_counter.gtrace.json")),
    ("result_or_stop", include_str!("data/result_or_stop.gtrace.json")),
    ("send_on_closed", include_str!("data/send_on_closed.gtrace.json")),
];

/// A source file that fits no trace: short lines, wide characters, control characters.
struct Hostile;

impl Sources for Hostile {
    fn text(&self, file: &str) -> Option<Rc<str>> {
        let text = "let \u{1b}[31m = \u{202e}x\u{202c};\n\u{1f980}\u{1f980}\u{1f980}(((\n\t\r\n".repeat(8);
        file.len().is_multiple_of(2).then(|| text.into())
    }
}

/// Words and draws it in every way; that there is no panic is what counts.
fn draw(record: &Record) -> String {
    let report = describe(record, &Hostile);
    let mut drawn = Vec::new();
    for (width, ascii, colour, verbose) in [
        (100, true, false, false),
        (100, false, true, true),
        (20, false, false, true),
        (1, true, true, false),
    ] {
        let options = TextOptions { width, ascii, colour, verbose };
        text(&report, &options, &mut drawn).expect("memory can be written");
    }
    let found = Found { record, report: report.clone(), standing: Standing::New };
    let line = json_finding(&found);
    serde_json::from_str::<Value>(&line).expect("one line of JSON");
    assert!(!line.contains('\n'));
    let mut as_go = Vec::new();
    go(&report, true, &mut as_go).expect("memory can be written");
    // Go's tabs are ours; no other control character is.
    let as_go = String::from_utf8(as_go).expect("text").replace('\t', "    ");
    String::from_utf8(drawn).expect("text") + &as_go
}

#[test]
fn what_is_written_is_read() {
    for (name, file) in FILES {
        let record = read_record(file).unwrap_or_else(|error| panic!("{name}: {error}"));
        let mut written = Vec::new();
        write_record(&record, &mut written).expect("memory can be written");
        let again = String::from_utf8(written).expect("text");
        assert_eq!(read_record(&again).as_ref(), Ok(&record), "{name}");
        assert!(draw(&record).contains("explain: gorace explain GR0"), "{name}");
    }
}

#[test]
fn a_result_is_read_as_it_was_written() {
    for (verdict, elapsed) in [
        (Verdict::Verified, None),
        (Verdict::VerifiedUpTo { preemptions: 3 }, Some(Duration::from_nanos(u64::MAX))),
        (Verdict::Tested, Some(Duration::ZERO)),
        (Verdict::Failed, None),
    ] {
        let result = RunResult {
            program: Program {
                package: "a \"b\"".to_owned(),
                manifest_dir: "/tmp/\u{1f980}".to_owned(),
                target: String::new(),
                test: Some("tests::it".to_owned()),
            },
            verdict,
            limits: Limit::ALL.to_vec(),
            stopped: Stopped::Complete,
            executions: u64::MAX,
            redundant: 1,
            auxiliary: 2,
            steps: 3,
            elapsed,
            strategies: "random".to_owned(),
            findings: vec!["00".to_owned()],
            notes: vec!["a\nb".to_owned()],
            misfit: Some(Misfit { why: "diverged".to_owned(), is_place: true }),
            interleavings: Some(4),
            runs: 3,
            shard: Some((2, 3)),
        };
        let mut written = Vec::new();
        write_result(&result, &mut written).expect("memory can be written");
        assert_eq!(read_result(&String::from_utf8(written).expect("text")), Ok(result));
    }
}

#[test]
fn a_cut_file_is_refused() {
    for (name, file) in FILES {
        let whole = file.trim_end();
        for end in (0..whole.len()).filter(|end| whole.is_char_boundary(*end)) {
            let error = read_record(&whole[..end]).expect_err(name);
            assert!(matches!(error, ReadError::Syntax { .. }), "{name} cut at {end}: {error}");
        }
    }
}

#[test]
fn a_newer_file_is_named_as_such() {
    let newer = FILES[0].1.replacen("\"schema\":1", "\"schema\":2", 1);
    assert_eq!(read_record(&newer), Err(ReadError::Newer { schema: 2 }));
    let error = read_result(FILES[0].1).expect_err("a finding is no result");
    assert_eq!(error.to_string(), "expected the kind `result` at `kind`");
}

/// Every value of each file, replaced by each of these.
#[test]
fn a_changed_file_is_refused_or_drawn() {
    let strange = [
        Value::Null,
        Value::Bool(true),
        0.into(),
        1.into(),
        4_000_000_000_u64.into(),
        u64::MAX.into(),
        (-1).into(),
        Value::from(0.5),
        "".into(),
        "select".into(),
        "\u{1b}[2J\u{202e}\n\0".into(),
        Value::Array(Vec::new()),
        Value::Object(serde_json::Map::new()),
    ];
    let (mut refused, mut drawn) = (0, 0);
    for (name, file) in FILES {
        let value: Value = serde_json::from_str(file).expect(name);
        for path in paths(&value, String::new()) {
            for new in &strange {
                let mut changed = value.clone();
                *changed.pointer_mut(&path).expect("a path of its own") = new.clone();
                match read_record(&changed.to_string()) {
                    Err(error) => {
                        refused += 1;
                        assert!(!error.to_string().is_empty());
                    }
                    Ok(record) => {
                        drawn += 1;
                        let shown = draw(&record);
                        let control = |c: char| c.is_control() && !"\n\u{1b}".contains(c);
                        assert!(!shown.contains(control), "{name} with {new} at {path}: {shown}");
                        assert!(!shown.contains("\u{1b}[2J"), "{name} with {new} at {path}: {shown}");
                    }
                }
            }
        }
    }
    assert!(refused > 5_000 && drawn > 1_000, "one-sided: {refused} refused, {drawn} drawn");
}

/// Several changes at once, of the kind that keeps the shape: numbers and words from elsewhere in the file.
#[test]
fn a_shuffled_file_is_refused_or_drawn() {
    let mut random = Random(0x5eed);
    let mut drawn = 0;
    for (name, file) in FILES {
        let value: Value = serde_json::from_str(file).expect(name);
        let all = paths(&value, String::new());
        let leaves: Vec<&String> = all
            .iter()
            .filter(|path| value.pointer(path).is_some_and(|v| !v.is_object() && !v.is_array()))
            .collect();
        for _ in 0..2_000 {
            let mut changed = value.clone();
            for _ in 0..1 + random.below(4) {
                let (to, from) = (leaves[random.below(leaves.len())], leaves[random.below(leaves.len())]);
                let new = value.pointer(from).cloned().unwrap_or_default();
                *changed.pointer_mut(to).expect("a leaf") = new;
            }
            if let Ok(record) = read_record(&changed.to_string()) {
                draw(&record);
                drawn += 1;
            }
        }
    }
    assert!(drawn > 100, "hardly anything was drawn: {drawn}");
}

/// JSON pointers to every value within.
fn paths(value: &Value, at: String) -> Vec<String> {
    let children: Vec<(String, &Value)> = match value {
        Value::Array(items) => items.iter().enumerate().map(|(i, v)| (i.to_string(), v)).collect(),
        Value::Object(map) => map.iter().map(|(k, v)| (k.replace('~', "~0").replace('/', "~1"), v)).collect(),
        _ => Vec::new(),
    };
    let below = children.into_iter().flat_map(|(key, child)| paths(child, format!("{at}/{key}")));
    let own = (!at.is_empty()).then(|| at.clone());
    own.into_iter().chain(below).collect()
}
