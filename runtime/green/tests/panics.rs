//! Panics: who gets them, what counts as a finding, what poisons.
#![cfg(feature = "check")]

use gorace::sync::{Arc, Mutex};
use gorace::{Checker, Outcome};
use std::panic::catch_unwind;

fn codes(outcome: &Outcome) -> Vec<&'static str> {
    outcome.findings.iter().map(|finding| finding.code.code()).collect()
}

fn run(body: fn()) -> Outcome {
    Checker::new().keep_going(true).run(body)
}

#[test]
fn a_joined_panic_is_given_to_the_joiner() {
    let outcome = run(|| {
        let handle = gorace::thread::spawn(|| panic!("mine"));
        let payload = handle.join().unwrap_err();
        assert_eq!(payload.downcast_ref::<&str>(), Some(&"mine"));
    });
    outcome.assert_clean();
}

#[test]
fn a_panic_that_nobody_takes_is_a_finding() {
    assert_eq!(codes(&run(|| drop(gorace::thread::spawn(|| panic!("lost"))))), ["GR0004"]);
    assert_eq!(codes(&run(|| drop(gorace::go!({ panic!("lost") })))), ["GR0004"]);
}

#[test]
fn a_caught_panic_is_none() {
    let outcome = run(|| {
        let m = Mutex::new(0);
        assert!(catch_unwind(|| panic!("caught")).is_err());
        assert!(!gorace::thread::panicking());
        *m.lock().unwrap() += 1;
    });
    outcome.assert_clean();
}

#[test]
fn mains_panic_is_a_finding_with_its_text_and_place() {
    let outcome = run(|| {
        let m = Mutex::new(0);
        drop(m.lock());
        panic!("the end of it");
    });
    let finding = &outcome.expect("panic")[0];
    assert!(finding.title.contains("the end of it"), "{}", finding.title);
    assert!(finding.locations[0].file.ends_with("panics.rs"), "{finding:?}");
}

#[test]
fn only_the_task_that_held_the_lock_poisons_it() {
    let outcome = run(|| {
        let m = Arc::new(Mutex::new(0));
        let (held, other) = (m.clone(), Arc::new(Mutex::new(0)));
        let free = other.clone();
        let one = gorace::thread::spawn(move || {
            let _guard = held.lock().unwrap();
            panic!("with the lock");
        });
        let two = gorace::thread::spawn(move || {
            for _ in 0..2 {
                drop(free.lock().unwrap());
            }
        });
        assert!(one.join().is_err());
        two.join().unwrap();
        assert!(m.is_poisoned());
        assert!(m.lock().is_err());
        m.clear_poison();
        assert!(m.lock().is_ok());
        assert!(!other.is_poisoned());
    });
    outcome.assert_clean();
}

#[test]
fn a_task_may_block_while_it_unwinds() {
    struct Locks(Arc<Mutex<u32>>);
    impl Drop for Locks {
        fn drop(&mut self) {
            *self.0.lock().unwrap_or_else(|error| error.into_inner()) += 1;
        }
    }
    let outcome = run(|| {
        let m = Arc::new(Mutex::new(0));
        let of_task = m.clone();
        let task = gorace::thread::spawn(move || {
            let _locks = Locks(of_task);
            panic!("and lock on the way out");
        });
        let of_other = m.clone();
        let other = gorace::thread::spawn(move || *of_other.lock().unwrap() += 1);
        assert!(task.join().is_err());
        other.join().unwrap();
        assert_eq!(*m.lock().unwrap(), 2);
    });
    outcome.assert_clean();
}

#[test]
fn an_error_of_main_counts_as_a_panic() {
    fn body() -> Result<(), String> {
        let m = Mutex::new(0);
        drop(m.lock());
        Err("no luck".to_owned())
    }
    let caught = catch_unwind(|| {
        gorace::private::run_test_with(spec("an_error"), body);
    });
    let text = *caught.unwrap_err().downcast::<String>().expect("the report is a text");
    assert!(text.contains("error[GR0004]") && text.contains("no luck"), "{text}");
}

fn spec(name: &'static str) -> gorace::private::TestSpec {
    gorace::private::TestSpec {
        package: "gorace",
        manifest_dir: env!("CARGO_MANIFEST_DIR"),
        module: module_path!(),
        name,
        strategy: None,
        max_executions: None,
        max_preemptions: None,
        max_steps: None,
        timeout: None,
        jobs: None,
        seed: None,
        clock: None,
        keep_going: false,
        spurious: false,
        expect: None,
        allow: &[],
    }
}

#[test]
fn a_stack_overflow_ends_its_task_and_nothing_else() {
    #[allow(unconditional_recursion, reason = "that is what the test is about")]
    fn deeper(n: u64) -> u64 {
        std::hint::black_box(deeper(std::hint::black_box(n) + 1)) + n
    }
    let outcome = run(|| {
        let handle = gorace::go!({ deeper(0) });
        let m = Mutex::new(0);
        *m.lock().unwrap() += 1;
        drop(handle);
    });
    let finding = &outcome.expect("panic")[0];
    assert!(finding.title.contains("stack overflow"), "{}", finding.title);
    // The process lives on, and so does checking.
    run(|| drop(Mutex::new(0).lock())).assert_clean();
}

#[test]
fn others_run_while_a_task_unwinds() {
    let seen = std::sync::Arc::new(std::sync::Mutex::new(std::collections::BTreeSet::new()));
    let kept = seen.clone();
    let outcome =
        Checker::new().strategy(gorace::check::Strategy::Exhaustive).keep_going(true).run(move || {
            let m = Arc::new(Mutex::new(0));
            let held = m.clone();
            let panicking = gorace::thread::spawn(move || {
                let _guard = held.lock().unwrap();
                panic!("under the lock");
            });
            let found = match m.try_lock() {
                Ok(_) => "free",
                Err(std::sync::TryLockError::WouldBlock) => "held",
                Err(std::sync::TryLockError::Poisoned(_)) => "poisoned",
            };
            let poisoned = m.is_poisoned();
            kept.lock().unwrap().insert((found, poisoned));
            panicking.join().unwrap_err();
        });
    outcome.assert_clean();
    // Each look may come before the panic's release or after it.
    let expected = [("free", false), ("free", true), ("held", false), ("held", true), ("poisoned", true)];
    assert_eq!(seen.lock().unwrap().iter().copied().collect::<Vec<_>>(), expected);
}
