//! Bounds on preemptions: how many interleavings each reaches, which failures come first, and what a budget that is
//! too small for everything still proves.
//!
//! The numbers of interleavings are those of traces that have a linearisation with at most k preemptions: published
//! with GenMC (`expected.cb`), or brute force on a model that shares nothing with this code.
#![cfg(feature = "check")]

use gorace::check::{Strategy, Verdict};
use gorace::sync::atomic::{AtomicU32, Ordering::SeqCst};
use gorace::sync::{Arc, Condvar, Mutex};
use gorace::{Checker, Outcome};

type Task = Box<dyn FnOnce() + Send>;

fn run(checker: Checker, tasks: fn() -> Vec<Task>) -> Outcome {
    checker.name("bounds").run(move || {
        let handles: Vec<_> = tasks().into_iter().map(gorace::thread::spawn).collect();
        handles.into_iter().for_each(|handle| handle.join().unwrap());
    })
}

/// Asserts how many interleavings there are with at most 0, 1, 2, .. preemptions.
#[track_caller]
fn assert_bounds(tasks: fn() -> Vec<Task>, counts: &[u64]) {
    for (k, expected) in (0..).zip(counts) {
        let checker =
            Checker::new().strategy(Strategy::Exhaustive).max_executions(1_000_000).keep_going(true);
        let outcome = run(checker.max_preemptions(k), tasks);
        assert_eq!(outcome.executions, *expected, "at most {k} preemptions: {}", outcome.summary());
        if outcome.findings.is_empty() {
            let s = if k == 1 { "" } else { "s" };
            let words = format!("verified up to {k} preemption{s} ({expected} interleavings)");
            // The last of these numbers are those of all interleavings, which the search may know by then.
            let all = format!("verified: all {expected} interleavings");
            let are_all = Some(expected) == counts.last();
            assert!(
                outcome.summary() == words || are_all && outcome.summary() == all,
                "{}",
                outcome.summary()
            );
        }
    }
}

fn sections(tasks: usize, times: usize) -> Vec<Task> {
    let m = Arc::new(Mutex::new(0));
    let section = move |m: Arc<Mutex<u32>>| -> Task {
        Box::new(move || (0..times).for_each(|_| *m.lock().unwrap() += 1))
    };
    (0..tasks).map(|_| section(m.clone())).collect()
}

fn dining(forks: &[(usize, usize)]) -> Vec<Task> {
    let table: Vec<_> = forks.iter().map(|_| Arc::new(Mutex::new(()))).collect();
    let philosopher = |(a, b): &(usize, usize)| -> Task {
        let (a, b) = (table[*a].clone(), table[*b].clone());
        Box::new(move || {
            let _first = a.lock().unwrap();
            let _second = b.lock().unwrap();
        })
    };
    forks.iter().map(philosopher).collect()
}

fn lost_wakeup() -> Vec<Task> {
    let all = Arc::new((AtomicU32::new(0), Mutex::new(()), Condvar::new()));
    let other = all.clone();
    let wait = move || {
        let guard = all.1.lock().unwrap();
        if all.0.load(SeqCst) == 0 {
            drop(all.2.wait(guard).unwrap());
        }
    };
    let notify = move || {
        other.0.store(1, SeqCst);
        other.2.notify_one();
    };
    vec![Box::new(wait), Box::new(notify)]
}

fn increments(n: usize) -> Vec<Task> {
    let x = Arc::new(AtomicU32::new(0));
    let add = |x: Arc<AtomicU32>| -> Task { Box::new(move || x.store(x.load(SeqCst) + 1, SeqCst)) };
    (0..n).map(|_| add(x.clone())).collect()
}

fn store_buffering() -> Vec<Task> {
    let (x, y) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicU32::new(0)));
    let set_and_look = |own: Arc<AtomicU32>, other: Arc<AtomicU32>| -> Task {
        Box::new(move || {
            own.store(1, SeqCst);
            other.load(SeqCst);
        })
    };
    vec![set_and_look(x.clone(), y.clone()), set_and_look(y, x)]
}

/// A task a row of operations on two variables: `(variable, value to store, or 0 to load)`.
fn on_two(rows: &'static [&'static [(usize, u32)]]) -> Vec<Task> {
    let x = Arc::new([AtomicU32::new(0), AtomicU32::new(0)]);
    let run = |(row, x): (&'static [(usize, u32)], Arc<[AtomicU32; 2]>)| -> Task {
        Box::new(move || {
            for (variable, value) in row {
                match value {
                    0 => _ = x[*variable].load(SeqCst),
                    value => x[*variable].store(*value, SeqCst),
                }
            }
        })
    };
    rows.iter().map(|row| run((row, x.clone()))).collect()
}

/// Each of `n` tasks adds once to each of so many variables.
fn adds(n: usize, variables: usize) -> Vec<Task> {
    let x: Arc<Vec<_>> = Arc::new((0..variables).map(|_| AtomicU32::new(0)).collect());
    let add = |x: Arc<Vec<AtomicU32>>| -> Task {
        Box::new(move || x.iter().for_each(|x| _ = x.fetch_add(1, SeqCst)))
    };
    (0..n).map(|_| add(x.clone())).collect()
}

