//! A folder for what is left, as `GORACE_RESUME` names one: each check of each test has a file of its own there.
#![cfg(all(feature = "check", target_os = "linux"))]

mod anew;
mod binary;
mod interruption;
mod library;

use gorace::Checker;
use gorace::sync::Arc;
use gorace::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const CHILD: &str = "GORACE_TESTS_CHILD";

/// A folder of its own for each caller.
fn folder(name: &str) -> PathBuf {
    let path = std::env::temp_dir().join(format!("gorace-test-{}-{name}", std::process::id()));
    let _ = std::fs::remove_dir_all(&path);
    path
}

/// The same test once more, in a process that keeps what is left in `folder`.
fn in_a_child(name: &str, folder: &str) -> Output {
    let this = std::env::current_exe().expect("a test knows its executable");
    let mut child = Command::new(this);
    child.args(["--exact", name, "--nocapture"]).env(CHILD, "1").env("GORACE_RESUME", folder);
    child.output().expect("the test can be run again")
}

fn is_child() -> bool {
    std::env::var_os(CHILD).is_some()
}

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).expect("the folder").map(|entry| entry.expect("an entry"));
    entries.map(|entry| entry.file_name().into_string().expect("text")).collect()
}

/// `n` tasks add to one number: as many executions as there are orders of them, `n!`.
fn additions(n: usize) {
    let x = Arc::new(AtomicU32::new(0));
    let tasks: Vec<_> =
        (0..n).map(|_| x.clone()).map(|x| gorace::go!({ _ = x.fetch_add(1, SeqCst) })).collect();
    tasks.into_iter().for_each(|task| task.join().unwrap());
}

/// 4! and 3! orders in pieces of 10: the first check takes three runs, the second one.
#[test]
fn each_check_of_a_test_has_a_file() {
    if is_child() {
        for n in [4, 3] {
            let outcome = Checker::new().max_executions(10).run(move || additions(n));
            outcome.assert_clean();
            println!("\n{n}: {}", outcome.summary());
        }
        return;
    }
    let folder = folder("checks");
    let last = "4: verified over 3 runs: all 24 interleavings";
    for (words, files) in [("4: tested: 10 schedules", 1), ("4: tested: 10 schedules", 1), (last, 0)] {
        let child = in_a_child("each_check_of_a_test_has_a_file", folder.to_str().expect("text"));
        let said = String::from_utf8_lossy(&child.stdout);
        assert!(child.status.success(), "{said}{}", String::from_utf8_lossy(&child.stderr));
        assert!(said.contains(words) && said.contains("3: verified: all 6 interleavings"), "{said}");
        assert_eq!(names(&folder).len(), files);
    }
    std::fs::remove_dir_all(folder).unwrap();
}

/// A library's tests and a binary's are two programs, though both may be called alike.
#[test]
fn targets_of_one_name_have_a_file_each() {
    if is_child() {
        // Each target is a process, where the test's check is the first.
        for check in [library::check, binary::check] {
            std::thread::spawn(move || check().assert_clean()).join().expect("fits");
        }
        return;
    }
    let folder = folder("targets");
    for files in [2, 2, 0] {
        let child = in_a_child("targets_of_one_name_have_a_file_each", folder.to_str().expect("text"));
        assert!(child.status.success(), "{}", String::from_utf8_lossy(&child.stderr));
        assert_eq!(names(&folder).len(), files);
    }
    std::fs::remove_dir_all(folder).unwrap();
}

/// What an earlier version left under the names that it used is refused rather than passed over.
#[test]
fn what_an_earlier_version_left_is_refused() {
    if is_child() {
        Checker::new().name("earlier").run(|| additions(2)).assert_clean();
        return;
    }
    let folder = folder("earlier");
    std::fs::create_dir_all(&folder).unwrap();
    // FNV-1a of package, target and test, each with a zero byte behind it.
    let bytes = concat!(env!("CARGO_PKG_NAME"), "\0resume_folder\0earlier\0").bytes();
    let key = bytes
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3));
    let file = folder.join(format!("{key:016x}.resume"));
    std::fs::write(&file, "gorace-resume 8\nwhatever it held\n").unwrap();
    let child = in_a_child("what_an_earlier_version_left_is_refused", folder.to_str().expect("text"));
    let said = String::from_utf8_lossy(&child.stderr);
    assert!(!child.status.success(), "{said}");
    let words = format!(
        "cannot go on from the resume file {}: expected version 9, got version 8: go on with the gorace that wrote it; remove it to begin anew",
        file.display()
    );
    assert!(said.contains(&words), "{said}");
    std::fs::remove_dir_all(folder).unwrap();
}
