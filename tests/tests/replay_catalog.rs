//! `gorace replay` gives every finding of the catalog again, in a fresh process.

use gorace_fixtures::{Entry, catalog};
use gorace_tests::{gorace, run};

/// How many programs are run at a time: most of the time goes to processes that wait for each other.
const AT_A_TIME: usize = 4;

#[test]
fn every_finding_is_found_again() {
    let entries: Vec<&Entry> = catalog().filter(|entry| !entry.codes.is_empty()).collect();
    let each = entries.len().div_ceil(AT_A_TIME);
    let replays_of = |part: &[&Entry]| -> usize { part.iter().map(|entry| replays(entry)).sum() };
    let replayed: usize = std::thread::scope(|scope| {
        let parts: Vec<_> = entries.chunks(each).map(|part| scope.spawn(move || replays_of(part))).collect();
        parts.into_iter().map(|part| part.join().expect("the assertions of a part hold")).sum()
    });
    assert!(replayed >= entries.len(), "{replayed}");
}

/// Runs a program and replays what is found; how many replays that took.
fn replays(entry: &Entry) -> usize {
    let folder = tempfile::tempdir().expect("a folder");
    let mut command = gorace();
    command.env("GORACE_OUT_DIR", folder.path());
    let found = run(command.args(["run", "-p", "gorace-fixtures", "--example", entry.name]));
    assert_eq!(found.code, Some(66), "{found:?}");
    let (reports, _) = found.stdout.rsplit_once("gorace: ").expect("the last line");
    let ids = reports.split("replay:  gorace replay ").skip(1);
    let ids: Vec<String> =
        ids.map(|rest| rest.chars().take_while(char::is_ascii_hexdigit).collect()).collect();
    assert!(!ids.is_empty(), "{}: {}", entry.name, found.stdout);
    for id in &ids {
        let mut command = gorace();
        let again = run(command.env("GORACE_OUT_DIR", folder.path()).args(["replay", id]));
        assert_eq!(again.code, Some(66), "{} {id}: {again:?}", entry.name);
        let shown = entry.codes.iter().any(|code| again.stdout.contains(&format!("error[{code}]")));
        assert!(shown && again.stdout.contains(id), "{} {id}: {}", entry.name, again.stdout);
    }
    ids.len()
}
