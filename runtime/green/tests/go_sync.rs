//! Go's `sync` as its documentation has it, between OS threads and in every interleaving of an execution. What each
//! type forbids is in `misuse.rs`.
#![cfg(feature = "check")]

mod both_worlds;

use gorace::go::{Cond, Mutex, Once, Pool, RwMutex, WaitGroup};
use gorace::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use gorace::sync::{Arc, Barrier};
use gorace::{Checker, Named, chan, thread};
use std::panic::{AssertUnwindSafe, catch_unwind};

both_worlds! {
    /// "A locked Mutex is not associated with a particular goroutine. It is allowed for one goroutine to lock a Mutex
    /// and then arrange for another goroutine to unlock it."
    fn any_task_may_unlock_a_mutex() {
        let mu = Mutex::new();
        mu.lock();
        let theirs = mu.clone();
        let unlocks = thread::spawn(move || theirs.unlock());
        mu.lock();
        mu.unlock();
        unlocks.join().unwrap();
    }

    /// "Lock locks m. If the lock is already in use, the calling goroutine blocks until the mutex is available."
    fn a_mutex_keeps_others_out() {
        let (mu, inside) = (Mutex::new(), Arc::new(AtomicUsize::new(0)));
        let enter = |mu: &Mutex, inside: &AtomicUsize| {
            mu.lock();
            assert_eq!(inside.fetch_add(1, SeqCst), 0);
            inside.fetch_sub(1, SeqCst);
            mu.unlock();
        };
        let (theirs, seen) = (mu.clone(), inside.clone());
        let other = thread::spawn(move || enter(&theirs, &seen));
        enter(&mu, &inside);
        other.join().unwrap();
    }

    /// "TryLock tries to lock m and reports whether it succeeded."
    fn try_lock_says_whether_it_locked() {
        let mu = Mutex::new();
        assert!(mu.try_lock());
        assert!(!mu.clone().try_lock(), "a clone is the same mutex");
        mu.unlock();
        assert!(mu.try_lock());
    }

    /// "The lock can be held by an arbitrary number of readers or a single writer."
    fn an_rw_mutex_has_many_readers_or_one_writer() {
        let mu = RwMutex::new();
        mu.rlock();
        assert!(mu.try_rlock() && !mu.try_lock());
        mu.runlock();
        mu.runlock();
        mu.lock();
        assert!(!mu.try_rlock() && !mu.try_lock());
        mu.unlock();
        assert!(mu.try_lock());
    }

    /// "As with Mutexes, a locked RWMutex is not associated with a particular goroutine. One goroutine may
    /// [RWMutex.RLock] ([RWMutex.Lock]) a RWMutex and then arrange for another goroutine to [RWMutex.RUnlock]
    /// ([RWMutex.Unlock]) it."
    fn any_task_may_unlock_an_rw_mutex() {
        let mu = RwMutex::new();
        mu.rlock();
        let theirs = mu.clone();
        let unlocks = thread::spawn(move || theirs.runlock());
        mu.lock();
        unlocks.join().unwrap();
        let theirs = mu.clone();
        let unlocks = thread::spawn(move || theirs.unlock());
        mu.rlock();
        unlocks.join().unwrap();
    }

    /// "If any goroutine calls [RWMutex.Lock] while the lock is already held by one or more readers, concurrent calls to
    /// [RWMutex.RLock] will block until the writer has acquired (and released) the lock".
    fn a_waiting_writer_keeps_new_readers_out() {
        let mu = RwMutex::new();
        mu.rlock();
        let theirs = mu.clone();
        let writer = thread::spawn(move || {
            theirs.lock();
            theirs.unlock();
        });
        // Until the writer stands in line. There is a reader all the time, so that it gets no further.
        while mu.try_rlock() {
            mu.runlock();
            thread::yield_now();
        }
        mu.runlock();
        writer.join().unwrap();
    }

    /// "Wait atomically unlocks c.L and suspends execution of the calling goroutine. After later resuming execution,
    /// Wait locks c.L before returning." Whoever waits longest is woken first (`notifyList` in Go's runtime/sema.go).
    fn a_condition_wakes_in_the_order_of_waiting() {
        let cond = Cond::new(&Mutex::new());
        let ((begins, begun), (tells, told)) = (chan(1), chan(2));
        let waiters: Vec<_> = (0..2)
            .map(|number| {
                let (theirs, begins, tells) = (cond.clone(), begins.clone(), tells.clone());
                let waiter = thread::spawn(move || {
                    theirs.l.lock();
                    begins.send(());
                    theirs.wait();
                    tells.send(number);
                    theirs.l.unlock();
                });
                begun.recv();
                // It holds the lock until it waits.
                cond.l.lock();
                cond.l.unlock();
                waiter
            })
            .collect();
        cond.signal();
        assert_eq!(told.recv(), Some(0));
        cond.signal();
        assert_eq!(told.recv(), Some(1));
        waiters.into_iter().for_each(|waiter| waiter.join().unwrap());
    }

    /// "Broadcast wakes all goroutines waiting on c."
    fn broadcast_wakes_all() {
        let cond = Cond::new(&Mutex::new());
        let ready = Arc::new(AtomicUsize::new(0));
        let waiters: Vec<_> = (0..2)
            .map(|_| {
                let (cond, ready) = (cond.clone(), ready.clone());
                thread::spawn(move || {
                    cond.l.lock();
                    while ready.load(SeqCst) == 0 {
                        cond.wait();
                    }
                    cond.l.unlock();
                })
            })
            .collect();
        cond.l.lock();
        ready.store(1, SeqCst);
        cond.broadcast();
        cond.l.unlock();
        waiters.into_iter().for_each(|waiter| waiter.join().unwrap());
    }

    /// "no call to Do returns until the one call to f returns".
    fn once_runs_once_and_whoever_calls_waits_for_that() {
        let (once, runs) = (Once::new(), Arc::new(AtomicUsize::new(0)));
        let call = |once: &Once, runs: &AtomicUsize| {
            once.call_once(|| {
                thread::yield_now();
                runs.fetch_add(1, SeqCst);
            });
            assert_eq!(runs.load(SeqCst), 1);
        };
        let (theirs, seen) = (once.clone(), runs.clone());
        let other = thread::spawn(move || call(&theirs, &seen));
        call(&once, &runs);
        other.join().unwrap();
    }

    /// "If f panics, Do considers it to have returned; future calls of Do return without calling f."
    fn a_call_that_panics_counts_as_done() {
        let once = Once::new();
        let panics = catch_unwind(AssertUnwindSafe(|| once.call_once(|| panic!("first"))));
        assert_eq!(panics.unwrap_err().downcast_ref::<&str>(), Some(&"first"));
        once.call_once(|| unreachable!());
        // A task that calls needs no fresh start either.
        let theirs = once.clone();
        thread::spawn(move || theirs.call_once(|| unreachable!())).join().unwrap();
    }

    /// "Get selects an arbitrary item from the Pool, removes it from the Pool, and returns it to the caller." "If Get
    /// would otherwise return nil and p.New is non-nil, Get returns the result of calling p.New."
    fn a_pool_gives_what_was_put_or_what_it_makes() {
        thread::yield_now();
        let pool = Pool::new(|| 7);
        assert_eq!(pool.get(), 7);
        pool.put(1);
        assert_eq!((pool.clone().get(), pool.get()), (1, 7));
    }

    /// "Wait blocks until the WaitGroup task counter is zero."
    fn wait_waits_until_the_counter_is_zero() {
        let (wg, done) = (WaitGroup::new(), Arc::new(AtomicUsize::new(0)));
        wg.add(2);
        for _ in 0..2 {
            let (wg, done) = (wg.clone(), done.clone());
            thread::spawn(move || {
                done.fetch_add(1, SeqCst);
                wg.done();
            });
        }
        wg.wait();
        assert_eq!(done.load(SeqCst), 2);
        wg.wait();
    }

    /// "If the counter goes negative, Add panics." So it does where a counter is too large for its number, which wraps
    /// round (`Add` in Go's sync/waitgroup.go).
    fn a_counter_that_is_too_large_is_negative() {
        let wg = WaitGroup::new();
        let panics = catch_unwind(AssertUnwindSafe(|| {
            wg.add(isize::MAX);
            wg.add(isize::MAX);
        }));
        assert!(panics.is_err());
    }

    /// "Go calls f in a new goroutine and adds that task to the WaitGroup. When f returns, the task is removed from
    /// the WaitGroup."
    fn a_wait_group_starts_and_counts() {
        let (wg, done) = (WaitGroup::new(), Arc::new(AtomicUsize::new(0)));
        for round in 1..=2 {
            let seen = done.clone();
            wg.go(move || seen.fetch_add(1, SeqCst));
            // "If a WaitGroup is reused ... new Add calls must happen after all previous Wait calls have returned."
            wg.wait();
            assert_eq!(done.load(SeqCst), round);
        }
    }

    /// A wait that began is over when its round is: the next round's `add` cannot hold it.
    fn everybody_who_waits_goes_on() {
        let (wg, gate) = (WaitGroup::new(), Arc::new(Barrier::new(2)));
        wg.add(1);
        let (theirs, at) = (wg.clone(), gate.clone());
        let other = thread::spawn(move || {
            at.wait();
            theirs.wait();
        });
        gate.wait();
        wg.done();
        other.join().unwrap();
    }
}

