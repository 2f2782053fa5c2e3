//! Rounds over 1, 2 and 7 shares: the verdict, the findings and the counts of one process.

use crate::elements::{Elements, PROGRAMS, Said, said};
use gorace_tests::Crate;
use std::collections::BTreeMap;

/// Explores in rounds until nothing is left; gives what was said last of each test, and the number of rounds.
fn explore(elements: &Elements, shares: u32, budget: u64) -> (BTreeMap<String, Said>, u32) {
    let mut all = elements.begin(budget);
    let mut left = elements.path("start/resume");
    let mut rounds = 0;
    while left.is_dir() && std::fs::read_dir(&left).expect("a folder").next().is_some() {
        rounds += 1;
        assert!(rounds < 100, "it ends");
        let round = format!("round-{rounds}");
        let split =
            elements.gorace(&["split", &left.display().to_string(), "-n", &shares.to_string(), "-o", &round]);
        assert_eq!(split.code, Some(0), "{split:?}");
        for share in 1..=shares {
            let ran = elements.element(&elements.path(&format!("{round}/{share}")), budget);
            assert_eq!(ran.code, Some(0), "{ran:?}");
        }
        let merged = elements.merge(&round);
        all.extend(said(&merged));
        let of_all = all
            .values()
            .fold((0, 0), |(run, in_vain), said| (run + said.executions, in_vain + said.redundant));
        assert!(of_all.1 * 20 <= of_all.0, "at most 5 % in vain: {of_all:?}");
        left = elements.path(&format!("{round}/left"));
    }
    (all, rounds)
}

#[test]
fn what_one_process_says() {
    let whole = Elements::new("whole", &PROGRAMS, "strategy = \"exhaustive\", keep_going = true");
    let expected = said(&whole.gorace(&["ci", "--no-times", "--message-format", "json"]));
    assert_eq!(expected.len(), PROGRAMS.len());
    for (shares, budget) in [(1, 2), (2, 2), (7, 1)] {
        let name = format!("rounds-{shares}");
        let elements = Elements::new(&name, &PROGRAMS, "strategy = \"exhaustive\", keep_going = true");
        let (all, rounds) = explore(&elements, shares, budget);
        println!("{shares} shares: {rounds} rounds");
        assert!(rounds > 0);
        assert_eq!(all, expected, "{shares} shares");
    }
}

/// Programs of the catalog with timers and contexts.
const TIMED: [&str; 5] = [
    "context_leak_child_fixed",
    "deadline_ignored_fixed",
    "errgroup_first_error_fixed",
    "result_or_timeout",
    "result_or_timeout_fixed",
];

#[test]
fn with_timers() {
    let options = "strategy = \"exhaustive\", keep_going = true";
    let whole = Elements::new("timed", &TIMED, options);
    let expected = said(&whole.gorace(&["ci", "--no-times", "--message-format", "json"]));
    for shares in [2, 7] {
        let elements = Elements::new(&format!("timed-{shares}"), &TIMED, options);
        let (all, _) = explore(&elements, shares, 3);
        let without_redundant = |all: &BTreeMap<String, Said>| -> Vec<Said> {
            all.values().map(|said| Said { redundant: 0, steps: 0, ..said.clone() }).collect()
        };
        assert_eq!(without_redundant(&all), without_redundant(&expected), "{shares} shares");
    }
}

/// Whether an attempt succeeds is in doubt until it is made, and so is what comes of parts that begin with one.
#[test]
fn what_is_in_doubt_is_bounded() {
    let text = "#[gorace::checked_test(strategy = \"exhaustive\", timeout = \"60m\")]\nfn attempts() {\n    use gorace::sync::{Arc, Mutex};\n    \
        let n = Arc::new([Mutex::new(0), Mutex::new(0)]);\n    \
        let tasks = [0, 1, 0].map(|i| { let n = n.clone(); gorace::thread::spawn(move || for k in 0..2 {\n        \
        if let Ok(mut n) = n[(i + k) % 2].try_lock() { *n += 1; } *n[i].lock().unwrap() += 1; }) });\n    \
        tasks.into_iter().for_each(|task| task.join().unwrap());\n}\n";
    let whole = Elements::of(Crate::new("sure"), text);
    let expected = said(&whole.gorace(&["ci", "--no-times", "--message-format", "json"]));
    let elements = Elements::of(Crate::new("doubt"), text);
    let (all, rounds) = explore(&elements, 3, expected["attempts"].executions / 8);
    assert_eq!(all["attempts"].executions, expected["attempts"].executions);
    assert_eq!(all["attempts"].verdict, expected["attempts"].verdict);
    let is_bounded = |line: &str| line.starts_with("search ") && line.split(' ').nth(7) != Some("-");
    let shares =
        (1..=rounds).flat_map(|round| (1..=3).map(move |share| format!("round-{round}/{share}/resume")));
    let files =
        shares.flat_map(|folder| std::fs::read_dir(elements.path(&folder)).expect("a folder").flatten());
    let mut texts = files.map(|file| std::fs::read_to_string(file.path()).expect("text"));
    assert!(texts.any(|text| text.lines().any(is_bounded)), "no part was bounded in {rounds} rounds");
}

/// 16! / (4! 5! 7!) orders of the sections.
#[test]
#[ignore = "long: for the nightly run"]
fn over_a_million_interleavings() {
    let text = "#[gorace::checked_test(strategy = \"exhaustive\", timeout = \"60m\")]\nfn sections() {\n    use gorace::sync::{Arc, Mutex};\n    \
        let n = Arc::new(Mutex::new(0));\n    \
        let tasks = [4, 5, 7].map(|times| (times, n.clone())).map(|(times, n)| gorace::thread::spawn(move || for _ in 0..times { *n.lock().unwrap() += 1; }));\n    \
        tasks.into_iter().for_each(|task| task.join().unwrap());\n}\n";
    for shares in [1, 2, 7] {
        let elements = Elements::optimised(Crate::new("million"), text);
        let (all, rounds) = explore(&elements, shares, 200_000);
        println!("{shares} shares: {rounds} rounds");
        let said = &all["sections"];
        assert_eq!((&*said.verdict, said.executions, said.redundant), ("\"verified\"", 1_441_440, 0));
    }
}
