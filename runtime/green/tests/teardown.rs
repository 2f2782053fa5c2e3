//! The end of what is left of an execution: destructors run, nothing is dropped twice, memory is bounded.
#![cfg(feature = "check")]

use gorace::check::Verdict;
use gorace::sync::atomic::AtomicU32;
use gorace::sync::{Arc, Condvar, Mutex, Once};
use gorace::{Chan, Checker};
use std::sync::atomic::{AtomicI64, Ordering::SeqCst};

/// Counts how many of it are alive.
#[derive(Debug)]
struct Counted(&'static AtomicI64);

impl Counted {
    fn new(alive: &'static AtomicI64) -> Self {
        alive.fetch_add(1, SeqCst);
        Counted(alive)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, SeqCst);
    }
}

fn resident_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap_or("VmRSS: 0");
    line.split_whitespace().nth(1).and_then(|number| number.parse().ok()).unwrap_or(0)
}

#[test]
fn two_hundred_thousand_deadlocks_in_bounded_memory() {
    let deadlock = |executions| {
        Checker::new()
            .strategy(gorace::check::Strategy::Random)
            .max_executions(executions)
            .keep_going(true)
            .timeout(std::time::Duration::from_secs(600))
            .run(|| {
                let (tx, rx) = gorace::chan::<u32>(0);
                let lock = Arc::new(Mutex::new(vec![0_u8; 64]));
                let of_task = lock.clone();
                let task = gorace::go!({
                    let _guard = of_task.lock();
                    rx.recv()
                });
                drop(tx);
                let _ = task.join();
            })
    };
    deadlock(1_000);
    let before = resident_kib();
    let outcome = deadlock(200_000);
    let grown = resident_kib().saturating_sub(before);
    assert_eq!(outcome.executions, 200_000);
    assert_eq!(outcome.expect("deadlock")[0].failing, 200_000);
    assert!(grown < 64 << 10, "{grown} KiB more after 200,000 deadlocks");
}

#[test]
fn every_value_is_dropped_exactly_once() {
    static ALIVE: AtomicI64 = AtomicI64::new(0);
    let outcome = Checker::new().keep_going(true).max_executions(2_000).run(|| {
        let (a, b): (Chan<Counted>, Chan<Counted>) = (Chan::new(1), Chan::new(0));
        let (a2, b2) = (a.clone(), b.clone());
        gorace::go!({
            let value = Counted::new(&ALIVE);
            gorace::select! {
                send(a2, value) => {}
                send(b2, value) => {}
            }
            a2.send(Counted::new(&ALIVE));
            b2.send(Counted::new(&ALIVE));
        });
        let stays = Counted::new(&ALIVE);
        gorace::select! {
            recv(a) -> v => drop(v),
            recv(b) -> v => drop(v),
        }
        gorace::select! {
            send(b, stays) => {}
            default => drop(stays),
        }
    });
    assert!(outcome.executions > 1, "{}", outcome.summary());
    assert_eq!(ALIVE.load(SeqCst), 0);
}

#[test]
fn destructors_may_use_everything() {
    static RAN: AtomicI64 = AtomicI64::new(0);
    struct Busy {
        lock: Arc<Mutex<u32>>,
        condvar: Arc<Condvar>,
        channel: Chan<u32>,
    }
    impl Drop for Busy {
        fn drop(&mut self) {
            *self.lock.lock().unwrap_or_else(|error| error.into_inner()) += 1;
            self.condvar.notify_all();
            let _ = self.channel.try_send(1);
            self.channel.send(2);
            let _ = self.channel.recv();
            let _ = gorace::go!({ 1 }).join();
            gorace::select! {
                recv(self.channel) -> _ => {}
                send(self.channel, 3) => {}
            }
            gorace::thread::yield_now();
            RAN.fetch_add(1, SeqCst);
        }
    }
    let outcome = Checker::new().max_executions(200).run(|| {
        let (lock, condvar) = (Arc::new(Mutex::new(0)), Arc::new(Condvar::new()));
        for _ in 0..3 {
            let busy = Busy { lock: lock.clone(), condvar: condvar.clone(), channel: Chan::new(0) };
            gorace::go!({
                let guard = busy.lock.lock().unwrap();
                drop(busy.condvar.wait(guard));
            });
        }
    });
    outcome.expect("leak");
    assert!(RAN.load(SeqCst) >= 3);
}

