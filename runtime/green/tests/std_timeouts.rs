//! Waiting for so long at most, and instants, as std documents them, three ways.
#![cfg(feature = "check")]

mod three_ways;

use std::sync::Arc;
use std::sync::mpsc::RecvTimeoutError;
use std::time::Duration;

const SHORT: Duration = Duration::from_millis(2);
const LONG: Duration = Duration::from_secs(3600);

three_ways! {
    /// "Puts the current thread to sleep for at least the specified amount of time."
    fn sleep_takes_at_least_so_long() {
        let start = time::Instant::now();
        thread::sleep(SHORT);
        assert!(start.elapsed() >= SHORT);
    }

    /// "Blocks unless or until the current thread's token is made available or the specified duration has been
    /// reached (may wake spuriously)."
    fn park_timeout_ends_by_itself() {
        thread::park_timeout(SHORT);
    }

    /// "it atomically consumes the token": a token that is there is taken at once.
    fn park_timeout_takes_the_token() {
        thread::current().unpark();
        thread::park_timeout(LONG);
    }

    /// The same for a token that comes later. An hour may pass before it does.
    fn park_timeout_is_ended_by_unpark() {
        let me = thread::current();
        let handle = thread::spawn(move || me.unpark());
        thread::park_timeout(LONG);
        handle.join().unwrap();
    }

    /// "The returned WaitTimeoutResult value indicates if the timeout is known to have elapsed." "Like wait,
    /// the lock specified will be re-acquired when this function returns, regardless of whether the timeout elapsed or
    /// not."
    fn wait_timeout_says_that_time_was_over() {
        let (lock, condvar) = (sync::Mutex::new(1), sync::Condvar::new());
        let start = time::Instant::now();
        let mut guard = lock.lock().unwrap();
        loop {
            // std may wake without reason; what it then says is that the time is not over.
            let (again, ended) = condvar.wait_timeout(guard, SHORT).unwrap();
            guard = again;
            if ended.timed_out() {
                break;
            }
        }
        assert!(start.elapsed() >= SHORT);
        assert!(lock.try_lock().is_err());
        assert_eq!(*guard, 1);
    }

    /// "lets you wait with a timeout while a predicate is true": "The returned WaitTimeoutResult value indicates if the
    /// timeout is known to have elapsed without the condition being met."
    fn wait_timeout_while_ends_with_the_condition_or_the_time() {
        let (lock, condvar) = (sync::Mutex::new(0), sync::Condvar::new());
        let (guard, ended) =
            condvar.wait_timeout_while(lock.lock().unwrap(), LONG, |n| *n == 1).unwrap();
        assert!(!ended.timed_out() && *guard == 0, "it was false at once");
        let start = time::Instant::now();
        let (guard, ended) = condvar.wait_timeout_while(guard, SHORT, |n| *n == 0).unwrap();
        assert!(ended.timed_out() && *guard == 0);
        assert!(start.elapsed() >= SHORT);
    }

    /// Whether the notification or the time comes first, what is said fits what is seen.
    fn wait_timeout_while_says_what_is_so() {
        let pair = Arc::new((sync::Mutex::new(false), sync::Condvar::new()));
        let theirs = pair.clone();
        let handle = thread::spawn(move || {
            *theirs.0.lock().unwrap() = true;
            theirs.1.notify_one();
        });
        let (guard, ended) =
            pair.1.wait_timeout_while(pair.0.lock().unwrap(), LONG, |ready| !*ready).unwrap();
        assert_eq!(*guard, !ended.timed_out());
        drop(guard);
        handle.join().unwrap();
    }

    /// "returning an error if the corresponding channel has hung up, or if it waits more than timeout". Timeout: "This
    /// channel is currently empty, but the Sender(s) have not yet disconnected"; Disconnected: "The channel's sending
    /// half has become disconnected".
    fn recv_timeout_says_why() {
        let (tx, rx) = sync::mpsc::channel::<i32>();
        let start = time::Instant::now();
        assert_eq!(rx.recv_timeout(SHORT), Err(RecvTimeoutError::Timeout));
        assert!(start.elapsed() >= SHORT);
        drop(tx);
        assert_eq!(rx.recv_timeout(LONG), Err(RecvTimeoutError::Disconnected));
    }

    /// A value that is there is received, however short the time.
    fn recv_timeout_prefers_the_value() {
        let (tx, rx) = sync::mpsc::channel();
        tx.send(1).unwrap();
        tx.send(2).unwrap();
        assert_eq!(rx.recv_timeout(Duration::ZERO), Ok(1));
        drop(tx);
        assert_eq!(rx.recv_timeout(Duration::ZERO), Ok(2));
        assert_eq!(rx.recv_timeout(Duration::ZERO), Err(RecvTimeoutError::Disconnected));
    }

    /// A value that comes too late is not lost.
    fn a_late_value_is_received_later() {
        let (tx, rx) = sync::mpsc::channel();
        let handle = thread::spawn(move || tx.send(7).unwrap());
        let first = rx.recv_timeout(LONG);
        match first {
            Ok(value) => assert_eq!(value, 7),
            Err(why) => {
                assert_eq!(why, RecvTimeoutError::Timeout);
                assert_eq!(rx.recv(), Ok(7));
            }
        }
        handle.join().unwrap();
    }

    /// 'rendezvous channel' "where each send will not return until a recv is paired with it": a receive whose time
    /// was over is paired with nothing.
    fn a_receive_that_timed_out_takes_no_rendezvous() {
        let (tx, rx) = sync::mpsc::sync_channel(0);
        assert_eq!(rx.recv_timeout(SHORT), Err(RecvTimeoutError::Timeout));
        assert!(tx.try_send(1).is_err());
        let handle = thread::spawn(move || tx.send(2));
        assert_eq!(rx.recv(), Ok(2));
        handle.join().unwrap().unwrap();
    }

    /// A deadline that cannot be told is none: `Instant::now().checked_add(timeout)` is `None`, and std waits as `recv` does.
    fn the_longest_time_is_for_ever() {
        let (tx, rx) = sync::mpsc::channel();
        let handle = thread::spawn(move || tx.send(7).unwrap());
        assert_eq!(rx.recv_timeout(Duration::MAX), Ok(7));
        handle.join().unwrap();
        assert_eq!(rx.recv_timeout(Duration::MAX), Err(RecvTimeoutError::Disconnected));
        let pair = Arc::new((sync::Mutex::new(false), sync::Condvar::new()));
        let theirs = pair.clone();
        let handle = thread::spawn(move || {
            *theirs.0.lock().unwrap() = true;
            theirs.1.notify_one();
        });
        let (guard, ended) =
            pair.1.wait_timeout_while(pair.0.lock().unwrap(), Duration::MAX, |ready| !*ready).unwrap();
        assert!(*guard && !ended.timed_out());
        drop(guard);
        handle.join().unwrap();
    }

    /// "A measurement of a monotonically nondecreasing clock." "Returns the amount of time elapsed from another
    /// instant to this one, or zero duration if that instant is later than this one."
    fn instants_can_be_computed_with() {
        let start = time::Instant::now();
        let later = start + SHORT;
        assert_eq!(later - start, SHORT);
        assert_eq!(later - SHORT, start);
        assert_eq!(later.duration_since(start), SHORT);
        assert_eq!(start.duration_since(later), Duration::ZERO);
        assert_eq!(start.saturating_duration_since(later), Duration::ZERO);
        assert_eq!(start.checked_duration_since(later), None);
        assert_eq!(start.checked_add(Duration::MAX), None);
        assert!(start.checked_sub(SHORT).is_some_and(|earlier| earlier < start));
        let mut moved = start;
        moved += SHORT;
        assert!(moved == later && moved > start);
        moved -= SHORT;
        assert_eq!(moved, start);
        assert!(time::Instant::now() >= start);
    }
}

