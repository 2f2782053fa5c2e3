//! Statics begin each execution with their initialisers' values; what is made outside keeps its own.
#![cfg(feature = "check")]

use gorace::check::Strategy;
use gorace::sync::atomic::{AtomicPtr, AtomicU32, AtomicUsize, Ordering::SeqCst};
use gorace::sync::{Arc, Condvar, Mutex, Once, RwLock};
use gorace::{Checker, Named};

static COUNT: AtomicU32 = AtomicU32::new(7);
static LIST: Mutex<Vec<u32>> = Mutex::new(Vec::new());
static TEXT: RwLock<String> = RwLock::new(String::new());
static STARTED: Once = Once::new();
static TURN: (Mutex<bool>, Condvar) = (Mutex::new(false), Condvar::new());

fn uses_statics() {
    let task = gorace::go!({
        COUNT.fetch_add(1, SeqCst);
        LIST.lock().unwrap().push(1);
    });
    COUNT.fetch_add(1, SeqCst);
    LIST.lock().unwrap().push(2);
    task.join().unwrap();
    assert_eq!(COUNT.load(SeqCst), 9);
    assert_eq!(LIST.lock().unwrap().len(), 2);
}

#[test]
fn each_execution_begins_anew() {
    let outcome = Checker::new().run(uses_statics);
    outcome.assert_clean();
    assert!(outcome.executions > 1);
}

/// The same for whatever else has a `const` constructor; cells that are made once are in `std_once.rs`.
#[test]
fn every_static_begins_anew() {
    let outcome = Checker::new().run(|| {
        assert!(TEXT.read().unwrap().is_empty() && !STARTED.is_completed() && !TEXT.is_poisoned());
        let task = gorace::thread::spawn(|| {
            STARTED.call_once(|| TEXT.write().unwrap().push('a'));
            *TURN.0.lock().unwrap() = true;
            TURN.1.notify_one();
        });
        let turn = TURN.1.wait_while(TURN.0.lock().unwrap(), |turn| !*turn);
        assert!(*turn.unwrap());
        STARTED.call_once(|| unreachable!());
        assert_eq!(*TEXT.read().unwrap(), "a");
        task.join().unwrap();
        // Poison does not stay either.
        let poisons = gorace::thread::spawn(|| {
            let _text = TEXT.write().unwrap();
            panic!("with the lock");
        });
        assert!(poisons.join().is_err() && TEXT.is_poisoned());
    });
    outcome.assert_clean();
    assert!(outcome.executions > 1, "{outcome:?}");
}

#[test]
fn so_it_does_beside_other_tests_and_after_ordinary_use() {
    LIST.lock().unwrap().push(99);
    COUNT.store(1_000, SeqCst);
    let others: Vec<_> =
        (0..2).map(|_| std::thread::spawn(|| Checker::new().run(uses_statics).assert_clean())).collect();
    Checker::new().run(uses_statics).assert_clean();
    for other in others {
        other.join().unwrap();
    }
    assert_eq!(LIST.lock().unwrap().last(), Some(&99));
    assert_eq!(COUNT.load(SeqCst), 1_000);
}

#[test]
fn what_is_changed_from_outside_is_named() {
    // With one interleaving, which is run twice for this, and with two.
    for others in [0, 1] {
        let total = Arc::new(Mutex::new(0).named("total"));
        let outcome = Checker::new().run(move || {
            let tasks: Vec<_> = (0..others)
                .map(|_| {
                    let total = total.clone();
                    gorace::go!({ *total.lock().unwrap() += 1 })
                })
                .collect();
            *total.lock().unwrap() += 1;
            tasks.into_iter().for_each(|task| task.join().unwrap());
        });
        outcome.expect("nondeterminism");
        assert_eq!(outcome.findings.len(), 1, "{}", outcome.report());
        assert!(outcome.report().contains("`total`"), "{}", outcome.report());
        assert!(outcome.report().contains("make it inside"), "{}", outcome.report());
    }
}

/// Also where there is nothing but a choice, which is among others.
#[test]
fn a_choice_among_others_than_before_is_told() {
    for (first, later) in [(3, 2), (2, 3), (2, 1)] {
        let runs = std::sync::atomic::AtomicU32::new(0);
        let outcome = Checker::new().run(move || {
            let is_first = runs.fetch_add(1, SeqCst) == 0;
            gorace::any(if is_first { first } else { later });
        });
        outcome.expect("nondeterminism");
    }
}

#[test]
fn another_value_than_before_is_told() {
    let runs = std::sync::atomic::AtomicU32::new(0);
    let outcome = Checker::new().run(move || {
        let number = AtomicU32::new(0);
        number.store(runs.fetch_add(1, SeqCst) + 5, SeqCst);
    });
    outcome.expect("nondeterminism");
    assert!(outcome.report().contains("of 5"), "{}", outcome.report());
}

/// Memory is where it happens to be, and a program may keep that in an atomic.
#[test]
fn another_address_than_before_is_nothing() {
    let outcome = Checker::new().run(|| {
        // Never freed, so that each execution has another one.
        let kept = Box::leak(Box::new(0_u64)) as *mut u64;
        AtomicPtr::new(std::ptr::null_mut()).store(kept, SeqCst);
        AtomicUsize::new(0).store(kept as usize, SeqCst);
    });
    outcome.assert_clean();
}

/// What takes part without being a primitive of ours is told by what the program does.
#[test]
fn a_program_that_does_not_repeat_itself_is_told_by_every_strategy() {
    for strategy in [Strategy::Auto, Strategy::Exhaustive, Strategy::Random] {
        let runs = std::sync::atomic::AtomicU32::new(0);
        let outcome = Checker::new().strategy(strategy.clone()).max_executions(3).run(move || {
            let lock = Mutex::new(());
            for _ in 0..=runs.fetch_add(1, SeqCst) {
                drop(lock.lock());
            }
        });
        outcome.expect("nondeterminism");
        assert!(!outcome.report().contains("verified"), "{strategy:?}: {}", outcome.report());
    }
}

#[test]
fn what_is_only_read_may_come_from_outside() {
    let limit = Arc::new(AtomicU32::new(3));
    let outcome = Checker::new().run(move || {
        let of_task = limit.clone();
        let task = gorace::go!({ of_task.load(SeqCst) });
        assert_eq!(task.join().unwrap() + limit.load(SeqCst), 6);
    });
    outcome.assert_clean();
}

#[test]
fn a_lock_that_a_foreign_thread_holds_is_never_shared() {
    let lock = Arc::new(Mutex::new(0));
    let (held, done) = (lock.clone(), Arc::new(std::sync::Barrier::new(2)));
    let release = done.clone();
    let (tx, rx) = std::sync::mpsc::channel();
    let foreign = std::thread::spawn(move || {
        let _guard = held.lock().unwrap();
        tx.send(()).unwrap();
        release.wait();
    });
    rx.recv().unwrap();
    let outcome = Checker::new().run(move || drop(lock.lock()));
    done.wait();
    foreign.join().unwrap();
    outcome.expect("nondeterminism");
    let report = outcome.report();
    let words: Vec<&str> = report.split_whitespace().collect();
    assert!(words.join(" ").contains("held by a thread outside of the execution"), "{report}");
}

#[test]
fn a_body_without_a_scheduling_point_is_an_error() {
    Checker::new().run(|| ()).expect("nothing_explored");
}
