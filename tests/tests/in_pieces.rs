//! `gorace test --resume`, `--jobs` and bounds, as a user calls them: a search that takes several runs.

use gorace_tests::{Crate, Ran, run};
use std::path::PathBuf;

/// (2 * 3)! / (2!)^3
const SECTIONS: &str = "#[gorace::checked_test(strategy = \"exhaustive\")]\n\
    fn sections() {\n    use gorace::sync::{Arc, Mutex};\n    let n = Arc::new(Mutex::new(0));\n    \
    let tasks = [(); 3].map(|()| n.clone()).map(|n| gorace::go!({ for _ in 0..2 { *n.lock().unwrap() += 1; } }));\n    \
    tasks.map(|task| task.join().unwrap());\n}\n";

fn tested(name: &str) -> (Crate, PathBuf) {
    let tested = Crate::new(name);
    tested.write("src/lib.rs", SECTIONS);
    let folder = tested.path().join("pieces");
    (tested, folder)
}

fn piece(tested: &Crate, args: &[&str]) -> Ran {
    run(&mut tested.gorace(&[&["test", "--no-times", "--lib"], args].concat()))
}

/// What a run says of the test.
fn verdict(ran: &Ran) -> &str {
    let line = ran.stdout.lines().find_map(|line| line.strip_prefix("sections: "));
    line.unwrap_or_else(|| panic!("a verdict: {ran:?}"))
}

#[test]
fn several_runs_verify_what_one_would() {
    let (tested, folder) = tested("pieces");
    let with = format!("--resume={}", folder.display());
    for jobs in ["1", "2"] {
        let mut said = Vec::new();
        for _ in 0..3 {
            let ran = piece(&tested, &[&with, "--max-executions", "40", "--jobs", jobs]);
            assert_eq!(ran.code, Some(0), "{ran:?}");
            said.push(verdict(&ran).to_owned());
        }
        let expected = [
            "tested: 40 schedules (dpor)",
            "tested: 40 schedules (dpor)",
            "verified over 3 runs: all 90 interleavings",
        ];
        assert_eq!(said, expected);
        assert_eq!(std::fs::read_dir(&folder).expect("the folder").count(), 0, "nothing is left to do");
    }
}

/// Both tests are called `sections`, and both targets `two_targets`.
#[test]
fn a_librarys_test_and_a_binarys_have_a_file_each() {
    let (tested, folder) = tested("two_targets");
    tested.write("src/main.rs", &format!("{SECTIONS}fn main() {{}}\n"));
    let with = format!("--resume={}", folder.display());
    for (files, words) in [(2, "tested: 40"), (2, "tested: 40"), (0, "verified over 3 runs: all 90")] {
        let ran = run(&mut tested.gorace(&["test", "--no-times", &with, "--max-executions", "40"]));
        assert_eq!(ran.code, Some(0), "{ran:?}");
        assert_eq!(ran.stdout.matches(&format!("sections: {words} ")).count(), 2, "{ran:?}");
        assert_eq!(std::fs::read_dir(&folder).expect("the folder").count(), files);
    }
}

#[test]
fn a_file_that_does_not_fit_is_an_error() {
    let (tested, folder) = tested("misfits");
    let with = format!("--resume={}", folder.display());
    let first = piece(&tested, &[&with, "--max-executions", "40"]);
    assert_eq!(first.code, Some(0), "{first:?}");
    let file =
        std::fs::read_dir(&folder).expect("the folder").next().expect("a file").expect("its name").path();
    let whole = std::fs::read_to_string(&file).expect("text");
    for (name, text, words) in [
        ("cut", whole[..whole.len() / 2].to_owned(), "it was cut or changed"),
        (
            "newer",
            whole.replacen("gorace-resume 9", "gorace-resume 10", 1),
            "expected version 9, got version 10",
        ),
        ("a letter", "a letter\n".to_owned(), "expected a file that begins with `gorace-resume`"),
    ] {
        std::fs::write(&file, text).expect("written");
        let ran = piece(&tested, &[&with]);
        assert_eq!(ran.code, Some(65), "{name}: {ran:?}");
        assert!(
            ran.stdout.contains(&format!("cannot go on from the resume file {}: {words}", file.display())),
            "{name}: {ran:?}"
        );
        let last = ran.stdout.lines().last().unwrap_or_default();
        assert_eq!(last, "gorace: no findings in 1 test; 0 executions, 0 steps, not explored", "{name}");
    }
    // A line more changes what the file is about.
    std::fs::write(&file, &whole).expect("written");
    tested.write("src/lib.rs", &format!("// Another line.\n{SECTIONS}"));
    let ran = piece(&tested, &[&with]);
    assert_eq!(ran.code, Some(65), "{ran:?}");
    assert!(ran.stdout.contains("the program has changed since: src/lib.rs is another one"), "{ran:?}");
}

