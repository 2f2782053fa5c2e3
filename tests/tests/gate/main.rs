//! `gorace ci` in crates that are not ours: red on a new bug, quiet on known ones, and never green because nothing was
//! tested. Exit codes are those of the design page.

mod bank;
mod never_green;
mod outputs;
mod pieces;
#[cfg(unix)]
mod robust;
mod same_bug;

use bank::{Bank, SECOND_BUG};

#[test]
fn a_bug_is_found_baselined_joined_by_another_and_fixed() {
    let bank = Bank::new("tutorial");
    let found = bank.gate(&[]);
    assert_eq!(found.code, Some(66), "{found:?}");
    assert_eq!(found.stdout.matches("error[GR0002]").count(), 1, "{}", found.stdout);

    let written = bank.gate(&["--write-baseline"]);
    assert_eq!(written.code, Some(0), "{written:?}");
    let baseline = bank.read(".config/gorace-baseline.json");
    let entries: Vec<&str> = baseline.lines().filter(|line| line.contains("fingerprint")).collect();
    assert_eq!(entries.len(), 1, "a finding a line: {baseline}");
    let known = bank.gate(&[]);
    assert_eq!(known.code, Some(0), "{known:?}");
    assert!(!known.stdout.contains("error[GR0002]"), "quiet on known ones: {}", known.stdout);
    assert!(known.stdout.contains("tests::transfer: GR0002 is in the baseline"), "{}", known.stdout);

    // Programs are told of it, and that it does not count.
    let lines = bank.gate(&["--message-format", "json"]);
    assert!(lines.stdout.contains("\"standing\":\"known\""), "{}", lines.stdout);
    assert!(lines.stdout.lines().last().is_some_and(|line| line.contains("\"new\":0")), "{}", lines.stdout);

    bank.add(SECOND_BUG);
    let second = bank.gate(&[]);
    assert_eq!(second.code, Some(66), "{second:?}");
    assert!(
        second.stdout.contains("error[GR0003]") && !second.stdout.contains("error[GR0002]"),
        "{second:?}"
    );

    bank.fix();
    let fixed = bank.gate(&[]);
    assert_eq!(fixed.code, Some(0), "{fixed:?}");
    let unused = "not found any more, and still in the baseline: GR0002";
    assert!(fixed.stderr.contains(&format!("warning: {unused}")), "{}", fixed.stderr);
    let strict = bank.gate(&["--strict-baseline"]);
    assert_eq!(strict.code, Some(78), "{strict:?}");
    assert!(strict.stderr.contains(&format!("error: {unused}")), "{}", strict.stderr);
    assert_eq!(bank.gate(&["--write-baseline"]).code, Some(0));
    assert_eq!(bank.gate(&["--strict-baseline"]).code, Some(0));
}

#[test]
fn what_a_rule_allows_is_quiet_and_its_reason_told() {
    let bank = Bank::new("rules");
    bank.add(SECOND_BUG);
    bank.write(
        ".config/gorace.toml",
        "[[allow]]\ncode = \"GR0002\"\nin = \"src/*.rs\"\nobject = \"a\"\nreason = \"the audit runs alone, #7\"\n\n\
         [[allow]]\ncode = \"GR0001\"\nobject = \"hits\"\nreason = \"may be stale\"\n",
    );
    for command in ["ci", "test"] {
        let ran = bank.run(&[command]);
        assert_eq!(ran.code, Some(66), "the leak is not allowed: {ran:?}");
        assert!(ran.stdout.contains("GR0002 is allowed: the audit runs alone, #7"), "{}", ran.stdout);
        assert!(
            ran.stdout.contains("error[GR0003]") && !ran.stdout.contains("error[GR0002]"),
            "{}",
            ran.stdout
        );
        assert!(
            ran.stderr.contains("warning: the rule of line 7 allows nothing that was found"),
            "{}",
            ran.stderr
        );
    }
}

