//! Timers and tickers as Go's `time` documents them since Go 1.23, outside and inside; and what only virtual
//! time can show.
#![cfg(feature = "check")]

mod both_worlds;

use both_worlds::ends;
use gorace::chan::TryRecvError;
use gorace::check::{Clock, Limit, Verdict};
use gorace::time::{self, Duration, Ticker, Timer};
use gorace::{Checker, Receiver, chan, go, select};
use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};

const SHORT: Duration = Duration::from_millis(2);
const LONG: Duration = Duration::from_secs(3600);

fn message(result: std::thread::Result<()>) -> String {
    let payload = result.expect_err("it panics");
    let text = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| payload.downcast_ref::<String>().cloned()).expect("a text")
}

both_worlds! {
    /// "Sleep pauses the current goroutine for at least the duration d."
    fn sleep_takes_at_least_so_long() {
        let start = time::now();
        time::sleep(SHORT);
        assert!(start.elapsed() >= SHORT);
        time::sleep(Duration::ZERO);
    }

    /// Nobody lives to see it; until it is stopped or reset, it is still to fire.
    fn a_timer_for_ever_does_not_fire() {
        let timer = Timer::new(Duration::MAX);
        let (tx, rx) = chan(0);
        go!({ tx.send(1) });
        let first = select! { recv(timer.c) -> _ => None, recv(rx) -> v => v };
        assert_eq!(first, Some(1));
        assert!(timer.reset(Duration::MAX) && timer.stop());
        assert!(!timer.reset(Duration::MAX) && timer.reset(SHORT));
        assert!(timer.c.recv().is_some());
    }

    /// "After waits for the duration to elapse and then sends the current time on the returned channel."
    fn after_gives_the_time() {
        let start = time::now();
        let then = time::after(SHORT).recv().expect("never closed");
        assert!(then >= start + SHORT && time::now() >= then);
    }

    /// Go 1.23's timer channels are "synchronous (unbuffered, capacity 0)", also while the time is there to be received.
    fn the_channel_of_a_timer_has_length_and_capacity_0() {
        let timer = Timer::new(SHORT);
        assert_eq!((timer.c.len(), timer.c.cap(), timer.c.is_empty()), (0, 0, true));
        time::sleep(SHORT * 2);
        assert_eq!((timer.c.len(), timer.c.cap()), (0, 0));
        assert!(timer.c.recv().is_some());
    }

    /// "any receive from t.C after Stop has returned is guaranteed to block rather than receive a stale time
    /// value from before the Stop". The time that was not received counts as not fired (`timerchandrain` in Go's
    /// `timer.stop`).
    fn no_stale_value_after_stop() {
        let timer = Timer::new(SHORT);
        time::sleep(SHORT * 2);
        assert!(timer.stop());
        assert_eq!(timer.c.try_recv(), Err(TryRecvError::Empty));
    }

    /// "For a chan-based timer ... any receive from t.C after Reset has returned is guaranteed not to receive a
    /// time value corresponding to the previous timer settings".
    fn no_stale_value_after_reset() {
        let timer = Timer::new(SHORT);
        time::sleep(SHORT * 2);
        let again = time::now();
        assert!(timer.reset(SHORT));
        assert!(timer.c.recv().expect("never closed") >= again + SHORT);
    }

    /// "It returns true if the call stops the timer, false if the timer has already expired or been stopped."
    fn stop_says_whether_it_stopped() {
        let timer = Timer::new(SHORT);
        timer.c.recv();
        assert!(!timer.stop(), "expired");
        let timer = Timer::new(LONG * 24 * 365 * 50);
        assert!(timer.stop());
        assert!(!timer.stop(), "stopped");
    }

    /// "It returns true if the timer had been active, false if the timer had expired or been stopped."
    fn reset_says_whether_it_was_active() {
        let timer = Timer::new(SHORT);
        timer.c.recv();
        assert!(!timer.reset(SHORT));
        assert!(timer.c.recv().is_some());
        assert!(!timer.stop());
        assert!(!timer.reset(LONG * 24 * 365 * 50));
        assert!(timer.reset(SHORT));
        assert!(timer.c.recv().is_some());
    }

    /// "AfterFunc waits for the duration to elapse and then calls f in its own goroutine." "The returned Timer's C
    /// field is not used and will be nil."
    fn after_func_runs_in_a_goroutine_of_its_own() {
        let (tx, rx) = chan(0);
        let timer = time::after_func(SHORT, move || tx.send(()));
        assert!(timer.c.is_nil());
        assert_eq!(rx.recv(), Some(()));
        assert!(!timer.stop());
    }

    /// "For a func-based timer created with AfterFunc(d, f), Reset either reschedules when f will run ... or
    /// schedules f to run again".
    fn reset_runs_the_function_again() {
        let (tx, rx) = chan(0);
        let timer = time::after_func(SHORT, move || tx.send(()));
        rx.recv();
        assert!(!timer.reset(SHORT));
        rx.recv();
    }

    /// "NewTicker returns a new Ticker containing a channel that will send the current time on the channel after
    /// each tick."
    fn a_ticker_gives_the_time_again_and_again() {
        let start = time::now();
        let ticker = Ticker::new(SHORT);
        let (first, second) = (ticker.c.recv().unwrap(), ticker.c.recv().unwrap());
        assert!(first >= start + SHORT && second >= start + SHORT * 2);
        assert_eq!((ticker.c.len(), ticker.c.cap()), (0, 0));
        ticker.stop();
    }

    /// "The ticker will adjust the time interval or drop ticks to make up for slow receivers."
    fn a_ticker_drops_ticks() {
        let ticker = Ticker::new(SHORT);
        time::sleep(SHORT * 4);
        let woken = time::now();
        let ticks: Vec<_> = (0..3).map(|_| ticker.c.recv().unwrap()).collect();
        // Only one was kept meanwhile. The second was sent when that had been taken, whenever its time was read, and
        // the third one's time was read after that. Had all been kept, the third would be of before.
        assert!(ticks.is_sorted() && ticks[2] >= woken);
        ticker.stop();
    }

    /// "Stop turns off a ticker. After Stop, no more ticks will be sent. Stop does not close the channel, to permit
    /// calling [Ticker.Reset] and to prevent a concurrent goroutine reading from the channel from seeing an erroneous
    /// 'tick'."
    fn stop_does_not_close() {
        let ticker = Ticker::new(SHORT);
        ticker.c.recv();
        ticker.stop();
        time::sleep(SHORT * 2);
        assert_eq!(ticker.c.try_recv(), Err(TryRecvError::Empty));
    }

    /// "Reset stops a ticker and resets its period to the specified duration. The next tick will arrive after the
    /// new period elapses."
    fn reset_sets_a_tickers_period() {
        let ticker = Ticker::new(LONG * 24 * 365 * 50);
        let start = time::now();
        ticker.reset(SHORT);
        assert!(ticker.c.recv().unwrap() >= start + SHORT);
        assert!(ticker.c.recv().unwrap() >= start + SHORT * 2);
        ticker.stop();
    }

    /// "The duration d must be greater than zero; if not, NewTicker will panic." Its words are Go's.
    fn a_tickers_period_is_not_zero() {
        let new = catch_unwind(AssertUnwindSafe(|| drop(Ticker::new(Duration::ZERO))));
        assert_eq!(message(new), "non-positive interval for NewTicker");
        let ticker = Ticker::new(SHORT);
        let reset = catch_unwind(AssertUnwindSafe(|| ticker.reset(Duration::ZERO)));
        assert_eq!(message(reset), "non-positive interval for Ticker.Reset");
        ticker.stop();
    }

    /// A copied Go pointer is the same timer; so is a clone. The channel outlives what it came from.
    fn a_clone_is_the_same_timer() {
        let timer = Timer::new(LONG * 24 * 365 * 50);
        assert!(timer.clone().stop() && !timer.stop());
        let c = Ticker::new(SHORT).c;
        assert!(c.recv().is_some() && c.recv().is_some());
    }

    /// An hour of waiting that something else ends.
    fn a_select_takes_the_value_or_the_time() {
        let (tx, rx) = chan(1);
        tx.send(5);
        let got = select! { recv(rx) -> v => v, recv(Receiver::nil()) -> v => v };
        assert_eq!(got, Some(5));
        let got: Option<i32> = select! {
            recv(rx) -> v => v,
            recv(time::after(SHORT)) -> _ => None,
        };
        assert_eq!(got, None);
    }
}

