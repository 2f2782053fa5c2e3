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
         let task = gorace::go!({ gorace::thread::yield_now() });\n    gorace::thread::yield_now();\n    \
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
