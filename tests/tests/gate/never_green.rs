//! What must not pass: a run that tested nothing, or less than it seems.

use crate::bank::Bank;

#[test]
fn a_filter_that_matches_nothing() {
    let bank = Bank::new("filter");
    let ran = bank.gate(&["no_such_test"]);
    assert_eq!(ran.code, Some(4), "{ran:?}");
    assert!(
        ran.stderr.contains("no #[gorace::checked_test] whose name contains `no_such_test` ran"),
        "{ran:?}"
    );
    // Tests that are expected make up for none that ran.
    assert_eq!(bank.gate(&["--write-baseline"]).code, Some(0));
    assert_eq!(bank.gate(&["no_such_test"]).code, Some(4));
    let part = bank.gate(&["fine", "--write-baseline"]);
    assert_eq!(part.code, Some(2), "a part of the tests is no baseline: {part:?}");
}

#[test]
fn a_test_that_was_expected_and_did_not_run() {
    let bank = Bank::new("expected");
    bank.fix();
    assert_eq!(bank.gate(&["--write-baseline"]).code, Some(0));
    assert_eq!(bank.gate(&[]).code, Some(0));
    bank.write("src/lib.rs", &bank.read("src/lib.rs").replace("fn fine", "#[ignore]\nfn fine"));
    let ran = bank.gate(&[]);
    assert_eq!(ran.code, Some(4), "{ran:?}");
    assert!(ran.stderr.contains("`expected::expected::tests::fine` was expected and did not run"), "{ran:?}");
}

/// A library and its binary are of one name: two tests that are called the same, of which one is taken away.
#[test]
fn a_test_of_a_name_that_another_binary_has_too() {
    let bank = Bank::empty("twice");
    bank.add("#[gorace::checked_test]\nfn fine() { gorace::go!({}).join().unwrap(); }\n");
    bank.write("src/main.rs", &format!("fn main() {{}}\n{}", bank.read("src/lib.rs")));
    let written = bank.gate(&["--write-baseline"]);
    assert!(written.stderr.contains("0 findings, 2 tests; commit it"), "{written:?}");
    assert_eq!(bank.gate(&[]).code, Some(0));
    bank.write("src/main.rs", "fn main() {}\n");
    let ran = bank.gate(&[]);
    assert_eq!(ran.code, Some(4), "{ran:?}");
    let words = "`twice::twice::tests::fine` was expected in 2 binaries of that name and ran in 1";
    assert!(ran.stderr.contains(words), "{ran:?}");
}

#[test]
fn a_test_that_ends_its_process_with_success() {
    let bank = Bank::empty("leaves");
    bank.add(
        "#[gorace::checked_test]\nfn leaves() { gorace::go!({}).join().unwrap(); std::process::exit(0) }\n",
    );
    for command in ["ci", "test"] {
        let ran = bank.run(&[command]);
        assert_eq!(ran.code, Some(100), "{ran:?}");
        assert!(ran.stderr.contains("`tests::leaves` did not come to its end"), "{}", ran.stderr);
    }
}

#[test]
fn one_interleaving_because_of_the_tests_own_budget() {
    let bank = Bank::empty("budget");
    bank.add(
        "#[gorace::checked_test(max_executions = 1)]\nfn one() {\n    \
         use gorace::sync::{Arc, Mutex};\n    let n = Arc::new(Mutex::new(0));\n    let other = n.clone();\n    \
         let task = gorace::go!({ *other.lock().unwrap() += 1 });\n    *n.lock().unwrap() += 1;\n    \
         task.join().unwrap();\n}\n",
    );
    for command in ["ci", "test"] {
        let ran = bank.run(&[command]);
        assert_eq!(ran.code, Some(4), "{ran:?}");
        let words = "`tests::one` explored one interleaving only, because of its own max_executions";
        assert!(ran.stderr.contains(words), "{}", ran.stderr);
    }
}

