//! What may still be there when main returns, and what it is called.
#![cfg(feature = "check")]

use gorace::sync::{Arc, Mutex};
use gorace::{Checker, Detach, Outcome, chan, go, thread};

fn codes(outcome: &Outcome) -> Vec<&'static str> {
    outcome.findings.iter().map(|finding| finding.code.code()).collect()
}

fn run(body: fn()) -> Outcome {
    Checker::new().keep_going(true).run(body)
}

/// "main has finished and a task is blocked for ever" is GR0003.
#[test]
fn a_task_that_is_blocked_for_ever_is_a_leak() {
    let outcome = run(|| {
        let (tx, rx) = chan::<u8>(0);
        go!("waits", { rx.recv() });
        drop(tx);
    });
    assert_eq!(codes(&outcome), ["GR0003"]);
    assert!(outcome.findings[0].title.contains("`waits`"), "{}", outcome.findings[0].title);
}

/// "A leaked task is judged after main returned and everything else ran to quiescence, so a task that would still
/// finish is no leak": here another one wakes it, when main is gone.
#[test]
fn leaks_are_judged_after_quiescence() {
    let outcome = run(|| {
        let (tx, rx) = chan::<u8>(0);
        go!("waits", { rx.recv() });
        go!("wakes", {
            for _ in 0..3 {
                thread::yield_now();
            }
            tx.send(1);
        });
    });
    outcome.assert_clean();
}

/// "`JoinHandle::detach()` (meant to outlive main: no leak)", of threads and of goroutines.
#[test]
fn a_detached_task_is_no_leak() {
    let outcome = run(|| {
        let (tx, rx) = chan::<u8>(0);
        let theirs = rx.clone();
        go!({ theirs.recv() }).detach();
        thread::spawn(move || rx.recv()).detach();
        drop(tx);
    });
    outcome.assert_clean();
}

/// "a cycle among some tasks .. while others run or after main has returned (partial deadlock)" is GR0002 even if
/// nobody joins them, and if they are detached.
#[test]
fn a_cycle_after_main_is_a_deadlock() {
    let outcome = run(|| {
        let (a, b) = (Arc::new(Mutex::new(0)), Arc::new(Mutex::new(0)));
        let (a2, b2) = (a.clone(), b.clone());
        go!({
            let _a = a.lock().unwrap();
            let _b = b.lock().unwrap();
        })
        .detach();
        go!({
            let _b = b2.lock().unwrap();
            let _a = a2.lock().unwrap();
        })
        .detach();
    });
    assert_eq!(codes(&outcome), ["GR0002"]);
}

/// "A panic in a `go!` task that nobody joins kills the program in Go: GR0004 here, at the end of that execution":
/// main goes on meanwhile.
#[test]
fn a_goroutines_panic_does_not_end_main() {
    let ended = std::sync::Arc::new(std::sync::atomic::AtomicU32::new(0));
    let count = ended.clone();
    let outcome = Checker::new().keep_going(true).run(move || {
        go!({ panic!("lost") });
        thread::yield_now();
        count.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
    });
    assert_eq!(codes(&outcome), ["GR0004"]);
    // Others may have been abandoned on the way.
    assert!(u64::from(ended.load(std::sync::atomic::Ordering::SeqCst)) >= outcome.executions, "{outcome:?}");
}

/// "A finding ends its task, never the execution": what others do afterwards is judged as well.
#[test]
fn a_finding_does_not_end_the_execution() {
    let outcome = run(|| {
        go!({ panic!("lost") });
        let (tx, rx) = chan::<u8>(0);
        tx.close();
        go!({ rx.close() });
    });
    let mut codes = codes(&outcome);
    codes.sort_unstable();
    assert_eq!(codes, ["GR0004", "GR0005"]);
}

/// Whoever has left a barrier knows of all who came, also by way of the one who came last: none of them has anything to
/// do any more when main returns.
#[test]
fn who_came_to_mains_barrier_has_nothing_left_to_do() {
    let outcome = run(|| {
        let barrier = Arc::new(gorace::sync::Barrier::new(3));
        for _ in 0..2 {
            let theirs = barrier.clone();
            go!({ theirs.wait() });
        }
        barrier.wait();
    });
    outcome.assert_clean();
    assert!(outcome.notes().is_empty(), "{:?}", outcome.notes());
}
