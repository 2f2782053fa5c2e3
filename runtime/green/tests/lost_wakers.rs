//! Futures that wait for ever, and what their reports say about their wakers.
#![cfg(feature = "check")]

use gorace::Checker;
use gorace::future::{block_on, spawn};
use gorace::sync::Mutex;
use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Poll, Waker};

#[test]
fn a_future_that_keeps_no_waker_is_a_deadlock_that_says_so() {
    let outcome = Checker::new().run(|| block_on(poll_fn(|_| Poll::<()>::Pending)));
    let report = outcome.report();
    assert!(outcome.expect("deadlock")[0].title.contains("nobody holds its waker"), "{report}");
    assert!(report.contains("kept no waker"), "{report}");
}

#[test]
fn a_leaked_task_says_where_its_last_waker_was_dropped() {
    let outcome = Checker::new().run(|| {
        let kept = Arc::new(Mutex::new(None::<Waker>));
        let theirs = kept.clone();
        let task = spawn(poll_fn(move |cx| {
            *theirs.lock().unwrap() = Some(cx.waker().clone());
            Poll::<()>::Pending
        }));
        let waker = loop {
            match kept.lock().unwrap().take() {
                Some(waker) => break waker,
                None => gorace::thread::yield_now(),
            }
        };
        drop(waker);
        drop(task);
    });
    let report = outcome.report();
    assert!(!outcome.expect("leak").is_empty());
    assert!(report.contains("dropped the last waker"), "{report}");
    let line = line!() - 6;
    assert!(report.contains(&format!("{line} │         drop(waker);")), "{report}");
}

#[test]
fn a_leaked_task_whose_waker_is_still_held_is_told_apart() {
    let outcome = Checker::new().run(|| {
        let kept = Arc::new(Mutex::new(None::<Waker>));
        let theirs = kept.clone();
        let _task = spawn(poll_fn(move |cx| {
            *theirs.lock().unwrap() = Some(cx.waker().clone());
            Poll::<()>::Pending
        }));
        std::mem::forget(kept);
    });
    let report = outcome.report();
    assert!(!outcome.expect("leak").is_empty());
    assert!(!report.contains("last waker"), "{report}");
    assert!(report.contains("its waker is kept somewhere"), "{report}");
}
