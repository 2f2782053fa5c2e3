//! Panics by task: who unwinds, what that poisons, and what is said of it.
#![cfg(feature = "check")]

mod three_ways;

use gorace::Checker;
use gorace::check::{Strategy, Verdict};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

three_ways! {
    /// "This function is guaranteed to poison" is said of panics; one that is passed on is one.
    fn a_panic_that_is_passed_on_poisons() {
        let lock = sync::Arc::new(sync::Mutex::new(0));
        let theirs = lock.clone();
        let parent = thread::spawn(move || {
            let mut held = theirs.lock().unwrap();
            match thread::spawn(|| -> u32 { panic!("of the child") }).join() {
                Ok(value) => *held = value,
                Err(payload) => resume_unwind(payload),
            }
        });
        assert!(parent.join().is_err());
        assert!(lock.is_poisoned());
    }

    /// Another lock that is used on the way makes no difference.
    fn a_panic_that_is_logged_and_passed_on_poisons() {
        let (lock, log) = (sync::Mutex::new(0), sync::Mutex::new(0));
        let panics = catch_unwind(AssertUnwindSafe(|| {
            let _held = lock.lock().unwrap();
            let Err(payload) = catch_unwind(|| panic!("caught first"));
            *log.lock().unwrap() += 1;
            resume_unwind(payload)
        }));
        assert!(panics.is_err() && lock.is_poisoned() && !log.is_poisoned());
    }

    fn a_read_write_lock_is_poisoned_by_a_panic_without_a_message() {
        let lock = sync::RwLock::new(0);
        let panics = catch_unwind(AssertUnwindSafe(|| {
            let _held = lock.write().unwrap();
            resume_unwind(Box::new(5_u8))
        }));
        assert!(panics.is_err() && lock.is_poisoned());
    }

    fn a_once_is_poisoned_by_a_panic_that_is_passed_on() {
        let once = sync::Once::new();
        let panics = catch_unwind(AssertUnwindSafe(|| once.call_once(|| resume_unwind(Box::new(5_u8)))));
        assert!(panics.is_err());
        assert!(catch_unwind(AssertUnwindSafe(|| once.call_once(|| ()))).is_err());
    }

    fn panicking_says_whether_this_thread_unwinds() {
        struct Asks<'a>(&'a mut Vec<bool>);
        impl Drop for Asks<'_> {
            fn drop(&mut self) {
                self.0.push(thread::panicking());
                thread::yield_now();
                self.0.push(thread::panicking());
            }
        }
        let mut said = Vec::new();
        let panics = catch_unwind(AssertUnwindSafe(|| {
            let _asks = Asks(&mut said);
            resume_unwind(Box::new(5_u8))
        }));
        said.push(thread::panicking());
        assert!(panics.is_err());
        assert_eq!(said, [true, true, false]);
    }

    /// One thread catches its own panic and lets go of a lock while another one unwinds, and waits for a third lock in that.
    fn who_unwinds_poisons_nothing_of_others() {
        struct Locks(sync::Arc<sync::Mutex<u32>>);
        impl Drop for Locks {
            fn drop(&mut self) {
                *self.0.lock().unwrap() += 1;
            }
        }
        let (first, second) = (sync::Arc::new(sync::Mutex::new(0)), sync::Arc::new(sync::RwLock::new(0)));
        let (of_b, of_a) = (second.clone(), first.clone());
        let b = thread::spawn(move || {
            let held = of_b.write().unwrap();
            let _ = catch_unwind(|| panic!("b's own, caught"));
            drop(held);
        });
        let a = thread::spawn(move || {
            let _locks = Locks(of_a.clone());
            drop(of_a.lock());
            panic!("a's")
        });
        assert!(a.join().is_err());
        b.join().unwrap();
        assert!(!second.is_poisoned() && !first.is_poisoned());
    }

    /// The reverse: what is poisoned while another thread unwinds is so.
    fn a_panic_under_a_lock_poisons_while_another_thread_unwinds() {
        struct Waits(sync::mpsc::SyncSender<()>, sync::mpsc::Receiver<()>);
        impl Drop for Waits {
            fn drop(&mut self) {
                self.0.send(()).unwrap();
                self.1.recv().unwrap();
            }
        }
        let lock = sync::Arc::new(sync::Mutex::new(0));
        let (unwinds, seen) = sync::mpsc::sync_channel(0);
        let (done, wait) = sync::mpsc::sync_channel(0);
        let theirs = lock.clone();
        let b = thread::spawn(move || {
            let _ = catch_unwind(|| panic!("b's own, caught"));
            seen.recv().unwrap();
            let said = thread::panicking();
            let _ = catch_unwind(AssertUnwindSafe(|| {
                let _held = theirs.lock().unwrap();
                panic!("under the lock")
            }));
            done.send(()).unwrap();
            said
        });
        let a = thread::spawn(move || {
            let _waits = Waits(unwinds, wait);
            panic!("a's")
        });
        assert!(a.join().is_err());
        assert!(!b.join().unwrap());
        assert!(lock.is_poisoned());
    }
}

