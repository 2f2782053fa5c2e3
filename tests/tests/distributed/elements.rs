//! A crate with programs of the catalog as checked tests, and elements that run its test binary.

use gorace_tests::{Crate, Ran, root, run};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Programs of the catalog: bugs of several kinds and corrected ones, from a handful to thousands of interleavings.
pub const PROGRAMS: [&str; 10] = [
    "bank_transfer",
    "cache_hits",
    "check_then_act",
    "circular_channels",
    "counter_mutex",
    "dining_philosophers",
    "dining_philosophers_fixed",
    "lost_update",
    "lost_wakeup",
    "lost_wakeup_fixed",
];

/// What a run says of a test: verdict, executions, redundant ones, steps, and its findings' fingerprints.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Said {
    pub verdict: String,
    pub executions: u64,
    pub redundant: u64,
    pub steps: u64,
    pub findings: Vec<String>,
}

/// The crate under test.
pub struct Elements {
    tested: Crate,
    binary: PathBuf,
    profile: &'static str,
}

impl Elements {
    /// The programs with these options in their attributes.
    pub fn new(name: &str, programs: &[&str], options: &str) -> Self {
        let tested = Crate::new(name);
        let mut text = String::new();
        for program in programs {
            let path = root().join(format!("fixtures/examples/{program}.rs"));
            text += &format!(
                "#[cfg(test)]\n#[path = {path:?}]\n#[allow(dead_code)]\nmod {program};\n\
                 #[gorace::checked_test({options})]\nfn {program}_() {{ {program}::main(); }}\n"
            );
        }
        Elements::of(tested, &text)
    }

    /// A crate with this library.
    pub fn of(tested: Crate, text: &str) -> Self {
        Elements::built(tested, text, "dev")
    }

    /// One that is optimised, for what takes many executions.
    pub fn optimised(tested: Crate, text: &str) -> Self {
        Elements::built(tested, text, "release")
    }

    fn built(tested: Crate, text: &str, profile: &'static str) -> Self {
        let mut elements = Elements { tested, binary: PathBuf::new(), profile };
        elements.rebuild(text);
        elements
    }

    /// Another version of it.
    pub fn rebuild(&mut self, text: &str) {
        let tested = &self.tested;
        tested.write("src/lib.rs", text);
        let args = ["test", "--no-run", "--lib", "-q", "--message-format=json", "--profile", self.profile];
        let built = run(&mut tested.cargo(&args));
        assert_eq!(built.code, Some(0), "{built:?}");
        let lines = built.stdout.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let binary = lines.filter_map(|line| line["executable"].as_str().map(PathBuf::from)).next_back();
        self.binary = binary.expect("a test binary");
    }

    pub fn binary(&self) -> &Path {
        &self.binary
    }

    pub fn path(&self, within: &str) -> PathBuf {
        self.tested.path().join(within)
    }

    pub fn write(&self, file: &str, text: &str) {
        self.tested.write(file, text);
    }

    pub fn gorace(&self, args: &[&str]) -> Ran {
        run(&mut self.tested.gorace(args))
    }

    pub fn gorace_command(&self, args: &[&str]) -> Command {
        self.tested.gorace(args)
    }

    /// The test binary, as a machine without cargo runs it.
    pub fn command(&self, folder: &Path, budget: u64) -> Command {
        let mut command = Command::new(&self.binary);
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("GORACE"))
        {
            command.env_remove(name);
        }
        command
            .current_dir(self.tested.path())
            .env("CARGO_MANIFEST_DIR", self.tested.path())
            .env("GORACE_RESUME", folder.join("resume"))
            .env("GORACE_OUT_DIR", folder)
            .env("GORACE_RUN", "run")
            .env("GORACE_DEFER", "1")
            .env("GORACE_KEEP_GOING", "1")
            .env("GORACE_MAX_EXECUTIONS", budget.to_string());
        command
    }

    /// An element that runs to its end.
    pub fn element(&self, folder: &Path, budget: u64) -> Ran {
        run(&mut self.command(folder, budget))
    }

    /// The first run, up to its budget: what is left is in `start/resume`.
    pub fn begin(&self, budget: u64) -> BTreeMap<String, Said> {
        let folder = self.path("start");
        let ran = self.element(&folder, budget);
        assert_eq!(ran.code, Some(0), "{ran:?}");
        std::fs::write(folder.join("latest"), "run\n").expect("written");
        said(&self.gorace(&["merge", "start", "--no-times", "--message-format", "json"]))
    }

    pub fn merge(&self, round: &str) -> Ran {
        self.gorace(&["merge", round, "--no-times", "--message-format", "json"])
    }
}

/// What a run says of each test.
pub fn said(ran: &Ran) -> BTreeMap<String, Said> {
    let lines: Vec<Value> = ran.stdout.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    assert!(!lines.is_empty(), "{ran:?}");
    let of_type = |kind: &'static str| lines.iter().filter(move |line| line["type"] == kind);
    let mut all = BTreeMap::new();
    for line in of_type("summary").filter(|line| line["total"] != true) {
        let test = line["test"].as_str().expect("a test").to_owned();
        let mut findings: Vec<String> = of_type("finding")
            .filter(|finding| finding["test"] == line["test"])
            .map(|finding| format!("{} {}", finding["code"], finding["fingerprint"]))
            .collect();
        findings.sort();
        let number = |name: &str| line[name].as_u64().unwrap_or_else(|| panic!("{name}: {line}"));
        all.insert(
            test,
            Said {
                verdict: line["verdict"].to_string(),
                executions: number("executions"),
                redundant: number("redundant"),
                steps: number("steps"),
                findings,
            },
        );
    }
    all
}
