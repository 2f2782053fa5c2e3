//! Statics begin each execution with their initialisers' values; what is made outside keeps its own.
#![cfg(feature = "check")]

use gorace::check::Strategy;
use gorace::sync::atomic::{AtomicPtr, AtomicU32, AtomicUsize, Ordering::SeqCst};
use gorace::sync::{
    Arc, Condvar, Mutex, MutexGuard, Once, OnceLock, RwLock, RwLockReadGuard, RwLockWriteGuard,
};
use gorace::{Checker, Named};
use std::cell::RefCell;

static COUNT: AtomicU32 = AtomicU32::new(7);
static LIST: Mutex<Vec<u32>> = Mutex::new(Vec::new());
static TEXT: RwLock<String> = RwLock::new(String::new());
static STARTED: Once = Once::new();
static TURN: (Mutex<bool>, Condvar) = (Mutex::new(false), Condvar::new());

fn uses_statics() {
    let task = gorace::go!({
        COUNT.fetch_add(1, SeqCst);
        LIST.lock().unwrap().push(1);
    });
    COUNT.fetch_add(1, SeqCst);
    LIST.lock().unwrap().push(2);
    task.join().unwrap();
    assert_eq!(COUNT.load(SeqCst), 9);
    assert_eq!(LIST.lock().unwrap().len(), 2);
}

#[test]
fn each_execution_begins_anew() {
    let outcome = Checker::new().run(uses_statics);
    outcome.assert_clean();
    assert!(outcome.executions > 1);
}

/// The same for whatever else has a `const` constructor; cells that are made once are in `std_once.rs`.
#[test]
fn every_static_begins_anew() {
    let outcome = Checker::new().run(|| {
        assert!(TEXT.read().unwrap().is_empty() && !STARTED.is_completed() && !TEXT.is_poisoned());
        let task = gorace::thread::spawn(|| {
            STARTED.call_once(|| TEXT.write().unwrap().push('a'));
            *TURN.0.lock().unwrap() = true;
            TURN.1.notify_one();
        });
        let turn = TURN.1.wait_while(TURN.0.lock().unwrap(), |turn| !*turn);
        assert!(*turn.unwrap());
        STARTED.call_once(|| unreachable!());
        assert_eq!(*TEXT.read().unwrap(), "a");
        task.join().unwrap();
        // Poison does not stay either.
        let poisons = gorace::thread::spawn(|| {
            let _text = TEXT.write().unwrap();
            panic!("with the lock");
        });
        assert!(poisons.join().is_err() && TEXT.is_poisoned());
    });
    outcome.assert_clean();
    assert!(outcome.executions > 1, "{outcome:?}");
}

#[test]
fn so_it_does_beside_other_tests_and_after_ordinary_use() {
    LIST.lock().unwrap().push(99);
    COUNT.store(1_000, SeqCst);
    let others: Vec<_> =
        (0..2).map(|_| std::thread::spawn(|| Checker::new().run(uses_statics).assert_clean())).collect();
    Checker::new().run(uses_statics).assert_clean();
    for other in others {
        other.join().unwrap();
    }
    assert_eq!(LIST.lock().unwrap().last(), Some(&99));
    assert_eq!(COUNT.load(SeqCst), 1_000);
}

/// Guards of statics that a thread of std's keeps, which no execution ends.
#[derive(Default)]
struct Guards {
    lock: Option<MutexGuard<'static, Vec<u32>>>,
    read: Option<RwLockReadGuard<'static, String>>,
    write: Option<RwLockWriteGuard<'static, String>>,
}

std::thread_local! {
    static GUARDS: RefCell<Guards> = const { RefCell::new(Guards { lock: None, read: None, write: None }) };
}

#[test]
fn a_guard_that_is_kept_keeps_what_it_guards() {
    static OTHER: RwLock<String> = RwLock::new(String::new());
    let long = || "a text that is no short one".repeat(9);
    let outcome = Checker::new().strategy(Strategy::Random).max_executions(9).run(move || {
        let Guards { lock, read, write } = GUARDS.take();
        if let (Some(mut lock), Some(read), Some(mut write)) = (lock, read, write) {
            assert_eq!((lock.as_slice(), read.as_str(), write.as_str()), (&[1, 2, 3][..], "", &*long()));
            // They are of the last execution, and still what they were there.
            lock.extend(0..99);
            write.push('b');
            assert_eq!((lock.len(), write.len()), (102, long().len() + 1));
        }
        let (mut lock, read, mut write) =
            (LIST.lock().unwrap(), TEXT.read().unwrap(), OTHER.write().unwrap());
        assert!(lock.is_empty() && read.is_empty() && write.is_empty());
        lock.extend([1, 2, 3]);
        write.push_str(&long());
        GUARDS.set(Guards { lock: Some(lock), read: Some(read), write: Some(write) });
    });
    outcome.assert_clean();
    assert!(outcome.executions > 1, "{outcome:?}");
    let kept = GUARDS.take();
    assert_eq!(kept.lock.unwrap().len(), 3);
    assert_eq!(*kept.write.unwrap(), long());
}

