//! Counts of programs of locks and condition variables.

use super::{assert_traces, explore, task};
use gorace::sync::atomic::{AtomicI64, Ordering::SeqCst};
use gorace::sync::{Arc, Condvar, Mutex};

#[test]
fn critical_sections() {
    // n tasks with m sections each: (nm)! / (m!)^n.
    for (n, m, traces) in [
        (2, 1, 2),
        (2, 2, 6),
        (3, 1, 6),
        (3, 2, 90),
        (2, 3, 20),
        (2, 4, 70),
        (4, 1, 24),
        (5, 1, 120),
        (6, 1, 720),
        (7, 1, 5_040),
    ] {
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
fn two_locks_each() {
    // In one order, the orders of the outer sections: n!.
    for (n, traces) in [(2, 2), (3, 6), (4, 24), (5, 120), (6, 720), (7, 5_040)] {
        let outcome = explore(move || {
            let shared = Arc::new((Mutex::new(()), Mutex::new(0)));
            let both = |shared: Arc<(Mutex<()>, Mutex<i32>)>| {
                task(move || {
                    let _outer = shared.0.lock().unwrap();
                    *shared.1.lock().unwrap() += 1;
                })
            };
            (0..n).map(|_| both(shared.clone())).collect()
        });
        assert_traces(&outcome, traces, 0);
    }
    // In two orders: either has both before the other has any, or each has one, which is a deadlock.
    let outcome = explore(|| {
        let (a, b) = (Arc::new(Mutex::new(())), Arc::new(Mutex::new(())));
        let both = |first: Arc<Mutex<()>>, second: Arc<Mutex<()>>| {
            task(move || {
                let _first = first.lock().unwrap();
                let _second = second.lock().unwrap();
            })
        };
        vec![both(a.clone(), b.clone()), both(b, a)]
    });
    assert_traces(&outcome, 3, 1);
}

#[test]
fn file_system() {
    // Flanagan and Godefroid's program of 2005, as published with Nidhugg and GenMC: each of n tasks looks for a free block
    // for its inode. From the 14th task on each begins at the block of one of the first: 2^(n - 13).
    const INODES: usize = 32;
    const BLOCKS: usize = 26;
    for (n, traces) in [(14, 2), (16, 8), (18, 32), (19, 64)] {
        let outcome = explore(move || {
            let table =
                |n: usize| -> Arc<Vec<Mutex<usize>>> { Arc::new((0..n).map(|_| Mutex::new(0)).collect()) };
            let (inodes, blocks) = (table(INODES), table(BLOCKS));
            let allocate = |i: usize, inodes: Arc<Vec<Mutex<usize>>>, blocks: Arc<Vec<Mutex<usize>>>| {
                task(move || {
                    let mut inode = inodes[i % INODES].lock().unwrap();
                    let mut at = i * 2 % BLOCKS;
                    while *inode == 0 {
                        let mut busy = blocks[at].lock().unwrap();
                        if *busy == 0 {
                            (*busy, *inode) = (1, at + 1);
                        }
                        at = (at + 1) % BLOCKS;
                    }
                })
            };
            (0..n).map(|i| allocate(i, inodes.clone(), blocks.clone())).collect()
        });
        assert_traces(&outcome, traces, 0);
    }
}

#[test]
fn dining_philosophers() {
    // 2^n - 1, of which exactly one deadlocks.
    for n in 2..=5_usize {
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

#[test]
fn monitor_buffer() {
    // A bounded buffer of a mutex and two condvars: 2^(2m - 1) for capacity 1; 6 and 24 for capacity 2.
    for (capacity, messages, traces) in [(1, 1, 2), (1, 2, 8), (1, 3, 32), (1, 4, 128), (2, 2, 6), (2, 3, 24)]
    {
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
