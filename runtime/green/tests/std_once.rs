//! `Once`, `OnceLock`, `LazyLock` and `Barrier` as std documents them, three ways.
#![cfg(feature = "check")]

mod three_ways;

use gorace::check::Strategy;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

three_ways! {
    /// "The given closure will be executed if this is the first time call_once has been called, and otherwise the
    /// routine will not be invoked. This method will block the calling thread if another initialization routine
    /// is currently running. When this function returns, it is guaranteed that some initialization has run and
    /// completed."
    fn call_once_runs_once_and_waits_for_it() {
        let once = Arc::new((sync::Once::new(), AtomicUsize::new(0)));
        let other = once.clone();
        let handle = thread::spawn(move || {
            other.0.call_once(|| {
                thread::yield_now();
                other.1.fetch_add(1, SeqCst);
            });
            other.1.load(SeqCst)
        });
        once.0.call_once(|| {
            thread::yield_now();
            once.1.fetch_add(1, SeqCst);
        });
        assert_eq!(once.1.load(SeqCst), 1);
        assert!(once.0.is_completed());
        assert_eq!(handle.join().unwrap(), 1);
    }

    /// "If that closure panics, however, then it will poison this Once instance, causing all future invocations of
    /// call_once to also panic." `call_once_force` "ignores poisoning".
    fn a_panic_poisons_a_once() {
        let once = sync::Once::new();
        assert!(catch_unwind(AssertUnwindSafe(|| once.call_once(|| panic!("first")))).is_err());
        assert!(!once.is_completed());
        assert!(catch_unwind(AssertUnwindSafe(|| once.call_once(|| ()))).is_err());
        assert!(catch_unwind(AssertUnwindSafe(|| once.wait())).is_err());
        let mut seen = None;
        once.call_once_force(|state| seen = Some(state.is_poisoned()));
        assert_eq!(seen, Some(true));
        assert!(once.is_completed());
        once.call_once(|| unreachable!());
    }

    /// "if this Once has been poisoned ..., calling call_once_force() will still invoke the closure f". "If f panics, the
    /// Once will remain in a poison state. If f does not panic, the Once will no longer be in a poison state and all
    /// future calls to call_once() or call_once_force() will be no-ops."
    fn call_once_force_sees_the_poison() {
        let (once, seen) = (sync::Once::new(), std::cell::RefCell::new(Vec::new()));
        for _ in 0..2 {
            let panics = catch_unwind(AssertUnwindSafe(|| {
                once.call_once_force(|state| {
                    seen.borrow_mut().push(state.is_poisoned());
                    panic!("again");
                });
            }));
            assert!(panics.is_err());
        }
        once.call_once_force(|state| seen.borrow_mut().push(state.is_poisoned()));
        once.call_once_force(|_| unreachable!());
        once.call_once(|| unreachable!());
        once.wait();
        assert_eq!(*seen.borrow(), [false, true, true]);
    }

    /// "If this Once has been poisoned, this function blocks until it becomes completed, unlike Once::wait(), which
    /// panics in this case."
    fn wait_force_waits_past_a_panic() {
        let once = Arc::new(sync::Once::new());
        assert!(catch_unwind(AssertUnwindSafe(|| once.call_once(|| panic!("first")))).is_err());
        let other = once.clone();
        let handle = thread::spawn(move || other.call_once_force(|_| ()));
        once.wait_force();
        assert!(once.is_completed());
        handle.join().unwrap();
    }

    /// "Blocks the current thread until initialization has completed."
    fn once_wait() {
        let once = Arc::new((sync::Once::new(), AtomicUsize::new(0)));
        let other = once.clone();
        let handle = thread::spawn(move || other.0.call_once(|| other.1.store(7, SeqCst)));
        once.0.wait();
        assert_eq!(once.1.load(SeqCst), 7);
        once.0.wait_force();
        handle.join().unwrap();
    }

    /// "Many threads may call get_or_init concurrently with different initializing functions, but it is guaranteed
    /// that only one function will be executed."
    fn get_or_init_runs_one_function() {
        let cell = Arc::new(sync::OnceLock::new());
        assert_eq!(cell.get(), None);
        let other = cell.clone();
        let handle = thread::spawn(move || *other.get_or_init(|| 1));
        let mine = *cell.get_or_init(|| 2);
        assert_eq!(handle.join().unwrap(), mine);
        assert_eq!(cell.get(), Some(&mine));
    }

    /// "If f() panics, the panic is propagated to the caller, and the cell remains uninitialized."
    fn a_panic_leaves_a_once_lock_empty() {
        let cell = sync::OnceLock::new();
        assert!(catch_unwind(AssertUnwindSafe(|| *cell.get_or_init(|| panic!("first")))).is_err());
        assert_eq!(cell.get(), None);
        assert_eq!(*cell.get_or_init(|| 3), 3);
    }

    /// "Returns Ok(()) if the cell was uninitialized and Err(value) if the cell was already initialized."
    fn once_lock_set_take_and_friends() {
        let mut cell = sync::OnceLock::new();
        assert_eq!(cell.set(1), Ok(()));
        assert_eq!(cell.set(2), Err(2));
        *cell.get_mut().unwrap() += 10;
        assert_eq!(cell, sync::OnceLock::from(11));
        assert_eq!(cell.clone().into_inner(), Some(11));
        assert_eq!(format!("{cell:?}"), "OnceLock(11)");
        assert_eq!(cell.take(), Some(11));
        assert_eq!(cell.get(), None);
        assert_eq!(cell.set(5), Ok(()));
        assert_eq!(*cell.wait(), 5);
    }

    /// "Blocks the current thread until the cell is initialized."
    fn once_lock_wait() {
        let cell = Arc::new(sync::OnceLock::new());
        let other = cell.clone();
        let handle = thread::spawn(move || other.set(4).unwrap());
        assert_eq!(*cell.wait(), 4);
        handle.join().unwrap();
    }

    /// "A value which is initialized on the first access."
    fn a_lazy_lock_is_made_once() {
        let made = Arc::new(AtomicUsize::new(0));
        let theirs = made.clone();
        let lazy = Arc::new(sync::LazyLock::new(move || theirs.fetch_add(1, SeqCst) + 10));
        assert_eq!(format!("{lazy:?}"), "LazyLock(<uninit>)");
        let other = lazy.clone();
        let handle = thread::spawn(move || **other);
        assert_eq!(**lazy, 10);
        assert_eq!(handle.join().unwrap(), 10);
        assert_eq!(made.load(SeqCst), 1);
        assert_eq!(format!("{lazy:?}"), "LazyLock(10)");
    }

    /// "If the initialization closure passed to LazyLock::new panics, the lock will be poisoned. Once the lock is
    /// poisoned, any threads that attempt to access this lock ... will panic."
    fn a_panic_poisons_a_lazy_lock() {
        let lazy: sync::LazyLock<u8> = sync::LazyLock::new(|| panic!("first"));
        assert!(catch_unwind(AssertUnwindSafe(|| *lazy)).is_err());
        assert!(catch_unwind(AssertUnwindSafe(|| *lazy)).is_err());
    }

    /// "A barrier will block all threads which call wait() until the nth thread calls wait(), and then wake up all
    /// threads at once." "A single (arbitrary) thread will receive a BarrierWaitResult that returns true from
    /// BarrierWaitResult::is_leader()". "Barriers are re-usable after all threads have rendezvoused once".
    fn a_barrier_lets_all_through_with_one_leader() {
        let barrier = Arc::new(sync::Barrier::new(2));
        let arrived = Arc::new(AtomicUsize::new(0));
        let (b, a) = (barrier.clone(), arrived.clone());
        let rounds = move |barrier: &sync::Barrier, arrived: &AtomicUsize| {
            let mut led = 0;
            for round in 1..=2 {
                arrived.fetch_add(1, SeqCst);
                led += usize::from(barrier.wait().is_leader());
                assert!(arrived.load(SeqCst) >= 2 * round);
                barrier.wait();
            }
            led
        };
        let handle = thread::spawn(move || rounds(&b, &a));
        let led = rounds(&barrier, &arrived);
        assert_eq!(led + handle.join().unwrap(), 2);
    }

    fn a_barrier_for_nobody_lets_everybody_through() {
        assert!(sync::Barrier::new(0).wait().is_leader());
        assert!(sync::Barrier::new(1).wait().is_leader());
    }
}