/// Whatever is cut off, a destructor that runs on finds an atomic's value, which may be a pointer that is never null, and
/// what "it is guaranteed that some initialization has run and completed" is said of.
#[test]
fn destructors_find_values_wherever_the_execution_ends() {
    static WRONG: AtomicI64 = AtomicI64::new(0);
    static RAN: AtomicI64 = AtomicI64::new(0);
    struct Looks(Arc<(AtomicU32, Once)>);
    impl Drop for Looks {
        fn drop(&mut self) {
            let (number, once) = &*self.0;
            let (mut ran, fresh) = (false, Once::new());
            let is_right = number.load(SeqCst) == 7 && once.is_completed();
            fresh.call_once(|| ran = true);
            WRONG.fetch_add(i64::from(!is_right || !ran || !fresh.is_completed()), SeqCst);
            RAN.fetch_add(1, SeqCst);
        }
    }
    for steps in 1..=20 {
        let ran = RAN.load(SeqCst);
        let outcome = Checker::new().max_steps(steps).keep_going(true).run(|| {
            let shared = Arc::new((AtomicU32::new(0), Once::new()));
            shared.0.store(7, SeqCst);
            shared.1.call_once(|| ());
            let looks = Looks(shared);
            let panics = gorace::thread::spawn(move || {
                let _looks = looks;
                panic!("meant");
            });
            assert!(panics.join().is_err());
        });
        assert!(steps < 20 || outcome.verdict == Verdict::Verified, "{}", outcome.summary());
        assert!(steps < 5 || RAN.load(SeqCst) > ran);
        assert_eq!(WRONG.load(SeqCst), 0, "with {steps} steps");
    }
}

#[test]
fn a_task_that_swallows_the_unwinding_is_abandoned() {
    let outcome = Checker::new().keep_going(true).max_executions(5_000).run(|| {
        let (tx, rx) = gorace::chan::<u32>(0);
        gorace::go!({
            loop {
                let rx = std::panic::AssertUnwindSafe(&rx);
                let _ = std::panic::catch_unwind(|| rx.recv());
            }
        });
        drop(tx);
    });
    outcome.expect("leak");
    // The run stops once a thousand tasks could not be ended.
    assert!(outcome.executions < 1_100, "{}", outcome.executions);
}

#[test]
fn ten_thousand_tasks_live_at_once() {
    const TASKS: u32 = 10_000;
    let outcome = Checker::new().strategy(gorace::check::Strategy::Random).max_executions(1).run(|| {
        let (tx, rx) = gorace::chan(0);
        let tasks: Vec<_> = (0..TASKS)
            .map(|_| {
                let rx = rx.clone();
                gorace::go!({ rx.recv() })
            })
            .collect();
        (0..TASKS).for_each(|i| tx.send(i));
        let got = tasks.into_iter().filter_map(|task| task.join().unwrap()).count();
        assert_eq!(got, TASKS as usize);
    });
    outcome.assert_clean();
}

#[test]
fn a_task_that_was_cut_in_an_unlock_does_not_go_on() {
    let went_on = std::sync::Arc::new(std::sync::atomic::AtomicU32::new(0));
    let counter = went_on.clone();
    for max_steps in 1..20 {
        let counter = counter.clone();
        let outcome =
            Checker::new().max_executions(200).max_steps(max_steps).keep_going(true).run(move || {
                let m = Arc::new(Mutex::new(0));
                let other = m.clone();
                let first = gorace::go!({ *other.lock().unwrap() += 1 });
                *m.lock().unwrap() += 1;
                // A child that could not be started any more would be an error here.
                if gorace::go!({}).join().is_err() {
                    counter.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                }
                first.join().unwrap();
            });
        assert!(outcome.executions > 0);
    }
    assert_eq!(went_on.load(std::sync::atomic::Ordering::Relaxed), 0);
}

