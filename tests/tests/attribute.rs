//! `#[checked_test]` beside other attributes: rstest's cases and fixtures, `#[should_panic]`, `#[ignore]`.

use gorace::sync::atomic::{AtomicU32, Ordering::SeqCst};
use gorace::sync::{Arc, Mutex};
use rstest::{fixture, rstest};

#[fixture]
fn start() -> u32 {
    40
}

#[rstest]
#[case(1, 1)]
#[case(2, 0)]
#[gorace::checked_test]
fn cases(start: u32, #[case] first: u32, #[case] second: u32) {
    let sum = Arc::new(AtomicU32::new(start));
    let other = sum.clone();
    let adding = gorace::go!({ other.fetch_add(first, SeqCst) });
    sum.fetch_add(second, SeqCst);
    adding.join().unwrap();
    assert_eq!(sum.load(SeqCst), 42);
}

#[rstest]
#[gorace::checked_test(expect = "deadlock")]
fn a_case_may_expect_a_finding(#[values(1, 2)] extra: u32) {
    let m = Mutex::new(extra);
    let _held = m.lock().unwrap();
    let _again = m.lock().unwrap();
}

#[gorace::checked_test]
#[should_panic(expected = "data race")]
fn a_finding_is_a_panic() {
    let cell = Arc::new(gorace::cell::Shared::new(0));
    let other = cell.clone();
    let writer = gorace::go!({ other.set(1) });
    cell.get();
    writer.join().unwrap();
}

#[gorace::checked_test]
#[ignore = "to see that it is kept"]
fn ignored() {
    panic!("an ignored test does not run");
}

#[gorace::checked_test]
fn an_error_fails_the_test_unless_there_is_none() -> Result<(), String> {
    gorace::go!({}).join().map_err(|_| "the task panicked".to_owned())
}
