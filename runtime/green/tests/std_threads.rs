//! `park`, `current`, `scope`, `thread_local!` as std documents them, three ways.
#![cfg(feature = "check")]

mod three_ways;

use std::cell::{Cell, RefCell};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};

/// Counts its drops.
struct Counted(Arc<AtomicUsize>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_add(1, SeqCst);
    }
}

three_ways! {
    /// "The unpark method on a Thread atomically makes the token available if it wasn't already." "Calls to unpark
    /// _synchronize-with_ calls to park".
    fn unpark_wakes_a_parked_thread() {
        let flag = Arc::new(AtomicBool::new(false));
        let theirs = flag.clone();
        let handle = thread::spawn(move || {
            while !theirs.load(SeqCst) {
                thread::park();
            }
        });
        flag.store(true, SeqCst);
        handle.thread().unpark();
        handle.join().unwrap();
    }

    /// "Because the token can be held by a thread even if it is currently not parked, unpark followed by park will
    /// result in the second call returning immediately."
    fn a_token_given_early_is_kept() {
        thread::current().unpark();
        thread::park();
    }

    fn current_is_the_same_thread_again() {
        let me = thread::current();
        assert_eq!(me.id(), thread::current().id());
        let handle = thread::Builder::new().name("worker".to_owned()).spawn(thread::current).unwrap();
        let id = handle.thread().id();
        assert_eq!(handle.thread().name(), Some("worker"));
        let theirs = handle.join().unwrap();
        assert_eq!(theirs.id(), id);
        assert_ne!(theirs.id(), me.id());
        assert_eq!(theirs.name(), Some("worker"));
    }

    /// "All threads spawned within the scope that haven't been manually joined will be automatically joined before
    /// this function returns." "Unlike non-scoped threads, scoped threads can borrow non-'static data".
    fn a_scope_waits_for_its_threads() {
        let mut numbers = vec![1, 2];
        let sum = AtomicUsize::new(0);
        let given = thread::scope(|s| {
            let handle = s.spawn(|| sum.fetch_add(1, SeqCst));
            s.spawn(|| {
                s.spawn(|| sum.fetch_add(10, SeqCst));
            });
            assert!(handle.join().is_ok());
            "given"
        });
        assert_eq!(given, "given");
        assert_eq!(sum.load(SeqCst), 11);
        numbers.push(3);
    }

    /// "Panics if any of the automatically joined threads panicked."
    fn a_scope_passes_on_panics_that_nobody_took() {
        let taken = thread::scope(|s| s.spawn(|| panic!("taken")).join().is_err());
        assert!(taken);
        let named = thread::scope(|s| {
            let handle = thread::Builder::new().name("scoped".to_owned()).spawn_scoped(s, || 5).unwrap();
            assert_eq!(handle.thread().name(), Some("scoped"));
            handle.join().unwrap()
        });
        assert_eq!(named, 5);
    }

    /// "Initialization is dynamically performed on the first call to a setter (e.g. with) within a thread, and values
    /// that implement Drop get destructed when a thread exits."
    fn each_thread_has_its_own_value() {
        thread_local! {
            static COUNT: Cell<u32> = const { Cell::new(1) };
            static LIST: RefCell<Vec<u32>> = RefCell::new(vec![1]);
        }
        COUNT.set(5);
        LIST.with_borrow_mut(|list| list.push(2));
        let theirs = thread::spawn(|| {
            LIST.with_borrow_mut(|list| list.push(9));
            (COUNT.replace(7), COUNT.get(), LIST.take())
        })
        .join()
        .unwrap();
        assert_eq!(theirs, (1, 7, vec![1, 9]));
        assert_eq!((COUNT.get(), LIST.with(|list| list.borrow().clone())), (5, vec![1, 2]));
        assert_eq!((COUNT.take(), COUNT.get()), (5, 0));
        LIST.set(vec![1]);
        COUNT.set(1);
    }

    /// "Sets or initializes the contained value. Unlike the other methods, this will not run the lazy initializer of the
    /// thread local."
    fn set_runs_no_initialiser() {
        thread_local! {
            static COUNT: Cell<u32> = panic!("is initialised");
            static LIST: RefCell<Vec<u32>> = panic!("is initialised");
        }
        thread::spawn(|| {
            COUNT.set(1);
            COUNT.set(2);
            LIST.set(vec![1]);
            LIST.set(vec![2]);
            assert_eq!((COUNT.get(), LIST.take()), (2, vec![2]));
            assert_eq!((COUNT.replace(5), LIST.replace(vec![7])), (2, vec![]));
            assert_eq!((COUNT.with(Cell::get), LIST.with_borrow(Vec::len)), (5, 1));
        })
        .join()
        .unwrap();
    }

    /// "This function will panic if the key currently has its destructor running"; `try_with` gives an `AccessError`.
    fn a_value_is_gone_while_it_is_destroyed() {
        struct Looks(Option<Arc<AtomicUsize>>);
        impl Drop for Looks {
            fn drop(&mut self) {
                let gone = OWN.try_with(|_| ()).is_err_and(|error| error.to_string() == "already destroyed");
                let panics = std::panic::catch_unwind(|| OWN.with(|_| ())).is_err();
                if let Some(seen) = self.0.take() {
                    seen.store(usize::from(gone) + usize::from(panics), SeqCst);
                }
            }
        }
        thread_local! {
            static OWN: RefCell<Looks> = const { RefCell::new(Looks(None)) };
        }
        let seen = Arc::new(AtomicUsize::new(0));
        let theirs = seen.clone();
        thread::spawn(move || OWN.with_borrow_mut(|own| own.0 = Some(theirs))).join().unwrap();
        assert_eq!(seen.load(SeqCst), 2);
    }

    /// "The name must not contain null bytes (`\0`)." "Panics if a thread name was set and it contained null bytes."
    fn a_name_has_no_null_byte() {
        thread::yield_now();
        let named = std::panic::catch_unwind(|| thread::Builder::new().name("a\0b".to_owned()).spawn(|| ()));
        assert!(named.is_err());
        assert_eq!(thread::spawn(|| thread::current().name().map(str::to_owned)).join().unwrap(), None);
    }

    /// "All threads spawned within the scope that haven't been manually joined will be automatically joined before this
    /// function returns": by a panic, too.
    fn a_scopes_own_panic_comes_after_its_threads() {
        let ended = AtomicUsize::new(0);
        let panics = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            thread::scope(|s| {
                s.spawn(|| ended.fetch_add(1, SeqCst));
                panic!("of the scope");
            })
        }));
        assert_eq!(panics.unwrap_err().downcast_ref::<&str>(), Some(&"of the scope"));
        assert_eq!(ended.load(SeqCst), 1);
    }

    fn values_are_destroyed_when_their_thread_ends() {
        thread_local! {
            static OWN: RefCell<Option<Counted>> = const { RefCell::new(None) };
        }
        let drops = Arc::new(AtomicUsize::new(0));
        let theirs = drops.clone();
        thread::spawn(move || {
            OWN.set(Some(Counted(theirs.clone())));
            assert_eq!(theirs.load(SeqCst), 0);
        })
        .join()
        .unwrap();
        assert_eq!(drops.load(SeqCst), 1);
        assert!(OWN.with_borrow(Option::is_none));
    }
}

