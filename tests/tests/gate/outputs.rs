//! What a platform reads, and parts of a run put together.

use crate::bank::{Bank, SECOND_BUG};
use gorace_tests::run;
use serde_json::Value;

#[test]
fn several_reports_come_from_one_run() {
    let bank = Bank::new("reports");
    let ran =
        bank.gate(&["--report", "sarif=a/x.sarif", "--report", "junit=b.xml", "--report", "gitlab=c.json"]);
    assert_eq!(ran.code, Some(66), "{ran:?}");
    let sarif: Value = serde_json::from_str(&bank.read("a/x.sarif")).expect("JSON");
    assert_eq!(sarif["runs"][0]["results"][0]["ruleId"], "GR0002");
    let uri = &sarif["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"];
    assert_eq!(uri, "src/lib.rs");
    assert!(
        bank.read("b.xml").contains("tests=\"2\" skipped=\"0\" failures=\"1\""),
        "{}",
        bank.read("b.xml")
    );
    let issues: Value = serde_json::from_str(&bank.read("c.json")).expect("JSON");
    assert_eq!(issues.as_array().map(Vec::len), Some(1));
    let unknown = bank.gate(&["--report", "sarf"]);
    assert_eq!(unknown.code, Some(2), "{unknown:?}");
    assert!(unknown.stderr.contains("did you mean `sarif`?"), "{}", unknown.stderr);
    let unwritable = bank.gate(&["--report", "junit=/proc/nowhere/b.xml"]);
    assert_eq!(unwritable.code, Some(78), "{unwritable:?}");
    assert!(unwritable.stderr.contains("cannot write /proc/nowhere/b.xml"), "{}", unwritable.stderr);
}

#[test]
fn the_platform_is_told_what_it_reads() {
    let bank = Bank::new("platform");
    let github = run(bank
        .command(&["ci"])
        .env("GITHUB_ACTIONS", "true")
        .env("GITHUB_STEP_SUMMARY", "summary.md")
        .env("GORACE_OUT_DIR", "github"));
    assert_eq!(github.stdout.lines().filter(|line| line.starts_with("::error file=src/lib.rs,")).count(), 1);
    assert!(bank.read("summary.md").starts_with("## gorace: new findings\n"));
    let reports = |folder: &str| {
        let mut files = bank.files(&format!("{folder}/reports"));
        files.sort();
        files
    };
    assert_eq!(
        reports("github"),
        ["github/reports/gorace.html", "github/reports/gorace.sarif", "github/reports/junit.xml"]
    );
    let gitlab = run(bank.command(&["ci"]).env("GITLAB_CI", "true").env("GORACE_OUT_DIR", "gitlab"));
    assert!(!gitlab.stdout.contains("::error"), "{}", gitlab.stdout);
    let files = ["gl-code-quality-report.json", "gorace.html", "junit.xml"];
    assert_eq!(reports("gitlab"), files.map(|file| format!("gitlab/reports/{file}")));
}

#[test]
fn parts_put_together_are_one_run() {
    let bank = Bank::new("parts");
    bank.add(SECOND_BUG);
    bank.add("#[gorace::checked_test]\nfn also_fine() { gorace::go!({}).join().unwrap(); }\n");
    let lines = |stdout: &str| {
        let mut lines: Vec<String> = stdout.lines().map(str::to_owned).collect();
        lines.sort();
        lines
    };
    let whole = bank.gate(&["--message-format", "json"]);
    let mut tests = 0;
    for (part, out) in [("1/2", "one"), ("2/2", "two")] {
        let ran = run(bank
            .command(&["ci", "--no-times", "--message-format", "json", "--shard", part])
            .env("GORACE_OUT_DIR", out));
        tests += ran
            .stdout
            .lines()
            .filter(|line| line.contains("\"summary\"") && !line.contains("\"total\""))
            .count();
    }
    assert_eq!(tests, 4, "each test in one part");
    let merged = bank.run(&["merge", "one", "two", "--no-times", "--message-format", "json"]);
    assert_eq!(merged.code, Some(66), "{merged:?}");
    assert_eq!(lines(&merged.stdout), lines(&whole.stdout));
    let half = bank.run(&["merge", "one"]);
    assert_eq!(half.code, Some(4), "{half:?}");
    assert!(half.stderr.contains("the part 2/2 is missing"), "{}", half.stderr);
    assert_eq!(bank.run(&["merge", "src"]).code, Some(4));
}

