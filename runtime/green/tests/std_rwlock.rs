//! `RwLock` as std documents it, three ways.
#![cfg(feature = "check")]

mod three_ways;

use gorace::check::{Checker, Strategy, Verdict};
use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, TryLockError};

three_ways! {
    /// "This type of lock allows a number of readers or at most one writer at any point in time."
    fn many_readers_or_one_writer() {
        let lock = sync::RwLock::new(5);
        let (a, b) = (lock.read().unwrap(), lock.read().unwrap());
        assert_eq!((*a, *b), (5, 5));
        assert!(matches!(lock.try_write(), Err(TryLockError::WouldBlock)));
        drop((a, b));
        let mut w = lock.write().unwrap();
        *w += 1;
        assert!(matches!(lock.try_read(), Err(TryLockError::WouldBlock)));
        assert!(matches!(lock.try_write(), Err(TryLockError::WouldBlock)));
        drop(w);
        assert_eq!(*lock.try_read().unwrap(), 6);
        *lock.try_write().unwrap() += 1;
        assert_eq!(*lock.read().unwrap(), 7);
    }

    /// "The calling thread will be blocked until there are no more writers which hold the lock."
    fn a_reader_sees_a_whole_write() {
        let lock = Arc::new(sync::RwLock::new((0, 0)));
        let theirs = lock.clone();
        let writer = thread::spawn(move || {
            let mut pair = theirs.write().unwrap();
            pair.0 += 1;
            pair.1 += 1;
        });
        let pair = *lock.read().unwrap();
        assert_eq!(pair.0, pair.1);
        writer.join().unwrap();
        assert_eq!(*lock.read().unwrap(), (1, 1));
    }

    /// "an RwLock may only be poisoned if a panic occurs while it is locked exclusively (write mode). If a panic
    /// occurs in any reader, then the lock will not be poisoned."
    fn poisoned_by_a_writer_not_by_a_reader() {
        let lock = Arc::new(sync::RwLock::new(1));
        let theirs = lock.clone();
        thread::spawn(move || {
            let _read = theirs.read().unwrap();
            panic!("while reading");
        })
        .join()
        .unwrap_err();
        assert!(!lock.is_poisoned());
        let theirs = lock.clone();
        thread::spawn(move || {
            *theirs.write().unwrap() = 2;
            let _write = theirs.write().unwrap();
            panic!("while writing");
        })
        .join()
        .unwrap_err();
        assert!(lock.is_poisoned());
        assert_eq!(*lock.read().unwrap_err().into_inner(), 2);
        assert_eq!(*lock.write().unwrap_err().into_inner(), 2);
        assert!(matches!(lock.try_read(), Err(TryLockError::Poisoned(_))));
        lock.clear_poison();
        assert!(!lock.is_poisoned());
        assert_eq!(*lock.read().unwrap(), 2);
    }

    fn get_mut_and_into_inner_need_no_lock() {
        let mut lock = sync::RwLock::new(1);
        *lock.get_mut().unwrap() += 1;
        assert_eq!(*lock.read().unwrap(), 2);
        assert_eq!(lock.into_inner().unwrap(), 2);
    }

    fn default_from_and_debug() {
        let lock: sync::RwLock<u8> = sync::RwLock::default();
        assert_eq!(*lock.read().unwrap(), 0);
        let lock = sync::RwLock::from(3);
        assert_eq!(format!("{:?} {}", lock.read().unwrap(), lock.read().unwrap()), "3 3");
        assert!(format!("{lock:?}").starts_with("RwLock { data: 3, poisoned: false"));
    }
}

/// "This function might panic when called if the lock is already held by the current thread", and may deadlock:
/// here the writer's coming in between decides.
#[test]
fn reading_again_past_a_waiting_writer_deadlocks() {
    let outcome = gorace::Checker::new().run(|| {
        let lock = Arc::new(gorace::sync::RwLock::new(0));
        let theirs = lock.clone();
        let writer = gorace::thread::spawn(move || *theirs.write().unwrap() += 1);
        let first = lock.read().unwrap();
        let second = lock.read().unwrap();
        drop((first, second));
        writer.join().unwrap();
    });
    outcome.expect("deadlock");
    assert_eq!(outcome.findings.len(), 1, "{outcome:?}");
}

/// What `question` answers in all interleavings.
fn answers(question: impl Fn() -> bool + Send + Sync + 'static) -> Vec<bool> {
    let seen = Arc::new(Mutex::new(BTreeSet::new()));
    let theirs = seen.clone();
    let outcome = Checker::new().strategy(Strategy::Exhaustive).run(move || {
        let answer = question();
        theirs.lock().unwrap().insert(answer);
    });
    outcome.assert_clean();
    assert_eq!(outcome.verdict, Verdict::Verified, "{outcome:?}");
    let seen = seen.lock().unwrap();
    seen.iter().copied().collect()
}

fn poison(lock: &gorace::sync::RwLock<u8>) {
    let panics = catch_unwind(AssertUnwindSafe(|| {
        let _write = lock.write().unwrap_or_else(|error| error.into_inner());
        panic!("while writing");
    }));
    assert!(panics.is_err());
}

/// "Determines whether the lock is poisoned. If another thread is active, the lock can still become poisoned at any
/// time."
#[test]
fn is_poisoned_comes_before_the_panic_or_after_it() {
    let all = answers(|| {
        let lock = Arc::new(gorace::sync::RwLock::new(0));
        let theirs = lock.clone();
        let writer = gorace::thread::spawn(move || poison(&theirs));
        let answer = lock.is_poisoned();
        writer.join().unwrap();
        answer
    });
    assert_eq!(all, [false, true]);
}

/// "Clears the poisoned state from a lock": whoever comes sees that or not, and whoever waits too.
#[test]
fn clear_poison_comes_before_a_lock_or_after_it() {
    let of = |is_poisoned: fn(&gorace::sync::RwLock<u8>) -> bool| {
        answers(move || {
            let lock = Arc::new(gorace::sync::RwLock::new(0));
            poison(&lock);
            let theirs = lock.clone();
            let clears = gorace::thread::spawn(move || theirs.clear_poison());
            let answer = is_poisoned(&lock);
            clears.join().unwrap();
            answer
        })
    };
    assert_eq!(of(|lock| lock.read().is_err()), [false, true]);
    assert_eq!(of(|lock| lock.write().is_err()), [false, true]);
    assert_eq!(of(|lock| lock.try_read().is_err()), [false, true]);
    assert_eq!(of(|lock| lock.try_write().is_err()), [false, true]);
    assert_eq!(of(|lock| lock.is_poisoned()), [false, true]);
}

/// A writer that waits for a reader sees what is so when the reader goes.
#[test]
fn clear_poison_comes_before_a_reader_goes_or_after_it() {
    let all = answers(|| {
        let lock = Arc::new(gorace::sync::RwLock::new(0));
        poison(&lock);
        let read = lock.read().unwrap_err().into_inner();
        let theirs = lock.clone();
        let writes = gorace::thread::spawn(move || theirs.write().is_err());
        // Once the writer stands in line, and not before.
        while lock.try_read().map_or_else(|error| matches!(error, TryLockError::Poisoned(_)), |_| true) {
            gorace::thread::yield_now();
        }
        let theirs = lock.clone();
        let clears = gorace::thread::spawn(move || theirs.clear_poison());
        drop(read);
        clears.join().unwrap();
        writes.join().unwrap()
    });
    assert_eq!(all, [false, true]);
}
