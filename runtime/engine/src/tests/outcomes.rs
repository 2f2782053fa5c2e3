//! Random programs: exhaustive search reaches exactly the ends that the reference reaches, and random
//! schedules none but these.
//!
//! `GORACE_FUZZ_PROGRAMS` and `GORACE_FUZZ_SEED` set how many programs of each theme and the first seed.

use super::driver::{exhaust, explore_from};
use super::generate::{Theme, program};
use super::{reference, variable};
use crate::explore::Strategy;

/// States of the reference beyond which a program is passed over.
const STATES: usize = 200_000;

fn compare(theme: Theme) {
    let (programs, seed) = (variable("GORACE_FUZZ_PROGRAMS", 100), variable("GORACE_FUZZ_SEED", 1));
    let mut compared = 0;
    for seed in seed..seed + programs {
        let program = program(theme, seed);
        let Some(expected) = reference::outcomes(&program, STATES) else { continue };
        compared += 1;
        let explored = exhaust(&program);
        assert_eq!(explored.outcomes, expected, "{}", program.text);
        // No trace twice: every complete execution of the search is a new one. Timers are not there yet: which
        // one fires is decided when it does, and a timer that is started may make that another one.
        if !program.has_timers() {
            assert_eq!(explored.keys.len() as u64, explored.complete, "{}", program.text);
        }
        let random = explore_from(&program, Strategy::Portfolio, seed, None, 20);
        assert!(random.outcomes.is_subset(&expected), "at random: {}", program.text);
        assert!(random.keys.keys().all(|key| explored.keys.contains_key(key)), "{}", program.text);
    }
    assert!(compared * 10 >= programs * 9, "too many of the programs are too large: {compared}");
}

themes!(compare);

/// Once it is cancelled none of its timers has an effect, so that no time passes for the later one.
#[test]
fn two_deadlines_of_one_context() {
    use super::program::{Program, Stmt::*, Val, line};
    let lines = [vec![Deadline(1, 10), Deadline(1, 20), TryDone(1), Now], vec![Cancel(0)]];
    let program = Program::new("deadlines", lines.map(line).to_vec());
    let found = exhaust(&program).outcomes;
    assert_eq!(reference::outcomes(&program, STATES), Some(found.clone()));
    let nows: Vec<_> = found.iter().filter_map(|found| found.results[0].last()).collect();
    assert!(nows.contains(&&Val::Int(10)) && !nows.contains(&&Val::Int(20)), "{nows:?}");
}

/// Whoever looks seven times and sees the same does not wait for anything: somebody else may be slower than that.
#[test]
fn looks_that_see_the_same_are_no_spin() {
    use super::program::{Program, Stmt::*, line};
    let lines = [vec![CountTasks; 7], vec![CountTasks, Finish, CountTasks]];
    let program = Program::new("CountTasks", lines.map(line).to_vec());
    assert_eq!(Some(exhaust(&program).outcomes), reference::outcomes(&program, STATES));
}
