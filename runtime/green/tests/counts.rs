//! The number of complete executions of exhaustive search equals the number of Mazurkiewicz traces.
//!
//! The expected numbers are independent of this engine: closed forms (in the comments), counts published with
//! Nidhugg and GenMC (identical for sequential consistency), and brute force over all interleavings of a
//! model that shares nothing with this code. Each program runs through the public API, with a main that
//! spawns, joins and reads.
#![cfg(feature = "check")]

use gorace::check::{Strategy, Verdict};
use gorace::sync::atomic::{AtomicI64, Ordering::SeqCst};
use gorace::sync::{Arc, Condvar, Mutex};
use gorace::{Chan, Checker, Outcome};

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

#[test]
fn readers() {
    // One writer, n readers, each before or after it: 2^n.
    for n in 2..=6 {
        let outcome = explore(move || {
            let x = Arc::new(AtomicI64::new(0));
            let writer = x.clone();
            let mut tasks = vec![task(move || writer.store(42, SeqCst))];
            tasks.extend((0..n).map(|_| x.clone()).map(|x| task(move || ignore(x.load(SeqCst)))));
            tasks
        });
        assert_traces(&outcome, 1 << n, 0);
    }
}

#[test]
fn lastzero() {
    // (n + 3) * 2^(n - 2)
    for (n, traces) in [(2, 5), (3, 12), (4, 28), (5, 64), (6, 144)] {
        let outcome = explore(move || {
            let a = atomics(n + 1);
            let scanned = a.clone();
            let mut tasks = vec![task(move || {
                let mut i = n;
                while scanned[i].load(SeqCst) != 0 {
                    i -= 1;
                }
            })];
            for j in 1..=n {
                let a = a.clone();
                tasks.push(task(move || a[j].store(a[j - 1].load(SeqCst) + 1, SeqCst)));
            }
            tasks
        });
        assert_traces(&outcome, traces, 0);
    }
}

#[test]
fn critical_sections() {
    // n tasks with m sections each: (nm)! / (m!)^n.
    for (n, m, traces) in [(2, 1, 2), (2, 2, 6), (3, 1, 6), (3, 2, 90), (2, 3, 20), (2, 4, 70), (4, 1, 24)] {
        let outcome = explore(move || {
            let count = Arc::new(Mutex::new(0));
            let section =
                move |count: Arc<Mutex<i32>>| move || (0..m).for_each(|_| *count.lock().unwrap() += 1);
            (0..n).map(|_| task(section(count.clone()))).collect()
        });
        assert_traces(&outcome, traces, 0);
    }
}

#[test]
fn writers() {
    // n writers of one variable: n!; with a reader: (n + 1)!.
    for (n, reader, traces) in [
        (2, false, 2),
        (3, false, 6),
        (4, false, 24),
        (5, false, 120),
        (6, false, 720),
        (3, true, 24),
        (5, true, 720),
    ] {
        let outcome = explore(move || {
            let x = Arc::new(AtomicI64::new(0));
            let writer = |i: i64, x: Arc<AtomicI64>| task(move || x.store(i, SeqCst));
            let mut tasks: Vec<_> = (0..n).map(|i| writer(i, x.clone())).collect();
            if reader {
                tasks.push(task(move || ignore(x.load(SeqCst))));
            }
            tasks
        });
        assert_traces(&outcome, traces, 0);
    }
}

/// Two variables, and a task a row of steps: `(variable, Some(value to store) or None to load)`.
fn litmus(rows: &'static [&'static [(usize, Option<i64>)]]) -> Outcome {
    explore(move || {
        let x = atomics(6);
        let run = |row: &'static [(usize, Option<i64>)], x: Vec<Arc<AtomicI64>>| {
            task(move || {
                for (variable, step) in row {
                    match step {
                        Some(value) => x[*variable].store(*value, SeqCst),
                        None => ignore(x[*variable].load(SeqCst)),
                    }
                }
            })
        };
        rows.iter().map(|row| run(row, x.clone())).collect()
    })
}

