//! Several threads explore one test: what comes of it is what one thread gives.
#![cfg(feature = "check")]

use gorace::check::{Strategy, Verdict};
use gorace::sync::atomic::{AtomicU32, Ordering::SeqCst};
use gorace::sync::{Arc, Condvar, Mutex};
use gorace::{Chan, Checker, Outcome};
use std::sync::atomic as plain;

fn checker(name: &str, strategy: Strategy) -> Checker {
    let checker = Checker::new().name(name).strategy(strategy).keep_going(true);
    checker.max_executions(1_000_000).timeout(std::time::Duration::from_secs(600))
}

/// Runs a body with so many threads, and compares the counters with how often it was entered.
fn run(checker: Checker, jobs: usize, body: impl Fn() + Send + Sync + 'static) -> Outcome {
    let entered = std::sync::Arc::new(plain::AtomicU64::new(0));
    let inside = entered.clone();
    let outcome = checker.jobs(jobs).run(move || {
        inside.fetch_add(1, plain::Ordering::Relaxed);
        body();
    });
    let sum = outcome.executions + outcome.redundant + outcome.auxiliary;
    assert_eq!(entered.load(plain::Ordering::Relaxed), sum, "{}", outcome.summary());
    outcome
}

/// All that does not depend on time, nor on what was run in vain.
fn told(outcome: &Outcome) -> impl PartialEq + std::fmt::Debug + use<> {
    let findings: Vec<_> = outcome
        .findings
        .iter()
        .map(|f| (f.code, f.title.clone(), f.fingerprint.clone(), f.schedule.clone(), f.failing, f.found_in))
        .collect();
    let report: Vec<String> = outcome
        .report()
        .lines()
        .filter(|line| !line.contains(" ms)") && !line.contains(" s)"))
        .map(str::to_owned)
        .collect();
    let counts = (outcome.executions, outcome.steps, outcome.verdict, outcome.limits.clone());
    (counts, findings, outcome.summary(), outcome.notes().to_vec(), report)
}

fn join(tasks: impl IntoIterator<Item = gorace::thread::JoinHandle<()>>) {
    tasks.into_iter().collect::<Vec<_>>().into_iter().for_each(|task| _ = task.join());
}

fn sections() {
    let n = Arc::new(Mutex::new(0));
    join(
        (0..3)
            .map(|_| n.clone())
            .map(|n| gorace::thread::spawn(move || (0..3).for_each(|_| *n.lock().unwrap() += 1))),
    );
}

fn increments() {
    let n = Arc::new(AtomicU32::new(0));
    join(
        (0..4).map(|_| n.clone()).map(|n| gorace::thread::spawn(move || n.store(n.load(SeqCst) + 1, SeqCst))),
    );
    assert_ne!(n.load(SeqCst), 1, "all but one are lost");
}

fn dining() {
    let forks: Vec<_> = (0..9).map(|_| Arc::new(Mutex::new(()))).collect();
    join((0..9).map(|i| {
        let (left, right) = (forks[i].clone(), forks[(i + 1) % 9].clone());
        gorace::thread::spawn(move || {
            let _left = left.lock().unwrap();
            let _right = right.lock().unwrap();
        })
    }));
}

fn attempts() {
    let m = Arc::new(Mutex::new(0));
    let won = Arc::new(AtomicU32::new(0));
    join((0..5).map(|_| (m.clone(), won.clone())).map(|(m, won)| {
        gorace::thread::spawn(move || {
            if let Ok(mut guard) = m.try_lock() {
                *guard += 1;
                won.fetch_add(1, SeqCst);
            }
        })
    }));
}

fn buffer() {
    let all = Arc::new((Mutex::new(0), Condvar::new(), Condvar::new()));
    let other = all.clone();
    let producer = gorace::thread::spawn(move || {
        for _ in 0..5 {
            let mut n = other.0.lock().unwrap();
            while *n == 1 {
                n = other.1.wait(n).unwrap();
            }
            *n += 1;
            other.2.notify_one();
        }
    });
    for _ in 0..5 {
        let mut n = all.0.lock().unwrap();
        while *n == 0 {
            n = all.2.wait(n).unwrap();
        }
        *n -= 1;
        all.1.notify_one();
    }
    producer.join().unwrap();
}

fn selects() {
    let (a, b) = (Chan::new(0), Chan::new(0));
    for i in 0..3 {
        let (to_a, to_b) = (a.clone(), b.clone());
        gorace::go!({ if i % 2 == 0 { to_a.send(i) } else { to_b.send(i) } });
    }
    for _ in 0..3 {
        gorace::select! { recv(a) -> _ => {}, recv(b) -> _ => {} }
    }
    let (c, d) = (Chan::new(1), Chan::new(1));
    let (to_c, to_d) = (c.clone(), d.clone());
    gorace::go!({ to_c.send(1) });
    gorace::go!({ to_d.send(1) });
    gorace::select! { recv(c) -> _ => {}, recv(d) -> _ => {} }
}