/// The program is no part of that, so that it is bad configuration; nothing is explored that could not be kept.
#[test]
fn a_folder_that_cannot_be_written_is_bad_configuration() {
    let (tested, _) = tested("unwritable");
    let more = SECTIONS.replace("fn sections", "fn others");
    for (text, last) in [
        (SECTIONS.to_owned(), "gorace: no findings in 1 test; 0 executions, 0 steps, not explored"),
        (
            format!("{SECTIONS}{more}"),
            "gorace: no findings in 2 tests; 0 executions, 0 steps, 0 complete, 0 stopped before the end, 2 not explored",
        ),
    ] {
        tested.write("src/lib.rs", &text);
        // Below a file, since whoever may do everything can write to any folder.
        let ran = piece(&tested, &["--resume=Cargo.toml/below"]);
        assert_eq!(ran.code, Some(78), "{ran:?}");
        assert!(ran.stdout.contains("it cannot be read or written: "), "{ran:?}");
        assert_eq!(ran.stdout.lines().last(), Some(last), "{ran:?}");
    }
    let ran = run(&mut tested.gorace(&["ci", "--no-times", "--lib", "--resume=Cargo.toml/below"]));
    assert_eq!(ran.code, Some(78), "{ran:?}");
}

/// 12! orders of additions, none of which comes to an end by itself.
const ENDLESS: &str = "#[gorace::checked_test(strategy = \"exhaustive\", max_executions = 100000000, timeout = \"10m\")]\n\
    fn sections() {\n    use gorace::sync::{Arc, atomic::{AtomicU32, Ordering::SeqCst}};\n    \
    static BEGUN: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);\n    \
    if BEGUN.fetch_add(1, std::sync::atomic::Ordering::Relaxed) == 10 { std::fs::write(\"begun\", \"\").unwrap(); }\n    \
    let n = Arc::new(AtomicU32::new(0));\n    \
    let tasks = [(); 12].map(|()| n.clone()).map(|n| gorace::go!({ _ = n.fetch_add(1, SeqCst); }));\n    \
    tasks.map(|task| task.join().unwrap());\n}\n";

