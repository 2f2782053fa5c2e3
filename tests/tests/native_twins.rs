//! The corrected programs also run on std's own types and threads, where they are real programs.

use gorace_tests::{root, run};
use std::process::Command;

/// Some runs of each; `just nightly` has 100,000.
#[test]
fn corrected_programs_run_on_threads() {
    let mut command = Command::new(env!("CARGO"));
    command.args(["run", "--quiet", "-p", "gorace-fixtures-native", "--", "100"]);
    let output = run(command.current_dir(root()));
    assert_eq!(output.code, Some(0), "{}", output.stderr);
    assert!(output.stderr.contains("programs ran 100 times each"), "{}", output.stderr);
}
