//! `gorace replay` gives every finding of the catalog again, in a fresh process.

use gorace_fixtures::catalog;
use gorace_tests::{gorace, run};

#[test]
fn every_finding_is_found_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut replayed = 0;
    for entry in catalog().filter(|entry| !entry.codes.is_empty()) {
        let mut command = gorace();
        command.env("GORACE_OUT_DIR", folder.path());
        let found = run(command.args(["run", "-p", "gorace-fixtures", "--example", entry.name]));
        assert_eq!(found.code, Some(66), "{found:?}");
        let (reports, _) = found.stdout.rsplit_once("gorace: ").expect("the last line");
        let replays = reports.split("replay:  gorace replay ").skip(1);
        let ids: Vec<String> =
            replays.map(|rest| rest.chars().take_while(char::is_ascii_hexdigit).collect()).collect();
        assert!(!ids.is_empty(), "{}: {}", entry.name, found.stdout);
        for id in ids {
            let mut command = gorace();
            let again = run(command.env("GORACE_OUT_DIR", folder.path()).args(["replay", &id]));
            assert_eq!(again.code, Some(66), "{} {id}: {again:?}", entry.name);
            let shown = entry.codes.iter().any(|code| again.stdout.contains(&format!("error[{code}]")));
            assert!(shown && again.stdout.contains(&id), "{} {id}: {}", entry.name, again.stdout);
            replayed += 1;
        }
    }
    assert!(replayed >= 20, "{replayed}");
}