/// A static one is empty at the start of every execution.
#[test]
fn statics_are_made_anew_in_every_execution() {
    static CELL: gorace::sync::OnceLock<usize> = gorace::sync::OnceLock::new();
    static LAZY: gorace::sync::LazyLock<Vec<u8>> = gorace::sync::LazyLock::new(|| vec![1, 2, 3]);
    let outcome = gorace::Checker::new().run(|| {
        assert_eq!(CELL.get(), None);
        let handle = gorace::thread::spawn(|| CELL.set(1).is_ok());
        let mine = CELL.set(2).is_ok();
        assert!(handle.join().unwrap() != mine);
        assert_eq!(LAZY.len(), 3);
    });
    outcome.assert_clean();
    assert!(outcome.executions > 1, "{outcome:?}");
    assert_eq!(CELL.get(), None);
}

/// An initialiser that asks for what it initialises waits for itself.
#[test]
fn a_recursive_initialisation_is_a_deadlock_of_one() {
    let outcome = gorace::Checker::new().run(|| {
        let once = gorace::sync::Once::new();
        once.call_once(|| once.call_once(|| ()));
    });
    outcome.expect("deadlock");
}

/// Whether a wait fails, in the interleavings of `program` that `strategy` takes.
fn waits_that_fail(strategy: Strategy, program: impl Fn() -> bool + Send + Sync + 'static) -> Vec<bool> {
    let seen = Arc::new(std::sync::Mutex::new(std::collections::BTreeSet::new()));
    let theirs = seen.clone();
    let outcome = gorace::Checker::new().strategy(strategy).max_executions(100).run(move || {
        let fails = program();
        theirs.lock().unwrap().insert(fails);
    });
    outcome.assert_clean();
    let seen = seen.lock().unwrap();
    seen.iter().copied().collect()
}

