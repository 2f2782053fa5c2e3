//! What a check says beside its outcome reaches whoever runs the tests: libtest shows what passing tests print to nobody.
#![cfg(feature = "check")]

use gorace::Checker;
use gorace::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const CHILD: &str = "GORACE_TESTS_CHILD";

/// A path of its own for each caller.
fn place(name: &str) -> PathBuf {
    std::env::temp_dir().join(format!("gorace-test-{}-{name}", std::process::id()))
}

/// The same test once more in a process of its own, which captures what it prints.
fn in_a_child(name: &str, variables: &[(&str, &Path)]) -> Output {
    let this = std::env::current_exe().expect("a test knows its executable");
    let mut child = Command::new(this);
    child.args(["--exact", name]).env(CHILD, "1").envs(variables.iter().copied());
    child.output().expect("the test can be run again")
}

fn passes() {
    Checker::new().name("passes").run(|| AtomicU32::new(0).store(1, SeqCst)).assert_clean();
}

#[test]
fn results_that_cannot_be_kept_are_said_once() {
    if std::env::var_os(CHILD).is_some() {
        passes();
        return passes();
    }
    let file = place("no-folder");
    std::fs::write(&file, "").unwrap();
    let folder = file.join("below");
    let variables = [("GORACE_OUT_DIR", &*folder), ("GORACE_RUN", Path::new("run"))];
    let child = in_a_child("results_that_cannot_be_kept_are_said_once", &variables);
    std::fs::remove_file(file).unwrap();
    let said = String::from_utf8_lossy(&child.stderr);
    assert!(child.status.success(), "{said}");
    let words = format!("gorace: cannot keep the results in {}: ", folder.display());
    assert_eq!(said.matches(&words).count(), 1, "{said}");
}

/// Once, however many checks there are; and not where the command line has told of it.
#[test]
fn variables_that_are_none_of_ours_are_said_once() {
    if std::env::var_os(CHILD).is_some() {
        passes();
        return passes();
    }
    let folder = place("unknown");
    let name = "variables_that_are_none_of_ours_are_said_once";
    let misspelt = ("GORACE_MAX_EXECUTION", Path::new("3"));
    let words = "gorace: warning: GORACE_MAX_EXECUTION is no variable of gorace's and says nothing: did you mean \
                 `GORACE_MAX_EXECUTIONS`?\n";
    let of_a_run = [misspelt, ("GORACE_RUN", Path::new("run")), ("GORACE_OUT_DIR", &*folder)];
    for (variables, times) in
        [(&[misspelt][..], 1), (&of_a_run, 0), (&[("GORACE_MAX_EXECUTION", Path::new(""))], 0)]
    {
        let child = in_a_child(name, variables);
        let said = String::from_utf8_lossy(&child.stderr);
        assert!(child.status.success(), "{said}");
        assert_eq!(
            (said.matches(words).count(), said.matches("is no variable").count()),
            (times, times),
            "{said}"
        );
    }
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn kept_schedules_that_are_passed_over_are_said() {
    if std::env::var_os(CHILD).is_some() {
        return passes();
    }
    let package = place("package");
    let folder = package.join(".config/gorace-regressions");
    std::fs::create_dir_all(&folder).unwrap();
    // FNV-1a of package, target and test, each with a zero byte behind it.
    let bytes = concat!(env!("CARGO_PKG_NAME"), "\0said_on_stderr\0passes\0").bytes();
    let key = bytes
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3));
    let file = folder.join(format!("passes-{:08x}.txt", key as u32));
    std::fs::write(&file, "a letter\n").unwrap();
    let child =
        in_a_child("kept_schedules_that_are_passed_over_are_said", &[("CARGO_MANIFEST_DIR", &package)]);
    std::fs::remove_dir_all(package).unwrap();
    let said = String::from_utf8_lossy(&child.stderr);
    assert!(child.status.success(), "{said}");
    assert!(said.contains(&format!("gorace: passed over {}: expected `# gorace ", file.display())), "{said}");
}
