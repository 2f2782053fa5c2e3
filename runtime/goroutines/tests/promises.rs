//! What is promised about threads, time and the number of workers. One test: all of it is the process's.

use gorace_goroutines::sync::{Mutex, OnceLock, mpsc};
use gorace_goroutines::{
    Builder, Reason, Task, blocking::blocking, go, park_until, runtime, thread, yield_now,
};
use std::cell::Cell;
use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::time::{Duration, Instant};

fn os_thread() -> std::thread::ThreadId {
    std::thread::current().id()
}

#[test]
fn the_runtime_keeps_its_promises() {
    for workers in [1, 2, 8] {
        runtime::gomaxprocs(workers);
        assert_eq!(runtime::gomaxprocs(0), workers);
        a_goroutine_that_has_started_stays_on_its_thread();
        one_that_may_move_comes_to_its_end();
        a_thread_that_is_locked_gets_nothing_new();
        a_blocking_call_leaves_the_thread_to_others();
        nobody_wakes_before_the_time();
        an_alarm_that_is_not_needed_leaves_nothing();
        fair_to_what_has_not_started();
        assert_eq!(runtime::num_goroutine(), 1, "main alone is left");
    }
    runtime::gomaxprocs(1);
    sleepers_wake_in_the_order_of_their_deadlines();
}

/// Whatever it waits for: a value of the thread's that it borrows stays the same one.
fn a_goroutine_that_has_started_stays_on_its_thread() {
    thread_local! {
        static MINE: Cell<u64> = const { Cell::new(0) };
    }
    let (give, get) = mpsc::sync_channel(0);
    let get = Arc::new(Mutex::new(get));
    let all: Vec<_> = (0..64)
        .map(|n| {
            let (give, get) = (give.clone(), get.clone());
            go(move || {
                let (thread, own) = (os_thread(), MINE.with(std::ptr::from_ref).addr());
                for _ in 0..20 {
                    if n % 2 == 0 {
                        give.send(n).unwrap()
                    } else {
                        _ = get.lock().unwrap().recv().unwrap()
                    }
                    yield_now();
                    assert_eq!((os_thread(), MINE.with(std::ptr::from_ref).addr()), (thread, own));
                }
            })
        })
        .collect();
    all.into_iter().for_each(|one| one.join().unwrap());
}

fn one_that_may_move_comes_to_its_end() {
    let threads = Arc::new(Mutex::new(BTreeSet::new()));
    let all: Vec<_> = (0..64)
        .map(|_| {
            let threads = threads.clone();
            // SAFETY: nothing that depends on the thread is alive across a wait.
            let builder = unsafe { Builder::new().migratable() };
            let code = move || {
                for _ in 0..20 {
                    yield_now();
                    threads.lock().unwrap().insert(format!("{:?}", os_thread()));
                }
            };
            builder.go(code).unwrap()
        })
        .collect();
    all.into_iter().for_each(|one| one.join().unwrap());
    assert!(!threads.lock().unwrap().is_empty());
}

fn a_thread_that_is_locked_gets_nothing_new() {
    let locked = go(|| {
        runtime::lock_os_thread();
        let mine = os_thread();
        let others: Vec<_> = (0..100).map(|_| go(os_thread)).collect();
        assert!(others.into_iter().all(|other| other.join().unwrap() != mine));
        assert_eq!(os_thread(), mine);
        runtime::unlock_os_thread();
    });
    locked.join().unwrap();
}

/// With one worker: if the call kept its thread, the one that ends the call would never run.
fn a_blocking_call_leaves_the_thread_to_others() {
    let (end, ends) = std::sync::mpsc::channel();
    let calls = go(move || blocking(move || ends.recv().unwrap()));
    let ender = go(move || end.send(7).unwrap());
    ender.join().unwrap();
    assert_eq!(calls.join().unwrap(), 7);
    let panics = go(|| blocking(|| std::panic::resume_unwind(Box::new("on purpose"))));
    let payload: Result<(), _> = panics.join();
    assert_eq!(payload.unwrap_err().downcast_ref::<&str>(), Some(&"on purpose"));
}

fn nobody_wakes_before_the_time() {
    let all: Vec<_> = (0..500_u64)
        .map(|n| {
            let time = Duration::from_micros(n * 37 % 5000);
            go(move || {
                let begun = Instant::now();
                thread::sleep(time);
                assert!(begun.elapsed() >= time);
                let begun = Instant::now();
                thread::park_timeout(time);
                assert!(begun.elapsed() >= time, "nobody gives it a token");
            })
        })
        .collect();
    all.into_iter().for_each(|one| one.join().unwrap());
}

/// One alarm of the goroutine has rung, and the next is taken back when somebody else wakes it.
fn an_alarm_that_is_not_needed_leaves_nothing() {
    let (say, has_slept) = std::sync::mpsc::channel();
    let waits = go(move || {
        thread::sleep(Duration::from_millis(1));
        say.send(()).unwrap();
        thread::park_timeout(Duration::from_secs(5));
    });
    has_slept.recv().unwrap();
    while runtime::stats().timers == 0 {
        std::thread::yield_now();
    }
    waits.thread().unpark();
    waits.join().unwrap();
    assert_eq!(runtime::stats().timers, 0);
}

/// Goroutines that step aside again and again do not keep out one that has not started.
fn fair_to_what_has_not_started() {
    let stop = Arc::new(AtomicBool::new(false));
    let running = Arc::new(AtomicUsize::new(0));
    let busy: Vec<_> = (0..16)
        .map(|_| {
            let (stop, running) = (stop.clone(), running.clone());
            go(move || {
                running.fetch_add(1, SeqCst);
                while !stop.load(SeqCst) {
                    yield_now();
                }
            })
        })
        .collect();
    while running.load(SeqCst) < busy.len() {
        std::thread::yield_now();
    }
    let theirs = stop.clone();
    // From a thread that is no worker: into the global queue.
    go(move || theirs.store(true, SeqCst)).join().unwrap();
    busy.into_iter().for_each(|one| one.join().unwrap());
}

/// Each deadline is another one, and those of one worker run in the order in which they are woken. (A busy machine can
/// make the monitor think that the worker is stuck, and then there are two.)
fn sleepers_wake_in_the_order_of_their_deadlines() {
    const ALL: u64 = 20_000;
    let begins = Arc::new(OnceLock::new());
    let woken = Arc::new(AtomicUsize::new(0));
    let all: Vec<_> = (0..ALL)
        .map(|n| {
            let (begins, woken) = (begins.clone(), woken.clone());
            // Not in the order of starting.
            let turn = n * 7919 % ALL;
            go(move || {
                let deadline = *begins.wait() + Duration::from_nanos(turn);
                let mut waited = false;
                while Instant::now() < deadline {
                    waited = true;
                    park_until(&Task::current(), Reason::Sleep, deadline);
                }
                waited.then(|| (woken.fetch_add(1, SeqCst), os_thread(), turn))
            })
        })
        .collect();
    begins.set(Instant::now() + Duration::from_secs(1)).unwrap();
    let mut order: Vec<_> = all.into_iter().filter_map(|one| one.join().unwrap()).collect();
    order.sort_by_key(|(woken, ..)| *woken);
    assert!(!order.is_empty(), "nobody waited");
    let threads: HashSet<_> = order.iter().map(|(_, thread, _)| *thread).collect();
    for thread in threads {
        let turns = order.iter().filter(|(_, other, _)| *other == thread).map(|(.., turn)| turn);
        assert!(turns.is_sorted(), "{} of {ALL} waited", order.len());
    }
}
