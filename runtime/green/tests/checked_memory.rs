//! "Checked memory" of the API's design page, sentence by sentence.
#![cfg(feature = "check")]

use gorace::cell::{Shared, UnsafeCell};
use gorace::check::Verdict;
use gorace::sync::{Arc, Mutex};
use gorace::{Checker, Outcome, thread};
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};

/// The codes of what was found.
fn codes(outcome: &Outcome) -> Vec<&'static str> {
    let mut codes: Vec<_> = outcome.findings.iter().map(|finding| finding.code.code()).collect();
    codes.dedup();
    codes
}

fn clean(body: impl Fn() + Send + Sync + 'static) {
    let outcome = Checker::new().run(body);
    outcome.assert_clean();
    assert_eq!(outcome.verdict, Verdict::Verified);
}

static START: Shared<u32> = Shared::new(5);

/// "`const new`", "`get`", "`set`", "`with`", "`with_mut`": what each gives, in both worlds.
fn a_variable() {
    let list = Shared::new(vec![1]);
    list.with_mut(|list| list.push(2));
    assert_eq!(list.with(Vec::len), 2);
    assert_eq!(list.get(), [1, 2]);
    list.set(vec![9]);
    assert_eq!(list.get(), [9]);
    assert_eq!(Shared::<u8>::default().get(), 0);
    let text: Box<Shared<[u8]>> = Box::new(Shared::new([1, 2, 3]));
    assert_eq!(text.with(|bytes| bytes.len()), 3, "unsized too");
}

#[test]
fn a_variable_outside() {
    a_variable();
    assert_eq!(START.get(), 5);
}

#[test]
fn a_variable_inside() {
    clean(|| {
        thread::yield_now();
        a_variable();
        assert_eq!(START.get(), 5, "each execution begins with the initialiser's value");
        START.set(6);
    });
    assert_eq!(START.get(), 5);
}

/// "`Sync` if `T: Send + Sync`".
#[test]
fn sync_only_if_what_it_holds_is() {
    fn is_sync<T: Sync>() {}
    is_sync::<Shared<Vec<u8>>>();
    /// Has two implementations for what is `Sync`, so that the call below compiles for what is not.
    trait NotSync<A> {
        fn holds() {}
    }
    impl<T: ?Sized> NotSync<()> for T {}
    impl<T: ?Sized + Sync> NotSync<u8> for T {}
    <Shared<std::cell::Cell<u8>> as NotSync<_>>::holds();
    <UnsafeCell<u8> as NotSync<_>>::holds();
}

/// An access by one of its four methods, and whether it writes.
type Access = (fn(&Shared<u32>), bool);

const ACCESSES: [Access; 4] = [
    (|x| _ = x.get(), false),
    (|x| x.with(|_| ()), false),
    (|x| x.set(1), true),
    (|x| x.with_mut(|x| *x += 1), true),
];

/// "Every access is race-checked": two tasks race exactly if one of them writes.
#[test]
fn every_access_is_race_checked() {
    for (one, writes) in ACCESSES {
        for (other, writes_too) in ACCESSES {
            let outcome = Checker::new().run(move || {
                let x = Arc::new(Shared::new(0));
                let theirs = x.clone();
                let task = gorace::go!({ one(&theirs) });
                other(&x);
                task.join().unwrap();
            });
            let expected: &[&str] = if writes || writes_too { &["GR0001"] } else { &[] };
            assert_eq!(codes(&outcome), expected, "{}", outcome.report());
            clean(move || {
                let x = Arc::new((Mutex::new(()), Shared::new(0)));
                let theirs = x.clone();
                let task = gorace::go!({
                    let _guard = theirs.0.lock().unwrap();
                    one(&theirs.1);
                });
                {
                    let _guard = x.0.lock().unwrap();
                    other(&x.1);
                }
                task.join().unwrap();
            });
        }
    }
}

/// "`with` nests in `with`".
fn reads_nest() {
    let x = Shared::new(1);
    assert_eq!(x.with(|a| x.with(|b| *a + *b) + x.get()), 3);
    let y = Shared::new(2);
    x.with_mut(|x| y.with_mut(|y| std::mem::swap(x, y)));
    assert_eq!((x.get(), y.get()), (2, 1), "two variables are two");
}

