//! Locks that executions have used and own, in the hands of threads that no execution controls: whatever is reported of
//! that, nobody is let in beside somebody else.
#![cfg(feature = "check")]

use gorace::Checker;
use gorace::cell::Shared;
use gorace::check::Strategy;
use gorace::sync::{Arc, Condvar, Mutex, MutexGuard, RwLock};
use std::cell::{Cell, RefCell};
use std::hint::black_box;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::time::Duration;

/// Words that are read and written one after the other: two who have them at once leave them unequal, or lose what one of
/// them added.
type Words = [u64; 16];

/// Changes them, and counts that.
fn change(words: &mut Words, changes: &AtomicU64) {
    let next = words[0] + 1;
    words.iter_mut().for_each(|word| *black_box(word) = next);
    changes.fetch_add(1, Relaxed);
}

fn look(words: &Words) {
    assert!(words.iter().all(|word| *black_box(word) == words[0]), "{words:?}");
}

/// A way to use an object, which counts what it changes.
type Use<T> = fn(&T, &AtomicU64);

/// Runs executions that use an object of their own beside a thread that does so too: both begin at once, the execution goes
/// on until the thread has begun and it notices that, and all changes are there then.
#[track_caller]
fn contend<T: Send + Sync + 'static>(
    make: fn(Words) -> T,
    own: Use<T>,
    theirs: Use<T>,
    end: fn(&T) -> Words,
) {
    const ROUNDS: u64 = 1_000;
    for _ in 0..50 {
        let threads = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
        let [ready, begun, over] = [(); 3].map(|()| std::sync::Arc::new(AtomicBool::new(false)));
        let (started, is_over) = (threads.clone(), over.clone());
        let outcome = Checker::new().strategy(Strategy::Random).max_executions(1).run(move || {
            let object = Arc::new((make([0; 16]), AtomicU64::new(0)));
            own(&object.0, &object.1);
            let of_thread = object.clone();
            let (is_ready, is_begun, is_over) = (ready.clone(), begun.clone(), is_over.clone());
            let thread = std::thread::spawn(move || {
                is_ready.store(true, Relaxed);
                while !is_over.load(Relaxed) {
                    theirs(&of_thread.0, &of_thread.1);
                    is_begun.store(true, Relaxed);
                }
                of_thread
            });
            started.lock().unwrap().push(thread);
            wait_for(&ready);
            (0..ROUNDS).for_each(|_| own(&object.0, &object.1));
            wait_for(&begun);
            own(&object.0, &object.1);
        });
        over.store(true, Relaxed);
        let codes: Vec<_> = outcome.findings.iter().map(|finding| finding.code.code()).collect();
        assert_eq!(codes, ["GR0007"], "{}", outcome.report());
        let threads = std::mem::take(&mut *threads.lock().unwrap());
        for thread in threads {
            let object = thread.join().unwrap();
            let words = end(&object.0);
            look(&words);
            assert_eq!(words[0], object.1.load(Relaxed));
        }
    }
}

fn wait_for(what: &AtomicBool) {
    while !what.load(Relaxed) {
        std::thread::yield_now();
    }
}

#[test]
fn mutexes() {
    let change: Use<Mutex<Words>> = |m, changes| change(&mut m.lock().unwrap(), changes);
    let attempt: Use<Mutex<Words>> = |m, changes| {
        if let Ok(mut words) = m.try_lock() {
            self::change(&mut words, changes);
        }
    };
    contend(Mutex::new, change, change, |m| *m.lock().unwrap());
    contend(Mutex::new, change, attempt, |m| *m.lock().unwrap());
    contend(Mutex::new, attempt, change, |m| *m.lock().unwrap());
}

#[test]
fn reader_writer_locks() {
    let change: Use<RwLock<Words>> = |l, changes| change(&mut l.write().unwrap(), changes);
    let read: Use<RwLock<Words>> = |l, _| look(&l.read().unwrap());
    contend(RwLock::new, change, change, |l| *l.read().unwrap());
    contend(RwLock::new, change, read, |l| *l.read().unwrap());
    contend(RwLock::new, read, change, |l| *l.read().unwrap());
}