/// Whoever is interrupted, or told to end, loses nothing of what was explored.
#[cfg(unix)]
#[test]
fn an_interruption_keeps_what_is_left() {
    let (tested, folder) = tested("stopped");
    tested.write("src/lib.rs", ENDLESS);
    let begun = tested.path().join("begun");
    let with = format!("--resume={}", folder.display());
    for (signal, goes_on) in [("-INT", false), ("-TERM", true)] {
        let _ = std::fs::remove_file(&begun);
        let mut command = tested.gorace(&["test", "--no-times", "--lib", &with]);
        command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
        let mut child = command.spawn().expect("gorace starts");
        while !begun.exists() {
            assert_eq!(child.try_wait().expect("gorace runs"), None, "it ended by itself");
            std::thread::yield_now();
        }
        let killed = std::process::Command::new("kill").args([signal, &child.id().to_string()]).status();
        assert!(killed.expect("kill runs").success());
        let ran: Ran = child.wait_with_output().expect("gorace ends").into();
        assert_eq!(ran.code, Some(130), "{ran:?}");
        assert!(ran.stdout.ends_with("gorace: interrupted; 1 test explored, 0 findings so far\n"), "{ran:?}");
        let kept = format!("note: sections: what is left to do is kept in {}", folder.display());
        assert!(ran.stdout.contains(&kept), "{ran:?}");
        assert_eq!(ran.stdout.contains("goes on after "), goes_on, "{ran:?}");
        assert_eq!(std::fs::read_dir(&folder).expect("the folder").count(), 1);
    }
    let ran = piece(&tested, &[&with, "--max-executions", "10"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.stdout.contains("note: sections: goes on after "), "{ran:?}");
}

/// A folder that the environment names was asked for, too; `GORACE_RESUME_ANEW` is heard by the gate as well.
#[test]
fn a_folder_of_the_environment_is_asked_for() {
    let (tested, folder) = tested("environment");
    let ran = |command: &str, anew: Option<&str>| {
        let mut command = tested.gorace(&[command, "--no-times", "--lib", "--max-executions", "40"]);
        command.env("GORACE_RESUME", &folder).env("GORACE_REGRESSIONS", "none");
        run(command.envs(anew.map(|anew| ("GORACE_RESUME_ANEW", anew))))
    };
    assert_eq!(ran("test", None).code, Some(0));
    let files = std::fs::read_dir(&folder).expect("the folder");
    let file = files.map(|file| file.expect("its name").path()).next().expect("a file");
    let whole = std::fs::read_to_string(&file).expect("text");
    let damaged = &whole[..whole.len() / 2];
    for (command, anew, code) in [
        ("test", None, 65),
        ("test", Some("0"), 65),
        ("ci", Some("0"), 65),
        ("test", Some("1"), 0),
        ("ci", None, 0),
    ] {
        std::fs::write(&file, damaged).expect("written");
        let ran = ran(command, anew);
        assert_eq!(ran.code, Some(code), "{command}, {anew:?}: {ran:?}");
        let is_kept = std::fs::read_to_string(&file).is_ok_and(|text| text == damaged);
        assert_eq!(is_kept, code == 65, "{command}, {anew:?}: nothing is lost");
    }
    let odd = ran("test", Some("perhaps"));
    assert_eq!(odd.code, Some(78), "{odd:?}");
}

#[test]
fn numbers_that_make_no_sense() {
    let (tested, _) = tested("numbers");
    for (args, words) in [
        (["--jobs", "0"], "0 is not in 1..=1024"),
        (["--jobs", "many"], "invalid digit found in string"),
        (["--max-preemptions", "4294967296"], "4294967296 is not in 0..=4294967295"),
        (["--max-preemptions", "-1"], "unexpected argument '-1'"),
        (["--timeout", "99999999999999999999s"], "expected a duration from 1 ns to 2^64 s"),
    ] {
        let ran = piece(&tested, &args);
        assert_eq!(ran.code, Some(2), "{args:?}: {ran:?}");
        assert!(ran.stderr.contains(words), "{args:?}: {ran:?}");
    }
    for (name, value) in
        [("GORACE_JOBS", "0"), ("GORACE_MAX_PREEMPTIONS", "4294967296"), ("GORACE_TIMEOUT", "0.0000000001ms")]
    {
        let ran = run(tested.gorace(&["test"]).env(name, value));
        assert_eq!(ran.code, Some(78), "{name}: {ran:?}");
        assert!(ran.stderr.contains(&format!("invalid {name}")), "{ran:?}");
    }
}

#[test]
fn the_words_of_a_bound() {
    let (tested, _) = tested("bound");
    let ran = piece(&tested, &["--max-preemptions", "1"]);
    assert_eq!(verdict(&ran), "verified up to 1 preemption (48 interleavings)");
    let told = ran.stdout.lines().last().expect("a last line").to_owned();
    let ran = piece(&tested, &["--max-preemptions", "1", "--message-format", "json"]);
    let summary = ran.stdout.lines().find(|line| line.contains("\"test\":\"sections\"")).expect("a summary");
    for field in [
        "\"verdict\":\"verified-up-to\"",
        "\"preemptions\":1",
        "\"executions\":48",
        "\"redundant\":",
        "\"steps\":",
        "\"seconds\":null",
    ] {
        assert!(summary.contains(field), "{field}: {summary}");
    }
    // People are told in the last line what programs are.
    let total: serde_json::Value =
        serde_json::from_str(ran.stdout.lines().last().expect("a total")).expect("JSON");
    assert_eq!((&total["verdict"], &total["preemptions"]), (&"verified-up-to".into(), &1.into()), "{total}");
    // Rounds run again what needs no preemption.
    assert_ne!(total["redundant"], 0, "{total}");
    let grouped = |key: &str| {
        let number = total[key].as_u64().expect("a number");
        if number < 1_000 { number.to_string() } else { format!("{} {:03}", number / 1_000, number % 1_000) }
    };
    assert_eq!(
        told,
        format!(
            "gorace: no findings in 1 test; 48 executions + {} redundant, {} steps, complete",
            grouped("redundant"),
            grouped("steps")
        )
    );
}
