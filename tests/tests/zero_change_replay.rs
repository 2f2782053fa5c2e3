//! A finding comes again by its id alone, however its program was built and run, and by the very command that is printed.
#![cfg(all(target_os = "linux", target_arch = "x86_64", target_env = "gnu"))]

use gorace_tests::{Ran, Unmodified, binary, run};
use std::path::{Path, PathBuf};
use std::process::Command;

const PLAIN: Unmodified = Unmodified("plain");
const AS_ASKED: [&str; 11] = [
    "run",
    "--bin",
    "as_asked",
    "--release",
    "--features",
    "wide",
    "--max-executions",
    "20",
    "--timeout",
    "1h",
    "--no-times",
];

/// `gorace` in this folder, with findings of its own.
fn gorace(folder: &Path, kept: &Path, args: &[&str]) -> Command {
    let mut command = PLAIN.gorace(args);
    command.current_dir(folder).env("GORACE_OUT_DIR", kept);
    command
}

/// The command that a report ends with.
fn printed(ran: &Ran, before: &str) -> String {
    let line = ran.stdout.lines().find_map(|line| line.split_once(before));
    line.unwrap_or_else(|| panic!("no `{before}`: {}{}", ran.stdout, ran.stderr)).1.trim().to_owned()
}

/// Runs a printed command as a shell does, with the gorace under test in its path.
fn pasted(command: &str, like: &Command) -> Ran {
    let mut shell = Command::new("sh");
    shell.args(["-c", command]).envs(like.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let folder = binary().parent().expect("a folder").display();
    shell.env("PATH", format!("{folder}:{}", std::env::var("PATH").unwrap_or_default()));
    run(shell.current_dir(like.get_current_dir().expect("a folder")))
}

fn has_race(ran: &Ran) {
    assert_eq!(ran.code, Some(66), "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stdout.contains("error[GR0001]: data race on `COUNT"), "{}", ran.stdout);
}

/// In release, with a feature, with arguments, one of them a path from the folder it was run in.
#[test]
fn as_it_was_built_and_run() {
    let kept = tempfile::tempdir().expect("a folder");
    let args = [&AS_ASKED[..], &["--", "src/bin/as_asked.rs", "two words"]].concat();
    let first = gorace(&PLAIN.folder(), kept.path(), &args);
    let mut explore = gorace(&PLAIN.folder(), kept.path(), &args);
    let found = run(&mut explore);
    has_race(&found);
    has_race(&pasted(&printed(&found, "replay:  "), &first));
    // From elsewhere as well: it runs where it ran.
    let manifest = PLAIN.folder().join("Cargo.toml").display().to_string();
    has_race(&run(&mut gorace(
        &PLAIN.folder().join("src"),
        kept.path(),
        &["replay", "latest", "--manifest-path", &manifest],
    )));
    // What the flags say goes before.
    let replay = |more: &[&str]| {
        run(&mut gorace(&PLAIN.folder(), kept.path(), &[&["replay", "latest", "--no-times"], more].concat()))
    };
    for other in [&["--profile", "dev"][..], &["--", "src/bin/as_asked.rs", "two", "words"]] {
        let ran = replay(other);
        assert!(ran.code != Some(66) && !ran.stdout.contains("error["), "{other:?}: {ran:?}");
    }
    // Of before this was kept: as the flags say.
    let file = started(kept.path());
    let text = std::fs::read_to_string(&file).expect("it is kept");
    std::fs::remove_file(&file).expect("removed");
    assert_ne!(replay(&[]).code, Some(66));
    has_race(&replay(&["--release", "--features", "wide", "--", "src/bin/as_asked.rs", "two words"]));
    std::fs::write(&file, text.replace("\"words\"", "\"word\"")).expect("written");
    let damaged = replay(&[]);
    assert_eq!(damaged.code, Some(78), "{damaged:?}");
    assert!(damaged.stderr.contains("started.json is not what gorace wrote"), "{}", damaged.stderr);
}

/// The file about how the latest run was started.
fn started(kept: &Path) -> PathBuf {
    let latest = std::fs::read_to_string(kept.join("latest")).expect("there is a run");
    kept.join(latest.trim()).join("started.json")
}

/// From a folder that has no package, where the report says no more than an id.
#[test]
fn a_package_named_by_its_path() {
    let (folder, manifest) = (std::env::temp_dir(), PLAIN.folder().join("Cargo.toml").display().to_string());
    let mut explore = PLAIN.gorace(&[&AS_ASKED[..], &["--manifest-path", &manifest]].concat());
    let path = PLAIN.folder().join("Cargo.toml").display().to_string();
    explore.current_dir(&folder).args(["--", &path, "two words"]);
    let found = run(&mut explore);
    has_race(&found);
    has_race(&pasted(&printed(&found, "replay:  "), &explore));
    let id = printed(&found, "replay:  gorace replay ");
    let shown = run(PLAIN.gorace(&["show", &id]).current_dir(&folder));
    assert!(shown.code == Some(0) && shown.stdout.contains("data race on `COUNT"), "{shown:?}");
}

/// A file with a program, and its argument.
#[test]
fn a_file_with_its_arguments() {
    let folder = tempfile::tempdir().expect("a folder");
    let text = "static mut COUNT: u64 = 0;\nfn count() {\n    unsafe { COUNT += 1 }\n}\nfn main() {\n    \
                let is_asked = std::env::args().any(|arg| arg == \"two words\");\n    \
                let other = std::thread::spawn(move || if is_asked { count() });\n    count();\n    other.join().unwrap();\n}\n";
    std::fs::write(folder.path().join("counts.rs"), text).expect("written");
    let mut explore = PLAIN.gorace(&["run", "counts.rs", "--max-executions", "20", "--no-times", "--"]);
    // Each such program has a target folder of its own.
    explore.arg("two words").env_remove("CARGO_TARGET_DIR").current_dir(folder.path());
    let found = run(&mut explore);
    has_race(&found);
    has_race(&pasted(&printed(&found, "replay:  "), &explore));
}

/// What ends by a signal has no interleaving, and a command that runs so far once more.
#[test]
fn a_crash() {
    let kept = tempfile::tempdir().expect("a folder");
    let args = [&AS_ASKED[..], &["--seed=5", "--", "src/bin/as_asked.rs", "two words", "--crash"]].concat();
    let mut explore = gorace(&PLAIN.folder(), kept.path(), &args);
    let found = run(&mut explore);
    assert_eq!(found.code, Some(66), "{}{}", found.stdout, found.stderr);
    assert!(found.stdout.contains("`as_asked` was ended by signal 11"), "{}", found.stdout);
    let again = pasted(&printed(&found, "again:   "), &explore);
    // All but how many others were run.
    let words = |ran: &Ran| {
        ran.stdout.lines().filter(|line| !line.starts_with("gorace: ")).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!((again.code, words(&again)), (Some(66), words(&found)));
}

/// A test of a suite, by its name, with the feature that it needs.
#[test]
fn a_test_of_a_suite() {
    let suite = Unmodified("suite");
    let args =
        ["test", "--all", "--lib", "--features", "wide", "in_a_wide_build", "--no-times", "--timeout=1h"];
    let mut explore = suite.gorace(&args);
    let found = run(&mut explore);
    has_race(&found);
    has_race(&pasted(&printed(&found, "replay:  "), &explore));
}

/// When timers fire is part of how it was run.
#[test]
fn under_the_same_clock() {
    let kept = tempfile::tempdir().expect("a folder");
    let args = [
        "run",
        "--bin",
        "late",
        "--clock",
        "any",
        "--max-executions",
        "200",
        "--timeout",
        "1h",
        "--no-times",
    ];
    let mut explore = gorace(&PLAIN.folder(), kept.path(), &args);
    let found = run(&mut explore);
    assert_eq!(found.code, Some(66), "{}{}", found.stdout, found.stderr);
    let again = pasted(&printed(&found, "replay:  "), &explore);
    assert_eq!(again.code, Some(66), "{}{}", again.stdout, again.stderr);
    assert!(again.stdout.contains("slept too long"), "{}", again.stdout);
}
