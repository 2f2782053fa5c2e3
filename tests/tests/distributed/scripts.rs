//! The scripts of `docs/distributed/`: until nothing is left, with elements that are lost on the way.

use crate::elements::Elements;
use gorace_tests::{Crate, Ran, binary, root, run};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

/// (2 * 3)! / (2!)^3 orders of the sections.
const TESTS: &str = "#[gorace::checked_test(strategy = \"exhaustive\")]\nfn sections() {\n    use gorace::sync::{Arc, Mutex};\n    \
    let n = Arc::new(Mutex::new(0));\n    let tasks = [n.clone(), n.clone(), n].map(|n| gorace::thread::spawn(move || for _ in 0..2 { *n.lock().unwrap() += 1; }));\n    \
    tasks.into_iter().for_each(|task| task.join().unwrap());\n}\n";

fn script(elements: &Elements, budget: u64, engine: &[&str]) -> Ran {
    let scripts = root().join("docs/distributed");
    let mut command = Command::new("bash");
    command.arg(scripts.join("rounds.sh")).args(["start/resume", "3", "rounds"]).args(engine);
    command.current_dir(elements.path("")).env("GORACE", binary()).env("GORACE_COLOR", "never");
    run(command.env("GORACE_MAX_EXECUTIONS", budget.to_string()))
}

fn executable(path: &Path, text: &str) {
    fs::write(path, text).expect("written");
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).expect("executable");
}

/// The test binary, which in one element is lost at first.
fn unreliable(elements: &Elements) -> String {
    let path = elements.path("unreliable");
    let text = format!(
        "#!/bin/sh\ncase $GORACE_OUT_DIR in */1/2) mkdir lost 2>/dev/null && kill -9 $$ ;; esac\nexec {:?}\n",
        elements.binary()
    );
    executable(&path, &text);
    path.display().to_string()
}

/// All of 6! / 2^3, in what was begun and as many rounds as the script ran.
fn assert_verified(stdout: &str) {
    let rounds = 1 + stdout.matches("is kept in rounds/").count();
    let told = format!("sections: verified over {} runs: all 90 interleavings", 1 + rounds);
    assert!(stdout.contains(&told), "expected `{told}`: {stdout}");
}

#[test]
fn rounds_go_on_until_nothing_is_left() {
    let elements = Elements::of(Crate::new("scripts"), TESTS);
    elements.begin(10);
    let engine = root().join("docs/distributed/local.sh").display().to_string();
    let ran = script(&elements, 10, &[&engine, &unreliable(&elements)]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.stderr.contains("error: share 2 of 3 was not run to its end"), "{}", ran.stderr);
    assert_verified(&ran.stdout);
    assert!(elements.path("lost").is_dir());
}

#[test]
fn elements_that_are_always_lost_end_it() {
    let elements = Elements::of(Crate::new("lost"), TESTS);
    elements.begin(10);
    let engine = root().join("docs/distributed/local.sh").display().to_string();
    let ran = script(&elements, 10, &[&engine, "false"]);
    assert_eq!(ran.code, Some(4), "{ran:?}");
    assert!(ran.stderr.contains("rounds.sh: elements 1,2,3 are lost each time"), "{}", ran.stderr);
}

/// In place of a cluster: runs the command of each index of the job with the variables of the manifest.
const KUBECTL: &str = r#"#!/usr/bin/env bash
set -euo pipefail
[ "$1" = apply ] || exit 0
manifest=$(cat)
! grep '@[A-Z]*@' <<<"$manifest" || exit 1
value() { grep -A 1 "name: $1\$" <<<"$manifest" | sed -n 's/.*value: "\(.*\)"/\1/p'; }
count=$(sed -n 's/.*completions: //p' <<<"$manifest")
command=$(sed -n '/- |/,/env:/p' <<<"$manifest" | sed '1d;$d; s|/rounds/|rounds/|')
for index in $(seq 0 $((count - 1))); do
    ELEMENTS=$(value ELEMENTS) ROUND=$(value ROUND) GORACE_MAX_EXECUTIONS=$(value GORACE_MAX_EXECUTIONS) \
        JOB_COMPLETION_INDEX=$index PATH=$PWD/image:$PATH bash -c "$command" >>pods.log 2>&1 || true
done
"#;

#[test]
fn an_indexed_job_runs_them() {
    let elements = Elements::of(Crate::new("pods"), TESTS);
    elements.begin(10);
    fs::create_dir(elements.path("image")).expect("made");
    let unreliable = unreliable(&elements);
    executable(&elements.path("image/tests"), &format!("#!/bin/sh\nexec {unreliable}\n"));
    let script_of_element = fs::read_to_string(root().join("docs/distributed/element.sh")).expect("a script");
    executable(&elements.path("image/element.sh"), &script_of_element);
    executable(&elements.path("kubectl"), KUBECTL);
    let engine = root().join("docs/distributed/kubernetes/run.sh").display().to_string();
    let kubectl = elements.path("kubectl").display().to_string();
    let with =
        ["env", &format!("KUBECTL={kubectl}"), "IMAGE=image", "CLAIM=claim", &engine].map(str::to_owned);
    let ran = script(&elements, 10, &with.each_ref().map(String::as_str));
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_verified(&ran.stdout);
    assert!(elements.path("lost").is_dir(), "an element was lost and run again");
}
