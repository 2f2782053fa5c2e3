//! Go's `runtime`, inside an execution and outside.
#![cfg(feature = "check")]

use gorace::check::{Strategy, Verdict};
use gorace::sync::{Arc, Mutex, Once, RwLock};
use gorace::{Checker, Outcome, chan, runtime};
use std::collections::BTreeSet;

fn every(body: impl Fn() + Send + Sync + 'static) -> Outcome {
    Checker::new().strategy(Strategy::Exhaustive).keep_going(true).run(body)
}

fn codes(outcome: &Outcome) -> Vec<&'static str> {
    outcome.findings.iter().map(|finding| finding.code.code()).collect()
}

/// "Goexit terminates the goroutine that calls it. No other goroutine is affected. Goexit runs all deferred calls
/// before terminating the goroutine."
fn goexit_runs_destructors_and_nothing_behind_it() {
    struct Deferred(Arc<Mutex<Vec<&'static str>>>);
    impl Drop for Deferred {
        fn drop(&mut self) {
            self.0.lock().unwrap().push("deferred");
        }
    }
    let log = Arc::new(Mutex::new(Vec::new()));
    let of_goroutine = log.clone();
    let goroutine = gorace::go!({
        let _deferred = Deferred(of_goroutine.clone());
        of_goroutine.lock().unwrap().push("runs");
        if !of_goroutine.lock().unwrap().is_empty() {
            runtime::goexit();
        }
        of_goroutine.lock().unwrap().push("is never reached");
    });
    assert!(goroutine.join().is_err());
    assert_eq!(*log.lock().unwrap(), ["runs", "deferred"]);
}

#[test]
fn goexit_runs_destructors_outside() {
    goexit_runs_destructors_and_nothing_behind_it();
}

#[test]
fn goexit_runs_destructors_inside() {
    let outcome = every(goexit_runs_destructors_and_nothing_behind_it);
    outcome.assert_clean();
    assert_eq!(outcome.verdict, Verdict::Verified);
}

/// "Because Goexit is not a panic": nobody is told of one, and no lock is poisoned.
#[test]
fn goexit_poisons_nothing_that_is_modelled() {
    let outcome = every(|| {
        let locks = Arc::new((Mutex::new(1), RwLock::new(2), Once::new()));
        let held = locks.clone();
        let goroutine = gorace::go!({
            let _mutex = held.0.lock().unwrap();
            let _write = held.1.write().unwrap();
            held.2.call_once(|| runtime::goexit());
        });
        drop(goroutine.join());
        assert!(!locks.0.is_poisoned() && !locks.1.is_poisoned());
        assert_eq!((*locks.0.lock().unwrap(), *locks.1.read().unwrap()), (1, 2));
        let mut ran = false;
        locks.2.call_once(|| ran = true);
        assert!(ran);
    });
    outcome.assert_clean();
}

/// A `goexit` that the program caught is over; a panic after it is a panic.
#[test]
fn a_caught_goexit_leaves_no_trace_on_what_comes_after() {
    let outcome = every(|| {
        let once = Arc::new(Once::new());
        let theirs = once.clone();
        let task = gorace::go!({
            assert!(std::panic::catch_unwind(|| runtime::goexit()).is_err());
            theirs.call_once(|| panic!("in the initialisation"));
        });
        assert!(task.join().is_err());
        let again = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| once.call_once(|| ())));
        assert!(again.is_err(), "it is poisoned");
    });
    outcome.assert_clean();
}

/// What waits in a destructor while its task leaves is ended by the execution's end, like everything else.
#[test]
fn a_destructor_that_waits_for_ever_while_its_task_leaves_is_torn_down() {
    struct Waits(gorace::Receiver<()>);
    impl Drop for Waits {
        fn drop(&mut self) {
            self.0.recv();
        }
    }
    let outcome = every(|| {
        let (_tx, rx) = chan(0);
        gorace::go!({
            let _waits = Waits(rx);
            runtime::goexit();
        });
    });
    assert_eq!(codes(&outcome), ["GR0003"]);
}

