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

const CORPUS: [(&str, fn(), Option<u64>); 7] = [
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
