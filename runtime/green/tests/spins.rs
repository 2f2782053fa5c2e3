//! Spin loops: explored to the end where they end, and told where nothing can end them.
#![cfg(feature = "check")]

use gorace::check::{Limit, Strategy, Verdict};
use gorace::sync::atomic::{AtomicBool, AtomicU32, Ordering::SeqCst};
use gorace::sync::{Arc, Mutex, OnceLock, RwLock, mpsc};
use gorace::{Checker, Outcome};
use std::collections::BTreeSet;

fn exhaustive(name: &str, body: impl Fn() + Send + Sync + 'static) -> Outcome {
    Checker::new().name(name).strategy(Strategy::Exhaustive).max_steps(20_000).run(body)
}

/// How to wait in a spin.
#[derive(Clone, Copy)]
enum Wait {
    Bare,
    Hint,
    Yield,
}

impl Wait {
    fn once(self) {
        match self {
            Wait::Bare => {}
            Wait::Hint => gorace::hint::spin_loop(),
            Wait::Yield => gorace::thread::yield_now(),
        }
    }
}

/// How to try a lock: whether it was taken. The second one writes what is there already.
const ATTEMPTS: [fn(&AtomicBool) -> bool; 2] =
    [|lock| lock.compare_exchange(false, true, SeqCst, SeqCst).is_ok(), |lock| !lock.swap(true, SeqCst)];

/// Each of n tasks takes a spin lock once: all n! orders are seen, and nothing is lost.
#[test]
fn a_spin_lock_is_explored_completely() {
    let waits = [Wait::Bare, Wait::Hint, Wait::Yield];
    for (at, wait) in (0..ATTEMPTS.len()).flat_map(|at| waits.map(|wait| (at, wait))) {
        for (n, orders) in [(2, 2), (3, 6)] {
            // What three who only swap see of each other are too many.
            if (at, n) == (1, 3) && !matches!(wait, Wait::Yield) {
                continue;
            }
            let attempt = ATTEMPTS[at];
            let seen = std::sync::Arc::new(std::sync::Mutex::new(BTreeSet::new()));
            let all = seen.clone();
            let outcome = exhaustive("spin lock", move || {
                let lock = Arc::new(AtomicBool::new(false));
                let order = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
                let tasks: Vec<_> = (0..n)
                    .map(|i| {
                        let (lock, order) = (lock.clone(), order.clone());
                        gorace::thread::spawn(move || {
                            while !attempt(&lock) {
                                wait.once();
                            }
                            order.lock().unwrap().push(i);
                            lock.store(false, SeqCst);
                        })
                    })
                    .collect();
                tasks.into_iter().for_each(|task| task.join().unwrap());
                all.lock().unwrap().insert(order.lock().unwrap().clone());
            });
            assert_eq!(outcome.verdict, Verdict::Verified, "{}", outcome.report());
            assert!(outcome.limits.iter().all(|limit| *limit == Limit::SpinCut), "{:?}", outcome.limits);
            assert_eq!(seen.lock().unwrap().len(), orders);
        }
    }
}

/// A lock that nobody releases is spun on for ever.
#[test]
fn a_spin_that_nothing_can_end_is_a_livelock() {
    for wait in [Wait::Bare, Wait::Hint, Wait::Yield] {
        let outcome = exhaustive("no unlock", move || {
            let lock = Arc::new(AtomicBool::new(false));
            let other = lock.clone();
            let task = gorace::thread::spawn(move || other.store(true, SeqCst));
            while lock.load(SeqCst) || lock.swap(true, SeqCst) {
                wait.once();
            }
            task.join().unwrap();
        });
        outcome.expect("GR0006");
    }
}

/// Waiting for one of two flags: whichever is set ends it.
#[test]
fn an_await_on_two_cells_ends_by_either() {
    let seen = std::sync::Arc::new(std::sync::Mutex::new(BTreeSet::new()));
    let all = seen.clone();
    let outcome = exhaustive("two flags", move || {
        let flags = Arc::new((AtomicU32::new(0), AtomicU32::new(0)));
        let (one, two) = (flags.clone(), flags.clone());
        let first = gorace::thread::spawn(move || one.0.store(1, SeqCst));
        let second = gorace::thread::spawn(move || two.1.store(1, SeqCst));
        let found = loop {
            let now = (flags.0.load(SeqCst), flags.1.load(SeqCst));
            if now != (0, 0) {
                break now;
            }
            gorace::hint::spin_loop();
        };
        first.join().unwrap();
        second.join().unwrap();
        all.lock().unwrap().insert(found);
    });
    assert_eq!(outcome.verdict, Verdict::Verified, "{}", outcome.report());
    assert_eq!(*seen.lock().unwrap(), BTreeSet::from([(0, 1), (1, 0), (1, 1)]));
}

