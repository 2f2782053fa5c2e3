//! GR0007 from the command line: one exit code, whatever runs the program.

use gorace_tests::{Crate, Ran, run};

/// Something else happens every other time.
const DIFFERS: &str = "static RUNS: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);\n    \
    let n = RUNS.fetch_add(1, std::sync::atomic::Ordering::SeqCst);\n    \
    let hits = Arc::new(AtomicU32::new(0));\n    let other = hits.clone();\n    \
    let task = gorace::go!(\"worker\", { if n % 2 == 0 { other.store(1, SeqCst); } else { other.fetch_add(1, SeqCst); } });\n    \
    hits.load(SeqCst);\n    task.join().unwrap();\n";

/// A thread of std's takes part.
const FOREIGN: &str = "let hits = Arc::new(AtomicU32::new(0));\n    let theirs = hits.clone();\n    hits.load(SeqCst);\n    \
    std::thread::spawn(move || theirs.store(1, SeqCst)).join().unwrap();\n";

const USES: &str = "use gorace::sync::{Arc, atomic::{AtomicU32, Ordering::SeqCst}};\n";

/// Runs the command line with runs of its own, so that the latest one is the program's.
fn gorace(program: &Crate, args: &[&str]) -> Ran {
    let out = program.path().join("runs");
    let mut command = program.gorace(&[args, &["--no-times"]].concat());
    run(command.env("GORACE_OUT_DIR", out).env("GORACE_REGRESSIONS", "none"))
}

fn told(program: &Crate, args: &[&str]) -> Ran {
    let ran = gorace(program, args);
    assert!(ran.stdout.contains("error[GR0007]"), "{args:?}: {ran:?}");
    ran
}

#[test]
fn whatever_runs_it_ends_with_65() {
    for (name, body) in [("differs", DIFFERS), ("foreign", FOREIGN)] {
        let program = Crate::new(&format!("unrepeatable_{name}"));
        program
            .write("src/lib.rs", &format!("{USES}#[gorace::checked_test]\nfn checked() {{\n    {body}}}\n"));
        program.write("src/main.rs", &format!("{USES}#[gorace::main]\nfn main() {{\n    {body}}}\n"));
        for args in [&["test", "--lib"][..], &["ci", "--lib"], &["run"]] {
            let ran = told(&program, args);
            assert_eq!(ran.code, Some(65), "{name}, {args:?}: {ran:?}");
        }
    }
}

/// Beside a finding of the program's behaviour that one counts.
#[test]
fn another_finding_beside_it_ends_with_66() {
    let program = Crate::new("unrepeatable_and_more");
    let panics = "#[gorace::checked_test]\nfn panics() {\n    gorace::go!({}).join().unwrap();\n    panic!(\"at once\");\n}\n";
    program.write(
        "src/lib.rs",
        &format!("{USES}#[gorace::checked_test]\nfn checked() {{\n    {FOREIGN}}}\n{panics}"),
    );
    assert_eq!(told(&program, &["test", "--lib"]).code, Some(66));
}

/// One execution of a schedule cannot show that another one differs: nobody is told that it was mended.
#[test]
fn a_replay_tells_no_more_than_it_knows() {
    let program = Crate::new("unrepeatable_replayed");
    program
        .write("src/lib.rs", &format!("{USES}#[gorace::checked_test]\nfn checked() {{\n    {DIFFERS}}}\n"));
    told(&program, &["test", "--lib"]);
    let ran = gorace(&program, &["replay", "latest"]);
    assert_eq!(ran.code, Some(65), "{ran:?}");
    assert!(ran.stdout.contains("one execution cannot show that executions differ"), "{ran:?}");
    assert!(!ran.stdout.contains("does not show any more"), "{ran:?}");
}