/// "a panic in `wg.go` does no `done`": whoever waits then waits for ever, even if somebody took the panic.
#[test]
fn a_panic_in_a_wait_groups_goroutine_does_no_done() {
    let outcome = Checker::new().run(|| {
        let wg = WaitGroup::new();
        let goroutine = wg.go(|| panic!("on purpose"));
        assert!(goroutine.join().is_err());
        wg.wait();
    });
    assert_eq!(outcome.expect("deadlock").len(), outcome.findings.len());
}

/// "`gorace::Named::named(self, &'static str)` on every primitive": those of Go's `sync`, and channels.
#[test]
fn names_show_in_reports() {
    fn report(body: impl Fn() + Send + Sync + 'static) -> String {
        let outcome = Checker::new().run(body);
        outcome.expect("deadlock");
        outcome.report()
    }
    let reports = [
        (
            "gate",
            report(|| {
                let mu = Mutex::new().named("gate");
                mu.lock();
                mu.lock();
            }),
        ),
        (
            "table",
            report(|| {
                let mu = RwMutex::new().named("table");
                mu.lock();
                mu.rlock();
            }),
        ),
        (
            "crew",
            report(|| {
                let wg = WaitGroup::new().named("crew");
                wg.add(1);
                wg.wait();
            }),
        ),
        (
            "bell",
            report(|| {
                let cond = Cond::new(&Mutex::new()).named("bell");
                cond.l.lock();
                cond.wait();
            }),
        ),
        (
            "start",
            report(|| {
                let once = Once::new().named("start");
                once.call_once(|| once.call_once(|| ()));
            }),
        ),
        (
            "jobs",
            report(|| {
                let jobs = gorace::Chan::<u8>::new(0).named("jobs");
                jobs.receiver().recv();
            }),
        ),
    ];
    for (name, report) in reports {
        assert!(report.contains(&format!("`{name}`")), "{report}");
    }
}