/// "Panics if any of the automatically joined threads panicked": std's words, here outside of an execution.
#[test]
fn a_scope_whose_threads_panicked_panics() {
    fn words(scope: impl FnOnce() + std::panic::UnwindSafe) -> String {
        let panics = std::panic::catch_unwind(scope).unwrap_err();
        (*panics.downcast_ref::<&str>().expect("a text")).to_owned()
    }
    let std = words(|| std::thread::scope(|s| _ = s.spawn(|| panic!("in the scope"))));
    let ours = words(|| gorace::thread::scope(|s| _ = s.spawn(|| panic!("in the scope"))));
    assert_eq!((ours.as_str(), std.as_str()), ("a scoped thread panicked", "a scoped thread panicked"));
}

/// A panic in a scope's thread shows, and so does the scope's own.
#[test]
fn a_panic_in_a_scope_is_found() {
    let outcome = gorace::Checker::new().run(|| {
        gorace::thread::scope(|s| {
            s.spawn(|| panic!("in the scope"));
        });
    });
    outcome.expect("panic");
    assert!(outcome.findings.iter().any(|finding| finding.title.contains("in the scope")), "{outcome:?}");
}

/// Who catches the scope's panic, or is given it by `join`, has taken those of its threads.
#[test]
fn a_panic_in_a_scope_that_is_caught_is_none() {
    fn scope() {
        gorace::thread::scope(|s| {
            s.spawn(|| panic!("in the scope"));
        });
    }
    let outcome = gorace::Checker::new().run(|| {
        drop(gorace::sync::Mutex::new(0).lock());
        assert!(std::panic::catch_unwind(scope).is_err());
        assert!(gorace::thread::spawn(scope).join().is_err());
        let nested = || gorace::thread::scope(|s| _ = s.spawn(scope));
        assert!(gorace::thread::spawn(nested).join().is_err());
    });
    outcome.assert_clean();
    let outcome = gorace::Checker::new().run(|| {
        drop(gorace::sync::Mutex::new(0).lock());
        drop(gorace::go!({ gorace::thread::scope(|s| _ = s.spawn(scope)) }));
    });
    outcome.expect("panic");
    assert!(outcome.findings.iter().any(|finding| finding.title.contains("in the scope")), "{outcome:?}");
}

