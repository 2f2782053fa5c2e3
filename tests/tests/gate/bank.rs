//! A crate with a deadlock in one of its two tests, and everything that it leaves in folders of its own.

use gorace_tests::{Crate, Ran, run};
use std::process::Command;

pub const SECOND_BUG: &str = "#[gorace::checked_test]\nfn forgets() {\n    \
     let (tx, rx) = gorace::chan::<u8>(0);\n    gorace::go!({ rx.recv(); });\n    std::mem::forget(tx);\n}\n";

const FIRST_BUG: &str = "#[gorace::checked_test]\nfn transfer() {\n    use gorace::sync::{Arc, Mutex};\n    \
     let (a, b) = (Arc::new(Mutex::new(100).named(\"a\")), Arc::new(Mutex::new(100).named(\"b\")));\n    \
     let (a2, b2) = (a.clone(), b.clone());\n    let audit = gorace::go!(\"audit\", {\n        \
     let (first, second) = (b2, a2);\n        *first.lock().unwrap() + *second.lock().unwrap()\n    });\n    \
     let from = a.lock().unwrap();\n    let to = b.lock().unwrap();\n    drop((from, to));\n    \
     audit.join().unwrap();\n}\n";

const FINE: &str = "#[gorace::checked_test]\nfn fine() { gorace::go!({}).join().unwrap(); }\n";

pub struct Bank {
    folder: Crate,
}

impl Bank {
    /// With the deadlock and a test that is fine.
    pub fn new(name: &str) -> Self {
        let bank = Bank::empty(name);
        bank.add(FIRST_BUG);
        bank.add(FINE);
        bank
    }

    /// Without tests.
    pub fn empty(name: &str) -> Self {
        let bank = Bank { folder: Crate::new(name) };
        bank.write("src/lib.rs", "#[cfg(test)]\nmod tests {\n#[allow(unused)]\nuse gorace::Named as _;\n}\n");
        bank
    }

    pub fn path(&self) -> &std::path::Path {
        self.folder.path()
    }

    pub fn write(&self, file: &str, text: &str) {
        self.folder.write(file, text);
    }

    pub fn read(&self, file: &str) -> String {
        std::fs::read_to_string(self.folder.path().join(file))
            .unwrap_or_else(|error| panic!("{file}: {error}"))
    }

    /// The files of a folder, with its name before them.
    pub fn files(&self, folder: &str) -> Vec<String> {
        let entries = std::fs::read_dir(self.folder.path().join(folder)).into_iter().flatten().flatten();
        entries.map(|entry| format!("{folder}/{}", entry.file_name().to_string_lossy())).collect()
    }

    /// Adds tests to the module of tests.
    pub fn add(&self, tests: &str) {
        let source = self.read("src/lib.rs");
        let (before, after) = source.rsplit_once("\n}\n").expect("the module's end");
        self.write("src/lib.rs", &format!("{before}\n{tests}\n}}\n{after}"));
    }

    /// Adds to the end of the file.
    pub fn add_outside(&self, code: &str) {
        self.write("src/lib.rs", &(self.read("src/lib.rs") + code));
    }

    /// One order of locks everywhere, and the sender is dropped.
    pub fn fix(&self) {
        let source = self.read("src/lib.rs").replace("(b2, a2)", "(a2, b2)");
        self.write("src/lib.rs", &source.replace("std::mem::forget(tx)", "tx.close()"));
    }

    /// Removes what earlier runs left outside of the sources.
    pub fn forget(&self) {
        std::fs::remove_dir_all(self.folder.path().join("out")).expect("there was a run");
    }

    pub fn forget_if_any(&self) {
        let _ = std::fs::remove_dir_all(self.folder.path().join("out"));
    }

    pub fn cargo(&self, args: &[&str]) -> Command {
        self.folder.cargo(args)
    }

    /// `cargo test` with one execution of each search, whose output is shown.
    pub fn cargo_test(&self) -> Command {
        let mut command = self.folder.cargo(&["test", "--lib", "--", "--nocapture"]);
        command.env("GORACE_OUT_DIR", self.folder.path().join("out"));
        command.env("GORACE_STRATEGY", "exhaustive").env("GORACE_MAX_EXECUTIONS", "1");
        command
    }

    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = self.folder.gorace(args);
        command.env("GORACE_OUT_DIR", self.folder.path().join("out"));
        for platform in ["GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY", "GITLAB_CI", "JENKINS_URL"] {
            command.env_remove(platform);
        }
        command
    }

    pub fn run(&self, args: &[&str]) -> Ran {
        run(&mut self.command(args))
    }

    pub fn gate(&self, args: &[&str]) -> Ran {
        let mut all = vec!["ci", "--no-times"];
        all.extend(args);
        self.run(&all)
    }
}
