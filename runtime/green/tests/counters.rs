//! What an outcome counts is what was run: the body counts for itself.
#![cfg(feature = "check")]

use gorace::check::{Strategy, Verdict};
use gorace::sync::atomic::{AtomicU32, Ordering::SeqCst};
use gorace::sync::{Arc, Mutex};
use gorace::{Checker, Outcome};
use std::sync::atomic::AtomicU64;

/// Runs `body` and compares; the counter is the test's own, and no part of what is explored.
fn counted(checker: Checker, body: impl Fn() + Send + Sync + 'static) -> Outcome {
    let begun = std::sync::Arc::new(AtomicU64::new(0));
    let counter = begun.clone();
    let outcome = checker.run(move || {
        counter.fetch_add(1, SeqCst);
        body();
    });
    let sum = outcome.executions + outcome.redundant + outcome.auxiliary;
    assert_eq!(sum, begun.load(SeqCst), "{}", outcome.summary());
    outcome
}

fn three_writers() {
    let x = Arc::new(AtomicU32::new(0));
    let writers: Vec<_> = (0..3)
        .map(|i| {
            let x = x.clone();
            gorace::go!({ x.store(i, SeqCst) })
        })
        .collect();
    writers.into_iter().for_each(|writer| writer.join().unwrap());
}

fn deadlocks() {
    let (a, b) = (Arc::new(Mutex::new(0)), Arc::new(Mutex::new(0)));
    let (a2, b2) = (a.clone(), b.clone());
    let other = gorace::go!({
        let _b = b2.lock().unwrap();
        let _a = a2.lock().unwrap();
    });
    {
        let _a = a.lock().unwrap();
        let _b = b.lock().unwrap();
    }
    other.join().unwrap();
}

#[test]
fn exhaustive() {
    let outcome = counted(Checker::new().name("three").strategy(Strategy::Exhaustive), three_writers);
    // 3! orders of the stores.
    assert_eq!((outcome.executions, outcome.verdict), (6, Verdict::Verified));
}

#[test]
fn random() {
    let outcome =
        counted(Checker::new().name("three").strategy(Strategy::Random).max_executions(500), three_writers);
    assert_eq!((outcome.executions, outcome.verdict), (500, Verdict::Tested));
}

#[test]
fn bounded() {
    let checker = Checker::new().name("three").strategy(Strategy::Exhaustive).max_preemptions(0);
    let outcome = counted(checker, three_writers);
    assert_eq!(outcome.verdict, Verdict::VerifiedUpTo { preemptions: 0 });
    assert_eq!(outcome.executions, 6);
}

#[test]
fn automatic_within_a_budget() {
    for max in [1, 2, 5, 6, 7, 30] {
        let outcome = counted(Checker::new().name("three").max_executions(max), three_writers);
        assert!(outcome.executions + outcome.redundant <= max, "{}", outcome.summary());
    }
}

/// Of the 90 interleavings of three increments that are not atomic, 24 classes need at most one preemption, and 36 at most
/// two, which are all. In 6 and 12 of these the counter is 1 at the end. A bounded search begins others in vain, in which
/// it is 1 as well.
#[test]
fn what_shows_a_finding_is_counted_as_what_was_run_is() {
    for (bound, interleavings, failing) in [(1, 24, 6), (2, 36, 12)] {
        let checker = Checker::new().name("increments").strategy(Strategy::Exhaustive).keep_going(true);
        let outcome = counted(checker.max_preemptions(bound), || {
            let n = Arc::new(AtomicU32::new(0));
            let tasks =
                [(); 3].map(|()| n.clone()).map(|n| gorace::go!({ n.store(n.load(SeqCst) + 1, SeqCst) }));
            tasks.into_iter().for_each(|task| task.join().unwrap());
            assert!(n.load(SeqCst) >= 2);
        });
        assert_eq!((outcome.executions, outcome.findings.len()), (interleavings, 1), "{outcome:?}");
        assert_eq!(outcome.findings[0].failing, failing, "at most {bound} preemptions");
    }
}

#[test]
fn with_findings() {
    for (name, strategy) in
        [("all", Strategy::Exhaustive), ("some", Strategy::Random), ("auto", Strategy::Auto)]
    {
        let checker = Checker::new().name(name).strategy(strategy).max_executions(300);
        let outcome = counted(checker, deadlocks);
        assert_eq!(outcome.verdict, Verdict::Failed);
        assert!(outcome.auxiliary > 0, "a finding is confirmed: {}", outcome.summary());
    }
}
