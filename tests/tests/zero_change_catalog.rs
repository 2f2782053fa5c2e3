//! Programs of the catalog in plain std, through the zero-change door: the same codes as in the library door, and nothing in
//! their corrected twins.
//!
//! They are the very programs, with std's names for gorace's, and a macro `go!` that starts a thread of std's.
#![cfg(all(target_os = "linux", target_arch = "x86_64", target_env = "gnu"))]

use gorace_fixtures::catalog;
use gorace_tests::{Ran, Unmodified, root, run};
use rstest::rstest;
use std::collections::BTreeSet;
use std::path::PathBuf;

/// What `gorace::go!` is where there are threads of std's alone.
const GO: &str = r"
#[allow(unused_macros)]
macro_rules! go {
    ($name:literal, $body:expr) => {
        std::thread::Builder::new().name($name.to_owned()).spawn(move || $body).unwrap()
    };
    ($body:expr) => { std::thread::spawn(move || $body) };
}
";

/// The program in plain std, as a file.
fn in_std(name: &str) -> PathBuf {
    let example = root().join("fixtures/examples").join(format!("{name}.rs"));
    let text = std::fs::read_to_string(&example).unwrap_or_else(|error| panic!("{example:?}: {error}"));
    let body: Vec<&str> = text.lines().filter(|line| !line.starts_with("#[gorace::main")).collect();
    // A module's documentation comes first.
    let begin = body.iter().position(|line| !line.starts_with("//!")).unwrap_or_default();
    let (documentation, code) = body.split_at(begin);
    let code = code.join("\n").replace("gorace::go!", "go!").replace("gorace::", "std::");
    let text = format!("{}{GO}{code}\n", documentation.join("\n"));
    let folder = root().join("target/zero_change/catalog");
    let file = folder.join(format!("{name}.rs"));
    std::fs::create_dir_all(&folder).and_then(|()| std::fs::write(&file, text)).expect("it is written");
    file
}

fn explore(name: &str, schedules: &str) -> Ran {
    let args = ["run", "--max-executions", schedules, "--timeout", "1h", "--no-times", "--keep-going"];
    run(Unmodified("plain").gorace(&args).arg(in_std(name)))
}

fn behaves_as_in_the_library_door(name: &str, schedules: &str) {
    let found = explore(name, schedules);
    assert_eq!(found.code, Some(66), "{}{}", found.stdout, found.stderr);
    let reports = found.stdout.lines().filter_map(|line| line.strip_prefix("error[")?.split_once(']'));
    let codes: BTreeSet<String> = reports.map(|(code, _)| code.to_owned()).collect();
    let entry = catalog().find(|entry| entry.name == name).expect("it is in the catalog");
    let expected: BTreeSet<String> = entry.codes.iter().map(|code| (*code).to_owned()).collect();
    assert_eq!(codes, expected, "{}", found.stdout);
    let twin = explore(&format!("{name}_fixed"), schedules);
    assert_eq!(twin.code, Some(0), "{}{}", twin.stdout, twin.stderr);
}

#[rstest]
#[case("bank_transfer", "200")]
#[case("upgrade_read_to_write", "200")]
#[case("lost_wakeup", "200")]
#[case("barrier_off_by_one", "200")]
#[case("lost_update", "200")]
#[case("aba_stack", "1000")]
#[case("mpsc_sender_kept", "200")]
#[case("once_poisoned", "200")]
#[case("missed_unpark", "200")]
#[case("spin_for_ever", "200")]
fn ten_of_them(#[case] name: &str, #[case] schedules: &str) {
    behaves_as_in_the_library_door(name, schedules);
}

#[rstest]
#[ignore = "each is built twice: just nightly"]
fn all_of_them(
    #[values(
        "bank_transfer",
        "upgrade_read_to_write",
        "lost_wakeup",
        "barrier_off_by_one",
        "lost_update",
        "aba_stack",
        "mpsc_sender_kept",
        "once_poisoned",
        "missed_unpark",
        "spin_for_ever",
        "atomic_check_then_act",
        "check_then_act",
        "condvar_two_conditions_notify_one",
        "dining_philosophers",
        "double_lock_in_match",
        "if_instead_of_while",
        "if_let_guard",
        "intern_drop_race",
        "join_under_lock",
        "lease_and_name_cache",
        "length_without_offset",
        "lock_order_through_callback",
        "log_and_exit",
        "mpsc_receiver_gone",
        "notify_before_wait",
        "once_deadlock",
        "panic_in_order",
        "poisoned_retry",
        "scope_deadlock",
        "self_deadlock",
        "semaphore_lost_permit",
        "seqlock_torn_read",
        "stale_park_token",
        "sync_channel_full",
        "task_popped_twice",
        "thread_local_assumption",
        "three_lock_cycle",
        "unpark_before_flag",
        "while_let_guard",
        "write_lock_reads_itself"
    )]
    name: &str,
) {
    behaves_as_in_the_library_door(name, "1000");
}
