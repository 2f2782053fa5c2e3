//! A run that begins anew, since what was left there does not fit, leaves a file that the next one goes on from.

use super::{CHILD, additions, folder, is_child, names};
use gorace::Checker;
use std::path::Path;
use std::process::Command;

/// The same test once more, which may begin anew; what it says.
fn in_a_child(name: &str, folder: &Path, steps: &str) -> String {
    let this = std::env::current_exe().expect("a test knows its executable");
    let mut child = Command::new(this);
    child.args(["--exact", &format!("anew::{name}"), "--nocapture"]).env(CHILD, "1");
    child.env("GORACE_RESUME", folder).env("GORACE_RESUME_ANEW", "1").env("GORACE_MAX_STEPS", steps);
    let child = child.output().expect("it runs again");
    format!("{}{}", String::from_utf8_lossy(&child.stdout), String::from_utf8_lossy(&child.stderr))
}

/// One piece of 24 orders.
fn piece() {
    let outcome = Checker::new().name("orders").max_executions(10).run(|| additions(4));
    outcome.assert_clean();
    println!("\n{}; {}", outcome.summary(), outcome.notes().join("; "));
}

#[test]
fn after_damage_and_other_settings() {
    if is_child() {
        return piece();
    }
    let folder = folder("anew");
    let ran = |steps: &str| in_a_child("after_damage_and_other_settings", &folder, steps);
    assert!(ran("1000").contains("tested: 10 schedules"));
    let file = folder.join(&names(&folder)[0]);
    let whole = std::fs::read(&file).expect("the file");
    std::fs::write(&file, &whole[..whole.len() / 2]).expect("written");
    let said = ran("1000");
    assert!(said.contains("begins anew") && said.contains("it was cut or changed"), "{said}");
    let said = ran("1000");
    assert!(said.contains("goes on after 10 executions") && !said.contains("begins anew"), "{said}");
    let said = ran("2000");
    assert!(
        said.contains("begins anew") && said.contains("max_steps = 1000, and this one has 2000"),
        "{said}"
    );
    for last in ["goes on after 10 executions", "verified over 3 runs: all 24 interleavings"] {
        let said = ran("2000");
        assert!(said.contains(last) && !said.contains("begins anew"), "{said}");
    }
    assert!(names(&folder).is_empty());
    std::fs::remove_dir_all(&folder).expect("removed");
}

/// What a newer gorace has left is somebody's work, though the file is of the version that this one reads.
#[test]
fn not_in_place_of_what_a_newer_gorace_left() {
    if is_child() {
        return piece();
    }
    let folder = folder("newer");
    let ran = || in_a_child("not_in_place_of_what_a_newer_gorace_left", &folder, "1000");
    assert!(ran().contains("tested: 10 schedules"));
    let file = folder.join(&names(&folder)[0]);
    let of = |version: &str| {
        let own = concat!("setting gorace ", env!("CARGO_PKG_VERSION"), "\n");
        let text = std::fs::read_to_string(&file).expect("the file");
        let (body, _) = text.rsplit_once("sum ").expect("a sum");
        let body = body.replacen(own, &format!("setting gorace {version}\n"), 1);
        // FNV-1a.
        let sum = body.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)
        });
        format!("{body}sum {sum:016x}\n")
    };
    for (version, is_older) in [("999.0.0", false), ("0.0.1", true), ("0.100.0-rc.1", false), ("next", false)]
    {
        let before = std::fs::read(&file).expect("the file");
        let other = of(version);
        std::fs::write(&file, &other).expect("written");
        let said = ran();
        assert_eq!(said.contains("begins anew"), is_older, "{version}: {said}");
        assert_eq!(said.contains("cannot go on from the resume file"), !is_older, "{version}: {said}");
        let is_kept = std::fs::read_to_string(&file).expect("the file") == other;
        assert_eq!(is_kept, !is_older, "{version}");
        std::fs::write(&file, before).expect("written");
    }
    std::fs::remove_dir_all(&folder).expect("removed");
}
