//! GR0007: a thread that no execution controls uses an object of one that is running.
#![cfg(feature = "check")]
#![allow(clippy::redundant_closure, reason = "the closure is the place that an object is made at")]

use gorace::cell::{Shared, UnsafeCell};
use gorace::go::WaitGroup;
use gorace::sync::atomic::{AtomicPtr, AtomicU32, Ordering::SeqCst};
use gorace::sync::{Arc, Barrier, Condvar, LazyLock, Mutex, Once, OnceLock, RwLock};
use gorace::{Chan, Checker, Named, Outcome, context, go};
use std::sync::mpsc;

/// Runs `f` in a thread that no execution knows, to its end.
fn foreign<T: Send>(f: impl FnOnce() -> T + Send) -> T {
    std::thread::scope(|scope| scope.spawn(f).join().unwrap())
}

fn check(body: impl Fn() + Send + Sync + 'static) -> Outcome {
    Checker::new().name("foreign").run(body)
}

/// The report as one line.
fn words(outcome: &Outcome) -> String {
    let report = outcome.report();
    // A line of a report that is broken goes on behind a bar.
    report.split_whitespace().filter(|word| *word != "|").collect::<Vec<_>>().join(" ")
}

/// Checks that a foreign thread is told of that does `theirs` to an object that `own` has used.
#[track_caller]
fn is_told<T: Send + Sync + 'static>(make: fn() -> T, own: fn(&T), theirs: fn(&T)) {
    let outcome = check(move || {
        let object = make();
        own(&object);
        foreign(|| theirs(&object));
    });
    outcome.expect("GR0007");
    let words = words(&outcome);
    assert!(words.contains("is used by a thread outside of the execution"), "{words}");
    assert!(words.contains("foreign_threads.rs:"), "{words}");
}

/// The same, and that nothing is told.
#[track_caller]
fn is_clean<T: Send + Sync + 'static>(make: fn() -> T, own: fn(&T), theirs: fn(&T)) {
    check(move || {
        let object = make();
        own(&object);
        foreign(|| theirs(&object));
    })
    .assert_clean();
}

#[test]
fn the_object_and_its_place_are_named() {
    let outcome = check(|| {
        let hits = Arc::new(AtomicU32::new(0).named("hits")); // here
        let theirs = hits.clone();
        hits.load(SeqCst);
        std::thread::spawn(move || theirs.store(1, SeqCst)).join().unwrap();
    });
    outcome.expect("GR0007");
    let line =
        include_str!("foreign_threads.rs").lines().position(|line| line.ends_with("// here")).unwrap() + 1;
    let words = words(&outcome);
    let place = format!("the atomic `hits` made at runtime/green/tests/foreign_threads.rs:{line}:29");
    assert!(words.contains(&place), "{words}");
    assert!(words.contains("is used by a thread outside of the execution"), "{words}");
    // Where the execution has used it last is shown.
    assert!(words.contains("hits.load(SeqCst); ") && words.contains("the execution uses it here"), "{words}");
    assert_eq!(outcome.findings[0].locations[0].line as usize, line + 2);
}

/// Beside tasks of its own, in each of many executions, on one thread and on several.
#[test]
fn with_tasks_and_jobs() {
    for jobs in [1, 2] {
        let outcome = Checker::new().name("tasks and a thread").jobs(jobs).run(|| {
            let x = Arc::new(AtomicU32::new(0));
            let of_task = x.clone();
            let task = gorace::thread::spawn(move || of_task.fetch_add(1, SeqCst));
            x.fetch_add(1, SeqCst);
            foreign(|| x.fetch_add(1, SeqCst));
            task.join().unwrap();
        });
        outcome.expect("GR0007");
        assert!(words(&outcome).contains("a thread outside"), "{}", words(&outcome));
    }
}

#[test]
fn atomics() {
    let x = || AtomicU32::new(0);
    let load = |x: &AtomicU32| _ = x.load(SeqCst);
    is_told(x, load, |x| x.store(1, SeqCst));
    is_told(x, load, |x| _ = x.fetch_add(1, SeqCst));
    is_told(x, load, |x| _ = x.compare_exchange(0, 1, SeqCst, SeqCst));
    is_told(x, load, |x| _ = x.compare_exchange_weak(5, 1, SeqCst, SeqCst));
    is_told(
        || AtomicPtr::new(std::ptr::null_mut::<u8>()),
        |x| _ = x.load(SeqCst),
        |x| _ = x.fetch_or(1, SeqCst),
    );
    // What a foreign thread reads hangs on the schedule once the execution writes.
    is_told(x, |x| x.store(1, SeqCst), load);
    is_clean(x, load, load);
}

