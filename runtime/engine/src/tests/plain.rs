//! Random schedules where there is nothing to be considered but the choices, as programs run that nobody looks at: they can
//! be followed, and what is not decided in them keeps nothing from being met.

use super::driver::{exhaust, plan, run, run_plainly};
use super::generate::{Theme, program};
use super::program::{Program, Stmt, guarded, line};
use crate::{Execution, Selection, Token, trace_key};
use gorace_analyzer_core::trace::Ended;
use std::collections::BTreeSet;

/// More traces than these random schedules are not asked to meet ..
const TRACES: usize = 40;

/// .. and not by more schedules.
const SCHEDULES: u64 = 60_000;

/// Whether nobody releases a lock that he does not hold.
fn has_guards(theme: Theme) -> bool {
    !matches!(theme, Theme::Releases | Theme::Pairs | Theme::Yields)
}

/// Runs a random schedule, and follows it while footprints are recorded; the trace's key, if the program did not drop it.
fn key_of(execution: &mut Execution, program: &Program, guards: bool, index: u64) -> Option<u64> {
    let first = run_plainly(execution, &plan(Selection::Random { seed: 5, index }), program, guards);
    let (trace, schedule) = (execution.trace().clone(), execution.schedule());
    let token = Token { program: Some(1), schedule }.to_string();
    let schedule = Token::parse(&token).expect("a token").schedule;
    let second = run(execution, &plan(Selection::Follow(schedule)), program);
    assert_eq!(first, second, "{}", program.text);
    assert_eq!(execution.unused_deviations(), 0, "{}", program.text);
    assert_eq!(trace, *execution.trace(), "{}", program.text);
    (first.1 != Ended::Dropped).then(|| trace_key(execution))
}

#[test]
fn they_are_followed_from_their_tokens() {
    let mut execution = Execution::default();
    for theme in Theme::ALL {
        for program in (1..=100).map(|seed| program(theme, seed)) {
            (0..10).for_each(|index| _ = key_of(&mut execution, &program, has_guards(theme), index));
        }
    }
}

/// Whether random schedules meet each trace that the search meets, which decides before each release, and no other; not
/// looked at if there are too many.
fn meet_all(execution: &mut Execution, program: &Program) -> bool {
    let expected: BTreeSet<u64> = exhaust(program).keys.into_keys().collect();
    if expected.len() > TRACES {
        return false;
    }
    let mut left = expected.clone();
    let mut schedules = 0..SCHEDULES;
    while let Some(index) = schedules.next().filter(|_| !left.is_empty()) {
        let Some(key) = key_of(execution, program, true, index) else { continue };
        assert!(expected.contains(&key), "{}", program.text);
        left.remove(&key);
    }
    assert!(left.is_empty(), "{} of {} traces are not met: {}", left.len(), expected.len(), program.text);
    true
}

#[test]
fn they_meet_every_trace() {
    let mut execution = Execution::default();
    for theme in [Theme::Locks, Theme::Attempts, Theme::Poison, Theme::Condvars, Theme::Mixed] {
        let programs = (1..=60).map(|seed| program(theme, seed)).filter(|program| !program.has_timers());
        let compared = programs.filter(|program| meet_all(&mut execution, program)).count();
        assert!(compared >= 10, "{theme:?}: {compared}");
    }
}

/// An attempt that fails because of what it was told within the lock: nobody stands at it when the lock is taken.
#[test]
fn they_meet_an_attempt_that_comes_of_what_was_done_within_the_lock() {
    let within = line(vec![Stmt::Lock(0), Stmt::Write(0, 1), Stmt::Unlock(0)]);
    let told = guarded(vec![(Stmt::Read(0), None), (Stmt::TryLock(0), Some(0))]);
    let program = Program::new("an attempt within", vec![within, told]);
    assert!(meet_all(&mut Execution::default(), &program));
}
