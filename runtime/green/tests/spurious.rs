//! Spurious wake-ups and failures, "on request": what std allows and nobody sees in a test.
#![cfg(feature = "check")]

use gorace::check::{Strategy, Verdict};
use gorace::future::block_on;
use gorace::sync::atomic::{AtomicBool, AtomicU32, Ordering::SeqCst};
use gorace::sync::{Arc, Condvar, Mutex};
use gorace::{Checker, Outcome, thread};
use std::future::poll_fn;
use std::task::Poll;
use std::time::Duration;

/// Clean by default, so that the finding with the option is owed to it alone.
fn only_if_let_down(body: fn()) -> Outcome {
    let name = |checker: Checker| checker.name("let down").strategy(Strategy::Exhaustive);
    let default = name(Checker::new()).run(body);
    default.assert_clean();
    assert_eq!(default.verdict, Verdict::Verified);
    name(Checker::new()).spurious(true).run(body)
}

/// Clean with the option as well.
fn bears_it(body: impl Fn() + Send + Sync + Copy + 'static) -> u64 {
    let default = Checker::new().run(body);
    default.assert_clean();
    let outcome = Checker::new().spurious(true).run(body);
    outcome.assert_clean();
    assert_eq!(outcome.verdict, Verdict::Verified, "{}", outcome.summary());
    outcome.executions
}

fn waits_with_if() {
    let pair = Arc::new((Mutex::new(false), Condvar::new()));
    let theirs = pair.clone();
    let task = gorace::go!({
        *theirs.0.lock().unwrap() = true;
        theirs.1.notify_one();
    });
    let mut ready = pair.0.lock().unwrap();
    if !*ready {
        ready = pair.1.wait(ready).unwrap();
    }
    assert!(*ready, "woken without a notification");
    drop(ready);
    task.join().unwrap();
}

/// "Note that this function is susceptible to spurious wakeups. Condition variables normally have a boolean
/// predicate associated with them, and the predicate must always be checked each time this function returns".
#[test]
fn a_wait_with_if_is_found_on_request() {
    let outcome = only_if_let_down(waits_with_if);
    assert_eq!(outcome.expect("panic").len(), outcome.findings.len());
    let report = outcome.report();
    assert!(report.contains("`main` (T0) wakes here, woken by nobody"), "{report}");
    assert!(report.contains("wait in a `while`, not in an `if`"), "{report}");
}

#[test]
fn a_wait_with_while_bears_it() {
    bears_it(|| {
        let pair = Arc::new((Mutex::new(false), Condvar::new()));
        let theirs = pair.clone();
        let task = gorace::go!({
            *theirs.0.lock().unwrap() = true;
            theirs.1.notify_one();
        });
        let mut ready = pair.0.lock().unwrap();
        while !*ready {
            ready = pair.1.wait(ready).unwrap();
        }
        drop(ready);
        drop(pair.1.wait_while(pair.0.lock().unwrap(), |ready| !*ready).unwrap());
        task.join().unwrap();
    });
}

/// "A call to park does not guarantee that the thread will remain parked forever, and callers should be prepared for
/// this possibility."
#[test]
fn a_park_without_a_condition_is_found_on_request() {
    let outcome = only_if_let_down(|| {
        let ready = Arc::new(AtomicBool::new(false));
        let theirs = ready.clone();
        let task = thread::spawn(move || {
            thread::park();
            assert!(theirs.load(SeqCst), "woken by nobody");
        });
        ready.store(true, SeqCst);
        task.thread().unpark();
        task.join().unwrap();
    });
    assert_eq!(outcome.expect("panic").len(), outcome.findings.len());
}

#[test]
fn a_park_in_a_loop_bears_it() {
    bears_it(|| {
        let ready = Arc::new(AtomicBool::new(false));
        let theirs = ready.clone();
        let task = thread::spawn(move || {
            while !theirs.load(SeqCst) {
                thread::park();
            }
        });
        ready.store(true, SeqCst);
        task.thread().unpark();
        task.join().unwrap();
    });
}

/// "this function is allowed to spuriously fail even when the comparison succeeds".
#[test]
fn a_weak_exchange_that_is_tried_once_is_found_on_request() {
    let outcome = only_if_let_down(|| {
        let taken = AtomicBool::new(false);
        thread::yield_now();
        assert!(taken.compare_exchange_weak(false, true, SeqCst, SeqCst).is_ok());
    });
    assert_eq!(outcome.expect("panic").len(), outcome.findings.len());
    assert!(
        outcome.report().contains("although the value of `taken` is the expected one"),
        "{}",
        outcome.report()
    );
}

#[test]
fn a_strong_exchange_never_fails_spuriously() {
    let executions = bears_it(|| {
        let taken = AtomicBool::new(false);
        assert_eq!(taken.compare_exchange(false, true, SeqCst, SeqCst), Ok(false));
    });
    assert_eq!(executions, 1);
}