/// Time is virtual and code may be slow: an hour may pass before another thread sends.
#[test]
fn a_deadline_may_pass_before_a_value_comes() {
    use gorace::{sync::mpsc, thread};
    let seen = Arc::new(std::sync::Mutex::new(std::collections::BTreeSet::new()));
    let all = seen.clone();
    gorace::check(move || {
        let (tx, rx) = mpsc::channel();
        let handle = thread::spawn(move || tx.send(7).unwrap());
        let timed_out = rx.recv_timeout(LONG).is_err();
        all.lock().unwrap().insert(timed_out);
        handle.join().unwrap();
    });
    assert_eq!(seen.lock().unwrap().len(), 2);
}

/// The same for parking, which std itself may end for no reason.
#[test]
fn a_park_for_ever_is_ended_by_unpark_only() {
    use gorace::sync::atomic::{AtomicBool, Ordering};
    let outcome = gorace::Checker::new().run(|| {
        let (main, given) = (gorace::thread::current(), Arc::new(AtomicBool::new(false)));
        let theirs = given.clone();
        let handle = gorace::thread::spawn(move || {
            theirs.store(true, Ordering::SeqCst);
            main.unpark();
        });
        gorace::thread::park_timeout(Duration::MAX);
        assert!(given.load(Ordering::SeqCst));
        handle.join().unwrap();
    });
    outcome.assert_clean();
    assert_eq!(outcome.verdict, gorace::check::Verdict::Verified);
}

/// Who sleeps for ever never wakes, and is told of as what blocks for ever.
#[test]
fn a_sleep_for_ever_does_not_end() {
    let outcome = gorace::Checker::new().keep_going(true).run(|| {
        gorace::thread::spawn(|| {
            gorace::thread::sleep(Duration::MAX);
            panic!("for ever is over");
        });
        // An hour, and a hundred years, are over some time.
        gorace::thread::sleep(LONG);
        gorace::thread::sleep(LONG * 24 * 365 * 100);
    });
    outcome.expect("leak");
    let report = outcome.report();
    assert!(report.contains("asleep for ever"), "{report}");
}
