//! Through the zero-change door nothing but the seed decides: runs from two folders print the same, with addresses randomised
//! as the system does it.
#![cfg(all(target_os = "linux", target_arch = "x86_64", target_env = "gnu"))]

use gorace_tests::{Unmodified, run};
use rstest::rstest;
use std::path::Path;

const PLAIN: Unmodified = Unmodified("plain");
const RUSTSEC: Unmodified = Unmodified("rustsec");
const CRATES: Unmodified = Unmodified("crates");

/// All that a run prints on its standard output: the report with its schedule, and how often it showed.
fn printed(package: Unmodified, program: &str, folder: &Path) -> String {
    let manifest = package.folder().join("Cargo.toml").display().to_string();
    let args = ["run", "--bin", program, "--seed", "7", "--max-executions", "200", "--timeout", "1h"];
    let mut command = package.gorace(&args);
    command.args(["--no-times", "--locked", "--manifest-path", &manifest]).current_dir(folder);
    let ran = run(&mut command);
    assert!(matches!(ran.code, Some(0 | 66)), "{}{}", ran.stdout, ran.stderr);
    ran.stdout
}

/// Two runs of each of the programs with bugs, and of one whose locks are found by hashes of their addresses;
/// `GORACE_REPEATS` sets how many.
#[rstest]
#[case(PLAIN, "race_cell")]
#[case(PLAIN, "race_pointer")]
#[case(PLAIN, "race_static")]
#[case(PLAIN, "abba")]
#[case(PLAIN, "lost_wakeup")]
#[case(PLAIN, "leak_channel")]
#[case(PLAIN, "leak_condvar")]
#[case(PLAIN, "order_panic")]
#[case(PLAIN, "relaxed_flag")]
#[case(RUSTSEC, "oneshot")]
#[case(RUSTSEC, "thread_local")]
#[case(CRATES, "parking_lot")]
fn the_same_seed_gives_the_same_report(#[case] package: Unmodified, #[case] program: &str) {
    let times = std::env::var("GORACE_REPEATS").ok().and_then(|value| value.parse().ok()).unwrap_or(2);
    let elsewhere = tempfile::tempdir().expect("a folder can be made");
    let first = printed(package, program, &package.folder());
    assert!(!first.is_empty());
    for _ in 1..times {
        assert_eq!(printed(package, program, elsewhere.path()), first);
    }
}