/// A value whose end is an operation on a static.
struct Ends;

static ENDS: AtomicU32 = AtomicU32::new(0);

impl Drop for Ends {
    fn drop(&mut self) {
        ENDS.fetch_add(1, SeqCst);
    }
}

#[test]
fn what_destructors_do_to_statics_does_not_stay() {
    static KEPT: Mutex<Vec<Ends>> = Mutex::new(Vec::new());
    let outcome = Checker::new().run(|| {
        assert_eq!(ENDS.load(SeqCst), 0);
        let task = gorace::go!({ KEPT.lock().unwrap().push(Ends) });
        KEPT.lock().unwrap().push(Ends);
        task.join().unwrap();
    });
    outcome.assert_clean();
    assert!(outcome.executions > 1, "{outcome:?}");
}

/// All but those that were lent for ever.
#[test]
fn values_of_statics_are_dropped_after_each_execution() {
    static KEPT: Mutex<Option<std::sync::Arc<()>>> = Mutex::new(None);
    static LENT: Mutex<Option<std::sync::Arc<()>>> = Mutex::new(None);
    static ONCE: OnceLock<std::sync::Arc<()>> = OnceLock::new();
    let value = std::sync::Arc::new(());
    let of_body = value.clone();
    let outcome = Checker::new().strategy(Strategy::Random).max_executions(5).run(move || {
        *KEPT.lock().unwrap() = Some(of_body.clone());
        assert!(ONCE.get().is_none() && ONCE.get_or_init(|| of_body.clone()) == &of_body);
        let mut lent = LENT.lock().unwrap();
        *lent = Some(of_body.clone());
        std::mem::forget(lent);
    });
    outcome.assert_clean();
    let runs = outcome.executions + outcome.redundant + outcome.auxiliary;
    assert_eq!(std::sync::Arc::strong_count(&value) as u64, 1 + 2 * runs);
}

/// A cell as lazy_static and once_cell have it: room for a value that is made while the program runs.
struct Late<T>(std::sync::Once, std::cell::UnsafeCell<std::mem::MaybeUninit<T>>);

// SAFETY: the value is written once, and read after that.
unsafe impl<T: Send + Sync> Sync for Late<T> {}

impl<T> Late<T> {
    const fn new() -> Self {
        Late(std::sync::Once::new(), std::cell::UnsafeCell::new(std::mem::MaybeUninit::uninit()))
    }

    fn get(&self, make: fn() -> T) -> &T {
        // SAFETY: this is the only write, and whoever reads comes after it.
        self.0.call_once(|| unsafe {
            (*self.1.get()).write(make());
        });
        // SAFETY: written right above, by whomever.
        unsafe { (*self.1.get()).assume_init_ref() }
    }
}

/// Checks `changes`, which changes what outlives its executions.
fn is_told_to_outlive(changes: fn()) {
    let outcome = Checker::new().run(changes);
    outcome.expect("nondeterminism");
    assert!(outcome.report().contains("make it inside"), "{}", outcome.report());
}

/// The image has room for such values, and no value.
#[test]
fn what_is_made_in_a_static_after_main_has_begun_is_no_static() {
    static LAZY: std::sync::LazyLock<Mutex<Vec<u32>>> = std::sync::LazyLock::new(|| Mutex::new(vec![1]));
    static ONCE: std::sync::OnceLock<RwLock<String>> = std::sync::OnceLock::new();
    static LATE: Late<AtomicU32> = Late::new();
    static NONE: std::sync::Mutex<Option<Once>> = std::sync::Mutex::new(None);
    static CELL: std::sync::OnceLock<gorace::sync::OnceLock<u32>> = std::sync::OnceLock::new();
    is_told_to_outlive(|| LAZY.lock().unwrap().push(2));
    is_told_to_outlive(|| ONCE.get_or_init(Default::default).write().unwrap().push('a'));
    is_told_to_outlive(|| LATE.get(|| AtomicU32::new(5)).store(6, SeqCst));
    is_told_to_outlive(|| NONE.lock().unwrap().get_or_insert_default().call_once(|| ()));
    is_told_to_outlive(|| assert_eq!(CELL.get_or_init(Default::default).get_or_init(|| 1), &1));
}

#[test]
fn what_is_made_in_a_static_may_be_read() {
    static LIMIT: std::sync::OnceLock<AtomicU32> = std::sync::OnceLock::new();
    static NAMES: std::sync::LazyLock<RwLock<Vec<u32>>> = std::sync::LazyLock::new(|| RwLock::new(vec![3]));
    let outcome = Checker::new().run(|| {
        let reads = || LIMIT.get_or_init(|| AtomicU32::new(5)).load(SeqCst) + NAMES.read().unwrap()[0];
        let task = gorace::thread::spawn(reads);
        assert_eq!((reads(), task.join().unwrap()), (8, 8));
    });
    outcome.assert_clean();
}