/// A destructor that waits while its task unwinds is given what it waits for, or the execution ends there: that is a
/// deadlock, which is found, and nothing ends the process.
#[test]
fn a_destructor_that_waits_for_ever_in_an_unwinding_is_a_deadlock() {
    struct Joins(Option<gorace::thread::JoinHandle<()>>);
    impl Drop for Joins {
        fn drop(&mut self) {
            let _ = self.0.take().map(gorace::thread::JoinHandle::join);
        }
    }
    let outcome = Checker::new().run(|| {
        let (keeps, until) = gorace::sync::mpsc::channel::<()>();
        let _pool = Joins(Some(gorace::thread::spawn(move || _ = until.recv())));
        let _keeps = std::mem::ManuallyDrop::new(keeps);
        let Err(payload) = gorace::thread::spawn(|| panic!("of the worker")).join();
        resume_unwind(payload)
    });
    outcome.expect("deadlock");
}

/// Executions that a bound cuts short may end within such a destructor.
#[test]
fn executions_that_are_cut_within_an_unwinding_end_quietly() {
    struct Joins(Option<gorace::thread::JoinHandle<()>>);
    impl Drop for Joins {
        fn drop(&mut self) {
            let _ = self.0.take().map(gorace::thread::JoinHandle::join);
        }
    }
    let outcome = Checker::new().strategy(Strategy::Exhaustive).max_preemptions(3).run(|| {
        let lock = gorace::sync::Arc::new(gorace::sync::Mutex::new(0));
        let task = || {
            let lock = lock.clone();
            gorace::thread::spawn(move || *lock.lock().unwrap() += 1)
        };
        let (one, other) = (task(), task());
        let ended = catch_unwind(AssertUnwindSafe(|| {
            let _pool = Joins(Some(one));
            resume_unwind(Box::new(5_u8))
        }));
        assert!(ended.is_err());
        other.join().unwrap();
    });
    outcome.assert_clean();
}

/// What was caught is not what the task panics with later, in another task or in the same one.
#[test]
fn what_was_caught_is_not_said_of_another_panic() {
    let titles = |body: fn()| {
        let outcome = Checker::new().run(body);
        outcome.findings.iter().map(|finding| (finding.code, finding.title.clone())).collect::<Vec<_>>()
    };
    let found = titles(|| {
        let closed = gorace::Chan::<u32>::new(0);
        closed.close();
        assert!(catch_unwind(AssertUnwindSafe(|| closed.close())).is_err());
        panic!("of its own")
    });
    let [(code, title)] = &found[..] else { panic!("one finding, not {found:?}") };
    assert_eq!(code.to_string(), "GR0004", "{title}");
    assert!(title.contains("of its own") && !title.contains("closed"), "{title}");
    let found = titles(|| {
        assert!(catch_unwind(|| panic!("caught and fine")).is_err());
        resume_unwind(Box::new("passed on".to_owned()))
    });
    let [(_, title)] = &found[..] else { panic!("one finding, not {found:?}") };
    assert!(title.contains("passed on") && !title.contains("fine"), "{title}");
}

/// Each task's message is its own, whoever panics while it unwinds.
#[test]
fn messages_of_tasks_that_unwind_at_the_same_time_are_not_mixed_up() {
    struct Waits(gorace::Chan<()>);
    impl Drop for Waits {
        fn drop(&mut self) {
            self.0.recv();
        }
    }
    let outcome = Checker::new().run(|| {
        let go_on = gorace::Chan::new(0);
        let theirs = go_on.clone();
        let a = gorace::thread::Builder::new().name("a".to_owned());
        let a = a.spawn(move || {
            let _waits = Waits(theirs);
            panic!("message of a")
        });
        let b = gorace::thread::Builder::new().name("b".to_owned());
        let b = b.spawn(move || {
            struct Sends(gorace::Chan<()>);
            impl Drop for Sends {
                fn drop(&mut self) {
                    self.0.send(());
                }
            }
            let _sends = Sends(go_on);
            panic!("message of b")
        });
        let _ = a.unwrap().join();
        let _ = b.unwrap().join();
        panic!("shows them")
    });
    let report = outcome.report().to_string();
    assert!(!report.contains("`a` panicked: message of b"), "{report}");
    assert!(!report.contains("`b` panicked: message of a"), "{report}");
}

/// Std ends the process by it.
#[test]
fn a_panic_in_a_destructor_of_a_thread_local_is_found() {
    struct Panics;
    impl Drop for Panics {
        fn drop(&mut self) {
            panic!("in a destructor")
        }
    }
    gorace::thread_local! {
        static OWN: Panics = const { Panics };
    }
    let outcome = Checker::new().run(|| {
        gorace::thread::spawn(|| OWN.with(|_| ())).join().unwrap();
    });
    outcome.expect("panic");
    assert!(outcome.findings[0].title.contains("in a destructor"), "{outcome:?}");
}