#[test]
fn locks() {
    let mutex = || Mutex::new(0);
    is_told(mutex, |m| drop(m.lock()), |m| *m.lock().unwrap() += 1);
    is_told(mutex, |m| *m.lock().unwrap() += 1, |m| drop(m.lock()));
    is_told(mutex, |m| *m.lock().unwrap() += 1, |m| drop(m.try_lock()));
    is_clean(mutex, |m| drop(m.lock()), |m| drop(m.lock()));
    let lock = || RwLock::new(0);
    is_told(lock, |l| drop(l.read()), |l| *l.write().unwrap() += 1);
    is_told(lock, |l| *l.write().unwrap() += 1, |l| drop(l.read()));
    is_told(lock, |l| *l.write().unwrap() += 1, |l| drop(l.try_read()));
    is_clean(lock, |l| drop(l.read()), |l| drop(l.read()));
    is_told(
        || go::Mutex::new(),
        |m| {
            m.lock();
            m.unlock()
        },
        go::Mutex::lock,
    );
    is_told(
        || go::RwMutex::new(),
        |m| {
            m.rlock();
            m.runlock()
        },
        go::RwMutex::lock,
    );
}

#[test]
fn memory() {
    is_told(|| Shared::new(0), |x| _ = x.get(), |x| x.set(1));
    is_told(|| Shared::new(0), |x| x.set(1), |x| _ = x.get());
    is_clean(|| Shared::new(0), |x| _ = x.get(), |x| _ = x.get());
    struct Cell(UnsafeCell<u32>);
    // SAFETY: the foreign thread is joined before the cell is used again.
    unsafe impl Sync for Cell {}
    is_told(|| Cell(UnsafeCell::new(0)), |x| x.0.with(|_| ()), |x| x.0.with_mut(|_| ()));
    is_clean(|| Cell(UnsafeCell::new(0)), |x| x.0.with(|_| ()), |x| x.0.with(|_| ()));
    let map = || gorace::collections::Map::<u32, u32>::new();
    is_told(map, |m| _ = m.len(), |m| _ = m.insert(1, 1));
}

#[test]
fn what_is_done_once() {
    is_told(|| Once::new(), |o| _ = o.is_completed(), |o| o.call_once(|| ()));
    is_told(|| Once::new(), |o| o.call_once(|| ()), |o| _ = o.is_completed());
    is_told(|| OnceLock::new(), |o| _ = o.get(), |o| _ = o.set(1));
    is_told(|| OnceLock::new(), |o| _ = o.set(1), |o| _ = o.get());
    is_told(|| LazyLock::new(|| 1), |l| _ = LazyLock::force(l), |l| _ = LazyLock::force(l));
}

#[test]
fn meetings() {
    is_told(|| Condvar::new(), Condvar::notify_one, Condvar::notify_one);
    is_told(|| Condvar::new(), Condvar::notify_one, Condvar::notify_all);
    is_told(|| Barrier::new(1), |b| _ = b.wait(), |b| _ = b.wait());
    is_told(|| Chan::new(1), |c| _ = c.try_recv(), |c| _ = c.try_send(1));
    is_told(|| Chan::new(1), |c| c.send(1), |c| _ = c.len());
    is_told(|| Chan::<u8>::new(1), |c| _ = c.try_recv(), Chan::close);
    is_told(|| WaitGroup::new(), WaitGroup::wait, |w| w.add(1));
    is_told(
        || {
            let (tx, rx) = gorace::sync::mpsc::sync_channel(1);
            (tx, std::sync::Mutex::new(rx))
        },
        |(tx, _)| tx.send(1).unwrap(),
        |(tx, _)| _ = tx.try_send(2),
    );
    is_told(
        || context::with_cancel(&context::background()),
        |(ctx, _)| _ = ctx.err(),
        |(_, cancel)| cancel.cancel(),
    );
}