/// A loop that only counts is no spin, however often it looks.
#[test]
fn a_counted_loop_is_not_taken_for_one() {
    let outcome = exhaustive("counted", || {
        let flag = Arc::new(AtomicBool::new(false));
        let looks = (0..40).filter(|_| flag.load(SeqCst)).count();
        let task = gorace::thread::spawn(move || flag.store(true, SeqCst));
        task.join().unwrap();
        assert_eq!(looks, 0);
    });
    assert_eq!((outcome.verdict, outcome.executions), (Verdict::Verified, 1), "{}", outcome.report());
}

/// The same where it is tried by a swap alone, which leaves a lock that is taken as it is.
#[test]
fn a_swap_that_changes_nothing_only_looks() {
    let outcome = exhaustive("leaked", || {
        let lock = Arc::new(AtomicBool::new(false));
        let other = lock.clone();
        let task = gorace::thread::spawn(move || assert!(!other.swap(true, SeqCst)));
        task.join().unwrap();
        while lock.swap(true, SeqCst) {}
    });
    outcome.expect("GR0006");
}

/// A loop that counts its looks ends by itself, and may do so before anybody has changed what it looks at: with n looks
/// there are n + 1 interleavings, and the flag is not seen in one of them. Nothing is cut, whatever it says to others in
/// between. (Elsewhere stacks are not looked at.)
#[test]
#[cfg(all(target_arch = "x86_64", target_os = "linux", not(gorace_portable)))]
fn a_spin_that_counts_may_give_up() {
    let waits = [Wait::Bare, Wait::Hint, Wait::Yield];
    for (n, wait) in [3, 10, 100].into_iter().flat_map(|n| waits.map(|wait| (n, wait))) {
        let gave_up = std::sync::Arc::new(std::sync::atomic::AtomicU32::new(0));
        let times = gave_up.clone();
        let outcome = exhaustive("gives up", move || {
            let flag = Arc::new(AtomicBool::new(false));
            let set = flag.clone();
            let task = gorace::thread::spawn(move || set.store(true, SeqCst));
            let looks = |_| {
                let is_set = flag.load(SeqCst);
                wait.once();
                is_set
            };
            if !(0..n).any(looks) {
                times.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            }
            task.join().unwrap();
        });
        assert_eq!(
            (outcome.verdict, outcome.executions),
            (Verdict::Verified, n + 1),
            "{}",
            outcome.summary()
        );
        assert!(outcome.limits.is_empty() && gave_up.load(std::sync::atomic::Ordering::Relaxed) > 0);
    }
}

/// Nor is what is written, or was unrolled, several times of one place.
#[test]
#[cfg(all(target_arch = "x86_64", target_os = "linux", not(gorace_portable)))]
fn what_only_has_one_place_is_no_loop() {
    macro_rules! five_times {
        ($code:expr) => {
            $code || $code || $code || $code || $code
        };
    }
    let outcome = exhaustive("five times", || {
        let flag = Arc::new(AtomicBool::new(false));
        let set = flag.clone();
        let task = gorace::thread::spawn(move || set.store(true, SeqCst));
        let look = || flag.load(SeqCst);
        let _ = five_times!({
            gorace::thread::yield_now();
            look()
        });
        task.join().unwrap();
    });
    assert_eq!((outcome.verdict, outcome.executions), (Verdict::Verified, 6), "{}", outcome.report());
    assert!(outcome.limits.is_empty(), "{}", outcome.summary());
}