/// One task stores 2, and each of `n` others does something once.
fn after_a_store(n: usize, does: fn(&AtomicU32)) -> Vec<Task> {
    let x = Arc::new(AtomicU32::new(0));
    let stored = x.clone();
    let other = |x: Arc<AtomicU32>| -> Task { Box::new(move || does(&x)) };
    let mut tasks: Vec<Task> = vec![Box::new(move || stored.store(2, SeqCst))];
    tasks.extend((0..n).map(|_| other(x.clone())));
    tasks
}

/// Task i of five changes i - 1 to i.
fn rotation() -> Vec<Task> {
    let x = Arc::new(AtomicU32::new(0));
    let change = |(i, x): (u32, Arc<AtomicU32>)| -> Task {
        Box::new(move || _ = x.compare_exchange(i - 1, i, SeqCst, SeqCst))
    };
    (1..=5).map(|i| change((i, x.clone()))).collect()
}

/// A reader scans five cells and a zero from the end; a writer each makes a cell one more than the one before.
fn last_zero() -> Vec<Task> {
    let a: Arc<Vec<_>> = Arc::new((0..=5).map(|_| AtomicU32::new(0)).collect());
    let scanned = a.clone();
    let mut tasks: Vec<Task> =
        vec![Box::new(move || _ = (0..=5).rev().find(|i| scanned[*i].load(SeqCst) == 0))];
    let write = |(j, a): (usize, Arc<Vec<AtomicU32>>)| -> Task {
        Box::new(move || a[j].store(a[j - 1].load(SeqCst) + 1, SeqCst))
    };
    tasks.extend((1..=5).map(|j| write((j, a.clone()))));
    tasks
}

/// A buffer of a mutex and two condition variables, through which so many messages pass.
fn monitor(capacity: u32, messages: u32) -> Vec<Task> {
    let shared = Arc::new((Mutex::new(0), Condvar::new(), Condvar::new()));
    let other = shared.clone();
    let produce = move || {
        for _ in 0..messages {
            let mut n = shared.1.wait_while(shared.0.lock().unwrap(), |n| *n >= capacity).unwrap();
            *n += 1;
            shared.2.notify_one();
        }
    };
    let consume = move || {
        for _ in 0..messages {
            let mut n = other.2.wait_while(other.0.lock().unwrap(), |n| *n == 0).unwrap();
            *n -= 1;
            other.1.notify_one();
        }
    };
    vec![Box::new(produce), Box::new(consume)]
}

/// Each of two tasks makes its number the sum of both, twice.
fn fibonacci_twice() -> Vec<Task> {
    let x = Arc::new([AtomicU32::new(1), AtomicU32::new(1)]);
    let add = |(to, x): (usize, Arc<[AtomicU32; 2]>)| -> Task {
        Box::new(move || (0..2).for_each(|_| x[to].store(x[0].load(SeqCst) + x[1].load(SeqCst), SeqCst)))
    };
    vec![add((0, x.clone())), add((1, x))]
}

#[test]
fn critical_sections() {
    assert_bounds(|| sections(3, 1), &[6, 6]);
    assert_bounds(|| sections(2, 2), &[2, 6]);
    assert_bounds(|| sections(2, 3), &[2, 10, 20]);
    assert_bounds(|| sections(3, 2), &[6, 48, 90]);
}

#[test]
fn locks_in_two_orders() {
    assert_bounds(|| dining(&[(0, 1), (1, 0)]), &[2, 3]);
    assert_bounds(|| dining(&[(0, 1), (1, 2), (2, 0)]), &[6, 7]);
    // In one order: 2^n - 2, all without preemptions.
    assert_bounds(|| dining(&[(0, 1), (1, 2), (0, 2)]), &[6]);
    assert_bounds(|| dining(&[(0, 1), (1, 2), (2, 3), (0, 3)]), &[14]);
    assert_bounds(|| dining(&[(0, 1), (1, 2), (2, 3), (3, 4), (0, 4)]), &[30]);
}

#[test]
fn a_lost_wakeup_needs_one() {
    assert_bounds(lost_wakeup, &[2, 3]);
}

#[test]
fn litmus_tests() {
    assert_bounds(store_buffering, &[2, 3]);
    // Message passing, load buffering and 2+2W; then two writers whose order two readers see.
    assert_bounds(|| on_two(&[&[(0, 1), (1, 1)], &[(1, 0), (0, 0)]]), &[2, 3]);
    assert_bounds(|| on_two(&[&[(0, 0), (1, 1)], &[(1, 0), (0, 1)]]), &[2, 3]);
    assert_bounds(|| on_two(&[&[(0, 1), (1, 2)], &[(1, 1), (0, 2)]]), &[2, 3]);
    assert_bounds(|| on_two(&[&[(0, 1)], &[(1, 1)], &[(0, 0), (1, 0)], &[(1, 0), (0, 0)]]), &[14, 15]);
}

