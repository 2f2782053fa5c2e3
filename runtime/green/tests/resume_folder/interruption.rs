//! Whoever is interrupted asks for a stop by a file: what is left to do is kept as where a budget ends.

use super::{CHILD, additions, folder, is_child, names};
use gorace::Checker;
use gorace::check::Strategy;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

/// The same test once more, which stops once `stop` is there.
fn in_a_child(name: &str, folder: &Path, stop: &Path) -> String {
    let this = std::env::current_exe().expect("a test knows its executable");
    let mut child = Command::new(this);
    child.args(["--exact", &format!("interruption::{name}"), "--nocapture"]).env(CHILD, "1");
    let child = child.env("GORACE_RESUME", folder).env("GORACE_STOP", stop).output().expect("it runs again");
    let said = String::from_utf8_lossy(&child.stdout).into_owned();
    assert!(child.status.success(), "{said}{}", String::from_utf8_lossy(&child.stderr));
    said
}

/// 10! orders, of which the first run begins some, and the second one goes on behind those.
#[test]
fn what_is_left_is_kept() {
    if is_child() {
        let begun = AtomicU32::new(0);
        let checker = Checker::new().name("orders").strategy(Strategy::Exhaustive).max_executions(u64::MAX);
        let outcome = checker.timeout(std::time::Duration::MAX).run(move || {
            if begun.fetch_add(1, Relaxed) == 10 {
                std::fs::write(std::env::var_os("GORACE_STOP").expect("it is set"), "").expect("written");
            }
            additions(10);
        });
        outcome.assert_clean();
        println!("\nran {}; {}", outcome.executions, outcome.notes().join("; "));
        return;
    }
    let folder = folder("interrupted");
    let stop = folder.with_extension("stop");
    let _ = std::fs::remove_file(&stop);
    let ran = |said: &str| {
        let line = said.lines().find_map(|line| line.strip_prefix("ran ")).expect("a line").to_owned();
        let (n, notes) =
            line.split_once("; ").map(|(n, notes)| (n.to_owned(), notes.to_owned())).expect("notes");
        (n.parse::<u64>().expect("a number"), notes)
    };
    let (first, notes) = ran(&in_a_child("what_is_left_is_kept", &folder, &stop));
    assert!(first >= 9, "{first}: some are run to find one's way");
    assert!(notes.contains("what is left to do is kept in"), "{notes}");
    let left = names(&folder);
    let whole = std::fs::read(folder.join(&left[0])).expect("a file");
    // The file that asks is still there: nothing is begun, and nothing changes.
    let said = in_a_child("what_is_left_is_kept", &folder, &stop);
    assert!(said.contains("\nran 0; "), "{said}");
    assert_eq!((names(&folder), std::fs::read(folder.join(&left[0])).expect("a file")), (left, whole));
    std::fs::remove_file(&stop).expect("removed");
    let (_, notes) = ran(&in_a_child("what_is_left_is_kept", &folder, &stop));
    let digits: String = notes.chars().take_while(|c| *c != ';').filter(char::is_ascii_digit).collect();
    assert!(notes.starts_with("goes on after "), "{notes}");
    assert_eq!(digits, first.to_string(), "{notes}");
    std::fs::remove_dir_all(&folder).expect("removed");
    std::fs::remove_file(&stop).expect("removed");
}