/// A scope whose tasks can never go on: its owner's stack must outlive them.
#[test]
fn a_scope_that_deadlocks_is_torn_down_tasks_first() {
    let outcome = gorace::Checker::new().run(|| {
        let text = String::from("borrowed");
        let lock = gorace::sync::Mutex::new(0);
        let held = lock.lock().unwrap();
        gorace::thread::scope(|s| {
            s.spawn(|| {
                struct Look<'a>(&'a str);
                impl Drop for Look<'_> {
                    fn drop(&mut self) {
                        assert_eq!(self.0, "borrowed");
                    }
                }
                let _look = Look(&text);
                drop(lock.lock());
            });
        });
        drop(held);
    });
    outcome.expect("deadlock");
    assert_eq!(outcome.findings.len(), 1, "{outcome:?}");
}

#[test]
fn a_park_without_unpark_is_reported() {
    let outcome = gorace::Checker::new().run(|| {
        gorace::thread::park();
    });
    outcome.expect("deadlock");
    assert!(outcome.findings[0].title.contains("unpark"), "{outcome:?}");
}

/// A path used as a function hides its caller's place: the better place of the confirming replay must not make
/// the finding another one.
#[test]
fn a_finding_whose_place_a_backtrace_mends_is_kept() {
    let forgotten: fn() = gorace::thread::park;
    gorace::Checker::new().run(forgotten).expect("deadlock");
}

/// Nobody sees which of two threads started its own one first, so an exhaustive check runs one order, and what a program
/// makes of ids must be the same in the other one.
#[test]
fn ids_do_not_depend_on_the_interleaving() {
    use gorace::check::Strategy;
    use gorace::thread::{self, ThreadId};
    use std::collections::HashSet;

    let ids_in = |checker: gorace::Checker| {
        let seen: Arc<std::sync::Mutex<HashSet<Vec<ThreadId>>>> = Arc::default();
        let theirs = seen.clone();
        let outcome = checker.run(move || {
            let starts = || {
                drop(gorace::sync::Mutex::new(0).lock());
                let child = thread::spawn(|| thread::current().id());
                [thread::current().id(), child.join().unwrap()]
            };
            let handles = [thread::spawn(starts), thread::spawn(starts)];
            let ids = handles.map(|handle| handle.join().unwrap()).concat();
            theirs.lock().unwrap().insert(ids);
        });
        outcome.assert_clean();
        seen.lock().unwrap().clone()
    };
    let ids = ids_in(gorace::Checker::new().strategy(Strategy::Exhaustive));
    let at_random = gorace::Checker::new().strategy(Strategy::Random).max_executions(100);
    assert_eq!(ids, ids_in(at_random));
    let [ids] = &ids.into_iter().collect::<Vec<_>>()[..] else { panic!("expected one outcome") };
    assert_eq!(ids.iter().collect::<HashSet<_>>().len(), 4, "{ids:?}");
    assert_eq!([ids[0], ids[2]].map(|id| format!("{id:?}")), ["ThreadId(2)", "ThreadId(3)"]);
}