#[test]
fn a_rule_holds_for_a_program_too() {
    let program = Bank::empty("program");
    program.write(
        "src/main.rs",
        "#[gorace::main]\nfn main() {\n    let (tx, rx) = gorace::chan::<u8>(0);\n    \
         gorace::go!({ rx.recv(); });\n    std::mem::forget(tx);\n}\n",
    );
    assert_eq!(program.run(&["run"]).code, Some(66));
    let rule = "[[allow]]\ncode = \"leak\"\nin = \"src/main.rs\"\nreason = \"meant\"\n";
    program.write(".config/gorace.toml", rule);
    let ran = program.run(&["run"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.stdout.contains("program: GR0003 is allowed: meant"), "{}", ran.stdout);
    assert!(!ran.stdout.contains("error[GR0003]"), "{}", ran.stdout);
}

/// The command line, then the environment, then the attribute, then the profile.
#[test]
fn the_nearest_setting_wins() {
    let bank = Bank::empty("settings");
    bank.add(
        "#[gorace::checked_test]\nfn by_profile() { crate::two_steps() }\n\
         #[gorace::checked_test(max_executions = 3)]\nfn by_attribute() { crate::two_steps() }\n",
    );
    bank.add_outside(
        "#[cfg(test)]\nfn two_steps() {\n    use gorace::sync::{Arc, atomic::{AtomicU32, Ordering::SeqCst}};\n    \
         let n = Arc::new(AtomicU32::new(0));\n    let other = n.clone();\n    \
         let task = gorace::go!({ for _ in 0..3 { other.fetch_add(1, SeqCst); } });\n    \
         for _ in 0..3 { n.fetch_add(1, SeqCst); }\n    task.join().unwrap();\n}\n",
    );
    bank.write(
        ".config/gorace.toml",
        "[profile.default]\nmax-executions = 5\n[profile.wide]\nmax-executions = 9\n",
    );
    let executions = |args: &[&str], variable: Option<&str>| -> (u64, u64) {
        let mut command = bank.command(args);
        // A random run uses its whole budget.
        command.args(["--strategy", "random", "--message-format", "json"]);
        if let Some(value) = variable {
            command.env("GORACE_MAX_EXECUTIONS", value);
        }
        let ran = gorace_tests::run(&mut command);
        let of = |test: &str| {
            let line = ran.stdout.lines().find(|line| line.contains(&format!("tests::{test}\"")));
            let line = line.unwrap_or_else(|| panic!("no line for {test}: {ran:?}"));
            serde_json::from_str::<serde_json::Value>(line).expect("JSON")["executions"]
                .as_u64()
                .expect("a number")
        };
        (of("by_profile"), of("by_attribute"))
    };
    assert_eq!(executions(&["test"], None), (5, 3));
    assert_eq!(executions(&["test", "-P", "wide"], None), (9, 3));
    assert_eq!(executions(&["test"], Some("7")), (7, 7));
    assert_eq!(executions(&["test", "--max-executions", "8"], Some("7")), (8, 8));
    let shown = gorace_tests::run(&mut bank.command(&["config", "show", "-P", "wide"])).stdout;
    let line = shown.lines().find(|line| line.starts_with("max-executions ")).expect("the key");
    assert!(line.contains(" 9 ") && line.contains("profile `wide`, line 4"), "{line}");
    let unknown = bank.run(&["ci", "-P", "wdie"]);
    assert_eq!(unknown.code, Some(78), "{unknown:?}");
    assert!(unknown.stderr.contains("did you mean `wide`?"), "{}", unknown.stderr);
}

/// The first execution that a search makes: it does not show the deadlock.
const ONE: [&str; 4] = ["--strategy", "exhaustive", "--max-executions", "1"];

#[test]
fn a_kept_schedule_is_tried_before_anything_else() {
    let bank = Bank::new("kept");
    let first = bank.gate(&ONE);
    assert_eq!(first.code, Some(4), "{first:?}");
    assert_eq!(bank.gate(&[]).code, Some(66));
    bank.forget();
    let again = bank.gate(&ONE);
    assert_eq!(again.code, Some(66), "{again:?}");
    assert!(again.stdout.contains("found by a schedule known from an earlier run"), "{}", again.stdout);
    bank.write(".config/gorace.toml", "[profile.default]\nregressions = \"none\"\n");
    bank.forget();
    assert_eq!(bank.gate(&ONE).code, Some(4), "it is kept, and not looked at");
    bank.write(".config/gorace.toml", "");
    let files = bank.files(".config/gorace-regressions");
    assert_eq!(files.len(), 1, "{files:?}");
    let text = bank.read(&files[0]);
    bank.write(&files[0], &text.replace("regressions 1", "regressions 9"));
    let newer = bank.gate(&[]);
    assert_eq!(newer.code, Some(78), "{newer:?}");
    assert!(newer.stderr.contains("expected version 1 or older, got 9"), "{}", newer.stderr);
}

/// Whoever pulls the commit has no `gorace`, perhaps.
#[test]
fn cargo_test_tries_a_kept_schedule_first_as_well() {
    let bank = Bank::new("pulled");
    assert_eq!(bank.gate(&[]).code, Some(66));
    bank.forget();
    let plain = || {
        let ran = gorace_tests::run(&mut bank.cargo_test());
        bank.forget_if_any();
        ran
    };
    let again = plain();
    assert_eq!(again.code, Some(101), "{again:?}");
    assert!(again.stderr.contains("found by a schedule known from an earlier run"), "{again:?}");
    let file = bank.files(".config/gorace-regressions").pop().expect("a file");
    bank.write(&file, &bank.read(&file).replace("regressions 1", "regressions 9"));
    let newer = plain();
    assert_eq!(newer.code, Some(0), "{newer:?}");
    assert!(
        newer.stderr.contains("passed over") && newer.stderr.contains("expected `# gorace regressions 1:`"),
        "{newer:?}"
    );
}

/// What a profile's limit of steps cuts is found again only under that limit.
#[test]
fn a_finding_of_a_profile_is_replayed_under_it() {
    let bank = Bank::empty("profile");
    bank.add(
        "#[gorace::checked_test]\nfn counts() {\n    let n = gorace::sync::atomic::AtomicU32::new(0);\n    \
         for _ in 0..2_000 { n.fetch_add(1, gorace::sync::atomic::Ordering::SeqCst); }\n}\n",
    );
    assert_eq!(bank.gate(&[]).code, Some(0));
    bank.write(".config/gorace.toml", "[profile.default]\nmax-steps = 1000\n");
    let found = bank.run(&["test", "--message-format", "json"]);
    let line = found.stdout.lines().next().expect("a finding");
    let finding: serde_json::Value = serde_json::from_str(line).expect("JSON");
    assert_eq!(finding["code"], "GR0006", "{found:?}");
    let replayed = bank.run(&["replay", finding["id"].as_str().expect("an id")]);
    assert_eq!(replayed.code, Some(66), "{replayed:?}");
}
