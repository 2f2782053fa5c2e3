//! The README's first command and the line under it.

use gorace_tests::{gorace, run};

#[test]
fn bank_transfer_deadlocks() {
    let ran = run(gorace().args(["run", "-p", "gorace-fixtures", "--example", "bank_transfer"]));
    assert_eq!(ran.code, Some(66), "{ran:?}");
    assert!(ran.stdout.contains("error[GR0002]: deadlock"), "{}", ran.stdout);
    assert!(ran.stdout.contains("wait-for cycle:"), "{}", ran.stdout);
    assert!(ran.stdout.contains("replay:  gorace replay "), "{}", ran.stdout);
    let last = ran.stdout.lines().last().unwrap_or_default();
    assert!(last.starts_with("gorace: 1 deadlock"), "{last}");
}

#[test]
fn bank_transfer_fixed_is_verified() {
    let ran = run(gorace().args(["run", "-p", "gorace-fixtures", "--example", "bank_transfer_fixed"]));
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.stdout.contains("verified: all "), "{}", ran.stdout);
}

#[test]
fn the_same_seed_gives_the_same_output() {
    let once = |folder: &str| {
        let mut command = gorace();
        let manifest = gorace_tests::root().join("Cargo.toml");
        command.current_dir(folder).args(["run", "--no-times", "--seed", "7", "--strategy", "random"]);
        command.args(["--max-executions", "500", "-p", "gorace-fixtures", "--example", "bank_transfer"]);
        run(command.arg("--manifest-path").arg(manifest))
    };
    // The first run keeps the failing schedule, and the second one tries it first.
    let warm = once("/");
    let (first, second) = (once("/"), once(env!("CARGO_MANIFEST_DIR")));
    assert_eq!(warm.code, Some(66), "{warm:?}");
    assert_eq!(first.code, Some(66), "{first:?}");
    assert_eq!(first.stdout, second.stdout);
}