fn fails(once: &gorace::sync::Once) -> bool {
    catch_unwind(AssertUnwindSafe(|| once.wait())).is_err()
}

/// "If this Once has been poisoned because an initialization closure has panicked, this method will also panic": it
/// depends on whether one who forces it is at it.
#[test]
fn a_wait_beside_a_panic_and_a_forced_call_fails_or_not() {
    let all = waits_that_fail(Strategy::Exhaustive, || {
        let once = Arc::new(gorace::sync::Once::new());
        let theirs = once.clone();
        let calls = gorace::thread::spawn(move || {
            let panics = catch_unwind(AssertUnwindSafe(|| theirs.call_once(|| panic!("first"))));
            assert!(panics.is_err());
            theirs.call_once_force(|state| assert!(state.is_poisoned()));
        });
        let fails = fails(&once);
        calls.join().unwrap();
        fails
    });
    assert_eq!(all, [false, true]);
}

/// "Blocks the current thread until initialization has completed", which has begun once more. The schedules are random:
/// no order of the wait and the end of the call tells them apart, so that an exhaustive search takes only one of them.
#[test]
fn a_wait_during_a_forced_call_waits_for_it() {
    let all = waits_that_fail(Strategy::Random, || {
        let once = Arc::new(gorace::sync::Once::new());
        assert!(catch_unwind(AssertUnwindSafe(|| once.call_once(|| panic!("first")))).is_err());
        let theirs = once.clone();
        let (begins, begun) = gorace::sync::mpsc::channel();
        let calls = gorace::thread::spawn(move || theirs.call_once_force(|_| begins.send(()).unwrap()));
        begun.recv().unwrap();
        let fails = fails(&once);
        calls.join().unwrap();
        fails
    });
    assert_eq!(all, [false]);
}
