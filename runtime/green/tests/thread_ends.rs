//! The end of a thread's closure, destructors of its thread-locals, and its exit: who waits for which of them.
#![cfg(feature = "check")]

mod three_ways;

use gorace::Checker;
use gorace::check::{Strategy, Verdict};
use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::Mutex as Outside;

three_ways! {
    /// Std's scope waits for the closures alone, whether it returns or unwinds. So a destructor may wait for what comes
    /// after the scope.
    fn a_scope_ends_before_destructors_of_thread_locals() {
        struct Waits { until: sync::mpsc::Receiver<()>, then: sync::mpsc::Sender<()> }
        impl Drop for Waits {
            fn drop(&mut self) {
                self.until.recv().unwrap();
                self.then.send(()).unwrap();
            }
        }
        thread_local! {
            static OWN: RefCell<Option<Waits>> = const { RefCell::new(None) };
        }
        for unwinds in [false, true] {
            let (go_on, until) = sync::mpsc::channel();
            let (then, destroyed) = sync::mpsc::channel();
            let ended = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| thread::scope(|s| {
                s.spawn(|| OWN.set(Some(Waits { until, then })));
                assert!(!unwinds, "of the scope");
            })));
            assert_eq!(ended.is_err(), unwinds);
            go_on.send(()).unwrap();
            destroyed.recv().unwrap();
        }
    }

    /// Std promises no order, and has this one on Linux. One that is made by a destructor is next.
    #[cfg_attr(not(target_os = "linux"), ignore = "its order is another one there")]
    fn the_value_that_was_made_last_is_destroyed_first() {
        struct Notes(u32, sync::Arc<sync::Mutex<Vec<u32>>>);
        impl Drop for Notes {
            fn drop(&mut self) {
                self.1.lock().unwrap().push(self.0);
                if self.0 == 2 {
                    LATE.set(Some(Notes(3, self.1.clone())));
                }
            }
        }
        thread_local! {
            static ONE: RefCell<Option<Notes>> = const { RefCell::new(None) };
            static TWO: RefCell<Option<Notes>> = const { RefCell::new(None) };
            static LATE: RefCell<Option<Notes>> = const { RefCell::new(None) };
        }
        let order = sync::Arc::new(sync::Mutex::new(Vec::new()));
        let notes = order.clone();
        thread::spawn(move || {
            ONE.set(Some(Notes(1, notes.clone())));
            TWO.set(Some(Notes(2, notes)));
        })
        .join()
        .unwrap();
        assert_eq!(*order.lock().unwrap(), [2, 3, 1]);
    }
}

/// A `join` waits for the destructors, and so one that waits for what comes after the join waits for ever.
#[test]
fn a_join_waits_for_destructors_of_thread_locals() {
    struct Waits(gorace::sync::mpsc::Receiver<()>);
    impl Drop for Waits {
        fn drop(&mut self) {
            let _ = self.0.recv();
        }
    }
    gorace::thread_local! {
        static OWN: RefCell<Option<Waits>> = const { RefCell::new(None) };
    }
    let outcome = Checker::new().run(|| {
        gorace::thread::scope(|s| {
            let (go_on, until) = gorace::sync::mpsc::channel();
            s.spawn(move || OWN.set(Some(Waits(until)))).join().unwrap();
            go_on.send(()).unwrap();
        });
    });
    outcome.expect("deadlock");
}

gorace::thread_local! {
    static MARKS: RefCell<Option<Marks>> = const { RefCell::new(None) };
    static COUNT: Cell<u32> = const { Cell::new(0) };
}

/// Shows when it is dropped.
struct Marks(Arc<gorace::sync::atomic::AtomicBool>);

impl Drop for Marks {
    fn drop(&mut self) {
        self.0.store(true, gorace::sync::atomic::Ordering::SeqCst);
    }
}

/// What `ask` of the handle gives and whether the destructor has run then, in all interleavings: there are four, since
/// the question comes before or after the end of the closure, and the look before or after the destructor.
fn all_ends(
    ask: impl Fn(&gorace::thread::JoinHandle<()>) -> u64 + Send + Sync + 'static,
) -> BTreeSet<(u64, bool)> {
    let seen = Arc::new(Outside::new(BTreeSet::new()));
    let all = seen.clone();
    let outcome = Checker::new().strategy(Strategy::Exhaustive).run(move || {
        let mark = Arc::new(gorace::sync::atomic::AtomicBool::new(false));
        let theirs = mark.clone();
        let handle = gorace::thread::spawn(move || MARKS.set(Some(Marks(theirs))));
        let answer = ask(&handle);
        all.lock().unwrap().insert((answer, mark.load(gorace::sync::atomic::Ordering::SeqCst)));
        handle.join().unwrap();
        assert!(mark.load(gorace::sync::atomic::Ordering::SeqCst));
    });
    assert_eq!(
        (outcome.verdict, outcome.executions, outcome.redundant),
        (Verdict::Verified, 4, 0),
        "{outcome:?}"
    );
    seen.lock().unwrap().clone()
}

/// "This might return true for a brief moment after the thread's main function has returned, but before the thread itself
/// has stopped running."
#[test]
fn is_finished_may_be_so_before_destructors_have_run() {
    let ends = all_ends(|handle| u64::from(handle.is_finished()));
    assert_eq!(ends, BTreeSet::from([(0, false), (0, true), (1, false), (1, true)]));
}

/// Whoever only runs destructors is counted no longer.
#[test]
fn num_goroutine_does_not_count_those_that_only_run_destructors() {
    let ends = all_ends(|_| gorace::runtime::num_goroutine() as u64);
    assert_eq!(ends, BTreeSet::from([(2, false), (2, true), (1, false), (1, true)]));
}

/// A thread-local without a destructor makes no difference: two tasks that lock once and end, whose ends somebody asks
/// for once, have 2 orders of the locks, and in each the question comes before or after the end that it is about.
#[test]
fn a_value_without_a_destructor_is_no_step() {
    let run = |uses: bool| {
        let outcome = Checker::new().strategy(Strategy::Exhaustive).run(move || {
            let lock = Arc::new(gorace::sync::Mutex::new(0));
            let tasks = [0, 1].map(|_| {
                let lock = lock.clone();
                gorace::thread::spawn(move || {
                    *lock.lock().unwrap() += 1;
                    if uses {
                        COUNT.set(1);
                    }
                })
            });
            let _ = tasks[0].is_finished();
            tasks.into_iter().for_each(|task| task.join().unwrap());
        });
        assert_eq!(outcome.verdict, Verdict::Verified, "{outcome:?}");
        (outcome.executions, outcome.steps)
    };
    let plain = run(false);
    assert_eq!((plain.0, run(true)), (4, plain));
}

/// Nobody waits for destructors of a scope's threads, main neither: that they may be cut off is std's own rule, and no
/// finding.
#[test]
fn main_may_return_while_destructors_run() {
    let outcome = Checker::new().strategy(Strategy::Exhaustive).run(|| {
        let mark = Arc::new(gorace::sync::atomic::AtomicBool::new(false));
        gorace::thread::scope(|s| {
            s.spawn(|| MARKS.set(Some(Marks(mark.clone()))));
        });
    });
    outcome.assert_clean();
    assert_eq!((outcome.verdict, outcome.executions), (Verdict::Verified, 1), "{outcome:?}");
}