/// The image has a value there, but it is another one's.
#[test]
fn what_took_the_place_of_a_static_is_no_static() {
    static PLACE: std::sync::Mutex<AtomicU32> = std::sync::Mutex::new(AtomicU32::new(1));
    let reads = |value| {
        Checker::new().run(move || assert_eq!(PLACE.lock().unwrap().load(SeqCst), value)).assert_clean();
    };
    reads(1);
    *PLACE.lock().unwrap() = AtomicU32::new(2);
    reads(2);
}

#[test]
fn what_is_changed_from_outside_is_named() {
    // With one interleaving, which is run twice for this, and with two.
    for others in [0, 1] {
        let total = Arc::new(Mutex::new(0).named("total"));
        let outcome = Checker::new().run(move || {
            let tasks: Vec<_> = (0..others)
                .map(|_| {
                    let total = total.clone();
                    gorace::go!({ *total.lock().unwrap() += 1 })
                })
                .collect();
            *total.lock().unwrap() += 1;
            tasks.into_iter().for_each(|task| task.join().unwrap());
        });
        outcome.expect("nondeterminism");
        assert_eq!(outcome.findings.len(), 1, "{}", outcome.report());
        assert!(outcome.report().contains("`total`"), "{}", outcome.report());
        assert!(outcome.report().contains("make it inside"), "{}", outcome.report());
    }
}

/// Also where there is nothing but a choice, which is among others.
#[test]
fn a_choice_among_others_than_before_is_told() {
    for (first, later) in [(3, 2), (2, 3), (2, 1)] {
        let runs = std::sync::atomic::AtomicU32::new(0);
        let outcome = Checker::new().run(move || {
            let is_first = runs.fetch_add(1, SeqCst) == 0;
            gorace::any(if is_first { first } else { later });
        });
        outcome.expect("nondeterminism");
    }
}

#[test]
fn another_value_than_before_is_told() {
    let runs = std::sync::atomic::AtomicU32::new(0);
    let outcome = Checker::new().run(move || {
        let number = AtomicU32::new(0);
        number.store(runs.fetch_add(1, SeqCst) + 5, SeqCst);
    });
    outcome.expect("nondeterminism");
    assert!(outcome.report().contains("of 5"), "{}", outcome.report());
}

/// Memory is where it happens to be, and a program may keep that in an atomic.
#[test]
fn another_address_than_before_is_nothing() {
    let outcome = Checker::new().run(|| {
        // Never freed, so that each execution has another one.
        let kept = Box::leak(Box::new(0_u64)) as *mut u64;
        AtomicPtr::new(std::ptr::null_mut()).store(kept, SeqCst);
        AtomicUsize::new(0).store(kept as usize, SeqCst);
    });
    outcome.assert_clean();
}

/// What takes part without being a primitive of ours is told by what the program does.
#[test]
fn a_program_that_does_not_repeat_itself_is_told_by_every_strategy() {
    for strategy in [Strategy::Auto, Strategy::Exhaustive, Strategy::Random] {
        let runs = std::sync::atomic::AtomicU32::new(0);
        let outcome = Checker::new().strategy(strategy.clone()).max_executions(3).run(move || {
            let lock = Mutex::new(());
            for _ in 0..=runs.fetch_add(1, SeqCst) {
                drop(lock.lock());
            }
        });
        outcome.expect("nondeterminism");
        assert!(!outcome.report().contains("verified"), "{strategy:?}: {}", outcome.report());
    }
}

#[test]
fn what_is_only_read_may_come_from_outside() {
    let limit = Arc::new(AtomicU32::new(3));
    let outcome = Checker::new().run(move || {
        let of_task = limit.clone();
        let task = gorace::go!({ of_task.load(SeqCst) });
        assert_eq!(task.join().unwrap() + limit.load(SeqCst), 6);
    });
    outcome.assert_clean();
}

#[test]
fn a_lock_that_a_foreign_thread_holds_is_never_shared() {
    let lock = Arc::new(Mutex::new(0));
    let (held, done) = (lock.clone(), Arc::new(std::sync::Barrier::new(2)));
    let release = done.clone();
    let (tx, rx) = std::sync::mpsc::channel();
    let foreign = std::thread::spawn(move || {
        let _guard = held.lock().unwrap();
        tx.send(()).unwrap();
        release.wait();
    });
    rx.recv().unwrap();
    let outcome = Checker::new().run(move || drop(lock.lock()));
    done.wait();
    foreign.join().unwrap();
    outcome.expect("nondeterminism");
    let report = outcome.report();
    let words: Vec<&str> = report.split_whitespace().collect();
    assert!(words.join(" ").contains("held by a thread outside of the execution"), "{report}");
}

#[test]
fn a_body_without_a_scheduling_point_is_an_error() {
    Checker::new().run(|| ()).expect("nothing_explored");
}
