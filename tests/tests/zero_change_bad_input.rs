//! The zero-change door where it cannot go on, or the program does not: a clear word, the right exit code, never a hang.
#![cfg(all(target_os = "linux", target_arch = "x86_64", target_env = "gnu"))]

use gorace_tests::{Unmodified, run};
use rstest::rstest;
use std::io::{BufRead as _, BufReader};
use std::os::unix::process::CommandExt as _;
use std::process::{Command, Stdio};

const PLAIN: Unmodified = Unmodified("plain");

#[rstest]
#[case::no_thread("alone", 4, "started no second thread")]
#[case::a_signal("crash", 66, "was ended by signal 11")]
#[case::a_stack_overflow("overflow", 66, "stack overflow")]
#[case::standard_input("stdin", 0, "tested: 20 schedules")]
#[case::sockets("loopback", 0, "tested: 20 schedules")]
#[case::a_process("process", 0, "foreign_state")]
#[case::an_exit("exits", 0, "tested: 20 schedules")]
#[case::a_fork("forks", 0, "foreign_state")]
#[case::locks_of_c("c_locks", 0, "tested: 20 schedules")]
#[case::a_kill("killed", 66, "was ended by signal 9 (SIGKILL: perhaps out of memory)")]
#[case::no_memory("no_memory", 66, "memory allocation of 4611686018427387904")]
#[case::always_a_panic("panics", 66, "and so does main")]
fn each_end_has_its_verdict(#[case] program: &str, #[case] code: i32, #[case] words: &str) {
    let ran = PLAIN.explore(program, 20, &[]);
    assert_eq!(ran.code, Some(code), "{}{}", ran.stdout, ran.stderr);
    assert!(format!("{}{}", ran.stdout, ran.stderr).contains(words), "{}{}", ran.stdout, ran.stderr);
}

/// Each schedule does it again, which is said once.
#[rstest]
#[case("writes_a_file", "it writes to files, and does so again in each schedule")]
#[case("loopback", "it uses sockets, and does so again in each schedule")]
#[case("process", "it starts processes, and does so again in each schedule")]
fn what_is_done_to_others_is_said(#[case] program: &str, #[case] words: &str) {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("written").display().to_string();
    let ran = PLAIN.explore(program, 5, &["--", &file]);
    assert_eq!(ran.code, Some(0), "{}{}", ran.stdout, ran.stderr);
    assert_eq!(ran.stdout.matches(words).count(), 1, "{}", ran.stdout);
    let quiet = PLAIN.explore("abba_fixed", 5, &[]);
    assert!(!quiet.stdout.contains("again in each schedule"), "{}", quiet.stdout);
}

/// A program that is cut by the limit has done nothing wrong; one that only spins has.
#[test]
fn long_is_no_livelock() {
    let long = PLAIN.explore("long", 20, &["--max-steps", "200"]);
    assert_eq!(long.code, Some(0), "{}{}", long.stdout, long.stderr);
    assert!(long.stdout.contains("step_limit"), "{}", long.stdout);
    let whole = PLAIN.explore("long", 20, &[]);
    assert!(
        whole.code == Some(0) && !whole.stdout.contains("step_limit"),
        "{}{}",
        whole.stdout,
        whole.stderr
    );
    let spins = PLAIN.explore("spins", 20, &["--max-steps", "20000"]);
    assert_eq!(spins.code, Some(66), "{}{}", spins.stdout, spins.stderr);
    assert!(spins.stdout.contains("error[GR0006]: livelock: T1 spins on `READY`"), "{}", spins.stdout);
}

