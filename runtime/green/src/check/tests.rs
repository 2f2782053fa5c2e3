//! Findings with the fewest forced switches that theory knows of, however they were met.
//!
//! Each number is argued for below; preemption-bounded counts of an executable reference gave the same.
//! Main only starts and joins its tasks, so that no switch from it is forced. Nothing is stored: a schedule known
//! from an earlier run would be short already.

use super::{Environment, Options, Session, Strategy};
use crate::cell::Shared;
use crate::sync::atomic::{AtomicBool, AtomicU32, Ordering::SeqCst};
use crate::sync::{Arc, Condvar, Mutex};
use crate::thread;
use gorace_analyzer::Code;

/// Checks that the first finding needs so many forced switches, and that this is proven.
fn needs(forced: usize, code: Code, body: fn()) {
    let strategies = [Strategy::Exhaustive, Strategy::Random, Strategy::Pos, Strategy::Portfolio];
    for (strategy, seed) in
        strategies.into_iter().flat_map(|strategy| (0..5).map(move |seed| (strategy.clone(), seed)))
    {
        let options = Options { strategy: strategy.clone(), seed, store: false, ..Options::default() };
        let outcome = Session::new(options, Environment::default(), Arc::new(body)).run();
        let first = &outcome.records[0];
        assert_eq!(first.finding.kind.code(), code, "{strategy}, {seed}: {}", outcome.report());
        assert_eq!(first.trace.forced_switches.len(), forced, "{strategy}, {seed}: {}", outcome.report());
        assert!(first.facts.minimal, "{strategy}, {seed}: {}", outcome.report());
    }
}

/// Runs all of these at once, and then looks.
fn together<T: Send + Sync + 'static>(shared: T, tasks: &[fn(&T)], look: fn(&T)) {
    let shared = Arc::new(shared);
    let running: Vec<_> = tasks
        .iter()
        .map(|task| {
            let (shared, task) = (shared.clone(), *task);
            thread::spawn(move || task(&shared))
        })
        .collect();
    running.into_iter().for_each(|task| task.join().unwrap());
    look(&shared);
}

#[derive(Default)]
struct Four {
    x: AtomicU32,
    y: AtomicU32,
    r: AtomicU32,
    s: AtomicU32,
}

/// Without a preemption one task reads before the other writes: both reading the other's write takes one.
#[test]
fn store_buffering_both_read() {
    needs(1, Code::Panic, || {
        let tasks: [fn(&Four); 2] = [
            |m| {
                m.x.store(1, SeqCst);
                m.r.store(m.y.load(SeqCst), SeqCst);
            },
            |m| {
                m.y.store(1, SeqCst);
                m.s.store(m.x.load(SeqCst), SeqCst);
            },
        ];
        together(Four::default(), &tasks, |m| assert_ne!((m.r.load(SeqCst), m.s.load(SeqCst)), (1, 1)));
    });
}

/// The flag is read before it is set, and the data after.
#[test]
fn message_passing_data_without_flag() {
    needs(1, Code::Panic, || {
        let tasks: [fn(&Four); 2] = [
            |m| {
                m.x.store(1, SeqCst);
                m.y.store(1, SeqCst);
            },
            |m| {
                m.r.store(m.y.load(SeqCst), SeqCst);
                m.s.store(m.x.load(SeqCst), SeqCst);
            },
        ];
        together(Four::default(), &tasks, |m| assert_ne!((m.r.load(SeqCst), m.s.load(SeqCst)), (0, 1)));
    });
}

/// Whoever takes both locks without a break is not in anybody's way.
#[test]
fn opposite_lock_order() {
    needs(1, Code::Deadlock, || {
        let tasks: [fn(&[Mutex<()>; 2]); 2] = [
            |[a, b]| {
                let _a = a.lock();
                let _b = b.lock();
            },
            |[a, b]| {
                let _b = b.lock();
                let _a = a.lock();
            },
        ];
        together(Default::default(), &tasks, |_| {});
    });
}

fn dine<const N: usize>() {
    let forks: [Arc<Mutex<()>>; N] = std::array::from_fn(|_| Arc::default());
    let philosophers: Vec<_> = (0..N)
        .map(|seat| {
            let (left, right) = (forks[seat].clone(), forks[(seat + 1) % N].clone());
            thread::spawn(move || {
                let _left = left.lock();
                let _right = right.lock();
            })
        })
        .collect();
    philosophers.into_iter().for_each(|philosopher| philosopher.join().unwrap());
}

/// The last one is interrupted with one fork; each of the others, from right to left, takes one and waits for the
/// next.
#[test]
fn dining_philosophers() {
    needs(1, Code::Deadlock, dine::<2>);
    needs(1, Code::Deadlock, dine::<3>);
    needs(1, Code::Deadlock, dine::<4>);
}