/// What an execution has made may be looked at, changed and dropped once that has ended: by the thread that ran it, and by
/// another one while the next executions run.
#[test]
fn what_outlives_its_execution_may_be_used_outside() {
    let (tx, rx) = mpsc::channel::<(Arc<AtomicU32>, Arc<Mutex<u32>>, Chan<u32>)>();
    let last = std::sync::Arc::new(std::sync::Mutex::new(None));
    let (kept, given) = (last.clone(), tx.clone());
    let user = std::thread::spawn(move || {
        let mut used = 0;
        for (x, m, c) in rx {
            x.store(5, SeqCst);
            *m.lock().unwrap() += 1;
            c.close();
            used += 1;
        }
        used
    });
    let outcome = check(move || {
        // Those of the execution before are given away now.
        let before = kept.lock().unwrap().take();
        if let Some(before) = before {
            given.send(before).unwrap();
        }
        let (x, m, c) = (Arc::new(AtomicU32::new(0)), Arc::new(Mutex::new(0)), Chan::new(1));
        let of_task = x.clone();
        let task = gorace::thread::spawn(move || of_task.fetch_add(1, SeqCst));
        x.fetch_add(1, SeqCst);
        *m.lock().unwrap() += 1;
        _ = c.try_send(1);
        task.join().unwrap();
        *kept.lock().unwrap() = Some((x, m, c));
    });
    outcome.assert_clean();
    let (x, m, c) = last.lock().unwrap().take().unwrap();
    assert_eq!(x.swap(9, SeqCst), 2);
    *m.lock().unwrap() += 1;
    c.close();
    drop(tx);
    assert!(user.join().unwrap() > 0);
}

/// A static is another object in each execution, and a plain one outside of all.
#[test]
fn statics() {
    static HITS: AtomicU32 = AtomicU32::new(0);
    static NAMES: Mutex<Vec<u32>> = Mutex::new(Vec::new());
    if !cfg!(target_os = "linux") {
        return;
    }
    check(|| {
        HITS.fetch_add(1, SeqCst);
        NAMES.lock().unwrap().push(1);
        foreign(|| {
            HITS.fetch_add(1, SeqCst);
            NAMES.lock().unwrap().push(2);
        });
        assert_eq!((HITS.load(SeqCst), NAMES.lock().unwrap().len()), (1, 1));
    })
    .assert_clean();
}

/// Each thread has executions of its own, and between them uses what is in none.
#[test]
fn tests_side_by_side() {
    let limit = Arc::new(AtomicU32::new(3));
    let threads: Vec<_> = (0..3)
        .map(|_| {
            let (limit, of_body) = (limit.clone(), limit.clone());
            std::thread::spawn(move || {
                let outcome = check(move || {
                    let x = Arc::new(AtomicU32::new(0));
                    let of_task = x.clone();
                    let task = gorace::thread::spawn(move || of_task.fetch_add(1, SeqCst));
                    x.fetch_add(of_body.load(SeqCst), SeqCst);
                    task.join().unwrap();
                });
                outcome.assert_clean();
                let own = AtomicU32::new(0);
                own.store(limit.load(SeqCst), SeqCst);
            })
        })
        .collect();
    threads.into_iter().for_each(|thread| thread.join().unwrap());
}

/// Printing is no operation, wherever it is done; nor is a drop.
#[test]
fn what_is_printed_and_dropped() {
    is_clean(|| AtomicU32::new(0), |x| x.store(1, SeqCst), |x| _ = format!("{x:?}"));
    is_clean(|| Mutex::new(0), |m| *m.lock().unwrap() += 1, |m| _ = format!("{m:?}"));
    is_clean(|| RwLock::new(0), |m| *m.write().unwrap() += 1, |m| _ = format!("{m:?}"));
    is_clean(|| OnceLock::new(), |o| _ = o.set(1), |o| _ = format!("{o:?}"));
    is_clean(|| Shared::new(0), |x| x.set(1), |x| _ = format!("{x:?}"));
    is_clean(|| Chan::new(1), |c| c.send(1), |c| _ = format!("{c:?}"));
    check(|| {
        let x = Arc::new(AtomicU32::new(0));
        x.store(1, SeqCst);
        let m = Mutex::new(1);
        *m.lock().unwrap() += 1;
        foreign(move || drop((x, m.into_inner())));
    })
    .assert_clean();
}
