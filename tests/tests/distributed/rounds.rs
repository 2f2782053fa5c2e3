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
