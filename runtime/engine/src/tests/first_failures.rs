//! The first failure that the search of everything meets, beside one with the fewest preemptions: it is nearly minimal (one
//! more at the most, but for one in twenty), though wakeup trees and not preemptions decide what comes first.
//!
//! The fewest are what rounds of bounded preemptions meet, which plain enumeration judges ([`super::bounded`]).
//! `GORACE_FUZZ_PROGRAMS` and `GORACE_FUZZ_SEED` set how many programs of each theme and the first seed.

use super::driver::{plan, run};
use super::generate::{Theme, longer_program};
use super::program::{Program, Stmt::*, line};
use super::traces::dining;
use super::variable;
use crate::explore::{Bounded, Optimal};
use crate::{Execution, NodeRecord, Selection, Step};
use gorace_analyzer_core::trace::Ended;

/// Executions beyond which a program is passed over.
const EXECUTIONS: usize = 10_000;

/// The decisions of an execution, of which a search tells only those after what it had in common with the one before.
#[derive(Default)]
struct Path(Vec<NodeRecord>);

impl Path {
    /// The last one in `prefix` may be another one than it was.
    fn begin(&mut self, prefix: &[Step]) {
        self.0.truncate(prefix.len());
        match (self.0.last_mut(), prefix.last()) {
            (Some(NodeRecord::Task { eligible, chosen, .. }), Some(Step::Task(task, _))) => {
                let at = eligible.iter().position(|(other, _)| other == task);
                *chosen = at.expect("it could have run") as u32;
            }
            (Some(NodeRecord::Choice { taken, .. }), Some(Step::Choice { taken: now, .. })) => *taken = *now,
            (None, None) => {}
            (was, is) => panic!("{was:?} and {is:?}"),
        }
    }

    fn preemptions(&self) -> usize {
        let is_one = |record: &&NodeRecord| matches!(record, NodeRecord::Task { running: Some(at), chosen, .. } if at != chosen);
        self.0.iter().filter(is_one).count()
    }
}

/// Which execution is the first in which somebody waits for ever, and how many preemptions it has.
fn first<S>(
    program: &Program,
    mut search: S,
    next: fn(&mut S) -> Option<Selection>,
    absorb: fn(&mut S, &mut Execution, bool) -> bool,
) -> Option<(usize, usize)> {
    let (mut execution, mut path) = (Execution::default(), Path::default());
    for executions in 1..=EXECUTIONS {
        let selection = next(&mut search)?;
        let Selection::Search { prefix, .. } = &selection else { panic!("a search searches") };
        path.begin(prefix);
        let (outcome, ended) = run(&mut execution, &plan(selection), program);
        path.0.extend(execution.nodes.iter().cloned());
        if ended == Ended::Quiescent && outcome.done.contains(&false) {
            return Some((executions, path.preemptions()));
        }
        absorb(&mut search, &mut execution, ended != Ended::Abandoned);
    }
    None
}

/// Preemptions of the first failure, and of one with the fewest; `None` if nothing fails, or the first execution does.
fn compared(program: &Program) -> Option<(usize, usize)> {
    let (met, first_one) = first(program, Optimal::default(), Optimal::next, Optimal::absorb)?;
    let (_, fewest) = first(program, Bounded::up_to(None), Bounded::next, Bounded::absorb)?;
    (met > 1).then_some((first_one, fewest))
}

#[test]
fn of_known_programs() {
    // What needs one: opposite orders of two locks, and a ring of them.
    let opposite =
        [vec![Lock(0), Lock(1), Unlock(1), Unlock(0)], vec![Lock(1), Lock(0), Unlock(0), Unlock(1)]];
    let opposite = Program::new("opposite", opposite.map(line).to_vec());
    for program in [opposite, dining(3)] {
        let (first, fewest) = compared(&program).expect("a deadlock");
        assert!(fewest == 1 && first <= 2, "{first} of {fewest}: {}", program.text);
    }
}

#[test]
fn of_random_programs() {
    let (programs, seed) = (variable("GORACE_FUZZ_PROGRAMS", 100), variable("GORACE_FUZZ_SEED", 1));
    let themes =
        [Theme::Locks, Theme::Condvars, Theme::Channels, Theme::Selects, Theme::RwLocks, Theme::Parking];
    let more = [Theme::Barriers, Theme::Wakers, Theme::Pipes, Theme::Pairs];
    // How many need no, one, .. preemptions more than the fewest.
    let mut beyond = [0; 8];
    for theme in themes.into_iter().chain(more) {
        for seed in seed..seed + programs {
            let program = longer_program(theme, seed, 2);
            if let Some((first, fewest)) = compared(&program) {
                assert!(first >= fewest, "{}", program.text);
                beyond[first - fewest] += 1;
            }
        }
    }
    println!("{beyond:?}");
    let all: u64 = beyond.iter().sum();
    assert!(all >= programs / 2, "too few fail late: {all}");
    assert!((beyond[0] + beyond[1]) * 20 >= all * 19, "the first failure is far from minimal: {beyond:?}");
}
