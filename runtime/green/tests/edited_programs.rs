//! A finding's token still replays when the program has been edited since, and says how well it fitted.
#![cfg(feature = "check")]
#![cfg(feature = "check")]

use gorace::check::Strategy;
use gorace::sync::atomic::{AtomicU32, Ordering::SeqCst};
use gorace::sync::{Arc, Mutex};
use gorace::{Checker, Outcome};

/// Takes both in this order; `between` is done before the first, `within` between the two.
fn take(first: &Mutex<u32>, second: &Mutex<u32>, between: fn(), within: fn()) {
    between();
    let _first = first.lock().unwrap();
    within();
    let _second = second.lock().unwrap();
}

fn nothing() {}

fn look() {
    let unrelated = AtomicU32::new(0);
    unrelated.load(SeqCst);
}

/// Two tasks that take two locks in two orders.
fn opposite(before_a: fn(), before_b: fn()) {
    let (a, b) = (Arc::new(Mutex::new(0)), Arc::new(Mutex::new(0)));
    let (of_a, of_b) = (a.clone(), b.clone());
    let forth = gorace::go!("forth", { take(&of_a, &of_b, before_a, nothing) });
    let back = gorace::go!("back", { take(&b, &a, before_b, nothing) });
    forth.join().unwrap();
    back.join().unwrap();
}

/// The token of the deadlock.
fn token() -> String {
    let outcome = Checker::new().name("before the edit").run(|| opposite(nothing, nothing));
    outcome.expect("deadlock")[0].schedule.clone()
}

fn replay(body: fn()) -> Outcome {
    let strategy = Strategy::Replay(token().parse().expect("a token"));
    Checker::new().name("after the edit").strategy(strategy).run(body)
}

/// The words on how the schedule fitted.
fn fit(outcome: &Outcome) -> &str {
    outcome.notes().iter().find_map(|note| note.strip_prefix("replay: ")).expect("a note")
}

#[test]
fn what_was_not_edited_fits_exactly() {
    let outcome = replay(|| opposite(nothing, nothing));
    assert_eq!(outcome.expect("deadlock").len(), 1);
    assert_eq!(fit(&outcome), "exact");
    assert!(token().len() < 200, "{}", token());
}

/// Lines are elsewhere, and everything has another name.
#[test]
fn inserted_lines_and_new_names_change_nothing() {
    let outcome = replay(|| {
        let (left, right) = (Arc::new(Mutex::new(0_u32)), Arc::new(Mutex::new(0_u32)));

        let (left_again, right_again) = (left.clone(), right.clone());
        let outward = gorace::go!("outward", {
            let _left = left_again.lock().unwrap();

            let _right = right_again.lock().unwrap();
        });
        let inward = gorace::go!("inward", {
            let _right = right.lock().unwrap();
            let _left = left.lock().unwrap();
        });
        outward.join().unwrap();
        inward.join().unwrap();
    });
    assert_eq!(outcome.expect("deadlock").len(), 1);
    assert_eq!(fit(&outcome), "exact");
}

/// The task that is interrupted has one more operation before: the place is found again behind it.
#[test]
fn an_unrelated_operation_is_passed_over() {
    let outcome = replay(|| opposite(look, nothing));
    assert_eq!(outcome.expect("deadlock").len(), 1);
    assert_eq!(fit(&outcome), "resynchronised 1");
}

/// The task that is switched to does something else first. It is switched to all the same, and comes to its lock.
#[test]
fn an_unrelated_operation_of_the_other_task_is_told() {
    let outcome = replay(|| opposite(nothing, look));
    assert_eq!(outcome.expect("deadlock").len(), 1);
    let words = fit(&outcome);
    assert!(words.starts_with("diverged at step "), "{words}");
    assert!(words.contains(": expected lock at line 13 by `back`, the program did load ("), "{words}");
    assert!(words.contains("edited_programs.rs:22:"), "{words}");
}

/// The bug was mended: what was to be done cannot be, and nothing is found. That is no success.
#[test]
fn a_schedule_that_fits_nowhere_is_said_to() {
    let outcome = replay(|| {
        let task = gorace::go!("forth", {});
        task.join().unwrap();
    });
    assert!(outcome.findings.is_empty());
    let words = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| outcome.assert_clean()));
    let words = words.expect_err("it does not fit").downcast::<String>().expect("words");
    assert!(words.starts_with("the schedule diverged at step "), "{words}");
    assert!(words.ends_with("expected lock at line 13 by task 0.2, the program ended before"), "{words}");
}
