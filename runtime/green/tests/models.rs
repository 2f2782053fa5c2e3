//! `gorace::any` and `gorace::assume`, bullet "For models" of the API's design page: "an explored choice, for
//! inputs", "drop this execution, counted".
#![cfg(feature = "check")]

use gorace::check::{Limit, Strategy, Verdict};
use gorace::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use gorace::sync::{Arc, Mutex};
use gorace::{Checker, Detach, any, assume};
use std::sync::atomic::AtomicI64;

/// What the executions of a check collected, outside of them.
fn collected<T: Ord + Send + 'static>(
    checker: Checker,
    body: impl Fn() -> T + Send + Sync + 'static,
) -> (gorace::Outcome, Vec<T>) {
    let all = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let theirs = all.clone();
    let outcome = checker.run(move || {
        let value = body();
        theirs.lock().unwrap().push(value);
    });
    let mut all = std::mem::take(&mut *all.lock().unwrap());
    if outcome.findings.is_empty() {
        // The first schedule is run once more, last of all.
        assert_eq!(outcome.auxiliary, 1);
        all.pop();
    }
    all.sort_unstable();
    (outcome, all)
}

#[test]
fn any_gives_every_number_below_n_once() {
    let (outcome, all) = collected(Checker::new(), || any(5));
    assert_eq!(all, [0, 1, 2, 3, 4]);
    assert_eq!((outcome.executions, outcome.verdict), (5, Verdict::Verified));
}

#[test]
fn choices_multiply() {
    let (outcome, all) = collected(Checker::new(), || (any(2), any(3)));
    assert_eq!(all, [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2)]);
    assert_eq!(outcome.executions, 6);
}

#[test]
fn choices_multiply_with_interleavings() {
    // 2! orders of two updates, for each of three inputs.
    let outcome = Checker::new().run(|| {
        let by = any(3);
        let sum = Arc::new(AtomicUsize::new(0));
        let theirs = sum.clone();
        let task = gorace::go!({ theirs.fetch_add(by, SeqCst) });
        sum.fetch_add(by, SeqCst);
        task.join().unwrap();
        assert_eq!(sum.load(SeqCst), 2 * by);
    });
    outcome.assert_clean();
    assert_eq!((outcome.executions, outcome.verdict), (6, Verdict::Verified));
}

#[test]
fn any_at_random_gives_every_number_too() {
    let checker = Checker::new().strategy(Strategy::Random).max_executions(200);
    let (_, mut all) = collected(checker, || any(4));
    all.dedup();
    assert_eq!(all, [0, 1, 2, 3]);
}

#[test]
fn a_finding_keeps_what_was_chosen() {
    let body = || {
        if any(7) == 4 {
            panic!("not four");
        }
    };
    let outcome = Checker::new().name("chosen").run(body);
    let finding = outcome.expect("panic")[0].clone();
    assert_eq!(finding.failing, 1, "one of seven");
    let token = gorace_engine::Token::parse(&finding.schedule).unwrap();
    let replayed = Checker::new().name("chosen").strategy(Strategy::Replay(token.schedule)).run(body);
    assert_eq!(replayed.expect("panic").len(), 1);
}

#[test]
#[should_panic(expected = "gorace::any(0): there is nothing to choose")]
fn any_of_nothing_panics() {
    any(0);
}

#[test]
#[should_panic(expected = "only a checked test")]
fn any_outside_of_an_execution_panics() {
    any(2);
}

#[test]
fn a_failed_assumption_drops_its_execution() {
    let (outcome, all) = collected(Checker::new(), || {
        let (a, b) = (any(3), any(3));
        assume(a < b);
        (a, b)
    });
    assert_eq!(all, [(0, 1), (0, 2), (1, 2)]);
    assert_eq!((outcome.executions, outcome.redundant, outcome.verdict), (3, 6, Verdict::Verified));
}

#[test]
fn an_assumption_that_holds_changes_nothing() {
    assume(true);
    let (outcome, all) = collected(Checker::new(), || {
        assume(true);
        any(2)
    });
    assert_eq!((all, outcome.redundant), (vec![0, 1], 0));
}

#[test]
#[should_panic(expected = "the assumption does not hold")]
fn a_failed_assumption_outside_of_an_execution_panics() {
    assume(false);
}

/// "Findings met before a failed assume in the same execution are not reported."
#[test]
fn what_was_found_before_a_failed_assumption_is_not_reported() {
    let outcome = Checker::new().run(|| {
        let bad = any(2) == 1;
        let task = gorace::go!({
            if bad {
                panic!("in an execution that is dropped");
            }
        });
        let _ = task.is_finished();
        assume(!bad);
    });
    outcome.assert_clean();
    assert_eq!(outcome.executions, 2, "asked before and after the task's end, with the good input");
    let raced = Checker::new().run(|| {
        let cell = Arc::new(gorace::cell::Shared::new(0));
        let theirs = cell.clone();
        gorace::go!({ theirs.set(1) });
        cell.set(2);
        assume(any(2) == 2);
    });
    assert_eq!(raced.expect("nothing_explored").len(), raced.findings.len());
}

