//! Findings are told at their cause: at the user's line, and at the first panic, however it came out.
#![cfg(feature = "check")]

use gorace::cell::Shared;
use gorace::check::{Finding, Strategy};
use gorace::sync::atomic::{AtomicU32, Ordering::SeqCst};
use gorace::sync::{Arc, Mutex, RwLock};
use gorace::{Checker, thread};

/// "not for `Drop`, `collect()`, a path used as a function": such a place "come[s] from a backtrace that is taken in
/// the confirming replay".
#[test]
fn a_plain_access_by_a_path_is_at_the_users_line() {
    let read = line!() + 5;
    let outcome = Checker::new().run(|| {
        let cell = Arc::new(Shared::new(1));
        let theirs = cell.clone();
        let writes = gorace::go!({ theirs.set(2) });
        let _: Vec<i32> = [&*cell].into_iter().map(Shared::get).collect();
        writes.join().unwrap();
    });
    let Finding { locations, .. } = outcome.expect("data_race")[0];
    assert!(locations.iter().all(|at| at.file.ends_with("told_at_the_cause.rs")), "{locations:?}");
    assert!(locations.iter().any(|at| at.line == read), "{locations:?}");
    assert!(!outcome.report().contains("/rustc/"), "{}", outcome.report());
}

/// Whose panic poisoned a lock is told where somebody panics over the poison.
#[test]
fn a_panic_over_poison_says_whose_it_was() {
    let lock = || {
        let lock = Arc::new(Mutex::new(0));
        let theirs = lock.clone();
        let worker = thread::Builder::new().name("worker".to_owned()).spawn(move || {
            let _guard = theirs.lock().unwrap();
            panic!("with the lock");
        });
        assert!(worker.unwrap().join().is_err());
        *lock.lock().unwrap() += 1;
    };
    let rw_lock = || {
        let lock = Arc::new(RwLock::new(0));
        let theirs = lock.clone();
        let worker = thread::Builder::new().name("worker".to_owned()).spawn(move || {
            let _guard = theirs.write().unwrap();
            panic!("with the lock");
        });
        assert!(worker.unwrap().join().is_err());
        let _ = lock.read().unwrap();
    };
    for body in [lock, rw_lock] as [fn(); 2] {
        let outcome = Checker::new().run(body);
        let report = outcome.expect("panic").len().to_string() + &outcome.report();
        assert!(report.contains("poisoned by: `worker` (T1), which panicked: "), "{report}");
        assert!(report.contains("`worker` (T1) panicked here while it held `lock`"), "{report}");
    }
}

/// Nobody is blamed who only held the lock after it was poisoned, whatever it died of; nor is a caught panic.
#[test]
fn poison_of_a_caught_panic_is_nobodys() {
    let bodies: [fn(&Mutex<i32>); 2] = [
        |lock| {
            // After the poison.
            *lock.lock().unwrap_or_else(std::sync::PoisonError::into_inner) += 1;
            panic!("of something else");
        },
        |_| {
            thread::yield_now();
            panic!("of something else");
        },
    ];
    for body in bodies {
        let outcome = Checker::new().run(move || {
            let lock = Arc::new(Mutex::new(0));
            let theirs = lock.clone();
            let other = thread::spawn(move || {
                let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                    let _guard = theirs.lock().unwrap();
                    panic!("caught");
                }));
                assert!(caught.is_err());
                body(&theirs);
            });
            assert!(other.join().is_err());
            *lock.lock().unwrap() += 1;
        });
        outcome.expect("panic");
        assert!(!outcome.report().contains("poisoned: by"), "{}", outcome.report());
    }
}

fn take(taken: &AtomicU32) {
    assert_eq!(taken.swap(1, SeqCst), 0, "taken twice");
}

/// A panic that `join` passed on is the same bug as the panic itself.
#[test]
fn a_panic_that_is_passed_on_is_the_same_bug() {
    let outcome = Checker::new().strategy(Strategy::Exhaustive).keep_going(true).run(|| {
        let taken = Arc::new(AtomicU32::new(0));
        let theirs = taken.clone();
        let other = thread::spawn(move || take(&theirs));
        // Whoever comes second panics: main itself, or main by unwrapping what the other did.
        take(&taken);
        other.join().unwrap();
    });
    assert_eq!(outcome.executions, 2);
    assert_eq!(outcome.expect("panic").len(), 1, "{}", outcome.report());
    assert_eq!(outcome.findings[0].failing, 2);
}

/// And has the same name in other runs.
#[test]
fn a_panic_that_is_passed_on_has_the_same_fingerprint() {
    let fingerprint = |body: fn()| Checker::new().run(body).expect("panic")[0].fingerprint.clone();
    let own = fingerprint(|| {
        let taken = AtomicU32::new(0);
        take(&taken);
        take(&taken);
    });
    let passed_on_twice = fingerprint(|| {
        let outer = thread::spawn(|| {
            let taken = AtomicU32::new(1);
            thread::spawn(move || take(&taken)).join().unwrap();
        });
        outer.join().unwrap();
    });
    assert_eq!(own, passed_on_twice);
}
