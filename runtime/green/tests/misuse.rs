//! What api.md's row of GR0005 lists, each in Go's words: a finding inside an execution, a panic outside. Maps have
//! tests of their own, `go_map.rs`.
#![cfg(feature = "check")]

use gorace::cell::Shared;
use gorace::check::Strategy;
use gorace::go::{Cond, Mutex, RwMutex, WaitGroup};
use gorace::sync::Arc;
use gorace::{Chan, Checker, chan};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// The titles of what is found in the interleavings of `body`, all of it GR0005.
fn found(body: impl Fn() + Send + Sync + 'static) -> Vec<String> {
    let outcome = Checker::new().strategy(Strategy::Exhaustive).keep_going(true).run(body);
    let codes: Vec<_> = outcome.findings.iter().map(|finding| finding.code.code()).collect();
    assert!(codes.iter().all(|code| *code == "GR0005"), "{codes:?}");
    outcome.findings.iter().map(|finding| finding.title.clone()).collect()
}

/// `body` panics with these words outside of an execution, and is found with them inside one.
fn forbidden(words: &str, body: fn()) {
    let payload = catch_unwind(AssertUnwindSafe(body)).expect_err(words);
    let text = payload.downcast_ref::<String>().cloned();
    let text = text.or_else(|| payload.downcast_ref::<&str>().map(|text| (*text).to_owned()));
    assert_eq!(text.as_deref(), Some(words));
    let titles = found(body);
    assert!(titles.len() == 1 && titles[0].contains(words), "{words}: {titles:?}");
}

/// The language specification: "Sending to or closing a closed channel causes a run-time panic."
#[test]
fn send_on_a_closed_channel() {
    forbidden("send on closed channel", || {
        let (tx, _rx) = chan(1);
        tx.close();
        tx.send(1);
    });
}

/// "Sending to or closing a closed channel causes a run-time panic. Closing the nil channel also causes a run-time
/// panic."
#[test]
fn close_of_a_closed_channel_and_of_a_nil_one() {
    forbidden("close of closed channel", || {
        let (tx, rx) = chan::<u8>(0);
        tx.close();
        rx.close();
    });
    forbidden("close of nil channel", || {
        drop(gorace::sync::Mutex::new(0).lock());
        Chan::<u8>::nil().close();
    });
}

/// "It is a run-time error if m is not locked on entry to Unlock."
#[test]
fn unlock_of_an_unlocked_mutex() {
    forbidden("sync: unlock of unlocked mutex", || Mutex::new().unlock());
    forbidden("sync: unlock of unlocked mutex", || {
        let mu = Mutex::new();
        mu.lock();
        mu.unlock();
        mu.unlock();
    });
    // A wait unlocks its lock.
    forbidden("sync: unlock of unlocked mutex", || Cond::new(&Mutex::new()).wait());
}

/// "It is a run-time error if rw is not locked for reading on entry to RUnlock." "It is a run-time error if rw is
/// not locked for writing on entry to Unlock."
#[test]
fn unlock_of_an_unlocked_rw_mutex() {
    forbidden("sync: RUnlock of unlocked RWMutex", || RwMutex::new().runlock());
    forbidden("sync: Unlock of unlocked RWMutex", || RwMutex::new().unlock());
    forbidden("sync: RUnlock of unlocked RWMutex", || {
        let mu = RwMutex::new();
        mu.lock();
        mu.runlock();
    });
    forbidden("sync: Unlock of unlocked RWMutex", || {
        let mu = RwMutex::new();
        mu.rlock();
        mu.unlock();
    });
}

/// "If the counter goes negative, Add panics."
#[test]
fn a_negative_wait_group() {
    forbidden("sync: negative WaitGroup counter", || WaitGroup::new().done());
    forbidden("sync: negative WaitGroup counter", || {
        let wg = WaitGroup::new();
        wg.add(2);
        wg.add(-3);
    });
}

/// "calls with a positive delta that occur when the counter is zero must happen before a Wait."
#[test]
fn an_add_from_zero_that_nothing_orders_with_a_wait() {
    let titles = found(|| {
        let wg = WaitGroup::new();
        let theirs = wg.clone();
        let adds = gorace::go!({
            theirs.add(1);
            theirs.done();
        });
        wg.wait();
        adds.join().unwrap();
    });
    let words = "sync: WaitGroup misuse: Add called concurrently with Wait";
    assert!(titles.len() == 1 && titles[0].contains(words), "{titles:?}");
}