#[test]
fn a_spurious_failure_gives_the_value_and_changes_nothing() {
    let outcome = Checker::new().spurious(true).run(|| {
        let n = AtomicU32::new(7);
        match n.compare_exchange_weak(7, 8, SeqCst, SeqCst) {
            Ok(old) => assert_eq!((old, n.load(SeqCst)), (7, 8)),
            Err(seen) => assert_eq!((seen, n.load(SeqCst)), (7, 7)),
        }
        assert!(n.compare_exchange_weak(1, 2, SeqCst, SeqCst).is_err());
    });
    outcome.assert_clean();
    assert_eq!(outcome.executions, 2, "one that succeeds, one that fails");
}

/// "Bounded": two attempts in a row do not both fail, so that a retry loop is two executions and not endless.
#[test]
fn nobody_is_let_down_twice_in_a_row() {
    let executions = bears_it(|| {
        let n = AtomicU32::new(0);
        let mut failures = 0;
        while n.compare_exchange_weak(0, 1, SeqCst, SeqCst).is_err() {
            failures += 1;
        }
        assert!(failures <= 1);
    });
    assert_eq!(executions, 2);
    let executions = bears_it(|| {
        let (a, b) = (AtomicU32::new(0), AtomicU32::new(0));
        while a.compare_exchange_weak(0, 1, SeqCst, SeqCst).is_err() {}
        while b.compare_exchange_weak(0, 1, SeqCst, SeqCst).is_err() {}
        a.fetch_update(SeqCst, SeqCst, |n| Some(n + 1)).unwrap();
    });
    assert_eq!(executions, 2 * 2 * 2, "each of three may fail once");
}

/// A spurious wake-up of a timed wait is not its timeout.
#[test]
fn a_timed_wait_that_is_let_down_did_not_time_out() {
    let both = std::sync::Arc::new(std::sync::Mutex::new(std::collections::BTreeSet::new()));
    let theirs = both.clone();
    let outcome = Checker::new().spurious(true).run(move || {
        let pair = (Mutex::new(()), Condvar::new());
        let start = gorace::time::Instant::now();
        let guard = pair.0.lock().unwrap();
        let (_guard, ended) = pair.1.wait_timeout(guard, Duration::from_secs(1)).unwrap();
        let waited = start.elapsed() >= Duration::from_secs(1);
        assert_eq!(ended.timed_out(), waited);
        theirs.lock().unwrap().insert(waited);
    });
    outcome.assert_clean();
    assert_eq!(both.lock().unwrap().len(), 2, "let down, and timed out");
}

/// A future may be polled although nobody woke it.
#[test]
fn a_future_that_takes_a_poll_for_a_wake_up_is_found_on_request() {
    let outcome = only_if_let_down(|| {
        let ready = Arc::new(AtomicBool::new(false));
        let theirs = ready.clone();
        let kept = Arc::new(Mutex::new(None::<std::task::Waker>));
        let of_task = kept.clone();
        let task = gorace::go!({
            theirs.store(true, SeqCst);
            let waker = of_task.lock().unwrap().take();
            waker.map(std::task::Waker::wake)
        });
        let mut polled = false;
        block_on(poll_fn(|cx| {
            let mut slot = kept.lock().unwrap();
            if polled || ready.load(SeqCst) {
                return Poll::Ready(());
            }
            polled = true;
            *slot = Some(cx.waker().clone());
            Poll::Pending
        }));
        assert!(ready.load(SeqCst));
        task.join().unwrap();
    });
    assert_eq!(outcome.expect("panic").len(), outcome.findings.len());
}

/// Go's `sync.Cond`: "Unlike in other systems, Wait cannot return unless awoken by [Cond.Broadcast] or [Cond.Signal]."
#[test]
fn go_conditions_are_never_let_down() {
    let outcome = Checker::new().spurious(true).run(|| {
        let cond = gorace::go::Cond::new(&gorace::go::Mutex::new());
        let ready = Arc::new(AtomicBool::new(false));
        let (of_task, theirs) = (cond.clone(), ready.clone());
        cond.l.lock();
        let task = gorace::go!({
            of_task.l.lock();
            theirs.store(true, SeqCst);
            of_task.signal();
            of_task.l.unlock();
        });
        cond.wait();
        assert!(ready.load(SeqCst));
        cond.l.unlock();
        task.join().unwrap();
    });
    outcome.assert_clean();
}

#[test]
fn a_schedule_says_by_itself_where_somebody_was_let_down() {
    let found = Checker::new().name("a schedule").spurious(true).run(waits_with_if);
    let token = gorace_engine::Token::parse(&found.expect("panic")[0].schedule).unwrap();
    let replay = Strategy::Replay(token.schedule);
    let replayed = Checker::new().name("a schedule").strategy(replay).run(waits_with_if);
    // Its panic poisons the lock, so that the other task may panic too.
    assert_eq!(replayed.expect("panic").len(), replayed.findings.len());
}

#[gorace::checked_test(spurious = true, expect = "panic")]
fn the_attribute_asks_for_it() {
    waits_with_if();
}
