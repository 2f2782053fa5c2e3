//! What a verdict does not cover, each limit where it applies and not where it does not.
#![cfg(feature = "check")]

use gorace::cell::Shared;
use gorace::check::{Clock, Limit, Strategy, Verdict};
use gorace::sync::Arc;
use gorace::sync::atomic::{AtomicU32, Ordering};
use gorace::time::{self, Duration};
use gorace::{Checker, Outcome, go, select, thread};

/// The limit is there, stands in the words, and no other one is.
fn only(limit: Limit, outcome: &Outcome) {
    assert_eq!(outcome.limits, [limit], "{}", outcome.summary());
    assert!(outcome.summary().contains(limit.word()), "{}", outcome.summary());
}

fn message(order: Ordering) -> impl Fn() + Send + Sync + 'static {
    move || {
        let flag = Arc::new(AtomicU32::new(0));
        let theirs = flag.clone();
        let stores = go!({ theirs.store(1, order) });
        flag.load(Ordering::SeqCst);
        stores.join().unwrap();
    }
}

/// "`verified: all 90 interleavings (limits: weak_values)`": "orders weaker than SeqCst were used and only
/// sequentially consistent values explored".
#[test]
fn weak_values() {
    let outcome = Checker::new().run(message(Ordering::Release));
    only(Limit::WeakValues, &outcome);
    assert_eq!(outcome.summary(), "verified: all 2 interleavings (limits: weak_values)");
    let outcome = Checker::new().run(message(Ordering::SeqCst));
    assert_eq!(outcome.summary(), "verified: all 2 interleavings");
}

/// "std's own: not modelled, a named limit": a result that nobody takes is dropped by the task or by whoever had its
/// handle, whoever lets go last.
#[test]
fn arc_drop_order() {
    only(Limit::ArcDropOrder, &Checker::new().run(|| drop(thread::spawn(|| vec![1]))));
    only(Limit::ArcDropOrder, &Checker::new().run(|| thread::scope(|scope| drop(scope.spawn(|| vec![1])))));
    // Taken, or with nothing to drop.
    let taken = Checker::new().run(|| assert_eq!(thread::spawn(|| vec![1]).join().unwrap(), [1]));
    let nothing = Checker::new().run(|| drop(thread::spawn(|| 1)));
    for outcome in [taken, nothing] {
        assert_eq!((outcome.verdict, &outcome.limits[..]), (Verdict::Verified, &[][..]));
    }
}

#[test]
fn unexplored_race() {
    let race = || {
        let cell = Arc::new(Shared::new(0));
        let theirs = cell.clone();
        let writes = go!({ theirs.set(1) });
        cell.get();
        writes.join().unwrap();
    };
    let outcome = Checker::new().run(race);
    only(Limit::UnexploredRace, &outcome);
    assert_eq!(outcome.verdict, Verdict::Failed);
    // It is one whether the race counts or not.
    only(Limit::UnexploredRace, &Checker::new().allow(&["data_race"]).run(race));
}

/// "An execution reached `max_steps` and was cut": never verified.
#[test]
fn step_limit() {
    let outcome = Checker::new().max_steps(50).allow(&["livelock"]).run(|| {
        let n = AtomicU32::new(0);
        for _ in 0..100 {
            n.fetch_add(1, Ordering::SeqCst);
        }
    });
    only(Limit::StepLimit, &outcome);
    assert_eq!(outcome.verdict, Verdict::Tested);
}

/// "`Clock::Idle`: only when nothing can run; named in the verdict, never `Verified`", in an exhaustive search too.
#[test]
fn idle_clock() {
    let outcome = Checker::new().strategy(Strategy::Exhaustive).clock(Clock::Idle).run(|| {
        let sleeps = go!({ time::sleep(Duration::from_secs(1)) });
        thread::yield_now();
        sleeps.join().unwrap();
    });
    assert!(outcome.limits.contains(&Limit::IdleClock), "{}", outcome.summary());
    assert_eq!(outcome.verdict, Verdict::Tested);
    assert!(outcome.summary().contains("idle_clock"), "{}", outcome.summary());
}

/// Timers of two tasks fire in the order of their deadlines.
#[test]
fn timer_order() {
    let sleep = |seconds| move || time::sleep(Duration::from_secs(seconds));
    let outcome = Checker::new().run(move || {
        let sleeps = [gorace::go(sleep(1)), gorace::go(sleep(2))];
        sleeps.into_iter().for_each(|sleeps| sleeps.join().unwrap());
    });
    only(Limit::TimerOrder, &outcome);
    assert_eq!(outcome.verdict, Verdict::Verified);
}

/// A ticker runs ahead of a task that is ready a few times only.
#[test]
fn ticker_bound() {
    let outcome = Checker::new().run(|| {
        let ticker = time::Ticker::new(Duration::from_secs(1));
        let (tx, rx) = gorace::chan(1);
        go!({ tx.send(()) });
        loop {
            select! {
                recv(ticker.c) -> _ => {}
                recv(rx) -> _ => break,
            }
        }
        ticker.stop();
    });
    only(Limit::TickerBound, &outcome);
}

/// A task that spins is passed over until the others have done something.
#[test]
fn spin_cut() {
    let outcome = Checker::new().run(|| {
        let flag = Arc::new(AtomicU32::new(0));
        let theirs = flag.clone();
        let sets = go!({ theirs.store(1, Ordering::SeqCst) });
        while flag.load(Ordering::SeqCst) == 0 {
            thread::yield_now();
        }
        sets.join().unwrap();
    });
    only(Limit::SpinCut, &outcome);
    assert_eq!(outcome.verdict, Verdict::Verified);
}

/// A check that stops since tasks cannot be unwound has not explored anything if all that it ran was dropped.
#[test]
fn who_stops_before_anything_was_explored_has_explored_nothing() {
    let outcome = gorace::Checker::new().run(|| {
        for _ in 0..20 {
            gorace::thread::spawn(|| {
                let (keeps, never) = gorace::sync::mpsc::channel::<()>();
                loop {
                    let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| never.recv()));
                    std::hint::black_box(&keeps);
                }
            });
        }
        gorace::thread::yield_now();
        gorace::assume(gorace::any(100_000) > 100_000);
    });
    assert_eq!(
        outcome.findings.iter().map(|finding| finding.code.to_string()).collect::<Vec<_>>(),
        ["GR0008"]
    );
}
