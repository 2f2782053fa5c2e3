//! More findings than anybody reads at once: which are reported, and that it is said where some are not.
#![cfg(feature = "check")]

use gorace::cell::Shared;
use gorace::check::Strategy;
use gorace::sync::Arc;
use gorace::{Chan, Checker, Outcome};

fn run(body: impl Fn() + Send + Sync + 'static) -> Outcome {
    Checker::new().strategy(Strategy::Exhaustive).keep_going(true).run(body)
}

/// Panics in the line that `n` counts down to.
macro_rules! one_bug {
    ($n:ident) => {
        assert!($n != 0, "one bug");
        $n -= 1;
    };
}

/// The same statement in one function is one bug by its name, on whatever lines it stands: it takes no other's place.
#[test]
fn a_bug_that_shows_in_many_places_hides_no_other() {
    let outcome = run(|| {
        let mut n = gorace::any(26);
        one_bug!(n);
        one_bug!(n);
        one_bug!(n);
        one_bug!(n);
        one_bug!(n);
        one_bug!(n);
        one_bug!(n);
        one_bug!(n);
        one_bug!(n);
        one_bug!(n);
        one_bug!(n);
        one_bug!(n);
        one_bug!(n);
        one_bug!(n);
        one_bug!(n);
        one_bug!(n);
        one_bug!(n);
        one_bug!(n);
        one_bug!(n);
        one_bug!(n);
        one_bug!(n);
        one_bug!(n);
        one_bug!(n);
        one_bug!(n);
        one_bug!(n);
        assert_eq!(n, 0);
        Chan::<u8>::new(0).recv();
    });
    assert_eq!(outcome.executions, 26);
    assert_eq!((outcome.expect("panic").len(), outcome.expect("deadlock").len()), (1, 1));
    assert!(outcome.notes().iter().all(|note| !note.starts_with("more was found")), "{:?}", outcome.notes());
}

/// Panics with a statement of its own if `n` is this number.
macro_rules! bug {
    ($n:ident, $number:literal) => {
        assert!($n != $number);
    };
}

#[test]
fn that_there_are_more_findings_than_are_looked_into_is_said() {
    for choices in [20, 22] {
        let outcome = run(move || {
            let n = gorace::any(choices);
            bug!(n, 0);
            bug!(n, 1);
            bug!(n, 2);
            bug!(n, 3);
            bug!(n, 4);
            bug!(n, 5);
            bug!(n, 6);
            bug!(n, 7);
            bug!(n, 8);
            bug!(n, 9);
            bug!(n, 10);
            bug!(n, 11);
            bug!(n, 12);
            bug!(n, 13);
            bug!(n, 14);
            bug!(n, 15);
            bug!(n, 16);
            bug!(n, 17);
            bug!(n, 18);
            bug!(n, 19);
            bug!(n, 20);
            bug!(n, 21);
        });
        assert_eq!((outcome.executions, outcome.findings.len()), (choices as u64, 20));
        let said = outcome.notes().iter().filter(|note| note.starts_with("more was found than is reported"));
        assert_eq!(said.count(), usize::from(choices > 20), "{:?}", outcome.notes());
    }
}

/// Writes in the line that `n` counts down to.
macro_rules! writes {
    ($n:ident, $value:ident) => {
        if $n == 0 {
            $value.set(1);
        }
        $n = $n.wrapping_sub(1);
    };
}

fn writes_somewhere(mut n: usize, value: &Shared<u32>) {
    writes!(n, value);
    writes!(n, value);
    writes!(n, value);
    writes!(n, value);
    writes!(n, value);
    writes!(n, value);
    writes!(n, value);
    writes!(n, value);
    writes!(n, value);
    writes!(n, value);
    writes!(n, value);
    writes!(n, value);
    writes!(n, value);
    writes!(n, value);
    writes!(n, value);
    assert!(n > 15, "one of the lines has written");
}

/// 120 pairs of lines, one race: not all of them are shortened to see that.
#[test]
fn what_is_one_finding_is_not_looked_into_for_ever() {
    let outcome = run(|| {
        let (first, second) = (gorace::any(15), gorace::any(15));
        let value = Arc::new(Shared::new(0));
        let same = value.clone();
        let task = gorace::go!({ writes_somewhere(first, &same) });
        writes_somewhere(second, &value);
        task.join().unwrap();
    });
    assert_eq!(outcome.expect("data_race").len(), 1, "{}", outcome.report());
    assert!(outcome.notes().iter().any(|note| note.starts_with("more was found")), "{:?}", outcome.notes());
}