/// The waiter is interrupted between its look at the flag and its wait.
#[test]
fn lost_wakeup() {
    needs(1, Code::Deadlock, || {
        type Task = fn(&(Mutex<()>, Condvar, AtomicBool));
        let tasks: [Task; 2] = [
            |(lock, condvar, flag)| {
                let guard = lock.lock().unwrap();
                if !flag.load(SeqCst) {
                    drop(condvar.wait(guard));
                }
            },
            |(_, condvar, flag)| {
                flag.store(true, SeqCst);
                condvar.notify_one();
            },
        ];
        together(Default::default(), &tasks, |_| {});
    });
}

/// One takes the register, the other fails on its value, and is interrupted as well, to write last.
#[test]
fn compare_exchange_and_write() {
    needs(2, Code::Panic, || {
        let tasks: [fn(&Four); 2] = [
            |m| {
                _ = m.x.compare_exchange(0, 1, SeqCst, SeqCst);
                m.x.store(3, SeqCst);
            },
            |m| {
                let seen = m.x.compare_exchange(0, 1, SeqCst, SeqCst);
                m.r.store(seen.unwrap_or_else(|seen| seen), SeqCst);
                m.x.store(4, SeqCst);
            },
        ];
        together(Four::default(), &tasks, |m| assert_ne!((m.r.load(SeqCst), m.x.load(SeqCst)), (1, 4)));
    });
}

/// All read before any writes: all but the last are interrupted.
#[test]
fn three_increments_that_all_see_nothing() {
    needs(2, Code::Panic, || {
        let increment: fn(&Four) = |m| {
            let seen = m.x.load(SeqCst);
            m.x.store(seen + 1, SeqCst);
            m.s.fetch_add(seen, SeqCst);
        };
        together(Four::default(), &[increment; 3], |m| assert_ne!(m.s.load(SeqCst), 0));
    });
}

/// Twelve tasks can follow one another in 12! orders without a preemption, more than are tried.
#[test]
fn what_is_too_large_to_search_is_not_proven() {
    let options = Options { strategy: Strategy::Surw, store: false, ..Options::default() };
    let body = || {
        let mut tasks: [fn(&(AtomicU32, AtomicU32)); 12] = [|(x, y)| {
            x.store(1, SeqCst);
            y.store(1, SeqCst);
        }; 12];
        tasks[11] = |(x, y)| assert!(x.load(SeqCst) == 0 || y.load(SeqCst) == 1);
        together((AtomicU32::new(0), AtomicU32::new(0)), &tasks, |_| {});
    };
    let outcome = Session::new(options, Environment::default(), Arc::new(body)).run();
    let first = &outcome.records[0];
    assert_eq!((first.trace.forced_switches.len(), first.facts.minimal), (1, false), "{}", outcome.report());
    assert!(outcome.report().contains("1 forced switch, minimal: not proven"), "{}", outcome.report());
}

/// What a race leads to depends on an order of plain accesses, which the smaller searches do not try: that two forced
/// switches are needed where a race makes do with one is not proven by them.
#[test]
fn what_hangs_on_a_race_is_not_proven() {
    let body = || {
        #[derive(Default)]
        struct Raced {
            four: Four,
            plain: Shared<u32>,
            lost: AtomicU32,
            bad: AtomicU32,
        }
        let increment: fn(&Raced) = |m| {
            let seen = m.four.x.load(SeqCst);
            m.four.x.store(seen + 1, SeqCst);
            m.lost.fetch_add(seen, SeqCst);
        };
        let mut tasks = [increment; 3];
        tasks[0] = |m| {
            let seen = m.four.x.load(SeqCst);
            m.four.x.store(seen + 1, SeqCst);
            m.lost.fetch_add(seen, SeqCst);
            m.plain.set(1);
            m.four.y.store(1, SeqCst);
            if m.plain.get() != 1 {
                m.bad.store(1, SeqCst);
            }
        };
        tasks[1] = |m| {
            let seen = m.four.x.load(SeqCst);
            m.four.x.store(seen + 1, SeqCst);
            m.lost.fetch_add(seen, SeqCst);
            m.plain.set(2);
        };
        together(Raced::default(), &tasks, |m| {
            assert!(m.bad.load(SeqCst) == 0 && m.lost.load(SeqCst) != 0);
        });
    };
    let mut panics = 0;
    for seed in 0..10 {
        let allow = vec![Code::DataRace];
        let options = Options { strategy: Strategy::Surw, seed, store: false, allow, ..Options::default() };
        let outcome = Session::new(options, Environment::default(), Arc::new(body)).run();
        for record in outcome.records.iter().filter(|record| record.finding.kind.code() == Code::Panic) {
            panics += 1;
            assert!(!record.facts.minimal, "{seed}: {}", outcome.report());
        }
    }
    assert!(panics > 0, "some schedule shows the panic");
}
