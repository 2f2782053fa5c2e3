//! Spurious wake-ups and failures, on request: the search reaches exactly the ends that the reference reaches,
//! where a waiter may be woken at any time for no reason.

use super::driver::exhaust;
use super::generate::{Theme, program};
use super::reference;

const STATES: usize = 200_000;

fn compare(theme: Theme) {
    let mut more = 0;
    for seed in 1..=150 {
        let mut program = program(theme, seed);
        let without = exhaust(&program).outcomes;
        program.spurious = true;
        let Some(expected) = reference::outcomes(&program, STATES) else { continue };
        let explored = exhaust(&program);
        assert_eq!(explored.outcomes, expected, "{}", program.text);
        assert!(without.is_subset(&expected), "nothing has to be let down: {}", program.text);
        more += u32::from(expected.len() > without.len());
    }
    assert!(more >= 30, "too few programs in which somebody was let down: {more}");
}

#[test]
fn condvars() {
    compare(Theme::Condvars);
}

#[test]
fn compare_exchange() {
    compare(Theme::Registers);
}

#[test]
fn parking() {
    compare(Theme::Parking);
}

#[test]
fn wakers() {
    compare(Theme::Wakers);
}
