//! The zero-change door on published crates: what is right is clean, what is known to be wrong is found.
//!
//! The versions are pinned by lock files outside of the workspace. What takes longer is ignored here and run by
//! `just nightly`.
#![cfg(all(target_os = "linux", target_arch = "x86_64", target_env = "gnu"))]

use gorace_tests::Unmodified;
use rstest::rstest;

const CRATES: Unmodified = Unmodified("crates");
const RUSTSEC: Unmodified = Unmodified("rustsec");

#[rstest]
#[case("parking_lot")]
#[case("crossbeam_channel")]
#[case("dashmap")]
#[case("tokio")]
fn nothing_is_found(#[case] program: &str) {
    clean(program, 100);
}

#[rstest]
#[case("parking_lot")]
#[case("crossbeam_channel")]
#[case("crossbeam_epoch")]
#[case("crossbeam_deque")]
#[case("crossbeam_deque_wide")]
#[case("atomic_cell")]
#[case("flume")]
#[case("dashmap")]
#[case("arc_swap")]
#[case("once_cell")]
#[case("rayon")]
#[case("tokio")]
#[case("tracing")]
#[case("env_logger")]
#[case("regex")]
#[case("serde_json")]
#[case("smol")]
#[ignore = "a thousand schedules of each take many minutes: just nightly"]
fn nothing_is_found_in_a_thousand(#[case] program: &str) {
    clean(program, 1_000);
}

fn clean(program: &str, schedules: u32) {
    let ran = CRATES.explore(program, schedules, &["--locked"]);
    assert_eq!(ran.code, Some(0), "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stdout.contains(": tested: "), "{}", ran.stdout);
}

#[test]
fn a_race_beside_one_that_is_meant_is_found() {
    beside_atomic_cell("dev");
}

/// With functions inlined.
#[test]
#[ignore = "builds all the crates once more: just nightly"]
fn a_race_beside_one_that_is_meant_is_found_in_release() {
    beside_atomic_cell("release");
}

fn beside_atomic_cell(profile: &str) {
    let clean = CRATES.explore("atomic_cell", 100, &["--locked", "--profile", profile]);
    assert_eq!(clean.code, Some(0), "{}{}", clean.stdout, clean.stderr);
    let ran = CRATES.explore("beside_atomic_cell", 100, &["--locked", "--profile", profile, "--keep-going"]);
    assert_eq!(ran.code, Some(66), "{}{}", ran.stdout, ran.stderr);
    // The cell's read may race with what is written past the cell, never with its own stores.
    for report in ran.stdout.split("error[").skip(1) {
        let own = report.lines().filter(|line| line.contains("╭▸") && line.contains("atomic_cell.rs:"));
        assert!(own.filter(|line| line.contains("crossbeam-utils")).count() < 2, "{report}");
    }
}

#[rstest]
#[case::rustsec_2021_0124("oneshot", "tokio-1.8.0/src/sync/oneshot.rs")]
#[case::rustsec_2022_0006("thread_local", "thread_local-1.1.3/src/")]
fn what_was_published_with_a_race_has_it(#[case] program: &str, #[case] file: &str) {
    let ran = RUSTSEC.explore(program, 100, &["--locked"]);
    assert_eq!(ran.code, Some(66), "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stdout.contains("error[GR0001]: data race"), "{}", ran.stdout);
    assert!(ran.stdout.contains(file), "{}", ran.stdout);
    // The headline is the dependency's line; the program's own call that led there stands beside it.
    assert!(ran.stdout.contains("called from here by"), "{}", ran.stdout);
    assert!(ran.stdout.contains(&format!("╭▸ src/bin/{program}.rs:")), "{}", ran.stdout);
}
