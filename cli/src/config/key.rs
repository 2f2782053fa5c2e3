//! The keys of a profile: what each means, which variable it is to a check, and what holds without it.

use crate::settings;

/// One key.
#[derive(Debug)]
pub struct Key {
    /// As it stands in the file; the flag has the same name.
    pub name: &'static str,
    /// The variable of the same meaning.
    pub variable: &'static str,
    /// What holds where nothing is said; empty for no bound.
    pub builtin: &'static str,
    /// What it means, for `gorace config show`.
    pub meaning: &'static str,
    /// Whether the library obeys it, or the command line alone.
    pub is_for_checks: bool,
}

const fn check(
    name: &'static str,
    variable: &'static str,
    builtin: &'static str,
    meaning: &'static str,
) -> Key {
    Key { name, variable, builtin, meaning, is_for_checks: true }
}

const fn gate(
    name: &'static str,
    variable: &'static str,
    builtin: &'static str,
    meaning: &'static str,
) -> Key {
    Key { name, variable, builtin, meaning, is_for_checks: false }
}

/// All of them, in the order in which they are shown.
pub const KEYS: &[Key] = &[
    check("strategy", "GORACE_STRATEGY", "auto", "how schedules are chosen"),
    check("seed", "GORACE_SEED", "0", "the seed of random strategies"),
    check("max-executions", "GORACE_MAX_EXECUTIONS", "20000", "executions at the most"),
    check(
        "max-preemptions",
        "GORACE_MAX_PREEMPTIONS",
        "",
        "preemptions of a schedule at the most; for the strategies auto and exhaustive",
    ),
    check("max-steps", "GORACE_MAX_STEPS", "200000", "steps of an execution at the most"),
    check("timeout", "GORACE_TIMEOUT", "30s", "time of a test at the most"),
    check("jobs", "GORACE_JOBS", "1", "how many threads explore each test"),
    check("clock", "GORACE_CLOCK", "any", "when timers fire"),
    check("stack-size", "GORACE_STACK_SIZE", "1M", "the stack of each task"),
    check("stall", "GORACE_STALL", "10s", "time without a scheduling point at the most"),
    check("keep-going", "GORACE_KEEP_GOING", "false", "use the whole budget even if something was found"),
    check("spurious", "GORACE_SPURIOUS", "false", "let waits wake for no reason"),
    gate("baseline", "GORACE_BASELINE", ".config/gorace-baseline.json", "the findings that are known"),
    gate("strict-baseline", "GORACE_STRICT_BASELINE", "false", "an unused entry of the baseline is an error"),
    gate("require-complete", "GORACE_REQUIRE_COMPLETE", "false", "a budget that ends a search is an error"),
    gate(
        "regressions",
        "GORACE_REGRESSIONS",
        ".config/gorace-regressions",
        "where failing schedules are kept, or none",
    ),
    gate(
        "resume",
        "GORACE_RESUME",
        "none",
        "where searches that were stopped keep what is left to do, for the next run, or none",
    ),
    gate("annotations", "GORACE_ANNOTATIONS", "auto", "auto, github or none"),
    gate("report", "GORACE_REPORT", "", "files to write, such as junit=target/junit.xml"),
];

impl Key {
    /// The key of this name.
    pub fn named(name: &str) -> Option<&'static Key> {
        KEYS.iter().find(|key| key.name == name)
    }

    /// What is wrong with a value, if anything is.
    pub fn check(&self, text: &str) -> Result<(), String> {
        match self.name {
            "baseline" | "regressions" | "resume" if text.is_empty() => Err("expected a path".to_owned()),
            "strict-baseline" | "require-complete" if !["true", "false"].contains(&text) => {
                Err("expected true or false".to_owned())
            }
            "annotations" if !["auto", "github", "none"].contains(&text) => {
                Err("expected auto, github or none".to_owned())
            }
            "report" => {
                let mut files = text.split(',').filter(|file| !file.is_empty());
                files.try_for_each(|file| crate::reports::wanted(file).map(drop))
            }
            _ => settings::check(self.variable, text),
        }
    }
}
