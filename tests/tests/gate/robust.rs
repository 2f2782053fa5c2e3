//! A gate that is killed, and one whose disk is full: what was there stays, and nothing is half a file.

use crate::bank::{Bank, SECOND_BUG};
use serde_json::Value;
use std::fs::File;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Every file below a folder that somebody reads.
fn whole(folder: &Path) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            whole(&path);
            continue;
        }
        let Ok(text) = std::fs::read_to_string(&path) else { continue };
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.ends_with(".json") || name.ends_with(".sarif") {
            let read: Result<Value, _> = serde_json::from_str(&text);
            assert!(read.is_ok(), "{} is half a file: {text}", path.display());
        } else if name.ends_with(".txt") || name.ends_with(".tokens") || name.ends_with(".xml") {
            assert!(text.ends_with(['\n', '>']), "{} is half a file: {text}", path.display());
        }
    }
}

/// `GORACE_KILLS` sets how often, at moments spread over a run.
#[test]
fn a_gate_that_is_killed_leaves_no_half_a_file() {
    let kills = std::env::var("GORACE_KILLS").ok().and_then(|value| value.parse().ok()).unwrap_or(6_u32);
    let bank = Bank::new("killed");
    bank.add(SECOND_BUG);
    let started = Instant::now();
    assert_eq!(bank.gate(&[]).code, Some(66), "built, and run once");
    let built = Instant::now();
    assert_eq!(bank.gate(&[]).code, Some(66));
    let run = built.elapsed().min(started.elapsed());
    let said = bank.path().join("said");
    for kill in 0..kills {
        bank.forget_if_any();
        let mut command = bank.command(&["ci"]);
        // A group of its own, so that the tests that it runs are killed too.
        let output = File::create(&said).expect("a file for what it says");
        command.process_group(0).stdin(Stdio::null()).stdout(output).stderr(Stdio::null());
        let mut child = command.spawn().expect("gorace starts");
        std::thread::sleep(Duration::from_secs_f64(run.as_secs_f64() * f64::from(kill) / f64::from(kills)));
        let group = format!("-{}", child.id());
        Command::new("kill").args(["-KILL", "--", &group]).stderr(Stdio::null()).status().expect("kill runs");
        child.wait().expect("it ends");
        whole(bank.path());
        let listed = bank.run(&["list"]);
        assert_eq!((listed.code, listed.stderr.as_str()), (Some(0), ""), "{listed:?}");
        // Where it was killed in the middle of a line, the identifier may be cut.
        let said = bank.read("said");
        let announced = said.lines().filter_map(|line| Some(line.split_once("gorace replay ")?.1.trim()));
        for id in announced.filter(|id| id.len() == 8) {
            assert!(listed.stdout.contains(id), "{id} was announced, but is not among: {listed:?}");
        }
    }
    let after = bank.gate(&[]);
    assert_eq!(after.code, Some(66), "{after:?}");
}

/// As on a full disk each write fails, with "file too large".
#[test]
fn where_nothing_can_be_written_nothing_is_lost() {
    let bank = Bank::new("full");
    assert_eq!(bank.gate(&["--write-baseline"]).code, Some(0));
    let before = bank.read(".config/gorace-baseline.json");
    bank.fix();
    assert_eq!(bank.gate(&[]).code, Some(0));
    let merge = bank.command(&["merge", "out", "--write-baseline"]);
    let mut limited = Command::new("sh");
    limited.args(["-c", "trap '' XFSZ; ulimit -f 0; exec \"$0\" \"$@\""]).arg(merge.get_program());
    limited.args(merge.get_args()).current_dir(bank.path());
    for (name, value) in merge.get_envs() {
        match value {
            Some(value) => limited.env(name, value),
            None => limited.env_remove(name),
        };
    }
    let ran = gorace_tests::run(&mut limited);
    assert_eq!(ran.code, Some(78), "{ran:?}");
    assert!(ran.stderr.contains("cannot write") && ran.stderr.contains("gorace-baseline.json"), "{ran:?}");
    assert_eq!(bank.read(".config/gorace-baseline.json"), before);
    assert_eq!(bank.files(".config"), [".config/gorace-baseline.json"], "no other file is left");
}
