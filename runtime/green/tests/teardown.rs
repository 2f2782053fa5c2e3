//! The end of what is left of an execution: destructors run, nothing is dropped twice, memory is bounded.
#![cfg(feature = "check")]

use gorace::sync::{Arc, Condvar, Mutex};
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
