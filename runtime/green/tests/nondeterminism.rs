//! GR0007: a program that does something else under the same schedule.
#![cfg(feature = "check")]

use gorace::Checker;
use gorace::check::Strategy;
use gorace::sync::Arc;
use gorace::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::sync::atomic as plain;

/// A program that does something else when it is run again is told at the place where it does.
#[test]
fn what_differs_is_told_with_its_place() {
    let runs = plain::AtomicU64::new(0);
    let outcome = Checker::new().name("differs").strategy(Strategy::Exhaustive).run(move || {
        let is_first = runs.fetch_add(1, plain::Ordering::Relaxed) == 0;
        let x = Arc::new(AtomicU32::new(0));
        let other = x.clone();
        let task = gorace::thread::spawn(move || other.store(1, SeqCst));
        if is_first {
            x.store(2, SeqCst);
        } else {
            x.fetch_add(2, SeqCst); // here
        }
        _ = x.load(SeqCst);
        task.join().unwrap();
    });
    let line =
        include_str!("nondeterminism.rs").lines().position(|line| line.ends_with("// here")).unwrap() + 1;
    outcome.expect("GR0007");
    let report = outcome.report();
    assert!(report.contains("expected: task 0 to do what it did before (it accessed: Write)"), "{report}");
    assert!(
        report.contains(&format!("task 0 is at rmw (runtime/green/tests/nondeterminism.rs:{line}:15)")),
        "{report}"
    );
}
