//! A finding's token still replays when the program has been edited since, and says how well it fitted.
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
    assert!(words.contains(": expected lock at line 12 by `back`, the program did load ("), "{words}");
    assert!(words.contains("edited_programs.rs:21:"), "{words}");
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
    assert!(words.ends_with("expected lock at line 12 by task 0.2, the program ended before"), "{words}");
}

/// An operation of the very sort of the program's own: whether `at` is where it is inserted.
fn insert(at: usize, here: usize) {
    if at == here {
        drop(Mutex::new(5_u32).lock());
    }
}

/// As [`opposite`], but main is one of the two; `at` is where an unrelated lock is taken in between, if anywhere.
fn with_main(at: usize) {
    let (a, b) = (Arc::new(Mutex::new(0_u32)), Arc::new(Mutex::new(0_u32)));
    let (of_a, of_b) = (a.clone(), b.clone());
    insert(at, 1);
    let other = gorace::go!("other", {
        insert(at, 2);
        let _b = of_b.lock().unwrap();
        insert(at, 3);
        let _a = of_a.lock().unwrap();
        insert(at, 4);
    });
    insert(at, 5);
    let first = a.lock().unwrap();
    insert(at, 6);
    let second = b.lock().unwrap();
    drop((first, second));
    insert(at, 7);
    other.join().unwrap();
}

/// Wherever it is inserted, the deadlock is still there: it is found, and nobody says that the program is the same.
#[test]
fn an_unrelated_operation_of_the_same_sort_loses_nothing() {
    let token =
        Checker::new().name("before the edit").run(|| with_main(0)).expect("deadlock")[0].schedule.clone();
    let replay = |at| {
        let strategy = Strategy::Replay(token.parse().expect("a token"));
        Checker::new().name("after the edit").strategy(strategy).run(move || with_main(at))
    };
    for at in 0..8 {
        let outcome = replay(at);
        assert_eq!(outcome.findings.len(), 1, "inserted at {at}: {:?}", outcome.notes());
        assert_eq!(outcome.findings[0].code.code(), "GR0002", "inserted at {at}");
        // Main is left after it has taken `a`. Before that, two operations more are two places more, and else none.
        let expected = match at {
            0 | 4 | 7 => "exact",
            1 | 5 => "resynchronised 1",
            _ => "resynchronised 0",
        };
        let fit = fit(&outcome);
        assert!(fit.starts_with(expected), "inserted at {at}: {fit}");
    }
}

/// It was one of the two that was edited away: the schedule shows nothing, and is not said to run as before.
#[test]
fn what_was_mended_is_no_exact_replay() {
    let outcome = replay(|| {
        let a = Arc::new(Mutex::new(0_u32));
        let of_a = a.clone();
        let forth = gorace::go!("forth", { drop(of_a.lock().unwrap()) });
        let back = gorace::go!("back", { drop(a.lock().unwrap()) });
        forth.join().unwrap();
        back.join().unwrap();
    });
    assert!(outcome.findings.is_empty());
    assert!(fit(&outcome).starts_with("resynchronised 0"), "{}", fit(&outcome));
}