#[test]
fn litmus_tests() {
    const X: usize = 0;
    const Y: usize = 1;
    // Message passing, store buffering, load buffering, 2+2W: 3 traces each. IRIW: 15 (GenMC sc).
    assert_traces(&litmus(&[&[(X, Some(1)), (Y, Some(1))], &[(Y, None), (X, None)]]), 3, 0);
    assert_traces(&litmus(&[&[(X, Some(1)), (Y, None)], &[(Y, Some(1)), (X, None)]]), 3, 0);
    assert_traces(&litmus(&[&[(X, None), (Y, Some(1))], &[(Y, None), (X, Some(1))]]), 3, 0);
    assert_traces(&litmus(&[&[(X, Some(1)), (Y, Some(2))], &[(Y, Some(1)), (X, Some(2))]]), 3, 0);
    let iriw = litmus(&[&[(X, Some(1))], &[(Y, Some(1))], &[(X, None), (Y, None)], &[(Y, None), (X, None)]]);
    assert_traces(&iriw, 15, 0);
    // Rings of store buffering: 2^n - 1.
    let three = litmus(&[&[(0, Some(1)), (1, None)], &[(1, Some(1)), (2, None)], &[(2, Some(1)), (0, None)]]);
    assert_traces(&three, 7, 0);
    let four = litmus(&[
        &[(0, Some(1)), (1, None)],
        &[(1, Some(1)), (2, None)],
        &[(2, Some(1)), (3, None)],
        &[(3, Some(1)), (0, None)],
    ]);
    assert_traces(&four, 15, 0);
}

#[test]
fn dining_philosophers() {
    // 2^n - 1, of which exactly one deadlocks.
    for n in 2..=4_usize {
        let outcome = explore(move || {
            let forks: Vec<_> = (0..n).map(|_| Arc::new(Mutex::new(()))).collect();
            let eat = |left: Arc<Mutex<()>>, right: Arc<Mutex<()>>| {
                task(move || {
                    let _left = left.lock().unwrap();
                    let _right = right.lock().unwrap();
                })
            };
            (0..n).map(|i| eat(forks[i].clone(), forks[(i + 1) % n].clone())).collect()
        });
        assert_traces(&outcome, (1 << n) - 1, 1);
    }
}

#[test]
fn lost_wakeup() {
    // The flag is set without the lock: 3 traces, one of which deadlocks.
    let outcome = explore(|| {
        let shared = Arc::new((Mutex::new(()), Condvar::new(), AtomicI64::new(0)));
        let other = shared.clone();
        let wait = task(move || {
            let guard = shared.0.lock().unwrap();
            if shared.2.load(SeqCst) == 0 {
                drop(shared.1.wait(guard).unwrap());
            }
        });
        let notify = task(move || {
            other.2.store(1, SeqCst);
            other.1.notify_one();
        });
        vec![wait, notify]
    });
    assert_traces(&outcome, 3, 1);
}

/// `producers` tasks that send `each` values, `consumers` that share them out.
fn pipeline(producers: usize, each: usize, consumers: usize, capacity: usize) -> Outcome {
    explore(move || {
        let channel: Chan<usize> = Chan::new(capacity);
        let send = |tx: Chan<usize>| task(move || (0..each).for_each(|i| tx.send(i)));
        let share = producers * each / consumers;
        let recv = |rx: Chan<usize>| task(move || (0..share).for_each(|_| ignore(rx.recv())));
        let mut tasks: Vec<_> = (0..producers).map(|_| send(channel.clone())).collect();
        tasks.extend((0..consumers).map(|_| recv(channel.clone())));
        tasks
    })
}

#[test]
fn channels() {
    // One producer and one consumer commute whatever the capacity.
    for (capacity, messages) in [(1, 2), (1, 3), (2, 3), (0, 3)] {
        assert_traces(&pipeline(1, messages, 1, capacity), 1, 0);
    }
    // Several producers: the order of their sends, (sum)! / product(per!).
    for (producers, each, traces) in [(2, 1, 2), (2, 2, 6), (3, 1, 6), (3, 2, 90), (4, 1, 24)] {
        assert_traces(&pipeline(producers, each, 1, 0), traces, 0);
    }
    assert_traces(&pipeline(2, 2, 1, 1), 6, 0);
    // Two consumers: the order of sends times the order of receives.
    assert_traces(&pipeline(2, 1, 2, 0), 4, 0);
    assert_traces(&pipeline(2, 2, 2, 0), 36, 0);
}