fn slow() {
    let n = Arc::new(AtomicU32::new(0));
    for _ in 0..3 {
        let n = n.clone();
        gorace::go!("adder", { (0..3).for_each(|_| _ = n.fetch_add(1, SeqCst)) });
    }
    let _ = n.load(SeqCst);
}

/// How many of ten readers see the write. Each does or does not, and nothing else matters: each planned leaf is one execution.
fn seen() -> u32 {
    let (x, seen) = (Arc::new(AtomicU32::new(0)), std::sync::Arc::new(plain::AtomicU32::new(0)));
    let reader = || {
        let (x, seen) = (x.clone(), seen.clone());
        gorace::thread::spawn(move || _ = seen.fetch_add(x.load(SeqCst), plain::Ordering::SeqCst))
    };
    let to = x.clone();
    let writer = gorace::thread::spawn(move || to.store(1, SeqCst));
    join([writer].into_iter().chain((0..10).map(|_| reader())));
    seen.load(plain::Ordering::SeqCst)
}

fn readers() {
    seen();
}

/// What 210 of 1024 traces show cannot be counted by another thread, which runs each execution for itself.
fn voters() {
    assert_ne!(seen(), 4);
}

/// Each but the first adds one to what the one before it has; the first looks for the last that has none.
fn lastzero() {
    let all: Arc<Vec<AtomicU32>> = Arc::new((0..9).map(|_| AtomicU32::new(0)).collect());
    let of = all.clone();
    let first = gorace::thread::spawn(move || {
        let mut i = 8;
        while of[i].load(SeqCst) != 0 {
            i -= 1;
        }
    });
    let others = (1..9).map(|i| {
        let of = all.clone();
        gorace::thread::spawn(move || of[i].store(of[i - 1].load(SeqCst) + 1, SeqCst))
    });
    join([first].into_iter().chain(others));
}