#[test]
fn a_program_without_end_is_ended() {
    let mut command = PLAIN.gorace(&["run", "--bin", "busy", "--max-executions", "1"]);
    let ran = run(command.env("GORACE_STALL", "500ms"));
    assert_eq!(ran.code, Some(66), "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stdout.contains("error[GR0009]: stalled: `busy` came to no end"), "{}", ran.stdout);
}

#[test]
fn what_is_not_supported_says_so() {
    let ran = PLAIN.explore("abba", 1, &["--spurious"]);
    assert_eq!(ran.code, Some(2), "{}{}", ran.stdout, ran.stderr);
    let words = "is for programs that use gorace's types";
    assert!(ran.stderr.contains(words) && ran.stderr.contains("hint:"), "{}", ran.stderr);
}

#[test]
fn another_target_is_refused_before_anything_is_built() {
    let mut command = PLAIN.gorace(&["run", "--bin", "abba"]);
    let ran = run(command.env("CARGO_BUILD_TARGET", "x86_64-unknown-linux-musl"));
    assert_eq!(ran.code, Some(78), "{}{}", ran.stdout, ran.stderr);
    assert!(
        ran.stderr.contains("x86_64-unknown-linux-musl") && !ran.stderr.contains("Compiling"),
        "{}",
        ran.stderr
    );
}

#[test]
fn a_cache_that_cannot_be_written_is_named() {
    let mut command = PLAIN.gorace(&["run", "--bin", "abba"]);
    let ran = run(command.env("XDG_CACHE_HOME", "/proc/nowhere"));
    assert_eq!(ran.code, Some(78), "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stderr.contains("cannot write to the cache /proc/nowhere/gorace"), "{}", ran.stderr);
}

#[test]
fn a_program_that_does_not_build_is_cargos_to_explain() {
    let mut command = PLAIN.gorace(&["run", "--bin", "abba", "--features", "nonsense"]);
    let ran = run(&mut command);
    assert_eq!(ran.code, Some(101), "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stderr.contains("nonsense"), "{}", ran.stderr);
}

/// The compiler's own words, and cargo's exit code.
#[test]
fn a_file_with_an_error_is_the_compilers_to_explain() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("wrong.rs"), "fn main() { nonsense }\n").expect("written");
    let mut command = PLAIN.gorace(&["run", "wrong.rs"]);
    let ran = run(command.current_dir(folder.path()).env("CARGO_TARGET_DIR", folder.path().join("target")));
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(101), ""), "{}", ran.stderr);
    assert!(ran.stderr.contains("error[E0425]") && ran.stderr.contains("wrong.rs:1:13"), "{}", ran.stderr);
}

/// From a terminal an interrupt goes to cargo as well, whose end is then no error.
#[test]
fn an_interrupt_of_the_build_is_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut command = PLAIN.gorace(&["run", "--bin", "abba"]);
    command.env("CARGO_TARGET_DIR", folder.path()).process_group(0);
    let mut running = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("gorace starts");
    let mut said = BufReader::new(running.stderr.take().expect("it is piped")).lines().map_while(Result::ok);
    assert!(said.any(|line| line.contains("Compiling plain")));
    let sent = Command::new("kill").args(["-INT", "--", &format!("-{}", running.id())]).status();
    assert!(sent.expect("there is a kill").success());
    let rest: Vec<String> = said.collect();
    let ran: gorace_tests::Ran = running.wait_with_output().expect("it ends").into();
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(130), ""), "{rest:?}");
    assert_eq!(rest.last().map(String::as_str), Some("gorace: interrupted"));
}

/// Who waits for a lock of C's is in a deadlock, not merely slow.
#[test]
fn a_deadlock_of_c_mutexes_is_one() {
    let ran = PLAIN.explore("c_mutex", 300, &[]);
    assert_eq!(ran.code, Some(66), "{}{}", ran.stdout, ran.stderr);
    assert!(
        ran.stdout.contains("error[GR0002]: deadlock: both unfinished tasks are blocked on each other"),
        "{}",
        ran.stdout
    );
    assert!(ran.stdout.contains("waits for `A`, which T1 holds"), "{}", ran.stdout);
}

/// What explored schedules print is not kept; what the last one prints is shown, all of it.
#[test]
fn a_megabyte_of_output_is_shown_once() {
    let ran = PLAIN.explore("floods", 5, &[]);
    assert_eq!(ran.code, Some(0), "{}{}", ran.stdout, ran.stderr);
    let lines = |text: &str| text.lines().filter(|line| line.len() == 1023).count();
    assert_eq!((lines(&ran.stdout), lines(&ran.stderr)), (1024, 1024));
}

/// The seconds are virtual, what is printed in them is not.
#[test]
fn a_megabyte_a_second_for_seconds() {
    let ran = PLAIN.explore("floods", 5, &["--", "10"]);
    assert_eq!(ran.code, Some(0), "{}{}", ran.stdout, ran.stderr);
    let lines = |text: &str| text.lines().filter(|line| line.len() == 1023).count();
    assert_eq!((lines(&ran.stdout), lines(&ran.stderr)), (10 * 1024, 10 * 1024));
    let shown = PLAIN.explore("floods", 3, &["--show-output", "--", "4"]);
    assert_eq!(shown.code, Some(0), "{}{}", shown.stdout, shown.stderr);
    assert_eq!((lines(&shown.stdout), lines(&shown.stderr)), (12 * 1024, 12 * 1024));
}

