//! The zero-change door on programs of plain std: each bug found at its lines and replayed, each twin clean.
#![cfg(all(target_os = "linux", target_arch = "x86_64", target_env = "gnu"))]

use gorace_tests::{Unmodified, run};
use rstest::rstest;

const PLAIN: Unmodified = Unmodified("plain");

/// More schedules than any of the bugs needs: each shows in one of twenty, or more often.
const SCHEDULES: u32 = 300;

#[rstest]
#[case::unsafe_cell("race_cell", "error[GR0001]: data race on `account`")]
#[case::raw_pointer("race_pointer", "error[GR0001]: data race on")]
#[case::static_mut("race_static", "error[GR0001]: data race on `COUNT`")]
#[case::lock_order("abba", "error[GR0002]: deadlock: both unfinished tasks are blocked on each other")]
#[case::lock_order_in_one_line(
    "abba_by_helper",
    "error[GR0002]: deadlock: both unfinished tasks are blocked on each other"
)]
#[case::lost_notification(
    "lost_wakeup",
    "error[GR0002]: deadlock: `main` (T0) waits for ever for a notification"
)]
#[case::leak_on_mpsc("leak_channel", "error[GR0003]: leaked task: T1 is blocked for ever")]
#[case::leak_on_condvar("leak_condvar", "error[GR0003]: leaked task: T1 is blocked for ever")]
#[case::order("order_panic", "an update was lost")]
#[case::relaxed("relaxed_flag", "error[GR0001]: data race on `slot`")]
fn found_at_its_lines_and_again_by_its_token(#[case] program: &str, #[case] headline: &str) {
    let found = PLAIN.explore(program, SCHEDULES, &[]);
    assert_eq!(found.code, Some(66), "{}{}", found.stdout, found.stderr);
    let flat = found.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(flat.contains(headline), "{}", found.stdout);
    // A deadlock of several shows each of them; what stands on the line of another has no header of its own.
    let marked = PLAIN.marked(program);
    let shown = marked.iter().filter(|line| found.stdout.contains(line.as_str())).count();
    let numbered =
        |line: &String| line.rsplit(':').nth(1).is_some_and(|n| found.stdout.contains(&format!("{n} │")));
    assert!(shown > 0 && marked.iter().all(numbered), "{marked:?}: {}", found.stdout);
    assert!(flat.contains("replayed 3 of 3 times"), "{}", found.stdout);

    let (_, id) = found.stdout.split_once("gorace replay ").expect("the report says how to replay");
    let id: String = id.chars().take_while(char::is_ascii_hexdigit).collect();
    let again = run(&mut PLAIN.gorace(&["replay", &id, "--no-times"]));
    assert_eq!(again.code, Some(66), "{}{}", again.stdout, again.stderr);
    let first_line = |text: &str| text.lines().find(|line| line.starts_with("error[")).map(str::to_owned);
    let code = |text: &str| first_line(text).map(|line| line[..13].to_owned());
    assert_eq!(code(&again.stdout), code(&found.stdout), "{}", again.stdout);
}

#[rstest]
#[case("race_cell_fixed")]
#[case("abba_fixed")]
#[case("lost_wakeup_fixed")]
#[case("leak_channel_fixed")]
#[case("order_panic_fixed")]
#[case("relaxed_flag_fixed")]
#[case("all_of_std")]
#[case("maps")]
fn nothing_is_found_in_what_is_right(#[case] program: &str) {
    let clean = PLAIN.explore(program, SCHEDULES, &[]);
    assert_eq!(clean.code, Some(0), "{}{}", clean.stdout, clean.stderr);
    assert!(clean.stdout.contains("tested: 300 schedules"), "{}", clean.stdout);
}

/// What repeats thousands of accesses is told apart from what does not, byte by byte, wherever in its eight it lies.
#[rstest]
fn bytes_that_lie_beside_each_other(
    #[values("1", "2", "4", "8")] size: &str,
    #[values("0", "3")] offset: &str,
    #[values("dev", "release")] profile: &str,
) {
    let explore = |more: &[&str]| {
        PLAIN.explore("bytes", 10, &[&["--profile", profile, "--", size, offset], more].concat())
    };
    let apart = explore(&[]);
    assert_eq!(apart.code, Some(0), "{}{}", apart.stdout, apart.stderr);
    let race = explore(&["race"]);
    assert_eq!(race.code, Some(66), "{}{}", race.stdout, race.stderr);
    assert!(race.stdout.contains("error[GR0001]: data race"), "{}", race.stdout);
}

