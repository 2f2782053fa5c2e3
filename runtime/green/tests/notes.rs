//! Tasks that had not finished when main returned: no leak, but a note. Who is slow follows from what orders
//! the tasks, not from the schedules that were run.
#![cfg(feature = "check")]

use gorace::check::Strategy;
use gorace::sync::atomic::{AtomicU64, Ordering::SeqCst};
use gorace::sync::{Arc, Mutex, mpsc};
use gorace::time::{self, Duration};
use gorace::{Checker, Detach, chan, go};

fn notes(f: impl Fn() + Send + Sync + 'static) -> Vec<String> {
    let outcome = Checker::new().run(f);
    outcome.assert_clean();
    outcome.notes().to_vec()
}

/// "A task that was only *slow* is no leak, but is named in a note: "`worker` had not finished when main returned, in
/// 3 of 12 schedules: sleeping is not synchronisation"."
#[test]
fn a_main_that_sleeps_waits_for_nobody() {
    let notes = notes(|| {
        go!("worker", {});
        time::sleep(Duration::from_secs(1));
    });
    let words =
        "`worker` had not finished when main returned, in 1 of 1 schedule: sleeping is not synchronisation";
    assert_eq!(notes, [words]);
}

/// The two orders of the worker's and main's accesses are two schedules; in one of them main has seen all that the
/// worker does.
#[test]
fn what_main_knows_to_be_done_is_not_slow() {
    let notes = notes(|| {
        let n = Arc::new(Mutex::new(0));
        let theirs = n.clone();
        go!("worker", { *theirs.lock().unwrap() += 1 });
        drop(n.lock().unwrap());
    });
    let words = "`worker` had not finished when main returned, in 1 of 2 schedules: nothing waits for it";
    assert_eq!(notes, [words]);
}

/// Unnamed ones are named by where they were started, all of one place together.
#[test]
fn tasks_of_one_place_are_one_note() {
    let notes = notes(|| {
        for _ in 0..3 {
            go!({});
        }
    });
    assert_eq!(notes.len(), 1, "{notes:?}");
    assert!(notes[0].starts_with("tasks started at runtime/green/tests/notes.rs:"), "{notes:?}");
}

/// Whoever has only to end is not slow: main has heard the last of it.
#[test]
fn whoever_is_waited_for_is_not_slow() {
    let none: [String; 0] = [];
    assert_eq!(notes(|| go!({}).join().unwrap()), none);
    assert_eq!(notes(|| go!({}).detach()), none);
    let by_channel = notes(|| {
        let (tx, rx) = chan(0);
        go!({ tx.send(1) });
        rx.recv();
    });
    assert_eq!(by_channel, none);
    let by_the_last_sender = notes(|| {
        let (tx, rx) = mpsc::channel();
        gorace::thread::spawn(move || tx.send(1).unwrap());
        rx.recv().unwrap();
    });
    assert_eq!(by_the_last_sender, none);
    let by_a_group = notes(|| {
        let group = gorace::go::WaitGroup::new();
        group.go(|| time::sleep(Duration::from_secs(1)));
        group.wait();
    });
    assert_eq!(by_a_group, none);
}

/// The same by what a lock or an atomic tells, in schedules of which nothing else is to be said, so that nobody has looked at
/// what orders them.
#[test]
fn whoever_main_has_heard_of_in_a_random_schedule_is_not_slow() {
    let notes = |f: fn()| {
        let outcome = Checker::new().strategy(Strategy::Random).max_executions(50).run(f);
        outcome.assert_clean();
        outcome.notes().to_vec()
    };
    let none: [String; 0] = [];
    let by_a_lock = notes(|| {
        let n = Arc::new(Mutex::new(0));
        let theirs = n.clone();
        go!("worker", { *theirs.lock().unwrap() += 1 });
        while *n.lock().unwrap() == 0 {
            gorace::thread::yield_now();
        }
    });
    assert_eq!(by_a_lock, none);
    let by_an_atomic = notes(|| {
        let n = Arc::new(AtomicU64::new(0));
        let theirs = n.clone();
        go!("worker", { theirs.store(1, SeqCst) });
        while n.load(SeqCst) == 0 {
            gorace::thread::yield_now();
        }
    });
    assert_eq!(by_an_atomic, none);
}

/// What a timer starts after main is not late.
#[test]
fn what_starts_later_is_not_slow() {
    let none: [String; 0] = [];
    assert_eq!(notes(|| drop(time::after_func(Duration::from_secs(1), || {}))), none);
}

/// A main that calls `goexit` has not returned: "Since func main has not returned, the program continues execution of
/// other goroutines."
#[test]
fn a_main_that_leaves_by_goexit_has_not_returned() {
    let outcome = Checker::new().run(|| {
        let (tx, rx) = chan(1);
        go!("worker", { rx.recv() });
        tx.send(1);
        gorace::runtime::goexit();
    });
    outcome.expect("deadlock");
    assert_eq!(outcome.notes(), [""; 0]);
}