#[test]
fn a_search_that_a_budget_ended_where_all_is_required() {
    let bank = Bank::new("complete");
    bank.fix();
    let flags = ["--strategy", "random", "--max-executions", "20"];
    assert_eq!(bank.gate(&flags).code, Some(0));
    let ran = bank.gate(&[&flags[..], &["--require-complete"]].concat());
    assert_eq!(ran.code, Some(75), "{ran:?}");
    assert!(ran.stderr.contains("`tests::transfer` was not explored completely"), "{}", ran.stderr);
}

/// An ordinary test that fails beside a known finding: the finding does not explain it.
#[test]
fn a_failure_that_is_no_finding_behind_a_known_one() {
    let bank = Bank::new("behind");
    assert_eq!(bank.gate(&["--write-baseline"]).code, Some(0));
    bank.add("#[test]\nfn ordinary() { assert_eq!(1, 2); }\n");
    let ran = bank.gate(&[]);
    assert_eq!(ran.code, Some(100), "{ran:?}");
    assert_eq!(bank.gate(&["--write-baseline"]).code, Some(100), "nor is it written into a baseline");
}

#[test]
fn nothing_explored_is_never_known_nor_allowed() {
    let bank = Bank::empty("nothing");
    bank.add("#[gorace::checked_test]\nfn adds() { assert_eq!(1 + 1, 2); }\n");
    assert_eq!(bank.gate(&[]).code, Some(4));
    let written = bank.gate(&["--write-baseline"]);
    assert_eq!(written.code, Some(4), "{written:?}");
    assert!(written.stderr.contains("`tests::adds` explored nothing"), "{}", written.stderr);
}

#[test]
fn one_schedule_because_a_variable_was_left_behind() {
    let bank = Bank::new("left_behind");
    let ran = gorace_tests::run(bank.command(&["ci"]).env("GORACE_REPLAY", "v1."));
    assert_eq!(ran.code, Some(78), "{ran:?}");
    assert!(ran.stderr.contains("GORACE_REPLAY is set"), "{}", ran.stderr);
}

/// Tests of one name in the library and in the binary beside it: the second does not hide the first.
#[test]
fn a_bug_in_the_first_of_two_tests_of_one_name() {
    let bank = Bank::empty("twice");
    bank.add("#[gorace::checked_test]\nfn same() { gorace::chan::<u8>(0).1.recv(); }\n");
    bank.write(
        "src/main.rs",
        "fn main() {}\n#[cfg(test)]\nmod tests {\n    #[gorace::checked_test]\n    \
         fn same() { gorace::go!({}).join().unwrap(); }\n}\n",
    );
    let ran = bank.gate(&[]);
    assert_eq!(ran.code, Some(66), "{ran:?}");
    assert!(ran.stdout.contains("error[GR0002]"), "{}", ran.stdout);
}

/// Examples of the documentation have no names that a check could know them by.
#[test]
fn a_bug_in_the_first_of_two_examples() {
    let bank = Bank::new("examples");
    bank.fix();
    bank.add_outside(
        "/// ```\n/// gorace::check(|| { gorace::chan::<u8>(0).1.recv(); });\n/// ```\npub fn one() {}\n\
         /// ```\n/// gorace::check(|| gorace::go!({}).join().unwrap());\n/// ```\npub fn two() {}\n",
    );
    let ran = bank.gate(&[]);
    assert_eq!(ran.code, Some(66), "{ran:?}");
}

/// A check within an ordinary test is judged too, and one that is fine behind it does not hide it.
#[test]
fn a_check_made_by_hand_before_one_that_is_fine() {
    let bank = Bank::empty("by_hand");
    bank.add(
        "#[test]\nfn two() {\n    gorace::check(|| { gorace::chan::<u8>(0).1.recv(); });\n    \
         gorace::check(|| gorace::go!({}).join().unwrap());\n}\n",
    );
    let ran = bank.gate(&[]);
    assert_eq!(ran.code, Some(66), "{ran:?}");
    assert_eq!(ran.stdout.matches("error[GR0002]").count(), 1, "{}", ran.stdout);
}