#[test]
fn monitor_buffer() {
    // A bounded buffer of a mutex and two condvars: 2^(2m - 1) for capacity 1; 6 and 24 for capacity 2.
    for (capacity, messages, traces) in [(1, 1, 2), (1, 2, 8), (1, 3, 32), (2, 2, 6), (2, 3, 24)] {
        let outcome = explore(move || {
            let shared = Arc::new((Mutex::new(0), Condvar::new(), Condvar::new()));
            let other = shared.clone();
            let produce = task(move || {
                for _ in 0..messages {
                    let mut n = shared.0.lock().unwrap();
                    while *n >= capacity {
                        n = shared.1.wait(n).unwrap();
                    }
                    *n += 1;
                    shared.2.notify_one();
                }
            });
            let consume = task(move || {
                for _ in 0..messages {
                    let mut n = other.0.lock().unwrap();
                    while *n == 0 {
                        n = other.2.wait(n).unwrap();
                    }
                    *n -= 1;
                    other.1.notify_one();
                }
            });
            vec![produce, consume]
        });
        assert_traces(&outcome, traces, 0);
    }
}

#[test]
fn compare_exchange() {
    // casrot: task i does CAS(x, i - 1, i). The sum over k < n of (k + 1)^(n - k) - k^(n - k).
    for (n, traces) in [(2, 2), (3, 5), (4, 14), (5, 43), (6, 144), (7, 523)] {
        let outcome = explore(move || {
            let x = Arc::new(AtomicI64::new(0));
            let cas = |i: i64, x: Arc<AtomicI64>| {
                task(move || ignore(x.compare_exchange(i - 1, i, SeqCst, SeqCst)))
            };
            (1..=n).map(|i| cas(i, x.clone())).collect()
        });
        assert_traces(&outcome, traces, 0);
    }
    // wcas: a store of 2, and n times CAS(x, 2, 3): n * 2^(n - 1) + 1.
    for (n, traces) in [(2, 5), (3, 13), (4, 33), (5, 81)] {
        let outcome = explore(move || {
            let x = Arc::new(AtomicI64::new(0));
            let store = x.clone();
            let mut tasks = vec![task(move || store.store(2, SeqCst))];
            tasks.extend(
                (0..n)
                    .map(|_| x.clone())
                    .map(|x| task(move || ignore(x.compare_exchange(2, 3, SeqCst, SeqCst)))),
            );
            tasks
        });
        assert_traces(&outcome, traces, 0);
    }
}

#[test]
fn increments() {
    // ainc: one fetch_add each: n!.
    for (n, traces) in [(2, 2), (3, 6), (4, 24), (5, 120), (6, 720)] {
        let outcome = explore(move || {
            let x = Arc::new(AtomicI64::new(0));
            (0..n).map(|_| x.clone()).map(|x| task(move || ignore(x.fetch_add(1, SeqCst)))).collect()
        });
        assert_traces(&outcome, traces, 0);
    }
    // inc: load, then store: (n!)^2. binc: two fetch_adds on two variables: (n!)^2.
    for (n, traces) in [(2, 4), (3, 36), (4, 576)] {
        let outcome = explore(move || {
            let x = Arc::new(AtomicI64::new(0));
            (0..n).map(|_| x.clone()).map(|x| task(move || x.store(x.load(SeqCst) + 1, SeqCst))).collect()
        });
        assert_traces(&outcome, traces, 0);
    }
    for (n, traces) in [(2, 4), (3, 36)] {
        let outcome = explore(move || {
            let shared = atomics(2);
            let both =
                |x: Vec<Arc<AtomicI64>>| task(move || x.iter().for_each(|x| ignore(x.fetch_add(1, SeqCst))));
            (0..n).map(|_| both(shared.clone())).collect()
        });
        assert_traces(&outcome, traces, 0);
    }
}

#[test]
fn tasks_spawned_after_a_race() {
    // Each of n tasks adds to x and then spawns one that adds to y: the orders of the former times the orders of the
    // latter, (n!)^2. In each order the later tasks are spawned in another order, and y is first used by another.
    for (n, traces) in [(2, 4), (3, 36)] {
        let outcome = explore(move || {
            let shared = atomics(2);
            let both = |x: Vec<Arc<AtomicI64>>| {
                task(move || {
                    x[0].fetch_add(1, SeqCst);
                    gorace::thread::spawn(move || ignore(x[1].fetch_add(1, SeqCst))).join().unwrap();
                })
            };
            (0..n).map(|_| both(shared.clone())).collect()
        });
        assert_traces(&outcome, traces, 0);
    }
}