/// "a timer may fire at any point once its deadline is the earliest".
#[test]
fn in_the_default_clock_a_timer_may_fire_at_any_point() {
    let taken = ends(|| {
        let (tx, rx) = chan(1);
        go!({ tx.send(()) });
        select! { recv(rx) -> _ => "result", recv(time::after(LONG)) -> _ => "timeout" }
    });
    assert_eq!(taken, BTreeSet::from(["result", "timeout"]));
}

/// "`Clock::Idle`: only when nothing can run; named in the verdict, never `Verified`."
#[test]
fn in_the_idle_clock_a_timer_fires_only_when_nothing_can_run() {
    let outcome = Checker::new().clock(Clock::Idle).run(|| {
        let (tx, rx) = chan(1);
        go!({ tx.send(()) });
        let taken = select! { recv(rx) -> _ => "result", recv(time::after(LONG)) -> _ => "timeout" };
        assert_eq!(taken, "result");
        // Nobody else can run: now it does.
        time::sleep(LONG);
    });
    outcome.assert_clean();
    assert_eq!(outcome.verdict, Verdict::Tested);
    assert!(outcome.limits.contains(&Limit::IdleClock), "{}", outcome.summary());
    assert!(outcome.summary().contains("idle_clock"), "{}", outcome.summary());
}

