//! `gorace test --all` on a package with an ordinary suite, and `gorace run` on a file without a package.
#![cfg(all(target_os = "linux", target_arch = "x86_64", target_env = "gnu"))]

use gorace_tests::{Crate, Unmodified, root, run};
use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

const SUITE: Unmodified = Unmodified("suite");

#[test]
fn each_test_is_an_exploration_of_its_own() {
    let args = ["test", "--all", "--max-executions", "100", "--timeout", "1h", "--no-times"];
    let ran = run(&mut SUITE.gorace(&args));
    assert_eq!(ran.code, Some(66), "{}{}", ran.stdout, ran.stderr);
    // The one that counts in two steps, and no other: not the one that is to panic.
    assert!(ran.stdout.contains("src/lib.rs:40:9"), "{}", ran.stdout);
    assert_eq!(ran.stdout.matches("error[").count(), 1, "{}", ran.stdout);
    assert!(ran.stdout.contains("tests::alone: tested: 1 schedule ("), "{}", ran.stdout);
    assert!(ran.stdout.contains("taken_in_one_order: tested: 100 schedules"), "{}", ran.stdout);
    assert!(ran.stdout.contains("gorace: 1 panic in 1 of 4 tests"), "{}", ran.stdout);
    assert!(!ran.stdout.contains("never"), "what is ignored is not run: {}", ran.stdout);

    let again = run(&mut SUITE.gorace(&["replay", "latest", "--no-times"]));
    assert_eq!(again.code, Some(66), "{}{}", again.stdout, again.stderr);
    assert!(again.stdout.contains("src/lib.rs:40:9"), "{}", again.stdout);
}

/// A test that ends its process is one of the tests, and no summary passes over it; nor does a report.
#[test]
fn a_test_that_crashes_is_counted() {
    let folder = tempfile::tempdir().expect("a folder");
    let junit = folder.path().join("junit.xml");
    let args = ["test", "--all", "--lib", "--features", "crash", "--max-executions", "20", "--timeout", "1h"];
    let both = |filter: &[&str]| {
        let mut command = SUITE.gorace(&[&args[..], filter].concat());
        run(command.arg("--no-times").arg(format!("--report=junit={}", junit.display())))
    };
    let ran = both(&["a"]);
    assert_eq!(ran.code, Some(66), "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stdout.contains("`tests::crashes` was ended by signal 11"), "{}", ran.stdout);
    let last = ran.stdout.lines().last().unwrap_or_default();
    assert!(last.starts_with("gorace: 1 crash in 1 of 3 tests; "), "{last}");
    let written = std::fs::read_to_string(&junit).expect("the file that was asked for");
    assert!(written.contains("`tests::crashes`: it was ended by signal 11"), "{written}");
    let alone = both(&["crashes"]);
    assert_eq!(alone.code, Some(66), "{}{}", alone.stdout, alone.stderr);
    assert!(
        alone.stdout.lines().last().is_some_and(|line| line.starts_with("gorace: 1 crash; ")),
        "{alone:?}"
    );
}

#[test]
fn a_filter_that_fits_nothing_is_no_pass() {
    let ran = run(&mut SUITE.gorace(&["test", "--all", "nonsense"]));
    assert_eq!(ran.code, Some(4), "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stderr.contains("there is no #[test] whose name contains `nonsense`"), "{}", ran.stderr);
}

/// The first test has one schedule, the next one comes to no end: what is known by then is told by then.
#[test]
fn each_test_is_told_of_when_it_is_done() {
    let mut command =
        SUITE.gorace(&["test", "--all", "--lib", "--timeout", "1h", "--no-times", "--keep-going"]);
    command.args(["--max-executions", "1000000000"]).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut running = command.spawn().expect("gorace starts");
    let mut lines = BufReader::new(running.stdout.take().expect("it is piped")).lines().map_while(Result::ok);
    let first = lines.next().expect("a line");
    assert!(first.contains("tests::alone: tested: 1 schedule ("), "{first}");
    let sent = Command::new("kill").args(["-INT", &running.id().to_string()]).status();
    assert!(sent.expect("there is a kill").success());
    let last = lines.last().unwrap_or_default();
    assert!(last.starts_with("gorace: interrupted; "), "{last}");
    assert_eq!(running.wait().expect("it ends").code(), Some(130));
}

/// A rule of the configuration allows what one test shows, with its reason, and nothing is left to fail for; files that are
/// asked for are written.
#[test]
fn rules_and_reports_are_as_in_the_library_door() {
    let folder = tempfile::tempdir().expect("a folder");
    let (file, junit) = (folder.path().join("gorace.toml"), folder.path().join("junit.xml"));
    let rule = "[[allow]]\ncode = \"GR0004\"\nin = \"src/*.rs\"\nreason = \"counted twice at times\"\n";
    std::fs::write(&file, rule).expect("written");
    let args = [
        "test",
        "--all",
        "--lib",
        "--max-executions",
        "100",
        "--timeout",
        "1h",
        "--no-times",
        "--config-file",
    ];
    let mut command = SUITE.gorace(&args);
    let ran = run(command.arg(&file).arg(format!("--report=junit={}", junit.display())));
    assert_eq!(ran.code, Some(0), "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stdout.contains("together: GR0004 is allowed: counted twice at times"), "{}", ran.stdout);
    assert!(!ran.stdout.contains("error["), "{}", ran.stdout);
    let written = std::fs::read_to_string(&junit).expect("the file that was asked for");
    assert!(written.contains("tests::alone"), "{written}");
}

#[test]
fn a_file_is_a_program() {
    let plain = Unmodified("plain");
    let file = plain.folder().join("src/bin/race_static.rs");
    let args = ["run", "--max-executions", "20", "--timeout", "1h", "--no-times"];
    let ran = run(plain.gorace(&args).arg(&file).current_dir(std::env::temp_dir()));
    assert_eq!(ran.code, Some(66), "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stdout.contains("error[GR0001]: data race on `COUNT`"), "{}", ran.stdout);
    let lost = run(plain.gorace(&args).arg("no_such.rs"));
    assert_eq!(lost.code, Some(2), "{}{}", lost.stdout, lost.stderr);
}

/// Checked tests go through the library door, ordinary ones of the same package through this one, into one summary.
#[test]
fn a_package_with_checked_tests_has_all_of_them_explored() {
    let both = Crate::new("both_doors");
    both.write(
        "src/lib.rs",
        r#"#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering::SeqCst};

    #[gorace::checked_test]
    fn checked() {
        let shared = gorace::sync::Arc::new(gorace::sync::Mutex::new(0));
        let theirs = shared.clone();
        let other = gorace::go!("other", { *theirs.lock().unwrap() += 1 });
        *shared.lock().unwrap() += 1;
        other.join().unwrap();
    }

    #[test]
    fn ordinary() {
        static READY: AtomicU64 = AtomicU64::new(0);
        let other = std::thread::spawn(|| READY.store(1, SeqCst));
        // Always as a thread starts, not always under a scheduler.
        let early = READY.load(SeqCst);
        other.join().unwrap();
        assert_eq!(early, 0, "it came early");
    }
}
"#,
    );
    let args = ["test", "--all", "--max-executions", "200", "--timeout", "1h", "--no-times"];
    let ran = run(both.gorace(&args).env("XDG_CACHE_HOME", root().join("target/zero_change/cache")));
    assert_eq!(ran.code, Some(66), "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stdout.contains("checked: verified: all "), "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stdout.contains("it came early"), "{}", ran.stdout);
    assert!(ran.stdout.contains("gorace: 1 panic in 1 of 2 tests"), "{}", ran.stdout);
}
