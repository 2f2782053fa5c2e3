//! Goroutines start, wait, wake and end.

use gorace_goroutines::sync::{Condvar, Mutex, mpsc};
use gorace_goroutines::{go, thread, yield_now};
use std::sync::Arc;

#[test]
fn many_start_and_are_joined() {
    let sum = Arc::new(Mutex::new(0_u64));
    let all: Vec<_> = (0..10_000_u64)
        .map(|n| {
            let sum = sum.clone();
            go(move || *sum.lock().unwrap() += n)
        })
        .collect();
    all.into_iter().for_each(|one| one.join().unwrap());
    assert_eq!(*sum.lock().unwrap(), 9_999 * 10_000 / 2);
}

#[test]
fn a_value_goes_back_and_forth() {
    let (to, from_main) = mpsc::sync_channel(0);
    let (back, from_other) = mpsc::sync_channel(0);
    let other = go(move || {
        for n in from_main {
            back.send(n + 1).unwrap();
        }
    });
    let mut n = 0;
    for _ in 0..10_000 {
        to.send(n).unwrap();
        n = from_other.recv().unwrap();
    }
    assert_eq!(n, 10_000);
    drop(to);
    other.join().unwrap();
}

#[test]
fn a_condition_wakes_whoever_waits() {
    let pair = Arc::new((Mutex::new(0), Condvar::new()));
    let all: Vec<_> = (0..100)
        .map(|turn| {
            let pair = pair.clone();
            go(move || {
                let mut now = pair.0.lock().unwrap();
                while *now != turn {
                    now = pair.1.wait(now).unwrap();
                }
                *now += 1;
                pair.1.notify_all();
            })
        })
        .collect();
    all.into_iter().for_each(|one| one.join().unwrap());
    assert_eq!(*pair.0.lock().unwrap(), 100);
}

#[test]
fn goroutines_and_threads_wait_for_each_other() {
    let goroutine = go(|| {
        let thread = thread::spawn(|| {
            let inner = go(|| {
                yield_now();
                1
            });
            inner.join().unwrap() + 1
        });
        thread.join().unwrap() + 1
    });
    assert_eq!(goroutine.join().unwrap(), 3);
}

#[test]
fn scoped_threads_are_waited_for_without_the_os_thread() {
    let sum = go(|| {
        let mut parts = [0; 4];
        thread::scope(|scope| {
            for (i, part) in parts.iter_mut().enumerate() {
                // Each needs another goroutine, which may have started on the waiting one's worker.
                scope.spawn(move || *part = go(move || i).join().unwrap());
            }
        });
        parts.iter().sum::<usize>()
    });
    assert_eq!(sum.join().unwrap(), 6);
}

#[test]
fn a_panic_is_given_to_whoever_joins() {
    let died = go(|| panic!("on purpose"));
    assert_eq!(died.join().unwrap_err().downcast_ref::<&str>(), Some(&"on purpose"));
}
