//! Counts of programs whose tasks spawn others, or wait in a loop.

use super::{assert_traces, atomics, explore, ignore, task};
use gorace::check::Verdict;
use gorace::sync::Arc;
use gorace::sync::atomic::{AtomicI64, Ordering::SeqCst};

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
