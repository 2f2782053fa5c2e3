//! `hint::spin_loop` and GR0006: "no progress within `max_steps`, or a spin that nothing can end".
#![cfg(feature = "check")]

use gorace::check::Verdict;
use gorace::hint::spin_loop;
use gorace::sync::atomic::{AtomicBool, AtomicU32, Ordering::SeqCst};
use gorace::sync::{Arc, Mutex};
use gorace::{Checker, thread};
use std::task::Poll;

fn title(body: impl Fn() + Send + Sync + 'static) -> (String, String) {
    let outcome = Checker::new().run(body);
    let found = outcome.expect("livelock");
    assert_eq!(found.len(), outcome.findings.len(), "{}", outcome.report());
    (found[0].title.clone(), outcome.report())
}

fn clean(body: impl Fn() + Send + Sync + 'static) {
    let outcome = Checker::new().run(body);
    outcome.assert_clean();
    assert_eq!(outcome.verdict, Verdict::Verified);
}

/// `std::hint::spin_loop` is "a machine instruction to signal the processor that it is running in a busy-wait":
/// inside, the others get their turn.
#[test]
fn a_spin_that_somebody_ends_is_verified() {
    let body = || {
        let ready = Arc::new(AtomicBool::new(false));
        let theirs = ready.clone();
        let setter = thread::spawn(move || theirs.store(true, SeqCst));
        while !ready.load(SeqCst) {
            spin_loop();
        }
        setter.join().unwrap();
    };
    body();
    clean(body);
}

#[test]
fn a_spin_that_nobody_ends_says_who_and_on_what() {
    let (title, report) = title(|| {
        let (ready, done) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
        let theirs = ready.clone();
        let spinner = gorace::go!("spinner", {
            while !theirs.load(SeqCst) {
                spin_loop();
            }
        });
        done.store(true, SeqCst);
        spinner.join().unwrap();
    });
    assert_eq!(title, "livelock: `spinner` (T1) spins on `ready` for ever: nobody is left to change it");
    assert!(report.contains("does this again and again: load `ready` \u{2192} false"), "{report}");
    assert!(report.contains("Every other task is blocked."), "{report}");
}

#[test]
fn spins_without_a_hint_are_known_as_well() {
    let (title, _) = title(|| {
        let (a, b) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
        let (theirs_a, theirs_b) = (a.clone(), b.clone());
        // Each waits for the other to begin.
        let task = gorace::go!("other", {
            while !theirs_a.load(SeqCst) {}
            theirs_b.store(true, SeqCst);
        });
        while !b.load(SeqCst) {}
        a.store(true, SeqCst);
        task.join().unwrap();
    });
    assert!(title.starts_with("livelock: `main` (T0) and `other` (T1) spin on `"), "{title}");
    assert!(title.contains("`a`") && title.contains("`b`"), "{title}");
}

#[test]
fn a_spin_on_a_lock_that_its_owner_never_gives_up() {
    let (title, report) = title(|| {
        let lock = Arc::new(Mutex::new(0));
        std::mem::forget(lock.lock());
        while lock.try_lock().is_err() {
            thread::yield_now();
        }
    });
    assert!(title.starts_with("livelock: `main` (T0) spins on `lock` for ever"), "{title}");
    assert!(report.contains("There is no other task."), "{report}");
}

#[test]
fn a_future_that_only_wakes_itself_spins() {
    let (title, _) = title(|| {
        let ready = AtomicBool::new(false);
        gorace::future::block_on(std::future::poll_fn(|cx| {
            cx.waker().wake_by_ref();
            if ready.load(SeqCst) { Poll::Ready(()) } else { Poll::Pending }
        }));
    });
    assert!(title.starts_with("livelock: `main` (T0) spins on `ready` for ever"), "{title}");
}

/// Whoever gives up by itself is no livelock.
#[test]
fn a_counted_spin_comes_to_its_end() {
    clean(|| {
        let ready = AtomicBool::new(false);
        let mut looks = 0;
        while !ready.load(SeqCst) && looks < 5_000 {
            looks += 1;
            spin_loop();
        }
        assert_eq!(looks, 5_000);
    });
}

/// Time passes while others spin.
#[test]
fn a_spin_that_a_timer_ends_is_none() {
    let outcome = Checker::new().run(|| {
        let ready = Arc::new(AtomicBool::new(false));
        let theirs = ready.clone();
        let task = gorace::go!({
            thread::sleep(std::time::Duration::from_secs(5));
            theirs.store(true, SeqCst);
        });
        while !ready.load(SeqCst) {
            spin_loop();
        }
        task.join().unwrap();
    });
    outcome.assert_clean();
}

/// Two that always change something are cut by the limit alone, and nobody says that they spin for ever.
#[test]
fn what_still_changes_is_cut_by_the_limit() {
    let outcome = Checker::new().max_steps(3_000).run(|| {
        let n = Arc::new(AtomicU32::new(0));
        let theirs = n.clone();
        let task = gorace::go!("other", {
            loop {
                theirs.fetch_add(1, SeqCst);
            }
        });
        while n.fetch_add(1, SeqCst) < u32::MAX {}
        task.join().unwrap();
    });
    let title = &outcome.expect("livelock")[0].title;
    assert!(title.starts_with("no end in sight: "), "{title}");
    assert!(title.ends_with("still ran after 3 000 steps"), "{title}");
}

#[test]
fn a_livelock_is_cut_long_before_the_step_limit() {
    let outcome = Checker::new().run(|| {
        let ready = AtomicBool::new(false);
        while !ready.load(SeqCst) {
            spin_loop();
        }
    });
    outcome.expect("livelock");
    assert!(outcome.steps < 30_000, "{} steps of 200 000", outcome.steps);
}
