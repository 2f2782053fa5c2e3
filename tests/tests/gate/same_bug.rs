//! Fingerprints: one bug keeps its name while the source around it changes, and two bugs of one function have two.

use gorace_tests::{Crate, run};
use serde_json::Value;
use std::cell::Cell;

const SOURCE: &str = r#"
use gorace::sync::{Arc, Mutex};

struct Bank { a: Mutex<i64>, b: Mutex<i64> }

impl Bank {
    fn transfer(&self) {
        let mut from = self.a.lock().unwrap();
        let mut to = self.b.lock().unwrap();
        *from -= 1;
        *to += 1;
    }

    fn audit(&self) -> i64 {
        let all = self.b.lock().unwrap();
        let one = self.a.lock().unwrap();
        *all + *one
    }
}

#[gorace::main]
fn main() {
    let bank = Arc::new(Bank { a: Mutex::new(1), b: Mutex::new(2) });
    let (one, two) = (bank.clone(), bank);
    let transfer = gorace::go!("transfer", { one.transfer() });
    let audit = gorace::go!("audit", { two.audit(); });
    transfer.join().unwrap();
    audit.join().unwrap();
}
"#;

/// The fingerprints of a program, in order.
struct Program {
    folder: Crate,
    runs: Cell<u32>,
}

impl Program {
    fn new(name: &str) -> Self {
        Program { folder: Crate::new(name), runs: Cell::new(0) }
    }

    fn fingerprints(&self, source: &str, flags: &[&str]) -> Vec<String> {
        self.folder.write("src/main.rs", source);
        // Nothing that an earlier run found is tried first.
        let out = self.folder.path().join(format!("out-{}", self.runs.replace(self.runs.get() + 1)));
        let mut command = self.folder.gorace(&["run", "--keep-going", "--message-format", "json"]);
        let ran = run(command.args(flags).env("GORACE_OUT_DIR", out));
        let lines = ran.stdout.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let mut found: Vec<String> =
            lines.filter_map(|line| line["fingerprint"].as_str().map(str::to_owned)).collect();
        assert!(!found.is_empty(), "{ran:?}");
        found.sort();
        found
    }
}

#[test]
fn edits_around_a_bug_leave_its_name() {
    let program = Program::new("same_bug");
    let name = program.fingerprints(SOURCE, &[]);
    assert_eq!(name.len(), 1);
    let shifted = SOURCE
        .replace("struct Bank", "// One.\n// Two.\n\nstruct Bank")
        .replace("        *to += 1;", "\n        *to += 1;");
    let renamed = SOURCE.replace("\"transfer\"", "\"mover\"").replace("go!(\"audit\", ", "go!(");
    let (transfer, audit) =
        (SOURCE.find("    fn transfer").expect("fn"), SOURCE.find("    fn audit").expect("fn"));
    let end = SOURCE.find("}\n\n#[gorace::main]").expect("the impl's end");
    let reordered =
        [&SOURCE[..transfer], &SOURCE[audit..end], "\n", &SOURCE[transfer..audit], &SOURCE[end..]].concat();
    let spawned_later =
        SOURCE.replace("let transfer =", "gorace::go!({}).join().unwrap();\n    let transfer =");
    for (what, source) in [
        ("shifted", &shifted),
        ("renamed", &renamed),
        ("reordered", &reordered),
        ("more tasks", &spawned_later),
    ] {
        assert_ne!(*source, SOURCE, "{what}");
        assert_eq!(program.fingerprints(source, &[]), name, "{what}");
    }
    for seed in ["1", "2", "0xfeed"] {
        assert_eq!(
            program.fingerprints(SOURCE, &["--strategy", "random", "--seed", seed]),
            name,
            "seed {seed}"
        );
    }
    let another = SOURCE.replace("self.b", "self.c").replace("b: Mutex", "c: Mutex");
    assert_ne!(program.fingerprints(&another, &[]), name, "other locks are another bug");
}

/// Each pair stands in one function, and differs in what its kind of bug is told by.
#[test]
fn two_bugs_of_one_function_have_two_names() {
    let program = Program::new("two_bugs");
    let main = |body: &str| format!("use gorace::sync::Arc;\n#[gorace::main]\nfn main() {{\n{body}\n}}\n");
    let races = main(
        "let (a, b) = (Arc::new(gorace::cell::Shared::new(0)), Arc::new(gorace::cell::Shared::new(0)));\n\
         let (a2, b2) = (a.clone(), b.clone());\nlet task = gorace::go!({ a2.set(1); b2.set(1) });\n\
         a.set(2);\nb.set(2);\ntask.join().unwrap();",
    );
    let panics = main(
        "let n = Arc::new(gorace::sync::atomic::AtomicU32::new(0));\nlet n2 = n.clone();\n\
         let task = gorace::go!({ n2.store(1, gorace::sync::atomic::Ordering::SeqCst) });\n\
         let seen = n.load(gorace::sync::atomic::Ordering::SeqCst);\n\
         assert!(\n    seen == 1,\n    \"first\"\n);\ntask.join().unwrap();\nassert!(\n    seen == 0,\n    \"second\"\n);",
    );
    let leaks = main(
        "let (tx, rx) = gorace::chan::<u8>(0);\nlet (tx2, rx2) = gorace::chan::<u8>(0);\n\
         gorace::go!({ rx.recv(); });\ngorace::go!({ rx2.recv(); });\nstd::mem::forget((tx, tx2));",
    );
    for (what, source) in [("races", races), ("panics", panics), ("leaks", leaks)] {
        let names = program.fingerprints(&source, &[]);
        assert_eq!(names.len(), 2, "{what}: {names:?}");
        assert_ne!(names[0], names[1], "{what}");
    }
}