/// Where our standard output is for programs to read, there is nothing else in it.
#[rstest]
fn lines_for_programs_are_that_alone(#[values("json", "cargo")] format: &str) {
    for more in [&[][..], &["--show-output"]] {
        let ran = PLAIN.explore("race_prints", 5, &[&["--message-format", format], more].concat());
        assert_eq!(ran.code, Some(66), "{}{}", ran.stdout, ran.stderr);
        for line in ran.stdout.lines() {
            let read = serde_json::from_str::<serde_json::Value>(line);
            assert!(read.is_ok(), "{line}: {}", ran.stdout);
        }
        assert!(ran.stderr.contains("printed"), "{}", ran.stderr);
    }
}

/// A wait for a plain variable has no end where nobody else comes to run. Other schedules show what is wrong with it.
#[test]
fn a_spin_on_a_plain_variable_is_a_race() {
    let args = ["run", "--bin", "spins_plainly", "--max-executions", "50", "--timeout", "1h", "--no-times"];
    let ran = run(PLAIN.gorace(&args).env("GORACE_STALL", "500ms"));
    assert_eq!(ran.code, Some(66), "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stdout.contains("error[GR0001]: data race on `READY"), "{}", ran.stdout);
    assert!(ran.stdout.contains("error[GR0009]: stalled: `spins_plainly` came to no end"), "{}", ran.stdout);
    let last = ran.stdout.lines().last().unwrap_or_default();
    assert!(last.starts_with("gorace: 1 data race, 1 stall; "), "{last}");
}

/// It lives as long as it runs: in virtual time, until its events are enough.
#[test]
fn a_program_that_waits_and_works_for_ever_is_cut() {
    let ran = PLAIN.explore("for_ever", 5, &["--max-steps", "5000"]);
    assert_eq!(ran.code, Some(0), "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stdout.contains("step_limit"), "{}", ran.stdout);
}

/// The program's own backtraces would cost more than the program: they are made for nobody while it is explored.
#[test]
fn a_wish_for_backtraces_is_no_burden() {
    let plain = PLAIN.explore("order_panic", 300, &[]);
    let args = ["run", "--bin", "order_panic", "--max-executions", "300", "--timeout", "1h", "--no-times"];
    let wished = run(PLAIN.gorace(&args).env("RUST_BACKTRACE", "1"));
    assert_eq!((wished.code, &wished.stdout), (Some(66), &plain.stdout));
}

/// Two at once build and explore the same program, and neither disturbs the other.
#[test]
fn two_at_once_are_as_one_after_the_other() {
    let args = ["run", "--bin", "abba", "--max-executions", "200", "--timeout", "1h", "--no-times"];
    let both: Vec<_> = (0..2)
        .map(|_| {
            let mut command = PLAIN.gorace(&args);
            command.stdout(Stdio::piped()).stderr(Stdio::piped());
            command.spawn().expect("gorace starts")
        })
        .collect();
    let outputs = both.into_iter().map(|one| one.wait_with_output().expect("it ends"));
    let outputs: Vec<gorace_tests::Ran> = outputs.map(Into::into).collect();
    assert_eq!(outputs[0].code, Some(66), "{outputs:?}");
    assert_eq!((outputs[0].code, &outputs[0].stdout), (outputs[1].code, &outputs[1].stdout));
}

/// A disk on which nothing fits, where each of the things goes that gorace writes: needs a file system of its own.
#[rstest]
#[case::temporary_files("TMPDIR")]
#[case::the_cache("XDG_CACHE_HOME")]
#[case::findings("GORACE_OUT_DIR")]
#[ignore = "needs user namespaces: just nightly"]
fn a_full_disk_is_named(#[case] variable: &str) {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let mut explore = PLAIN.gorace(&["run", "--bin", "abba", "--max-executions", "200"]);
    let mut command = Command::new("unshare");
    let script = format!(
        "mount -t tmpfs -o size=4k full {0} && export {variable}={0} && exec \"$@\"",
        folder.path().display()
    );
    command.args(["-rm", "sh", "-c", &script, "sh"]).arg(explore.get_program()).args(explore.get_args());
    command.envs(explore.get_envs().filter_map(|(name, value)| Some((name, value?))));
    command.current_dir(explore.get_current_dir().expect("it has one"));
    explore.stdin(Stdio::null());
    let ran = run(&mut command);
    assert_eq!(ran.code, Some(78), "{}{}", ran.stdout, ran.stderr);
    let named = ran.stderr.contains(&folder.path().display().to_string()) && ran.stderr.contains(variable);
    assert!(named, "{}", ran.stderr);
}

/// What the system does not give is named, and is no finding: files of some size, addresses for the shadow memory.
#[rstest]
#[case::files_of_a_kilobyte("-f 1", 78, "if the disk is full, name another folder")]
#[case::addresses("-v 2000000", 70, "the address space is limited, see `ulimit -v`")]
fn a_limit_is_no_finding(#[case] limit: &str, #[case] code: i32, #[case] words: &str) {
    // Building has no limits.
    assert_eq!(PLAIN.explore("abba", 200, &[]).code, Some(66));
    let mut explore = PLAIN.gorace(&["run", "--bin", "abba", "--max-executions", "200"]);
    let mut command = Command::new("sh");
    command.args(["-c", &format!("ulimit {limit} && exec \"$@\""), "sh"]);
    command.arg(explore.get_program()).args(explore.get_args());
    command.envs(explore.get_envs().filter_map(|(name, value)| Some((name, value?))));
    command.current_dir(explore.get_current_dir().expect("it has one"));
    explore.stdin(Stdio::null());
    let ran = run(&mut command);
    assert_eq!(ran.code, Some(code), "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stderr.contains(words) && !ran.stdout.contains("error["), "{}{}", ran.stdout, ran.stderr);
}

/// What was found by then is told and kept.
#[test]
fn an_interrupt_loses_no_finding() {
    let mut command = PLAIN.gorace(&["run", "--bin", "race_prints", "--show-output", "--timeout", "1h"]);
    let folder = tempfile::tempdir().expect("a folder");
    command.env("GORACE_OUT_DIR", folder.path()).args(["--keep-going", "--max-executions", "1000000000"]);
    let mut running = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("gorace starts");
    let mut lines = BufReader::new(running.stdout.take().expect("it is piped")).lines().map_while(Result::ok);
    // The first schedule has the race already; it is judged, and replayed, before so many others are begun.
    assert_eq!(lines.by_ref().take(3_000).filter(|line| line == "printed").count(), 3_000);
    let sent = Command::new("kill").args(["-INT", &running.id().to_string()]).status();
    assert!(sent.expect("there is a kill").success());
    let rest: Vec<String> = lines.collect();
    assert!(rest.iter().any(|line| line.starts_with("error[GR0001]: data race on `COUNT`")), "{rest:?}");
    assert_eq!(rest.last().map(String::as_str), Some("gorace: interrupted; 1 finding so far"));
    assert_eq!(running.wait().expect("it ends").code(), Some(130));
    let listed = run(PLAIN.gorace(&["list"]).env("GORACE_OUT_DIR", folder.path()));
    assert!(listed.stdout.contains("GR0001"), "{}{}", listed.stdout, listed.stderr);
}

/// An interrupt ends the program too, and says what was found so far.
#[test]
fn an_interrupt_is_obeyed() {
    let mut command = PLAIN.gorace(&["run", "--bin", "prints", "--show-output", "--timeout", "1h"]);
    command.args(["--max-executions", "1000000000"]).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut running = command.spawn().expect("gorace starts");
    let mut lines = BufReader::new(running.stdout.take().expect("it is piped")).lines();
    let first = lines.next().expect("the program has printed").expect("it is text");
    assert_eq!(first, "printed");
    let sent = Command::new("kill").args(["-INT", &running.id().to_string()]).status();
    assert!(sent.expect("there is a kill").success());
    let last = lines.map_while(Result::ok).last().unwrap_or_default();
    assert_eq!(last, "gorace: interrupted; 0 findings so far");
    assert_eq!(running.wait().expect("it ends").code(), Some(130));
    // Who was killed is gone in a moment, and else this comes to no end.
    while processes_of("prints") > 0 {
        std::thread::yield_now();
    }
}

/// How many processes run a program of this name, of the package under test.
fn processes_of(program: &str) -> usize {
    let entries = std::fs::read_dir("/proc").expect("there is a /proc").flatten();
    let executable = entries.filter_map(|entry| std::fs::read_link(entry.path().join("exe")).ok());
    let is_it = |path: &std::path::PathBuf| {
        path.file_name().is_some_and(|name| name == program) && path.starts_with(gorace_tests::root())
    };
    executable.filter(is_it).count()
}
