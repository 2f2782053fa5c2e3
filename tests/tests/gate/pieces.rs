//! A proof that takes several nights: each run of the gate goes on where the last one's budget ended.

use crate::bank::Bank;
use gorace_tests::Ran;

/// (2 * 3)! / (2!)^3 = 90
const SECTIONS: &str = "#[gorace::checked_test]\nfn sections() {\n    use gorace::sync::{Arc, Mutex};\n    \
     let n = Arc::new(Mutex::new(0));\n    let tasks = [(); 3].map(|()| n.clone())\n        \
     .map(|n| gorace::go!({ for _ in 0..2 { *n.lock().unwrap() += 1; } }));\n    \
     tasks.map(|task| task.join().unwrap());\n}\n";

const NIGHTLY: &str =
    "[profile.nightly]\ninherits = \"ci\"\nmax-executions = 40\nresume = \"cache/resume\"\n";

/// The crate as a fresh machine has it, with the folder that the platform's cache brings.
fn project(name: &str) -> Bank {
    let bank = Bank::empty(name);
    bank.add(SECTIONS);
    bank.write(".config/gorace.toml", NIGHTLY);
    bank
}

fn night(bank: &Bank, more: &[&str]) -> Ran {
    let ran = bank.gate(&[&["-P", "nightly"], more].concat());
    bank.forget();
    ran
}

/// What a run says of the test.
fn verdict(ran: &Ran) -> &str {
    let line = ran.stdout.lines().find_map(|line| line.strip_prefix("tests::sections: "));
    line.unwrap_or_else(|| panic!("a verdict: {ran:?}"))
}

const TESTED: &str = "tested: 40 schedules (dpor)";
const VERIFIED: &str = "verified over 3 runs: all 90 interleavings";

#[test]
fn nightly_runs_finish_a_proof_together() {
    let bank = project("nights");
    for expected in [(75, TESTED), (75, TESTED), (0, VERIFIED)] {
        let ran = night(&bank, &["--require-complete"]);
        assert_eq!((ran.code, verdict(&ran)), (Some(expected.0), expected.1), "{ran:?}");
    }
    assert!(bank.files("cache/resume").is_empty(), "nothing is left to do");
    // Programs are told of it, too.
    let lines: Vec<String> = (0..3).map(|_| night(&bank, &["--message-format", "json"]).stdout).collect();
    let summary = |text: &str| -> serde_json::Value {
        let line = text.lines().find(|line| line.contains("tests::sections")).expect("a summary");
        serde_json::from_str(line).expect("JSON")
    };
    let runs: Vec<_> = lines.iter().map(|text| summary(text)["runs"].as_u64()).collect();
    assert_eq!(runs, [Some(1), Some(2), Some(3)]);
    assert_eq!(summary(&lines[2])["interleavings"], 90);
}

#[test]
fn another_profile_begins_and_leaves_nothing() {
    let bank = project("days");
    let ran = bank.gate(&[]);
    assert_eq!((ran.code, verdict(&ran)), (Some(0), "verified: all 90 interleavings"), "{ran:?}");
    assert!(!bank.path().join("cache").exists());
}

/// What does not fit the program any more is of no use; nobody is there who could remove it.
#[test]
fn a_changed_program_begins_anew() {
    let bank = project("changed");
    assert_eq!(verdict(&night(&bank, &[])), TESTED);
    bank.write("src/lib.rs", &format!("// Another line.\n{}", bank.read("src/lib.rs")));
    for expected in [TESTED, TESTED, VERIFIED] {
        let ran = night(&bank, &[]);
        assert_eq!((ran.code, verdict(&ran)), (Some(0), expected), "{ran:?}");
        let why = "begins anew, since the resume file";
        let what = "the program has changed since: src/lib.rs is another one\n";
        let says = |words: &str| ran.stdout.contains(words);
        assert_eq!(says(why) && says(what), !says("goes on after") && expected == TESTED, "{ran:?}");
    }
}

#[test]
fn other_settings_and_half_a_file_begin_anew() {
    let bank = project("settings");
    assert_eq!(verdict(&night(&bank, &[])), TESTED);
    let ran = night(&bank, &["--max-steps", "1000"]);
    assert_eq!((ran.code, verdict(&ran)), (Some(0), TESTED), "{ran:?}");
    assert!(
        ran.stdout.contains("it was left by a run with max_steps = 200000, and this one has 1000\n"),
        "{ran:?}"
    );
    let file = bank.files("cache/resume").pop().expect("a file");
    let whole = bank.read(&file);
    bank.write(&file, &whole[..whole.len() / 2]);
    let ran = night(&bank, &[]);
    assert_eq!((ran.code, verdict(&ran)), (Some(0), TESTED), "{ran:?}");
    assert!(ran.stdout.contains("does not fit: it was cut or changed\n"), "{ran:?}");
}

/// A newer version's file is somebody's work, and is left alone.
#[test]
fn a_newer_file_is_refused() {
    let bank = project("newer");
    assert_eq!(verdict(&night(&bank, &[])), TESTED);
    let file = bank.files("cache/resume").pop().expect("a file");
    let whole = bank.read(&file);
    let (first, rest) = whole.split_once('\n').expect("a first line");
    let (name, _) = first.split_once(' ').expect("a version");
    let newer = format!("{name} 999\n{rest}");
    bank.write(&file, &newer);
    let ran = night(&bank, &[]);
    assert_eq!(ran.code, Some(65), "{ran:?}");
    assert!(ran.stdout.contains("got version 999"), "{ran:?}");
    assert_eq!(bank.read(&file), newer);
}