#[test]
fn reads_nest_outside() {
    reads_nest();
}

#[test]
fn reads_nest_inside() {
    clean(|| {
        thread::yield_now();
        reads_nest();
    });
}

/// "any other nesting on one variable in one task panics (GR0005)".
#[test]
fn any_other_nesting_panics() {
    let nestings: [fn(&Shared<u32>); 6] = [
        |x| x.with(|_| x.with_mut(|_| ())),
        |x| x.with(|_| x.set(1)),
        |x| x.with_mut(|_| x.with(|_| ())),
        |x| x.with_mut(|_| _ = x.get()),
        |x| x.with_mut(|_| x.with_mut(|_| ())),
        |x| x.with(|_| x.with(|_| x.set(1))),
    ];
    for nested in nestings {
        let outcome = Checker::new().run(move || {
            thread::yield_now();
            nested(&Shared::new(0));
        });
        assert_eq!(codes(&outcome), ["GR0005"], "{}", outcome.report());
        let x = Shared::new(0);
        let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| nested(&x))).unwrap_err();
        assert_eq!(panic.downcast_ref::<String>().map(String::as_str), Some("nested access to a Shared"));
        x.set(3);
        assert_eq!(x.get(), 3, "the variable is as good as before");
    }
}

/// "a conflicting access while another task's closure is open is a GR0001, raised **before** a second reference
/// exists, and then waits".
#[test]
fn a_conflicting_access_waits_for_an_open_closure() {
    for (one, writes) in ACCESSES {
        static OPEN: AtomicBool = AtomicBool::new(false);
        static MET: AtomicBool = AtomicBool::new(false);
        MET.store(false, SeqCst);
        let outcome = Checker::new().keep_going(true).run(move || {
            OPEN.store(false, SeqCst);
            let x = Arc::new(Shared::new(0));
            let theirs = x.clone();
            let task = gorace::go!({
                theirs.with_mut(|x| {
                    OPEN.store(true, SeqCst);
                    thread::yield_now();
                    thread::yield_now();
                    *x += 1;
                    OPEN.store(false, SeqCst);
                });
            });
            // An access is no scheduling point: only now the other closure is open.
            thread::yield_now();
            one(&x);
            MET.fetch_or(OPEN.load(SeqCst), SeqCst);
            task.join().unwrap();
        });
        assert_eq!(codes(&outcome), ["GR0001"], "{}", outcome.report());
        assert!(
            !MET.load(SeqCst),
            "an access (writing: {writes}) came back while the other closure was open"
        );
    }
}

/// A reader that is inside keeps a writer out, and another reader not.
#[test]
fn readers_do_not_wait_for_each_other() {
    clean(|| {
        let x = Arc::new(Shared::new(0));
        let theirs = x.clone();
        let (tx, rx) = gorace::chan(0);
        let task = gorace::go!({ theirs.with(|_| rx.recv()) });
        x.with(|_| tx.send(1));
        assert_eq!(task.join().unwrap(), Some(1));
    });
}

#[test]
fn set_drops_the_old_value_after_the_access() {
    struct Looks(std::rc::Weak<Shared<Option<Looks>>>);
    impl Drop for Looks {
        fn drop(&mut self) {
            if let Some(x) = self.0.upgrade() {
                x.with(|now| assert!(now.is_none()));
            }
        }
    }
    let body = || {
        thread::yield_now();
        let x = std::rc::Rc::new(Shared::new(None));
        x.set(Some(Looks(std::rc::Rc::downgrade(&x))));
        x.set(None);
    };
    body();
    clean(body);
}

#[test]
fn a_panic_in_a_closure_poisons_nothing() {
    let body = || {
        let x = Arc::new(Shared::new(0));
        let theirs = x.clone();
        let task = thread::spawn(move || {
            theirs.with_mut(|x| {
                *x = 1;
                std::panic::resume_unwind(Box::new(()));
            });
        });
        assert!(task.join().is_err());
        assert_eq!(x.get(), 1);
        x.set(2);
    };
    body();
    clean(body);
}

/// What a user of `UnsafeCell` writes: the promise that somebody keeps the accesses apart.
struct Unlocked(UnsafeCell<u32>);

