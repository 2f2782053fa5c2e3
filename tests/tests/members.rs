//! A member of a workspace: tests run in its folder, and the compiler names files from the workspace's root. What is called
//! there from std's iterators has its place from a backtrace, and each place is to name a file that is there.

use gorace_tests::{Crate, Ran, run};
use serde_json::Value;
use std::path::Path;

/// Two tasks lock two mutexes in opposite orders, each within `map`: std's code is the caller.
const LOCKS_IN_MAP: &str = "use gorace::sync::{Arc, Mutex};
fn lock_all(all: &[Arc<Mutex<u32>>], backwards: bool) {
    let mut all: Vec<&Mutex<u32>> = all.iter().map(|one| &**one).collect();
    if backwards { all.reverse(); }
    let guards: Vec<_> = all.into_iter().map(Mutex::lock).collect();
    drop(guards);
}
#[gorace::checked_test]
fn opposite() {
    let all = vec![Arc::new(Mutex::new(1)), Arc::new(Mutex::new(2))];
    let theirs = all.clone();
    let task = gorace::go!(\"other\", { lock_all(&theirs, true) });
    lock_all(&all, false);
    task.join().unwrap();
}
";

/// A workspace with one member, in `storage/log`, of a name of its own: all crates share a target folder.
fn workspace(member: &str) -> Crate {
    let made = Crate::new(member);
    let manifest = std::fs::read_to_string(made.path().join("Cargo.toml")).expect("written");
    made.write("storage/log/Cargo.toml", &manifest.replace("[workspace]", ""));
    made.write("storage/log/src/lib.rs", "");
    made.write("storage/log/tests/places.rs", LOCKS_IN_MAP);
    made.write("Cargo.toml", "[workspace]\nmembers = [\"storage/log\"]\nresolver = \"3\"\n");
    made
}

fn gorace(workspace: &Crate, args: &[&str]) -> Ran {
    run(workspace.gorace(args).env("GORACE_OUT_DIR", workspace.path().join("out")))
}

/// All texts that JSON lines have at a key.
fn at_key<'v>(key: &str, value: &'v Value, found: &mut Vec<&'v str>) {
    match value {
        Value::Object(fields) => {
            found.extend(fields.get(key).and_then(Value::as_str));
            fields.values().for_each(|value| at_key(key, value, found));
        }
        Value::Array(items) => items.iter().for_each(|value| at_key(key, value, found)),
        _ => {}
    }
}

fn finding(stdout: &str) -> Value {
    let lines = stdout.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    lines.into_iter().find(|line| line["type"] == "finding").unwrap_or_else(|| panic!("no finding: {stdout}"))
}

#[test]
fn places_in_std_s_iterators_are_named_from_the_workspace_s_root() {
    let workspace = workspace("log");
    let found = gorace(&workspace, &["test", "--message-format", "json"]);
    assert_eq!(found.code, Some(66), "{found:?}");
    let finding = finding(&found.stdout);
    let mut files = Vec::new();
    at_key("file", &finding, &mut files);
    files.sort_unstable();
    files.dedup();
    assert_eq!(files, ["storage/log/tests/places.rs"]);
    // The line of `map`, which no caller tells.
    let places = finding.to_string();
    assert!(places.contains("\"line\":5"), "{places}");

    // From wherever the test is started, it is the same bug.
    let listed =
        run(workspace.cargo(&["test", "--no-run", "--message-format", "json"]).env_remove("GORACE_OUT_DIR"));
    let artifacts = listed.stdout.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let executables = artifacts.filter_map(|artifact| artifact["executable"].as_str().map(str::to_owned));
    let places = executables.into_iter().find(|path| path.contains("places-")).expect("the test is built");
    for folder in [workspace.path().to_owned(), workspace.path().join("storage"), Path::new("/").to_owned()] {
        let mut started = std::process::Command::new(&places);
        let out = workspace.path().join(format!("out-{}", folder.components().count()));
        started.current_dir(&folder).env("GORACE_OUT_DIR", &out).env("GORACE_COLOR", "never");
        let ran = run(&mut started);
        let id = finding["id"].as_str().expect("an id");
        assert!(ran.stdout.contains(&format!("gorace replay {}", &id[..8])), "{}: {ran:?}", folder.display());
    }

    workspace.write(
        "gorace.toml",
        "[[allow]]\ncode = \"GR0002\"\nin = \"storage/**\"\nreason = \"all of its places are there\"\n",
    );
    let allowed = gorace(&workspace, &["test"]);
    assert_eq!(allowed.code, Some(0), "{allowed:?}");
    assert!(allowed.stdout.contains("GR0002 is allowed"), "{allowed:?}");
}

/// Two packages with a test of one path: each verdict says whose it is. In a package alone there is nothing to tell apart.
#[test]
fn a_verdict_names_the_package_where_there_are_several() {
    let workspace = workspace("disk");
    let fine = "#[gorace::checked_test]\nfn fine() { gorace::go!({}).join().unwrap(); }\n";
    workspace.write("storage/log/tests/places.rs", fine);
    let manifest = std::fs::read_to_string(workspace.path().join("storage/log/Cargo.toml")).expect("written");
    workspace.write("net/Cargo.toml", &manifest.replace("\"disk\"", "\"net\""));
    workspace.write("net/src/lib.rs", "");
    workspace.write("net/tests/places.rs", fine);
    workspace.write("Cargo.toml", "[workspace]\nmembers = [\"storage/log\", \"net\"]\nresolver = \"3\"\n");
    let lines = |args: &[&str]| {
        let ran = gorace(&workspace, args);
        assert_eq!(ran.code, Some(0), "{ran:?}");
        let lines = ran.stdout.lines().filter(|line| line.contains("fine: verified")).map(str::to_owned);
        lines.collect::<Vec<_>>()
    };
    let verdict = "fine: verified: the only interleaving";
    assert_eq!(lines(&["test", "--workspace"]), [format!("disk {verdict}"), format!("net {verdict}")]);
    assert_eq!(lines(&["test", "-p", "net"]), [verdict]);
}