#[test]
fn plain_variables() {
    let change: Use<Shared<Words>> = |x, changes| x.with_mut(|words| change(words, changes));
    let read: Use<Shared<Words>> = |x, _| x.with(look);
    contend(Shared::new, change, change, Shared::get);
    contend(Shared::new, change, read, Shared::get);
    contend(Shared::new, read, change, Shared::get);
}

/// As a lock of readers and one writer.
#[test]
fn who_may_send_and_share_a_plain_variable() {
    fn both<T: ?Sized + Send + Sync + UnwindSafe + RefUnwindSafe>() {}
    both::<Shared<u8>>();
    both::<Shared<[u8]>>();
    /// Has two implementations for what is `Sync`, so that the call below compiles for what is not.
    trait NotSync<A> {
        fn holds() {}
    }
    impl<T: ?Sized> NotSync<()> for T {}
    impl<T: ?Sized + Sync> NotSync<u8> for T {}
    <Shared<Cell<u8>> as NotSync<_>>::holds();
    // What hides its type is shared as what does not.
    let hidden: Arc<Shared<dyn Fn() -> u8 + Send + Sync>> = Arc::new(Shared::new(|| 3));
    let of_thread = hidden.clone();
    assert_eq!(std::thread::spawn(move || of_thread.with(|f| f())).join().unwrap(), 3);
    let hidden: Arc<Mutex<dyn FnMut() -> u8 + Send>> = Arc::new(Mutex::new(|| 4));
    assert_eq!(hidden.lock().unwrap()(), 4);
}

/// One thread and its executions, one after the other: each finds what the last one left.
#[test]
fn a_lock_from_outside_is_used_in_turn() {
    let lock = Arc::new((Mutex::new(7), RwLock::new(8), Shared::new(9)));
    for _ in 0..3 {
        let (m, l, x) = &*lock;
        assert_eq!((*m.lock().unwrap(), *l.read().unwrap(), x.get()), (7, 8, 9));
        let inside = lock.clone();
        let outcome = Checker::new().run(move || {
            let of_task = inside.clone();
            let task = gorace::thread::spawn(move || (*of_task.0.lock().unwrap(), of_task.2.get()));
            assert_eq!(*inside.1.read().unwrap(), 8);
            assert_eq!(task.join().unwrap(), (7, 9));
            assert_eq!(format!("{:?}", inside.0), "Mutex { data: 7, poisoned: false, .. }");
        });
        outcome.assert_clean();
    }
}

/// A guard that nobody ever drops holds its lock, for whoever comes: the next execution, this thread, and another one.
#[test]
fn a_leaked_guard_holds_its_lock() {
    let lock = Arc::new(Mutex::new(0));
    let inside = lock.clone();
    let outcome = Checker::new().run(move || std::mem::forget(inside.lock()));
    outcome.expect("nondeterminism");
    let report = outcome.report();
    let words: Vec<&str> = report.split_whitespace().filter(|word| *word != "|").collect();
    assert!(words.join(" ").contains("is held by a thread outside of the execution"), "{report}");
    assert!(lock.try_lock().is_err());
    assert!(std::thread::scope(|scope| scope.spawn(|| lock.try_lock().is_err()).join().unwrap()));
}

type Kept = (&'static Mutex<u32>, MutexGuard<'static, u32>);

std::thread_local! {
    static KEPT: RefCell<Option<Kept>> = const { RefCell::new(None) };
}

/// A guard that an execution has left to the thread that ran it is a guard there too.
#[test]
fn a_guard_that_was_kept_is_waited_with_outside() {
    let outcome = Checker::new().run(move || {
        let lock: &'static Mutex<u32> = Box::leak(Box::new(Mutex::new(0)));
        KEPT.set(Some((lock, lock.lock().unwrap())));
    });
    outcome.assert_clean();
    let condvar = Condvar::new();
    let (lock, mut guard) = KEPT.take().unwrap();
    let is_free = || std::thread::scope(|scope| scope.spawn(|| lock.try_lock().is_ok()).join().unwrap());
    *guard += 1;
    assert!(!is_free());
    for _ in 0..2 {
        (guard, _) = condvar.wait_timeout(guard, Duration::ZERO).unwrap();
        assert!(*guard == 1 && !is_free());
    }
    drop(guard);
    assert!(is_free());
}