/// Who spins for a while before it sleeps, and says so only once it has looked for the last time: whoever wakes it may come in
/// between. If it looks once more, nothing is lost.
#[test]
#[cfg(all(target_arch = "x86_64", target_os = "linux", not(gorace_portable)))]
fn a_wake_up_is_lost_behind_a_spin() {
    let waits = |looks_again: bool| {
        exhaustive("spins, then sleeps", move || {
            let (flag, sleeps) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
            let (set, asleep, waiter) = (flag.clone(), sleeps.clone(), gorace::thread::current());
            let task = gorace::thread::spawn(move || {
                set.store(true, SeqCst);
                if asleep.load(SeqCst) {
                    waiter.unpark();
                }
            });
            let mut rounds = 0;
            while !flag.load(SeqCst) {
                rounds += 1;
                if rounds < 5 {
                    gorace::hint::spin_loop();
                    continue;
                }
                sleeps.store(true, SeqCst);
                if looks_again && flag.load(SeqCst) {
                    break;
                }
                gorace::thread::park();
            }
            task.join().unwrap();
        })
    };
    waits(false).expect("GR0002");
    let outcome = waits(true);
    assert_eq!((outcome.verdict, &outcome.limits[..]), (Verdict::Verified, &[][..]), "{}", outcome.report());
}

/// A yield lets others run, and does not make them: all three values are seen, in one interleaving each. No preemption is needed
/// for the one in between; for the first one is, since main would go on after the spawn.
#[test]
#[cfg(all(target_arch = "x86_64", target_os = "linux", not(gorace_portable)))]
fn a_yield_forces_nobody() {
    for (bound, expected) in [(None, &[0, 1, 2][..]), (Some(0), &[1, 2])] {
        let seen = std::sync::Arc::new(std::sync::Mutex::new(BTreeSet::new()));
        let all = seen.clone();
        let checker = Checker::new().name("yields").strategy(Strategy::Exhaustive);
        let checker = match bound {
            Some(bound) => checker.max_preemptions(bound),
            None => checker,
        };
        let outcome = checker.run(move || {
            let value = Arc::new(AtomicU32::new(0));
            let other = value.clone();
            let task = gorace::thread::spawn(move || other.load(SeqCst));
            value.store(1, SeqCst);
            gorace::thread::yield_now();
            value.store(2, SeqCst);
            all.lock().unwrap().insert(task.join().unwrap());
        });
        assert!(outcome.limits.is_empty(), "{}", outcome.summary());
        assert_eq!(outcome.executions, expected.len() as u64, "{}", outcome.summary());
        assert!(seen.lock().unwrap().iter().eq(expected), "{bound:?}");
    }
}

/// Who counts and waits for ever is cut, though it is in another state each time.
#[test]
fn a_spin_that_counts_for_ever_ends() {
    let outcome = exhaustive("counts", || {
        let flag = Arc::new(AtomicBool::new(false));
        let set = flag.clone();
        let task = gorace::thread::spawn(move || set.store(true, SeqCst));
        let mut looks = 0_u64;
        while !flag.load(SeqCst) {
            looks = std::hint::black_box(looks + 1);
        }
        task.join().unwrap();
    });
    assert_eq!(outcome.verdict, Verdict::Verified, "{}", outcome.report());
    assert_eq!(outcome.limits, [Limit::SpinCut]);
}

/// Room that is not all written, before it looks.
#[inline(never)]
fn deep(flag: &AtomicBool, depth: usize) -> bool {
    let mut room = [std::mem::MaybeUninit::<usize>::uninit(); 40];
    room[depth].write(depth);
    std::hint::black_box(&mut room);
    if depth == 0 { flag.load(SeqCst) } else { deep(flag, depth - 1) }
}

/// A spin is known as one whatever lies on the stack: what the library or other tasks have left there does not count.
#[test]
fn what_lies_on_the_stack_does_not_hide_a_spin() {
    let looks: [fn(&AtomicBool) -> bool; 6] = [
        |flag| flag.load(SeqCst),
        // Wherever the heap puts it.
        |flag| std::hint::black_box(Box::new([true; 48]))[7] & flag.load(SeqCst),
        |flag| deep(flag, 0),
        |flag| deep(flag, 9),
        |flag| deep(flag, 30),
        |flag| (0..3).map(|depth| deep(flag, depth * 7)).fold(false, |any, set| any | set),
    ];
    let counts = looks.map(|look| {
        let outcome = exhaustive("deep", move || {
            let (flag, other) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU32::new(0)));
            let (set, count) = (flag.clone(), other.clone());
            let task = gorace::thread::spawn(move || {
                count.fetch_add(1, SeqCst);
                set.store(true, SeqCst);
            });
            while !look(&flag) {}
            other.fetch_add(1, SeqCst);
            task.join().unwrap();
        });
        assert_eq!(outcome.verdict, Verdict::Verified, "{}", outcome.report());
        outcome.executions
    });
    // As many looks in a row as where nothing lies there, with three in a round two more; each look that were taken for a new
    // one would add some.
    assert_eq!(counts[..5], [counts[0]; 5]);
    assert!(counts[5] <= counts[0] + 2, "{counts:?}");
}