/// "The ticker will adjust the time interval or drop ticks to make up for slow receivers": what was missed is not
/// made up for, and the next tick comes at a whole number of periods, as Go's `periodicTimer` has it.
#[test]
fn missed_ticks_are_skipped() {
    let outcome = Checker::new().clock(Clock::Idle).run(|| {
        let start = time::now();
        let ticker = time::Ticker::new(Duration::from_millis(10));
        time::sleep(Duration::from_millis(105));
        let ticks: Vec<u128> = (0..3).map(|_| (ticker.c.recv().unwrap() - start).as_millis()).collect();
        assert_eq!(ticks, [10, 110, 120]);
        ticker.stop();
    });
    outcome.assert_clean();
}

/// "Stop prevents the Timer from firing", unless it was too late.
#[test]
fn a_stopped_function_is_not_run() {
    let (tx, rx) = chan(1);
    let timer = time::after_func(LONG, move || tx.send(()));
    assert!(timer.stop());
    assert_eq!(rx.try_recv(), Err(TryRecvError::Empty));
    let stopped = ends(|| {
        let (tx, rx) = chan(1);
        let timer = time::after_func(LONG, move || tx.send(()));
        let stopped = timer.stop();
        // If it was started, it comes to its end.
        let ran = !stopped && rx.recv().is_some();
        (stopped, ran)
    });
    assert_eq!(stopped, BTreeSet::from([(true, false), (false, true)]));
}

/// The option of the attribute: with the default clock this assertion fails.
#[gorace::checked_test(clock = "idle")]
fn the_clock_is_an_option_of_the_attribute() {
    let (tx, rx) = chan(1);
    go!({ tx.send(()) });
    let taken = select! { recv(rx) -> _ => "result", recv(time::after(LONG)) -> _ => "timeout" };
    assert_eq!(taken, "result");
}

/// A timer that was stopped or received is no leak; what waits for it is, and is no ticker's.
#[test]
fn a_stopped_ticker_is_not_what_a_task_lives_by() {
    let outcome = Checker::new().run(|| {
        go!({
            let ticker = Ticker::new(SHORT);
            ticker.stop();
            ticker.c.recv();
        });
    });
    let title = &outcome.expect("leak")[0].title;
    assert!(title.contains("is blocked for ever"), "{title}");
}

/// "virtual; nobody waits, and code takes no time": a hundred years pass, and what was slept is what passed.
#[test]
fn time_is_virtual() {
    gorace::check(|| {
        let start = time::now();
        time::sleep(LONG * 24 * 365 * 100);
        assert_eq!(start.elapsed(), LONG * 24 * 365 * 100);
    });
}

/// Equal deadlines are a choice, different ones are not: `timer_order` says so.
#[test]
fn timers_fire_in_the_order_of_their_deadlines() {
    let order = |first: Duration, second: Duration| {
        ends(move || {
            let (tx, rx) = chan(2);
            let other = tx.clone();
            go!({
                time::sleep(first);
                tx.send(1);
            });
            go!({
                time::sleep(second);
                other.send(2);
            });
            (rx.recv(), rx.recv())
        })
    };
    let (one_two, two_one) = ((Some(1), Some(2)), (Some(2), Some(1)));
    assert_eq!(order(SHORT, SHORT), BTreeSet::from([one_two, two_one]));
    // Whoever was woken first may be slow; the deadlines themselves are kept.
    assert_eq!(order(SHORT, LONG), BTreeSet::from([one_two, two_one]));
    let outcome = Checker::new().run(|| {
        let other = go!({ time::sleep(SHORT) });
        time::sleep(LONG);
        other.join().unwrap();
    });
    assert_eq!(
        (outcome.verdict, outcome.limits.as_slice()),
        (Verdict::Verified, [Limit::TimerOrder].as_slice())
    );
    let alone = Checker::new().run(|| {
        let (early, late) = (time::after(SHORT), time::after(LONG));
        assert!(early.recv() < late.recv());
    });
    assert_eq!((alone.verdict, alone.limits.as_slice()), (Verdict::Verified, [].as_slice()));
}

