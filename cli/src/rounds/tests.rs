//! Damaged resume files and shares: read or refused, divided and joined, without a panic.

use super::{divide, join};
use crate::damage;
use gorace_analyzer::finding::{FNV_START, fnv};
use gorace_engine::explore::{Budget, Explorer, ResumeFile, SearchLeft, Strategy};

/// A file as a check leaves it before its first execution.
fn whole() -> ResumeFile {
    let budget = Budget {
        max_executions: 1,
        max_preemptions: None,
        max_steps: 100,
        idle_clock: false,
        spurious: false,
        after_finding: None,
    };
    let state = Explorer::new(Strategy::Exhaustive, 7, budget, Vec::new()).state();
    let setting = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
    ResumeFile {
        program: (9, "a test".to_owned()),
        settings: [
            ("gorace", "0.1.0"),
            ("strategy", "exhaustive"),
            ("seed", "7"),
            ("max_preemptions", "none"),
            ("max_steps", "100"),
            ("clock", "any"),
            ("spurious", "false"),
        ]
        .map(setting)
        .to_vec(),
        schedules: vec!["v1.".parse().expect("a token")],
        searches: vec![SearchLeft { state, ..SearchLeft::default() }],
        ..ResumeFile::default()
    }
}

#[test]
fn what_was_divided_and_not_run_is_joined_to_what_it_was() {
    let whole = whole();
    let shares = divide(&whole, 3).expect("divided");
    assert_eq!(shares.len(), 4);
    let read: Vec<ResumeFile> =
        shares.iter().map(|share| ResumeFile::parse(share.to_string().as_bytes()).expect("read")).collect();
    assert_eq!(read, shares);
    let joined = join(&read[0], &read[1..].iter().collect::<Vec<_>>()).expect("joined");
    assert_eq!((joined.file, joined.is_complete), (whole, false));
}

#[test]
fn a_sum_is_taken_to_the_letter() {
    let text = whole().to_string();
    let (body, sum) = text.rsplit_once("sum ").expect("a sum");
    assert!(ResumeFile::parse(text.as_bytes()).is_ok());
    for before in ["+", "0", " "] {
        let other = format!("{body}sum {before}{sum}");
        assert!(ResumeFile::parse(other.as_bytes()).is_err(), "{before}{sum}");
    }
}

#[test]
fn damaged_files() {
    let whole = whole();
    let share = divide(&whole, 1).expect("divided").remove(1).to_string();
    let (mut read, mut refused) = (0, 0);
    for text in [whole.to_string(), share] {
        damage::each(&text, |damaged| {
            assert!(damaged == text || ResumeFile::parse(damaged.as_bytes()).is_err(), "its sum says so");
            // Whoever damages it may mend the sum.
            let body = damaged.rsplit_once("sum ").map_or(damaged, |(body, _)| body);
            let mended = format!("{body}sum {:016x}\n", fnv(FNV_START, body.as_bytes()));
            let Ok(file) = ResumeFile::parse(mended.as_bytes()) else {
                refused += 1;
                return;
            };
            read += 1;
            if let Ok(shares) = divide(&file, 2) {
                let _ = join(&shares[0], &[&shares[1], &shares[2]]);
                let _ = join(&shares[0], &[&file]);
            }
        });
    }
    assert!(read > 100 && refused > 100, "{read} read, {refused} refused");
}