type Case = (&'static str, fn(), Option<u64>);

const CORPUS: [Case; 10] = [
    // (nm)! / (m!)^n
    ("sections", sections, Some(1680)),
    // (n!)^2
    ("increments", increments, Some(576)),
    // 2^n - 1
    ("dining", dining, Some(511)),
    ("attempts", attempts, None),
    // 2^(2m - 1)
    ("buffer", buffer, Some(512)),
    ("selects", selects, None),
    ("slow", slow, None),
    // 2^n
    ("readers", readers, Some(1024)),
    ("voters", voters, Some(1024)),
    // (n + 3) 2^(n - 2)
    ("lastzero", lastzero, Some(704)),
];

#[test]
fn exhaustive() {
    for (name, body, traces) in CORPUS {
        let one = run(checker(name, Strategy::Exhaustive), 1, body);
        assert!(one.executions > 200, "{name}: large enough for threads: {}", one.executions);
        for jobs in [2, 3, 8] {
            let several = run(checker(name, Strategy::Exhaustive), jobs, body);
            assert_eq!(told(&several), told(&one), "{name}, {jobs} jobs");
            assert!(several.redundant * 20 <= several.executions, "{name}: {}", several.redundant);
        }
        if let Some(traces) = traces {
            assert_eq!(one.executions, traces, "{name}");
        }
    }
}

/// A finding ends the run soon, a budget or a bound ends it early: the same executions count.
#[test]
fn what_ends_early() {
    let outcome = |checker: &dyn Fn(&str) -> Checker, jobs| {
        // Schedules are kept by name: what the other tests keep meanwhile, which use the same ones, changes nothing.
        CORPUS.map(|(name, body, _)| told(&run(checker(name), jobs, body)))
    };
    let until_found = |name: &str| checker(name, Strategy::Exhaustive).keep_going(false);
    let within_a_budget = |name: &str| checker(name, Strategy::Exhaustive).max_executions(450);
    let automatic = |name: &str| checker(name, Strategy::Auto).max_executions(900);
    for checker in [&until_found as &dyn Fn(&str) -> Checker, &within_a_budget, &automatic] {
        assert_eq!(outcome(checker, 2), outcome(checker, 1));
    }
    let bounded = |jobs| {
        let checker = checker("bounded", Strategy::Exhaustive).max_preemptions(1);
        told(&run(checker, jobs, increments))
    };
    assert_eq!(bounded(2), bounded(1));
}

#[test]
fn random_schedules() {
    for strategy in [Strategy::Random, Strategy::Pos, Strategy::Portfolio] {
        for (name, body, _) in CORPUS {
            let checker = || checker(name, strategy.clone()).seed(5).max_executions(1_500);
            let one = run(checker(), 1, body);
            for jobs in [2, 5] {
                let several = run(checker(), jobs, body);
                assert_eq!(told(&several), told(&one), "{name}, {jobs} jobs, {strategy}");
            }
        }
    }
}

#[test]
fn a_search_in_pieces() {
    let path = std::env::temp_dir().join(format!("gorace-test-{}-jobs.resume", std::process::id()));
    let _ = std::fs::remove_file(&path);
    let (mut executions, mut steps, mut pieces) = (0, 0, 0);
    let whole = run(checker("pieces", Strategy::Exhaustive), 1, sections);
    let last = loop {
        let checker = checker("pieces", Strategy::Exhaustive).max_executions(400).resume(&path);
        let piece = run(checker, 1 + pieces % 3, sections);
        executions += piece.executions;
        steps += piece.steps;
        pieces += 1;
        if !path.exists() {
            break piece;
        }
        assert_eq!(piece.executions, 400);
    };
    let told = whole.summary().replace("verified:", &format!("verified over {pieces} runs:"));
    assert_eq!((executions, steps, last.summary()), (whole.executions, whole.steps, told));
}

/// Two executions cannot use one object at once: one thread goes on, and says what it would say by itself.
#[test]
fn objects_from_outside() {
    // Only looked at: nothing is wrong with that.
    let shared = Arc::new(Mutex::new(3));
    let look = move || {
        let limit = *shared.lock().unwrap();
        let n = Arc::new(AtomicU32::new(0));
        join((0..3).map(|_| (n.clone(), shared.clone())).map(|(n, shared)| {
            gorace::thread::spawn(move || {
                let limit = *shared.lock().unwrap();
                n.store(n.load(SeqCst) + limit, SeqCst);
            })
        }));
        assert!(n.load(SeqCst) >= limit);
    };
    let look = std::sync::Arc::new(look);
    let again = look.clone();
    let one = run(checker("outside", Strategy::Exhaustive), 1, move || again());
    assert_eq!(one.verdict, Verdict::Verified, "{}", one.report());
    assert!(one.executions > 200, "{}", one.executions);
    for _ in 0..5 {
        let look = look.clone();
        let several = run(checker("outside", Strategy::Exhaustive), 3, move || look());
        assert_eq!(told(&several), told(&one));
    }
}

/// What an execution leaves to the next one is found whoever runs them.
#[test]
fn state_from_outside() {
    for jobs in [1, 2] {
        let runs = std::sync::Arc::new(plain::AtomicU64::new(0));
        let outcome = checker("state", Strategy::Exhaustive).jobs(jobs).run(move || {
            // After a while something else is done.
            let is_late = runs.fetch_add(1, plain::Ordering::Relaxed) > 300;
            let n = Arc::new(AtomicU32::new(0));
            join((0..4).map(|_| n.clone()).map(|n| {
                gorace::thread::spawn(move || {
                    n.store(n.load(SeqCst) + 1, SeqCst);
                    if is_late {
                        n.fetch_add(1, SeqCst);
                    }
                })
            }));
        });
        outcome.expect("GR0007");
    }
}

/// Wherever in a search it begins: also between two executions that have next to nothing in common.
#[test]
fn state_from_outside_at_any_time() {
    let explore = |late_after: u64| {
        let runs = std::sync::Arc::new(plain::AtomicU64::new(0));
        checker("late", Strategy::Exhaustive).jobs(1).run(move || {
            let is_late = runs.fetch_add(1, plain::Ordering::Relaxed) >= late_after;
            let n = Arc::new(AtomicU32::new(0));
            join((0..3).map(|_| n.clone()).map(|n| {
                gorace::thread::spawn(move || {
                    n.store(n.load(SeqCst) + 1, SeqCst);
                    if is_late {
                        n.fetch_add(1, SeqCst);
                    }
                })
            }));
        })
    };
    let all = explore(u64::MAX);
    assert_eq!(all.verdict, Verdict::Verified, "{}", all.report());
    for late_after in 1..all.executions {
        explore(late_after).expect("GR0007");
    }
}

#[test]
fn the_number_of_jobs_is_checked() {
    for jobs in [0, 1025] {
        let why = std::panic::catch_unwind(|| Checker::new().jobs(jobs)).expect_err("refused");
        let why = why.downcast_ref::<String>().expect("a message");
        assert_eq!(*why, format!("invalid jobs: expected a number of threads from 1 to 1024, got `{jobs}`"));
    }
}