/// "If a WaitGroup is reused to wait for several independent sets of events, new Add calls must happen after all
/// previous Wait calls have returned."
#[test]
fn a_wait_group_that_is_used_again_while_somebody_may_wait() {
    let titles = found(|| {
        let wg = WaitGroup::new();
        wg.add(1);
        let theirs = wg.clone();
        let waits = gorace::go!({ theirs.wait() });
        wg.done();
        wg.add(1);
        wg.done();
        waits.join().unwrap();
    });
    let words = "sync: WaitGroup is reused before previous Wait has returned";
    assert!(titles.len() == 1 && titles[0].contains(words), "{titles:?}");
}

/// As before: each of two `add`s that nothing orders may be the first, from zero, and only one of them is before the wait.
/// That they are executed in one order only, as nobody sees it, hides nothing.
#[test]
fn an_add_that_may_have_been_from_zero() {
    let titles = found(|| {
        let wg = WaitGroup::new();
        let (first, second) = (wg.clone(), wg.clone());
        let (tx, rx) = chan(2);
        let (told, tells) = (tx.clone(), tx);
        let waits = gorace::go!({
            first.add(1);
            told.send(());
            first.wait();
        });
        let adds = gorace::go!({
            second.add(1);
            tells.send(());
        });
        rx.recv();
        rx.recv();
        wg.done();
        wg.done();
        waits.join().unwrap();
        adds.join().unwrap();
    });
    let words = "sync: WaitGroup misuse: Add called concurrently with Wait";
    assert!(titles.len() == 1 && titles[0].contains(words), "{titles:?}");
}

/// "Note that calls with a positive delta that occur when the counter is zero must happen before a Wait. Calls with a
/// positive delta that start when the counter is greater than zero may happen at any time." Here one comes only if the
/// lock is taken, which no edge tells of: after another one, or maybe before it.
#[test]
fn an_add_that_comes_only_while_the_counter_is_above_zero() {
    let body = |adds_first: bool| {
        let wg = WaitGroup::new();
        let lock = Arc::new(gorace::sync::Mutex::new(()));
        let (theirs, tried) = (wg.clone(), lock.clone());
        let adds = gorace::go!({
            if tried.try_lock().is_err() {
                theirs.add(1);
                theirs.done();
            }
        });
        wg.add(isize::from(adds_first));
        let guard = lock.lock().unwrap();
        wg.add(isize::from(!adds_first));
        let waits = wg.clone();
        let waits = gorace::go!({ waits.wait() });
        adds.join().unwrap();
        drop(guard);
        wg.done();
        waits.join().unwrap();
    };
    assert_eq!(found(move || body(true)), [""; 0]);
    assert_eq!(found(move || body(false)).len(), 1);
}

/// As before: several tasks add, all of them before the wait.
#[test]
fn adds_by_several_tasks_that_are_all_before_the_wait() {
    let titles = found(|| {
        let wg = WaitGroup::new();
        let adds = [(); 2].map(|()| {
            let theirs = wg.clone();
            gorace::go!({
                theirs.add(1);
                theirs
            })
        });
        let theirs = adds.map(|adds| adds.join().unwrap());
        for theirs in theirs {
            gorace::go!({ theirs.done() }).join().unwrap();
        }
        wg.wait();
    });
    assert_eq!(titles, [""; 0]);
}

/// As before.
#[test]
fn a_wait_group_may_be_used_again_after_all_waits_returned() {
    let titles = found(|| {
        let wg = WaitGroup::new();
        for _ in 0..2 {
            let handle = wg.go(|| ());
            wg.wait();
            handle.join().unwrap();
        }
    });
    assert_eq!(titles, [""; 0]);
}

/// The rule of [`Shared`]: a closure must not access its variable again, except to read within a read.
#[test]
fn nested_access() {
    let nested: [fn(&Shared<u8>); 3] = [
        |cell| cell.with_mut(|_| _ = cell.get()),
        |cell| cell.with_mut(|_| cell.set(1)),
        |cell| cell.with(|_| cell.set(1)),
    ];
    for access in nested {
        let titles = found(move || {
            drop(gorace::sync::Mutex::new(0).lock());
            access(&Shared::new(0));
        });
        assert!(titles.len() == 1 && titles[0].contains("nested access to a Shared"), "{titles:?}");
    }
    let read_in_read = || {
        drop(gorace::sync::Mutex::new(0).lock());
        let cell = Shared::new(1);
        assert_eq!(cell.with(|one| *one + cell.get()), 2);
    };
    read_in_read();
    assert_eq!(found(read_in_read), [""; 0]);
}
