//! A library, its binary and a file in `tests/` of one name, each with a test of one path: a finding is replayed where it
//! was found. The three find different things, so that a replay in another one of them cannot pass for it.

use gorace_tests::{Crate, run};

const DEADLOCK: &str = "use gorace::sync::{Arc, Mutex};
    let (a, b) = (Arc::new(Mutex::new(0)), Arc::new(Mutex::new(0)));
    let (a2, b2) = (a.clone(), b.clone());
    let task = gorace::go!({ let second = b2.lock().unwrap(); drop((a2.lock().unwrap(), second)); });
    let first = a.lock().unwrap();
    drop((b.lock().unwrap(), first));
    task.join().unwrap();";

const LOST_UPDATE: &str = "use gorace::sync::{Arc, atomic::{AtomicU32, Ordering::SeqCst}};
    let n = Arc::new(AtomicU32::new(0));
    let other = n.clone();
    let task = gorace::go!({ other.store(other.load(SeqCst) + 1, SeqCst) });
    n.store(n.load(SeqCst) + 1, SeqCst);
    task.join().unwrap();
    assert_eq!(n.load(SeqCst), 2);";

const LEAK: &str = "let (tx, rx) = gorace::chan::<u8>(0);
    gorace::go!({ rx.recv(); });
    std::mem::forget(tx);";

fn module(body: &str) -> String {
    format!("#[cfg(test)]\nmod tests {{\n#[gorace::checked_test]\nfn counts() {{\n    {body}\n}}\n}}\n")
}

/// The ids that these reports name, with the codes of what was found.
fn found(reports: &str) -> Vec<(String, String)> {
    let reports = reports.split("error[").skip(1);
    let parts = reports
        .filter_map(|report| Some((report.split(']').next()?, report.split_once("gorace replay ")?.1)));
    let id = |rest: &str| rest.chars().take_while(char::is_ascii_hexdigit).collect::<String>();
    parts.map(|(code, rest)| (code.to_owned(), id(rest))).collect()
}

#[test]
fn a_finding_is_replayed_in_the_binary_that_it_was_found_in() {
    let three = Crate::new("three");
    three.write("src/lib.rs", &module(DEADLOCK));
    three.write("src/main.rs", &format!("fn main() {{}}\n{}", module(LOST_UPDATE)));
    three.write("tests/three.rs", &module(LEAK));
    let out = three.path().join("out");
    let tested = run(three.gorace(&["test"]).env("GORACE_OUT_DIR", &out));
    assert_eq!(tested.code, Some(66), "{tested:?}");
    let found = found(&tested.stdout);
    let mut codes: Vec<&str> = found.iter().map(|(code, _)| code.as_str()).collect();
    codes.sort_unstable();
    assert_eq!(codes, ["GR0002", "GR0003", "GR0004"], "{tested:?}");
    for (code, id) in &found {
        let again = run(three.gorace(&["replay", id]).env("GORACE_OUT_DIR", &out));
        assert_eq!(again.code, Some(66), "{code}: {again:?}");
        assert!(again.stdout.contains(&format!("error[{code}]")), "{code}: {again:?}");
    }
}

#[test]
fn a_binary_of_the_same_name_without_the_test_is_passed_over() {
    let one = Crate::new("one_of_two");
    let out = one.path().join("out");
    // Once in the library and once in the binary: whichever cargo names first, the other one has it.
    for (lib, main) in [(module(DEADLOCK), String::new()), (String::new(), module(DEADLOCK))] {
        one.write("src/lib.rs", &lib);
        one.write("src/main.rs", &format!("fn main() {{}}\n{main}"));
        let tested = run(one.gorace(&["test"]).env("GORACE_OUT_DIR", &out));
        assert_eq!(tested.code, Some(66), "{tested:?}");
        let again = run(one.gorace(&["replay", "latest"]).env("GORACE_OUT_DIR", &out));
        assert_eq!(again.code, Some(66), "{again:?}");
    }
}