/// Nor does it matter what became of the closure, or of a sibling: nobody is given the destructor's panic.
#[test]
fn a_panic_in_a_destructor_of_a_thread_local_is_nobodys_to_take() {
    struct Panics;
    impl Drop for Panics {
        fn drop(&mut self) {
            panic!("in a destructor")
        }
    }
    gorace::thread_local! {
        static OWN: std::cell::RefCell<Option<Panics>> = const { std::cell::RefCell::new(None) };
    }
    let bodies: [fn(); 4] = [
        || {
            let panics = gorace::thread::spawn(|| {
                OWN.set(Some(Panics));
                panic!("of the closure")
            });
            assert!(panics.join().is_err());
        },
        || {
            let caught = catch_unwind(|| {
                gorace::thread::scope(|s| {
                    s.spawn(|| {
                        OWN.set(Some(Panics));
                        panic!("of the closure")
                    });
                });
            });
            assert!(caught.is_err());
        },
        || {
            let caught = catch_unwind(|| {
                gorace::thread::scope(|s| {
                    s.spawn(|| OWN.set(Some(Panics)));
                    s.spawn(|| panic!("of another closure"));
                });
            });
            assert!(caught.is_err());
        },
        || {
            let leaves = gorace::thread::spawn(|| {
                OWN.set(Some(Panics));
                gorace::runtime::goexit()
            });
            assert!(leaves.join().is_err());
        },
    ];
    for body in bodies {
        let outcome = Checker::new().run(body);
        outcome.expect("panic");
        assert!(
            outcome.findings.iter().any(|finding| finding.title.contains("in a destructor")),
            "{outcome:?}"
        );
    }
}

/// A `goexit` that was caught is over: what panics after it is a panic, whether the hook hears of it or not.
#[test]
fn what_panics_after_a_caught_goexit_poisons() {
    let outcome = Checker::new().run(|| {
        let lock = gorace::sync::Arc::new(gorace::sync::Mutex::new(0));
        let theirs = lock.clone();
        let task = gorace::thread::spawn(move || {
            assert!(catch_unwind(|| gorace::runtime::goexit()).is_err());
            let panics = catch_unwind(AssertUnwindSafe(|| {
                let _held = theirs.lock().unwrap();
                resume_unwind(Box::new(5_u8))
            }));
            assert!(panics.is_err());
        });
        task.join().unwrap();
        assert!(lock.is_poisoned());
    });
    outcome.assert_clean();
}

/// What a scope's owner caught was taken, whatever it panics with later; and whatever it panics with in the scope, its
/// threads' panics are told of no more than std does.
#[test]
fn a_scopes_panic_that_was_caught_stays_so() {
    let titles = |body: fn()| {
        let outcome = Checker::new().run(body);
        outcome.findings.iter().map(|finding| finding.title.clone()).collect::<Vec<_>>()
    };
    let found = titles(|| {
        let caught = catch_unwind(|| gorace::thread::scope(|s| _ = s.spawn(|| panic!("of the child"))));
        assert!(caught.is_err());
        panic!("another one")
    });
    assert!(found.len() == 1 && found[0].contains("another one"), "{found:?}");
    let found = titles(|| {
        let caught = catch_unwind(|| {
            gorace::thread::scope(|s| {
                s.spawn(|| panic!("of the child"));
                panic!("of the owner")
            })
        });
        assert!(caught.is_err());
    });
    assert!(found.is_empty(), "{found:?}");
}

/// The first check of a process may be run by a thread that unwinds: std's hook cannot be changed there.
#[test]
fn a_check_can_be_run_while_its_thread_unwinds() {
    struct Checks<'a>(&'a mut Option<Verdict>);
    impl Drop for Checks<'_> {
        fn drop(&mut self) {
            let outcome = Checker::new().run(|| drop(gorace::sync::Mutex::new(0).lock()));
            *self.0 = Some(outcome.verdict);
        }
    }
    let mut verdict = None;
    let panics = catch_unwind(AssertUnwindSafe(|| {
        let _checks = Checks(&mut verdict);
        resume_unwind(Box::new(5_u8))
    }));
    assert!(panics.is_err());
    assert_eq!(verdict, Some(Verdict::Verified));
}

/// A scope whose owner goes on within a destructor, when the execution has ended, does not tell of panics.
#[test]
fn a_scope_that_is_torn_down_says_nothing() {
    use gorace::sync::OnceLock;
    use gorace::sync::atomic::{AtomicU32, Ordering::SeqCst};
    let outcome = Checker::new().strategy(Strategy::Exhaustive).max_preemptions(9).run(|| {
        let (count, once) = (AtomicU32::new(0), OnceLock::new());
        gorace::thread::scope(|s| {
            s.spawn(|| {
                count.load(SeqCst);
                count.fetch_add(1, SeqCst);
            });
            s.spawn(|| {
                once.get_or_init(|| count.load(SeqCst));
            });
            once.get_or_init(|| count.load(SeqCst));
        });
    });
    outcome.assert_clean();
    assert_eq!(outcome.verdict, Verdict::Verified, "{outcome:?}");
}
