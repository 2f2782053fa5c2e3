//! Rounds over 1, 2 and 7 shares: the verdict, the findings and the counts of one process.

use crate::elements::{Elements, PROGRAMS, Said, said};
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