// SAFETY: a promise that the tests break, on green threads of one OS thread, where an access ends before the next
// one begins.
unsafe impl Sync for Unlocked {}

fn read(x: &Unlocked) -> u32 {
    // SAFETY: see `Unlocked`.
    x.0.with(|value| unsafe { *value })
}

fn write(x: &Unlocked) {
    // SAFETY: see `Unlocked`.
    x.0.with_mut(|value| unsafe { *value += 1 });
}

/// "`gorace::cell::UnsafeCell<T>`: .. `with`, `with_mut` on raw pointers, as loom has it".
fn an_unsafe_cell() {
    let mut cell = UnsafeCell::new(1);
    // SAFETY: nobody else has a pointer.
    unsafe {
        cell.with_mut(|value| *value += 1);
        assert_eq!(cell.with(|value| *value), 2);
    }
    *cell.get_mut() += 1;
    assert_eq!(cell.into_inner(), 3);
    // One task may do so: raw pointers are no references.
    let cell = UnsafeCell::from(1);
    // SAFETY: the two pointers are used one after the other.
    cell.with(|seen| cell.with_mut(|value| unsafe { *value = *seen + 1 }));
    assert_eq!(cell.into_inner(), 2);
}

#[test]
fn an_unsafe_cell_outside() {
    an_unsafe_cell();
}

#[test]
fn an_unsafe_cell_inside() {
    clean(|| {
        thread::yield_now();
        an_unsafe_cell();
    });
}

#[test]
fn accesses_to_an_unsafe_cell_are_race_checked() {
    let looks: fn(&Unlocked) = |x| _ = read(x);
    let writes: fn(&Unlocked) = write;
    for (one, writes_one) in [(looks, false), (writes, true)] {
        for (other, writes_too) in [(looks, false), (writes, true)] {
            let outcome = Checker::new().run(move || {
                let x = Arc::new(Unlocked(UnsafeCell::new(0)));
                let theirs = x.clone();
                let task = gorace::go!({ one(&theirs) });
                other(&x);
                task.join().unwrap();
            });
            let expected: &[&str] = if writes_one || writes_too { &["GR0001"] } else { &[] };
            assert_eq!(codes(&outcome), expected, "{}", outcome.report());
        }
    }
}

#[test]
fn an_unsafe_cell_that_a_lock_guards_is_clean() {
    clean(|| {
        let x = Arc::new((Mutex::new(()), Unlocked(UnsafeCell::new(0))));
        let tasks: Vec<_> = (0..2)
            .map(|_| {
                let x = x.clone();
                gorace::go!({
                    let _guard = x.0.lock().unwrap();
                    write(&x.1);
                })
            })
            .collect();
        tasks.into_iter().for_each(|task| task.join().unwrap());
        assert_eq!(read(&x.1), 2);
    });
}

#[test]
fn a_write_within_an_own_read_is_a_write() {
    let outcome = Checker::new().run(|| {
        let x = Arc::new(Unlocked(UnsafeCell::new(0)));
        let theirs = x.clone();
        let task = gorace::go!({ theirs.0.with(|_| write(&theirs)) });
        read(&x);
        task.join().unwrap();
    });
    assert_eq!(codes(&outcome), ["GR0001"]);
}

#[test]
fn an_unsafe_cells_open_closure_keeps_others_waiting() {
    static OPEN: AtomicBool = AtomicBool::new(false);
    static MET: AtomicBool = AtomicBool::new(false);
    let outcome = Checker::new().keep_going(true).run(|| {
        OPEN.store(false, SeqCst);
        let x = Arc::new(Unlocked(UnsafeCell::new(0)));
        let theirs = x.clone();
        let task = gorace::go!({
            theirs.0.with_mut(|_| {
                OPEN.store(true, SeqCst);
                write(&theirs);
                thread::yield_now();
                OPEN.store(false, SeqCst);
            });
        });
        thread::yield_now();
        x.0.with(|_| MET.fetch_or(OPEN.load(SeqCst), SeqCst));
        task.join().unwrap();
    });
    assert_eq!(codes(&outcome), ["GR0001"]);
    assert!(!MET.load(SeqCst));
}
