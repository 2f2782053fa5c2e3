//! The number of complete executions of exhaustive search equals the number of Mazurkiewicz traces.
//!
//! The expected numbers are independent of this engine: closed forms (in the comments), counts published with
//! Nidhugg and GenMC (identical for sequential consistency), and brute force over all interleavings of a
//! model that shares nothing with this code. Each program runs through the public API, with a main that
//! spawns, joins and reads.
#![cfg(feature = "check")]

mod atomics;
mod channels;
mod locks;
mod tasks;

use gorace::check::{Strategy, Verdict};
use gorace::sync::Arc;
use gorace::sync::atomic::AtomicI64;
use gorace::{Checker, Outcome};

type Task = Box<dyn FnOnce() + Send>;

fn task(f: impl FnOnce() + Send + 'static) -> Task {
    Box::new(f)
}

fn explore(tasks: impl Fn() -> Vec<Task> + Send + Sync + 'static) -> Outcome {
    let body = move || {
        let handles: Vec<_> = tasks().into_iter().map(gorace::thread::spawn).collect();
        for handle in handles {
            handle.join().unwrap();
        }
    };
    let checker = Checker::new().strategy(Strategy::Exhaustive).max_executions(10_000_000).keep_going(true);
    checker.timeout(std::time::Duration::from_secs(600)).name("counts").run(body)
}

/// Asserts the number of traces, and how many of them end with a blocked main or task.
#[track_caller]
fn assert_traces(outcome: &Outcome, traces: u64, blocked: u64) {
    assert_eq!(outcome.executions, traces, "{}", outcome.summary());
    assert_eq!(outcome.redundant, 0, "{}", outcome.summary());
    let failing: u64 = outcome.findings.iter().map(|finding| finding.failing).sum();
    assert_eq!(failing, blocked, "{}", outcome.report());
    let verdict = if blocked == 0 { Verdict::Verified } else { Verdict::Failed };
    assert_eq!(outcome.verdict, verdict, "{}", outcome.report());
}

/// Only the operation counts.
fn ignore<T>(_: T) {}

fn atomics(n: usize) -> Vec<Arc<AtomicI64>> {
    (0..n).map(|_| Arc::new(AtomicI64::new(0))).collect()
}