#[test]
fn objects_that_some_executions_never_bring_together() {
    // Which of two locks an operation takes shows only in an execution that has both operations; where they were made
    // tells before. Brute force: 214,871 interleavings of the tasks' operations, 120 traces.
    let outcome = explore(|| {
        let (a, b) = (Arc::new(Mutex::new(())), Arc::new(Mutex::new(())));
        let (read, changed) = (Arc::new(AtomicI64::new(0)), Arc::new(AtomicI64::new(0)));
        let try_once = |lock: &Mutex<()>| drop(lock.try_lock());
        let (of_1, of_2, of_3, of_4) = (b.clone(), (a.clone(), b.clone()), a, b);
        vec![
            task(move || {
                try_once(&of_1);
                std::mem::forget(of_1.try_lock());
                read.load(SeqCst);
            }),
            task(move || {
                try_once(&of_2.0);
                drop(of_2.1.lock());
            }),
            task(move || {
                let _guard = of_3.lock();
                _ = changed.compare_exchange(0, 3, SeqCst, SeqCst);
            }),
            task(move || drop(of_4.lock())),
        ]
    });
    assert_eq!((outcome.executions, outcome.redundant), (120, 0), "{}", outcome.summary());
}

#[test]
fn a_spin_ends() {
    // Whoever waits in a loop is passed over until what it looks at changes, so that the search ends. It cannot
    // say that it saw everything.
    let outcome = explore(|| {
        let flag = Arc::new(AtomicI64::new(0));
        let set = flag.clone();
        let spin = move || {
            while flag.load(SeqCst) == 0 {
                gorace::thread::yield_now();
            }
        };
        vec![task(spin), task(move || set.store(1, SeqCst))]
    });
    assert_eq!(outcome.verdict, Verdict::Verified, "{}", outcome.report());
    assert_eq!(outcome.limits, [gorace::check::Limit::SpinCut]);
}

#[test]
fn fibonacci() {
    for (n, traces) in [(1, 3), (2, 19), (3, 141)] {
        let outcome = explore(move || {
            let x: Vec<_> = (0..2).map(|_| Arc::new(AtomicI64::new(1))).collect();
            let add = |to: usize, x: Vec<Arc<AtomicI64>>| {
                task(move || {
                    for _ in 0..n {
                        let sum = x[0].load(SeqCst) + x[1].load(SeqCst);
                        x[to].store(sum, SeqCst);
                    }
                })
            };
            vec![add(0, x.clone()), add(1, x)]
        });
        assert_traces(&outcome, traces, 0);
    }
}

#[test]
fn try_lock() {
    // Without unlock (the guard is forgotten) 2 and 3; with it 4 and 21.
    for (n, unlock, traces) in [(2, false, 2), (3, false, 3), (2, true, 4), (3, true, 21)] {
        let outcome = explore(move || {
            let m = Arc::new(Mutex::new(()));
            let attempt = |m: Arc<Mutex<()>>| {
                task(move || {
                    if let Ok(guard) = m.try_lock()
                        && !unlock
                    {
                        std::mem::forget(guard);
                    }
                })
            };
            (0..n).map(|_| attempt(m.clone())).collect()
        });
        assert_eq!(outcome.executions, traces, "{n} {unlock}: {}", outcome.summary());
    }
}

#[test]
fn selects() {
    // One select over two channels with a sender each: which arm is taken and when each sender came, 6 in
    // all; each leaves the other sender blocked, and main with it. Two rounds: 10, all complete.
    for (rounds, traces, blocked) in [(1, 6, 6), (2, 10, 0)] {
        let outcome = explore(move || {
            let (c, d): (Chan<i32>, Chan<i32>) = (Chan::new(0), Chan::new(0));
            let send = |tx: Chan<i32>| task(move || tx.send(1));
            let (c2, d2) = (c.clone(), d.clone());
            let select = task(move || {
                for _ in 0..rounds {
                    gorace::select! {
                        recv(c2) -> _ => {}
                        recv(d2) -> _ => {}
                    }
                }
            });
            vec![select, send(c), send(d)]
        });
        assert_traces(&outcome, traces, blocked);
    }
    // Two selects that can complete each other by either channel: 4.
    let outcome = explore(|| {
        let (c, d): (Chan<i32>, Chan<i32>) = (Chan::new(0), Chan::new(0));
        let (c2, d2) = (c.clone(), d.clone());
        let one = task(move || {
            gorace::select! {
                send(c, 1) => {}
                recv(d) -> _ => {}
            }
        });
        let other = task(move || {
            gorace::select! {
                recv(c2) -> _ => {}
                send(d2, 1) => {}
            }
        });
        vec![one, other]
    });
    assert_traces(&outcome, 4, 0);
}
