//! Counts of programs of atomics alone.

use super::{assert_traces, atomics, explore, ignore, task};
use gorace::Outcome;
use gorace::sync::Arc;
use gorace::sync::atomic::{AtomicI64, Ordering::SeqCst};

#[test]
fn readers() {
    // One writer, n readers, each before or after it: 2^n.
    for n in [2, 3, 4, 5, 6, 8, 13] {
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

/// A reader scans a[n..0] down to the first 0; writer j sets a[j] to a[j - 1] + 1.
fn scan_while_written(n: usize) -> Outcome {
    explore(move || {
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
    })
}

#[test]
fn lastzero() {
    // (n + 3) * 2^(n - 2)
    for (n, traces) in [(2, 5), (3, 12), (4, 28), (5, 64), (6, 144), (7, 320), (10, 3_328)] {
        assert_traces(&scan_while_written(n), traces, 0);
    }
}

/// A minute of a debug build, which `just nightly` has.
#[test]
#[ignore = "long"]
fn lastzero_of_fifteen() {
    // (n + 3) * 2^(n - 2)
    assert_traces(&scan_while_written(15), 147_456, 0);
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
        let x = atomics(2);
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
    for n in 3..=5 {
        let outcome = explore(move || {
            let x = atomics(n);
            let set_and_look = |own: Arc<AtomicI64>, other: Arc<AtomicI64>| {
                task(move || {
                    own.store(1, SeqCst);
                    ignore(other.load(SeqCst));
                })
            };
            (0..n).map(|i| set_and_look(x[i].clone(), x[(i + 1) % n].clone())).collect()
        });
        assert_traces(&outcome, (1 << n) - 1, 0);
    }
}

#[test]
fn compare_exchange() {
    // casrot: task i does CAS(x, i - 1, i). The sum over k < n of (k + 1)^(n - k) - k^(n - k).
    for (n, traces) in [(2, 2), (3, 5), (4, 14), (5, 43), (6, 144), (7, 523), (8, 2_048), (9, 8_597)] {
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
    for n in 2..=9 {
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
        assert_traces(&outcome, (n << (n - 1)) + 1, 0);
    }
    // cas: task i does CAS(x, 0, i). One wins, and the others' failures commute: n.
    for n in 2..=5 {
        let outcome = explore(move || {
            let x = Arc::new(AtomicI64::new(0));
            let cas =
                |i: i64, x: Arc<AtomicI64>| task(move || ignore(x.compare_exchange(0, i, SeqCst, SeqCst)));
            (1..=n).map(|i| cas(i, x.clone())).collect()
        });
        assert_traces(&outcome, n as u64, 0);
    }
}

#[test]
fn increments() {
    // ainc: one fetch_add each: n!.
    for (n, traces) in [(2, 2), (3, 6), (4, 24), (5, 120), (6, 720), (7, 5_040)] {
        let outcome = explore(move || {
            let x = Arc::new(AtomicI64::new(0));
            (0..n).map(|_| x.clone()).map(|x| task(move || ignore(x.fetch_add(1, SeqCst)))).collect()
        });
        assert_traces(&outcome, traces, 0);
    }
    // inc: load, then store; rw: what is added differs; both (n!)^2. binc: two fetch_adds on two variables: (n!)^2.
    for (n, traces) in [(2, 4), (3, 36), (4, 576)] {
        let outcome = explore(move || {
            let x = Arc::new(AtomicI64::new(0));
            (0..n).map(|_| x.clone()).map(|x| task(move || x.store(x.load(SeqCst) + 1, SeqCst))).collect()
        });
        assert_traces(&outcome, traces, 0);
        let outcome = explore(move || {
            let x = Arc::new(AtomicI64::new(0));
            let add = |v: i64, x: Arc<AtomicI64>| task(move || x.store(x.load(SeqCst) + v, SeqCst));
            (1..=n).map(|v| add(v, x.clone())).collect()
        });
        assert_traces(&outcome, traces, 0);
    }
    for (n, traces) in [(2, 4), (3, 36), (4, 576)] {
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