/// A package that asks for link-time optimisation and no symbols is built without, and the race is seen.
#[test]
fn in_release_with_lto_as_well() {
    let found = PLAIN.explore("race_cell", 20, &["--release"]);
    assert_eq!(found.code, Some(66), "{}{}", found.stdout, found.stderr);
    for line in PLAIN.marked("race_cell") {
        assert!(found.stdout.contains(&line), "{line}: {}", found.stdout);
    }
}

/// Functions that were inlined are known by their names all the same, and so are the locks.
#[test]
fn in_release_locks_are_locks() {
    let found = PLAIN.explore("abba", SCHEDULES, &["--release"]);
    assert_eq!(found.code, Some(66), "{}{}", found.stdout, found.stderr);
    let help = "help: take `a` and `b` in one order everywhere: T0 uses `a` then `b`, T1 uses `b` then `a`";
    assert!(found.stdout.contains(help), "{}", found.stdout);
}

/// The failing execution and the passing one beside it are the same up to the switch that decides.
#[test]
fn the_nearest_schedule_that_passes_is_kept_beside() {
    let folder = tempfile::tempdir().expect("a folder");
    let args = ["run", "--bin", "abba", "--max-executions", "300", "--timeout", "1h", "--no-times"];
    let found = run(PLAIN.gorace(&args).env("GORACE_OUT_DIR", folder.path()));
    assert_eq!(found.code, Some(66), "{}{}", found.stdout, found.stderr);
    let runs = std::fs::read_dir(folder.path()).expect("the runs").flatten().map(|entry| entry.path());
    let files = runs.filter_map(|run| std::fs::read_dir(run).ok()).flatten().flatten();
    let trace = files.map(|entry| entry.path()).find(|path| path.to_string_lossy().ends_with(".gtrace.json"));
    let text = std::fs::read_to_string(trace.expect("a finding")).expect("text");
    let record: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let steps = |which: &str| -> Vec<String> {
        let events = record[which]["events"].as_array().unwrap_or_else(|| panic!("no {which}: {text}"));
        events.iter().map(|event| format!("{} {}", event[0], event[1])).collect()
    };
    let (failing, passing) = (steps("trace"), steps("passing"));
    let common = failing.iter().zip(&passing).take_while(|(a, b)| a == b).count();
    // Started, and one of the two has its first lock: there it goes on, and takes the second one too.
    assert!(failing[..common].iter().any(|step| step.ends_with("\"lock\"")), "{failing:?} {passing:?}");
    assert_eq!(passing[common], passing[common - 1], "{failing:?} {passing:?}");
}

/// A guard looks at std's count of panics before it gives the lock back.
#[test]
fn what_is_unlocked_is_the_lock() {
    let found = PLAIN.explore("locks_then_panics", SCHEDULES, &[]);
    assert_eq!(found.code, Some(66), "{}{}", found.stdout, found.stderr);
    assert!(found.stdout.contains("unlock `total`"), "{}", found.stdout);
    assert!(!found.stdout.contains("PANIC_COUNT"), "{}", found.stdout);
}

/// What was written under a read-write lock is given back by a call that mutexes have as well.
#[test]
fn who_has_written_holds_nothing_any_more() {
    let found = PLAIN.explore("given_back", 20, &[]);
    assert_eq!(found.code, Some(66), "{}{}", found.stdout, found.stderr);
    assert_eq!(found.stdout.matches("holding no lock").count(), 2, "{}", found.stdout);
}

/// Without unwinding a panic ends the program, and is a panic all the same.
#[test]
fn a_panic_that_aborts_is_a_panic() {
    let found = PLAIN.explore("order_panic", SCHEDULES, &["--profile", "abort"]);
    assert_eq!(found.code, Some(66), "{}{}", found.stdout, found.stderr);
    assert!(found.stdout.contains("an update was lost"), "{}", found.stdout);
}