/// "A timer that nobody waits on ... keeps nothing alive."
#[test]
fn a_timer_that_nobody_waits_on_keeps_nothing_alive() {
    gorace::check(|| {
        let _timer = Timer::new(LONG);
        let _ticker = Ticker::new(SHORT);
    });
    let outcome = Checker::new().run(|| {
        let _timer = Timer::new(LONG);
        chan::<()>(0).1.recv();
    });
    outcome.expect("deadlock");
}

/// The same for a ticker: it does not go on for ever.
#[test]
fn a_ticker_that_nobody_waits_on_hides_no_deadlock() {
    let outcome = Checker::new().run(|| {
        let _ticker = Ticker::new(SHORT);
        chan::<()>(0).1.recv();
    });
    outcome.expect("deadlock");
    assert_eq!(outcome.findings.len(), 1);
}

/// "Reading the clock in a loop with no other progress moves it to the next deadline, or on by doubling steps from
/// 1 µs": such a loop is no livelock.
#[test]
fn reading_the_clock_in_a_loop_moves_it() {
    let outcome = Checker::new().max_executions(50).run(|| {
        let start = time::now();
        while start.elapsed() < LONG {}
        // A ticker that nobody receives from is in nobody's way.
        let _ticker = Ticker::new(SHORT);
        let start = time::now();
        while start.elapsed() < LONG {}
        let other = go!({
            let start = time::now();
            while start.elapsed() < SHORT {
                gorace::thread::yield_now();
            }
        });
        time::sleep(SHORT);
        other.join().unwrap();
    });
    outcome.assert_clean();
}

/// "After main has returned only one-shot timers ... still fire": a task that was only slow is no leak, one that
/// waits on a ticker is.
#[test]
fn after_main_tickers_stand_still() {
    let slow = Checker::new().run(|| {
        go!({
            time::sleep(SHORT);
            time::sleep(LONG);
            time::after(LONG).recv();
        });
    });
    slow.assert_clean();
    let ticking = Checker::new().run(|| {
        go!({
            let ticker = Ticker::new(SHORT);
            loop {
                ticker.c.recv();
            }
        });
    });
    let title = &ticking.expect("leak")[0].title;
    assert!(title.contains("goes on for ever with `ticker`"), "{title}");
    assert_eq!(ticking.findings.len(), 1, "{}", ticking.report());
}

/// "a task that then ... arms a timer again is a leak".
#[test]
fn a_task_that_arms_a_timer_anew_for_ever_is_leaked() {
    let outcome = Checker::new().max_executions(20).run(|| {
        go!({
            loop {
                time::sleep(SHORT);
            }
        });
    });
    let title = &outcome.expect("leak")[0].title;
    assert!(title.contains("goes on for ever, with one timer after the other"), "{title}");
    assert_eq!(outcome.findings.len(), 1, "{}", outcome.report());
    assert!(outcome.limits.contains(&Limit::TickerBound), "{}", outcome.summary());
}

/// "Tickers fire early 3 times, then as in Q", and the verdict says so.
#[test]
fn a_ticker_runs_ahead_a_few_times_only() {
    let outcome = Checker::new().max_executions(50_000).run(|| {
        let ticker = Ticker::new(SHORT);
        let (tx, rx) = chan(0);
        go!({ tx.send(()) });
        let mut ticks = 0;
        loop {
            let stop = select! { recv(ticker.c) -> _ => false, recv(rx) -> _ => true };
            if stop {
                break;
            }
            ticks += 1;
        }
        assert!(ticks <= 3, "{ticks}");
    });
    outcome.assert_clean();
    assert_eq!(outcome.limits, [Limit::TickerBound], "{}", outcome.summary());
}

/// What is behind a timer is ordered after whoever armed it: no race.
#[test]
fn what_a_timer_starts_comes_after_whoever_armed_it() {
    gorace::check(|| {
        let shared = std::sync::Arc::new(gorace::cell::Shared::new(0));
        let (tx, rx) = chan(0);
        shared.set(1);
        let theirs = shared.clone();
        time::after_func(SHORT, move || {
            theirs.set(2);
            tx.send(());
        });
        rx.recv();
        shared.set(3);
    });
}

/// But nothing orders it with what its starter does meanwhile: sleeping is not synchronisation.
#[test]
fn sleeping_orders_nothing() {
    let outcome = Checker::new().run(|| {
        let shared = std::sync::Arc::new(gorace::cell::Shared::new(0));
        let theirs = shared.clone();
        let handle = go!({ theirs.set(1) });
        time::sleep(LONG);
        shared.set(2);
        handle.join().unwrap();
    });
    outcome.expect("data_race");
}