#[test]
fn lost_updates() {
    assert_bounds(|| increments(2), &[2, 4]);
    assert_bounds(|| increments(3), &[6, 24, 36]);
    assert_bounds(|| increments(4), &[24, 168, 432, 576]);
    // As many where each task adds to one variable and then to another.
    assert_bounds(|| adds(2, 2), &[2, 4]);
    assert_bounds(|| adds(3, 2), &[6, 24, 36]);
}

/// Who has one operation, or looks at what the others do in one order, needs nobody to be preempted.
#[test]
fn what_needs_none() {
    // n!, 2^n, n * 2^(n - 1) + 1, the sum over k < n of (k + 1)^(n - k) - k^(n - k), and (n + 3) * 2^(n - 2).
    assert_bounds(|| adds(4, 1), &[24]);
    assert_bounds(|| after_a_store(5, |x| _ = x.load(SeqCst)), &[32]);
    assert_bounds(|| after_a_store(4, |x| _ = x.compare_exchange(2, 3, SeqCst, SeqCst)), &[33]);
    assert_bounds(rotation, &[43]);
    assert_bounds(last_zero, &[64]);
}

#[test]
fn a_bounded_buffer() {
    assert_bounds(|| monitor(1, 2), &[2, 8]);
    assert_bounds(|| monitor(1, 3), &[2, 16, 30, 32]);
    assert_bounds(|| monitor(2, 2), &[2, 6]);
}

#[test]
fn fibonacci() {
    assert_bounds(fibonacci_twice, &[2, 8, 18, 19]);
}

/// What needs one preemption is found with one and not without any, and by whoever allows more as well.
#[test]
fn failures_show_from_their_bound_on() {
    for (name, tasks) in
        [("wakeup", lost_wakeup as fn() -> Vec<Task>), ("circle", || dining(&[(0, 1), (1, 2), (2, 0)]))]
    {
        let found = |k| {
            let checker = Checker::new().strategy(Strategy::Exhaustive).max_preemptions(k).name(name);
            let outcome = checker.run(move || {
                let handles: Vec<_> = tasks().into_iter().map(gorace::thread::spawn).collect();
                handles.into_iter().for_each(|handle| handle.join().unwrap());
            });
            // Schedules that are known from earlier runs are tried first, and are not the search's.
            outcome.findings.iter().any(|finding| finding.failing > 0)
        };
        assert_eq!([0, 1, 9].map(found), [false, true, true], "{name}");
    }
}

/// Half of the budget is too little for all 90 interleavings, and a quarter enough for the 6 that need no preemption.
#[test]
fn what_does_not_fit_is_verified_up_to_a_bound() {
    let outcome = run(Checker::new().max_executions(100), || sections(3, 2));
    assert_eq!(outcome.verdict, Verdict::VerifiedUpTo { preemptions: 0 });
    assert_eq!(outcome.summary(), "verified up to 0 preemptions (6 interleavings)");
    // More than that was run, and counts.
    assert!(outcome.executions > 50, "{}", outcome.executions);
    assert_eq!(run(Checker::new().max_executions(180), || sections(3, 2)).verdict, Verdict::Verified);
}

/// A bound larger than what there is to find changes nothing, and the largest number is a bound like any other: what it
/// cut nothing from is verified. Two tasks that each read and write have 4 interleavings, and two with three
/// sections each 6! / (3!)^2.
#[test]
fn a_bound_that_cuts_nothing() {
    for strategy in [Strategy::Exhaustive, Strategy::Auto] {
        for bound in [20, u32::MAX] {
            let checker = || Checker::new().strategy(strategy.clone()).max_preemptions(bound);
            for (all, outcome) in
                [(4, run(checker(), || increments(2))), (20, run(checker(), || sections(2, 3)))]
            {
                assert_eq!(outcome.verdict, Verdict::Verified);
                assert_eq!(outcome.summary(), format!("verified: all {all} interleavings"));
                assert_eq!((outcome.executions, outcome.notes()), (all, &[][..]));
            }
        }
        // One preemption is too little for the sections.
        let outcome = run(Checker::new().strategy(strategy).max_preemptions(1), || sections(2, 3));
        assert_eq!(outcome.verdict, Verdict::VerifiedUpTo { preemptions: 1 });
    }
}

/// What is left out is told about: there are (3 * 4)! / (4!)^3 = 34 650.
#[test]
fn how_many_there_are_is_estimated() {
    let stopped = Checker::new().strategy(Strategy::Exhaustive).max_executions(8_000);
    let outcome = run(stopped, || sections(3, 4));
    let note = outcome.notes().iter().find(|note| note.starts_with("there seem to be at least"));
    let note = note.unwrap_or_else(|| panic!("{:?}", outcome.notes()));
    assert!(note.contains("interleavings, of which 8 000 were run: "), "{note}");
    let digits: String = note.chars().take_while(|c| *c != ',').filter(char::is_ascii_digit).collect();
    let estimate: u64 = digits.parse().unwrap();
    assert!((34_650 / 4..34_650 * 4).contains(&estimate), "{note}");
    // Nothing is said once all were run.
    let outcome = run(Checker::new().strategy(Strategy::Exhaustive), || sections(2, 3));
    assert_eq!((outcome.verdict, outcome.notes()), (Verdict::Verified, &[][..]));
}
