//! GR0007: a program that does something else under the same schedule.
#![cfg(feature = "check")]

use gorace::check::Strategy;
use gorace::sync::Arc;
use gorace::sync::atomic::{AtomicU32, Ordering::SeqCst};
use gorace::{Checker, Named};
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
    assert!(
        report.contains("expected: `main` (T0) to do what it did before (it accessed: Write)"),
        "{report}"
    );
    assert!(
        report.contains(&format!("`main` (T0) is at rmw (runtime/green/tests/nondeterminism.rs:{line}:15)")),
        "{report}"
    );
    // The operation that differs is shown, though nobody has performed it.
    let shown = report.lines().find(|row| row.contains("x.fetch_add(2, SeqCst); // here")).expect("its line");
    assert!(shown.trim_start().starts_with(&line.to_string()), "{report}");
    assert!(report.contains("differs from here on, at step "), "{report}");
    assert_eq!(outcome.findings[0].locations[0].line as usize, line);
}

/// Tasks have the names that they were given, wherever the difference is seen: on the way of a search, or where a
/// schedule that passed is run once more.
#[test]
fn tasks_and_objects_are_named() {
    let runs = plain::AtomicU64::new(0);
    let body = move || {
        let n = runs.fetch_add(1, plain::Ordering::Relaxed);
        let (x, y) = (Arc::new(AtomicU32::new(0).named("x")), Arc::new(AtomicU32::new(0).named("y")));
        let (of_x, of_y) = (x.clone(), y.clone());
        gorace::go!("worker", {
            if n.is_multiple_of(2) {
                of_x.store(1, SeqCst)
            } else {
                of_y.fetch_add(1, SeqCst);
            }
        });
        _ = (x.load(SeqCst), y.load(SeqCst));
    };
    let body = Arc::new(body);
    for strategy in [Strategy::Exhaustive, Strategy::Random] {
        let body = body.clone();
        let max = if strategy == Strategy::Random { 1 } else { 100 };
        let checker = Checker::new().name("named").strategy(strategy.clone()).max_executions(max);
        let outcome = checker.run(move || body());
        outcome.expect("GR0007");
        let report = outcome.report();
        assert!(report.contains("`worker` (T1)") && !report.contains("task 0"), "{report}");
        assert!(report.contains("differs from here on") && !report.contains("the end"), "{report}");
        let is_named =
            report.contains("on `x` by `worker` (T1)") || report.contains("on `y` by `worker` (T1)");
        assert_eq!(is_named, strategy == Strategy::Random, "{report}");
    }
}