/// What a loop may look at until the other task has set all of it.
struct Polled {
    flag: AtomicBool,
    lock: Mutex<bool>,
    rw: RwLock<bool>,
    once: OnceLock<u32>,
}

/// Each execution of a polling loop repeats, whatever the library and its guards leave in frames and gaps between them; and the
/// loop is known again at its third yield, or its seventh look, so that what it waits for comes before one of these or after all.
#[test]
fn loops_that_poll_repeat() {
    type Poll = fn(&Polled, &mpsc::Receiver<[u64; 5]>) -> bool;
    // Each with whether it only looks, and whether the other task does one thing that it sees.
    let polls: [(Poll, bool, bool); 7] = [
        (|polled, _| polled.once.get().is_some(), true, true),
        (|polled, _| polled.flag.compare_exchange(true, false, SeqCst, SeqCst).is_ok(), true, true),
        (|_, queue| queue.try_recv().is_ok_and(|sent| sent[4] == 4), true, false),
        (|polled, _| *polled.lock.lock().unwrap(), false, true),
        (|polled, _| polled.rw.read().is_ok_and(|set| *set), false, true),
        (|polled, _| polled.lock.try_lock().is_ok_and(|set| *set), false, false),
        (|polled, _| polled.rw.try_read().is_ok_and(|set| *set), false, false),
    ];
    // Elsewhere stacks are not looked at.
    let is_told = cfg!(all(target_arch = "x86_64", target_os = "linux", not(gorace_portable)));
    let ways = [(Wait::Bare, 8), (Wait::Yield, if is_told { 4 } else { 2 })];
    for ((poll, only_looks, one), (wait, orders)) in
        polls.into_iter().flat_map(|poll| ways.map(|way| (poll, way)))
    {
        if matches!(wait, Wait::Bare) && !only_looks {
            continue;
        }
        let outcome = exhaustive("polls", move || {
            let (lock, rw) = (Mutex::new(false), RwLock::new(false));
            let polled = Arc::new(Polled { flag: AtomicBool::new(false), lock, rw, once: OnceLock::new() });
            let (set, (sender, queue)) = (polled.clone(), mpsc::channel());
            let task = gorace::thread::spawn(move || {
                *set.lock.lock().unwrap() = true;
                *set.rw.write().unwrap() = true;
                set.once.set(7).unwrap();
                set.flag.store(true, SeqCst);
                sender.send([0, 1, 2, 3, 4]).unwrap();
            });
            while !poll(&polled, &queue) {
                wait.once();
            }
            task.join().unwrap();
        });
        assert_eq!(outcome.verdict, Verdict::Verified, "{}", outcome.report());
        assert!(
            if one { outcome.executions == orders } else { outcome.executions > orders },
            "{}",
            outcome.summary()
        );
    }
}

/// Where the heap puts something differs between a search, which keeps much, and the replay of what it found.
#[test]
fn a_spin_that_allocates_is_replayed() {
    let outcome = exhaustive("allocates", || {
        let (flag, last) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU32::new(0)));
        let (set, other) = (flag.clone(), last.clone());
        let task = gorace::thread::spawn(move || {
            set.store(true, SeqCst);
            other.store(1, SeqCst);
        });
        let mut kept = Vec::new();
        while !flag.load(SeqCst) {
            kept = std::hint::black_box(vec![7_u64; 6]);
        }
        last.store(2, SeqCst);
        task.join().unwrap();
        assert!(last.load(SeqCst) == 2 || kept.is_empty());
    });
    outcome.expect("GR0004");
    assert_eq!(outcome.findings.len(), 1, "{}", outcome.report());
    assert!(outcome.report().contains("replayed 3 of 3 times"), "{}", outcome.report());
}