/// "`lock` never returns a guard while another task holds one: the holder unwinds first": the value of a task that
/// is torn down first locks what another one holds, and then the two have not met.
#[test]
fn a_lock_in_teardown_waits_for_its_holder_to_unwind() {
    struct Holds(Arc<AtomicI64>);
    impl Drop for Holds {
        fn drop(&mut self) {
            self.0.store(0, SeqCst);
        }
    }
    struct Locks {
        lock: Arc<Mutex<()>>,
        held: Arc<AtomicI64>,
        ran: Arc<AtomicI64>,
    }
    impl Drop for Locks {
        fn drop(&mut self) {
            let _guard = self.lock.lock().unwrap();
            assert_eq!(self.held.load(SeqCst), 0, "somebody else has a guard");
            self.ran.fetch_add(1, SeqCst);
        }
    }
    let ran = Arc::new(AtomicI64::new(0));
    let count = ran.clone();
    let outcome = Checker::new().run(move || {
        let (lock, held) = (Arc::new(Mutex::new(())), Arc::new(AtomicI64::new(0)));
        let (tx, rx) = gorace::chan::<u8>(0);
        let (of_holder, seen) = (lock.clone(), held.clone());
        let (ready, is_ready) = gorace::chan(1);
        let theirs = rx.clone();
        gorace::go!("holder", {
            let _guard = of_holder.lock().unwrap();
            seen.store(1, SeqCst);
            // Dropped before the guard.
            let _holds = Holds(seen);
            ready.send(());
            theirs.recv()
        });
        is_ready.recv();
        let locks = Locks { lock, held, ran: count.clone() };
        gorace::go!("locker", {
            let _locks = locks;
            rx.recv()
        });
        drop(tx);
    });
    assert_eq!(outcome.expect("leak").len(), outcome.findings.len());
    assert!(ran.load(SeqCst) > 0);
}

/// "In a destructor then, receives and joins answer closed or `Err`, waits return, sends hand the value back or drop
/// it".
#[test]
fn operations_in_destructors_of_teardown_are_answered() {
    struct Asks {
        channel: Chan<u8>,
        task: Option<gorace::thread::JoinHandle<()>>,
        ran: Arc<AtomicI64>,
    }
    impl Drop for Asks {
        fn drop(&mut self) {
            use gorace::sync::{Barrier, mpsc};
            assert_eq!(self.channel.recv(), None);
            assert_eq!(self.channel.try_recv(), Err(gorace::chan::TryRecvError::Closed));
            assert_eq!(self.channel.try_send(1), Err(gorace::chan::TrySendError::Closed(1)));
            self.channel.send(2);
            assert!(self.task.take().is_some_and(|task| task.join().is_err()));
            let (tx, rx) = mpsc::sync_channel::<u8>(0);
            assert!(tx.send(3).is_err() && rx.recv().is_err());
            let (lock, condvar) = (Mutex::new(()), Condvar::new());
            drop(condvar.wait(lock.lock().unwrap()));
            gorace::thread::park();
            let wg = gorace::go::WaitGroup::new();
            wg.add(1);
            wg.wait();
            Barrier::new(2).wait();
            self.ran.fetch_add(1, SeqCst);
        }
    }
    let ran = Arc::new(AtomicI64::new(0));
    let count = ran.clone();
    let outcome = Checker::new().run(move || {
        let channel = Chan::new(0);
        let theirs = channel.clone();
        let stuck = gorace::thread::spawn(move || _ = theirs.recv());
        let asks = Asks { channel, task: Some(stuck), ran: count.clone() };
        gorace::go!({
            let asks = asks;
            asks.channel.recv()
        });
    });
    outcome.expect("leak");
    assert!(ran.load(SeqCst) > 0);
}