/// The suites and cases of a JUnit file: what CI shows one test by.
fn cases(xml: &str) -> Vec<(String, String)> {
    let value = |tag: &str, name: &str| {
        let (_, rest) = tag.split_once(&format!(" {name}=\"")).unwrap_or_else(|| panic!("{name} of {tag}"));
        rest.split('"').next().unwrap_or_default().to_owned()
    };
    let tags = xml.split("<testcase ").skip(1).map(|tag| format!(" {tag}"));
    let mut cases: Vec<(String, String)> =
        tags.map(|tag| (value(&tag, "classname"), value(&tag, "name"))).collect();
    cases.sort();
    cases
}

/// A platform that reads nextest's file and ours sees one and the same test.
#[test]
fn tests_have_the_names_that_nextest_gives() {
    let bank = Bank::new("named-by-nextest");
    bank.fix();
    let checked = "#[gorace::checked_test]\nfn in_its_file() { gorace::go!({}).join().unwrap(); }\n";
    bank.write("tests/integration.rs", checked);
    bank.write("src/bin/other.rs", &format!("fn main() {{}}\n#[cfg(test)]\nmod tests {{\n{checked}}}\n"));
    bank.write(".config/nextest.toml", "[profile.named.junit]\npath = \"junit.xml\"\n");
    let ran = run(&mut bank.cargo(&["nextest", "run", "--profile", "named"]));
    if ran.stderr.contains("no such command") {
        eprintln!("skipped: nextest is not on this machine");
        return;
    }
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let theirs = bank.read("target/nextest/named/junit.xml");
    let ours = bank.gate(&["--report", "junit=ours.xml"]);
    assert_eq!(ours.code, Some(0), "{ours:?}");
    assert_eq!(cases(&bank.read("ours.xml")), cases(&theirs));
    assert_eq!(cases(&theirs).len(), 4);
}

/// What a line that moves is made of; the search is too long for its second.
#[test]
fn a_program_tells_how_far_it_is() {
    let program = Bank::empty("far");
    program.write(
        "src/main.rs",
        "use gorace::sync::{Arc, atomic::{AtomicU32, Ordering::SeqCst}};\n#[gorace::main]\nfn main() {\n    \
         let n = Arc::new(AtomicU32::new(0));\n    let tasks: Vec<_> = (0..4).map(|_| {\n        let n = n.clone();\n        \
         gorace::go!({ for _ in 0..6 { n.fetch_add(1, SeqCst); } })\n    }).collect();\n    \
         for task in tasks { task.join().unwrap(); }\n}\n",
    );
    let mut command = program.command(&["run", "--timeout", "1s", "--max-executions", "100000000"]);
    command.env_remove("CI").env("GORACE_PROGRESS", program.path().join("progress"));
    let ran = run(&mut command);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let text = program.read("progress");
    let (title, numbers) = text.split_once('\n').expect("two lines");
    let numbers: Vec<u64> =
        numbers.split_whitespace().map(|number| number.parse().expect("a number")).collect();
    let [executions, max_executions, elapsed, timeout, findings, searched, all] = numbers[..] else {
        panic!("{text}")
    };
    assert_eq!((title, max_executions, timeout, findings), ("far", 100_000_000, 1_000, 0));
    assert!(executions > 0 && elapsed >= 250, "{text}");
    // (4 * 6)! / (6!)^4 interleavings, some two million million: whatever is estimated is not near its end.
    assert!(all == 0 || searched < all, "{text}");
}