/// "Calling Goexit from the main goroutine terminates that goroutine without func main returning. Since func main
/// has not returned, the program continues execution of other goroutines. If all other goroutines exit, the
/// program crashes."
#[test]
fn goexit_in_main_lets_the_others_run_on_and_then_the_program_is_dead() {
    let ran = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let counts = ran.clone();
    let outcome = every(move || {
        let counts = counts.clone();
        gorace::go!({ counts.fetch_add(1, std::sync::atomic::Ordering::SeqCst) });
        runtime::goexit();
    });
    assert_eq!(codes(&outcome), ["GR0002"]);
    let report = outcome.report().to_string();
    assert!(
        report.contains("fatal error: no goroutines (main called runtime.Goexit) - deadlock!"),
        "{report}"
    );
    assert!(ran.load(std::sync::atomic::Ordering::SeqCst) > 0);
}

/// Go's runtime, `checkdead`: those words only if no goroutine is left, waiting or not.
#[test]
fn goexit_in_main_while_another_waits_is_the_usual_deadlock() {
    let outcome = every(|| {
        let (_tx, rx) = chan::<u8>(0);
        gorace::go!({ rx.recv() });
        runtime::goexit();
    });
    assert_eq!(codes(&outcome), ["GR0002"]);
    let report = outcome.report().to_string();
    assert!(report.contains("fatal error: all goroutines are asleep - deadlock!"), "{report}");
}

/// "NumGoroutine returns the number of goroutines that currently exist."
#[test]
fn num_goroutine_counts_starts_and_ends() {
    let seen = std::sync::Arc::new(std::sync::Mutex::new(BTreeSet::new()));
    let kept = seen.clone();
    let outcome = every(move || {
        let (first, second) = (gorace::go!({}), gorace::thread::spawn(|| ()));
        kept.lock().unwrap().insert(runtime::num_goroutine());
        first.join().unwrap();
        second.join().unwrap();
        assert_eq!(runtime::num_goroutine(), 1);
    });
    outcome.assert_clean();
    // Each of the two may have ended before the count or not; the ends commute, so that it is four executions.
    assert_eq!(*seen.lock().unwrap(), BTreeSet::from([1, 2, 3]));
    assert_eq!(outcome.executions, 4, "{}", outcome.summary());
}

#[test]
fn a_spin_on_num_goroutine_ends() {
    every(|| {
        let _ = gorace::go!({ drop(Mutex::new(0).lock()) });
        while runtime::num_goroutine() > 1 {
            runtime::gosched();
        }
    })
    .assert_clean();
    let outcome = every(|| {
        let _ = gorace::go!({ drop(Mutex::new(0).lock()) });
        while runtime::num_goroutine() > 1 {}
    });
    assert_eq!(codes(&outcome), [""; 0]);
}

#[test]
fn num_goroutine_counts_outside() {
    let (tx, rx) = chan::<()>(0);
    let before = runtime::num_goroutine();
    let waits = gorace::go!({
        let _ = rx.recv();
    });
    // Other tests of this process may start and end some meanwhile, and this one is there in any case.
    assert!(runtime::num_goroutine() >= 2 && before >= 1);
    tx.send(());
    waits.join().unwrap();
}

/// "GOMAXPROCS sets the maximum number of CPUs that can be executing simultaneously and returns the previous
/// setting. ... If n < 1, it does not change the current setting."
#[test]
fn gomaxprocs_gives_the_setting_before() {
    let body = || {
        let first = runtime::gomaxprocs(0);
        assert!(first >= 1);
        assert_eq!(runtime::gomaxprocs(7), first);
        assert_eq!(runtime::gomaxprocs(0), 7);
        assert_eq!(runtime::gomaxprocs(first), 7);
    };
    body();
    every(move || {
        assert_eq!(runtime::gomaxprocs(3), 2, "each execution begins with the same");
        runtime::gomaxprocs(2);
        body();
    })
    .assert_clean();
}

#[test]
fn a_locked_goroutine_goes_on() {
    let body = || {
        runtime::lock_os_thread();
        runtime::gosched();
        runtime::unlock_os_thread();
    };
    body();
    every(body).assert_clean();
}