/// "a run in which every execution was dropped is GR0008-like, never a silent pass"
#[test]
fn a_check_whose_executions_were_all_dropped_explored_nothing() {
    for strategy in [Strategy::Exhaustive, Strategy::Random] {
        let outcome = Checker::new().strategy(strategy).max_executions(50).run(|| {
            let n = any(3);
            assume(n > 2);
        });
        assert_eq!(outcome.findings.len(), 1);
        let finding = &outcome.expect("GR0008")[0];
        assert!(finding.title.contains("dropped every execution"), "{}", finding.title);
        assert_eq!((outcome.executions, outcome.verdict), (0, Verdict::Failed));
    }
}

#[test]
fn tasks_of_a_dropped_execution_end_with_their_destructors() {
    static ALIVE: AtomicI64 = AtomicI64::new(0);
    struct Counted;
    impl Counted {
        fn new() -> Self {
            ALIVE.fetch_add(1, SeqCst);
            Counted
        }
    }
    impl Drop for Counted {
        fn drop(&mut self) {
            ALIVE.fetch_sub(1, SeqCst);
        }
    }
    let outcome = Checker::new().run(|| {
        let _of_main = Counted::new();
        let lock = Arc::new(Mutex::new(0));
        let (tx, rx) = gorace::chan::<u32>(0);
        let waiting = {
            let lock = lock.clone();
            gorace::go!({
                let _of_task = Counted::new();
                let _guard = lock.lock();
                rx.recv()
            })
        };
        let assuming = gorace::go!({
            let _of_task = Counted::new();
            assume(any(2) == 0);
        });
        assuming.join().unwrap();
        tx.send(1);
        waiting.join().unwrap();
        assert_eq!(*lock.lock().unwrap(), 0);
    });
    outcome.assert_clean();
    assert!(outcome.redundant > 0 && outcome.verdict == Verdict::Verified, "{}", outcome.summary());
    assert_eq!(ALIVE.load(SeqCst), 0);
}

#[test]
fn a_caught_unwinding_does_not_save_a_dropped_execution() {
    let (outcome, all) = collected(Checker::new(), || {
        let n = any(2);
        let _ = std::panic::catch_unwind(|| assume(n == 0));
        gorace::thread::yield_now();
        n
    });
    assert_eq!((all, outcome.executions), (vec![0], 1));
}

#[test]
fn an_assumption_in_a_destructor_of_a_panicking_task_drops_the_execution() {
    struct Assumes;
    impl Drop for Assumes {
        fn drop(&mut self) {
            assume(false);
        }
    }
    let outcome = Checker::new().run(|| {
        if any(2) == 1 {
            let _assumes = Assumes;
            panic!("dropped with its execution");
        }
    });
    outcome.assert_clean();
    assert_eq!((outcome.executions, outcome.redundant), (1, 1));
}

#[test]
fn the_sum_of_the_counts_is_the_number_of_runs() {
    static BEGUN: AtomicI64 = AtomicI64::new(0);
    let outcome = Checker::new().run(|| {
        BEGUN.fetch_add(1, SeqCst);
        let (a, b) = (any(4), any(4));
        assume(a != b);
        assert!(a + b != 5, "two and three");
    });
    let sum = outcome.executions + outcome.redundant + outcome.auxiliary;
    assert_eq!(sum as i64, BEGUN.load(SeqCst));
    assert_eq!(outcome.expect("panic")[0].failing, 2);
}

/// The other tasks go on after a failed assumption: in which order it holds shows only in what they do then.
#[test]
fn the_order_in_which_an_assumption_holds_is_found() {
    let outcome = Checker::new().run(|| {
        let y = Arc::new(AtomicUsize::new(0));
        let theirs = y.clone();
        let writer = gorace::go!({ theirs.store(1, SeqCst) });
        assume(y.load(SeqCst) == 1);
        writer.join().unwrap();
    });
    outcome.assert_clean();
    // The load before the store, which is dropped, and after it.
    assert_eq!((outcome.executions, outcome.redundant, outcome.verdict), (1, 1, Verdict::Verified));
}

#[test]
fn what_waits_for_a_dropped_task_does_not_keep_its_execution_alive() {
    let outcome = Checker::new().run(|| {
        let done = Arc::new(AtomicUsize::new(0));
        let theirs = done.clone();
        let spinner = gorace::go!({
            while theirs.load(SeqCst) == 0 {
                gorace::thread::yield_now();
            }
        });
        assume(any(2) == 1);
        done.store(1, SeqCst);
        spinner.join().unwrap();
    });
    outcome.assert_clean();
    assert!(outcome.executions > 0 && outcome.redundant > 0, "{}", outcome.summary());
    assert_eq!(outcome.verdict, Verdict::Verified);
}

#[test]
fn an_assumption_that_holds_after_a_tick_is_found() {
    let outcome = Checker::new().run(|| {
        let ticks = Arc::new(AtomicUsize::new(0));
        let theirs = ticks.clone();
        gorace::go!({
            let ticker = gorace::time::Ticker::new(std::time::Duration::from_millis(1));
            loop {
                _ = ticker.c.recv();
                theirs.fetch_add(1, SeqCst);
            }
        })
        .detach();
        assume(ticks.load(SeqCst) > 0);
    });
    assert!(outcome.executions > 0, "{}", outcome.summary());
    // How many ticks may come before is bounded, and that is said.
    assert!(outcome.limits.contains(&Limit::TickerBound), "{}", outcome.summary());
}
