//! The optimal search against the depth-first one, on random programs: the same traces, each once, and nothing begun in vain.
//! (That the traces' ends are right: see [`super::outcomes`].)
//!
//! The depth-first search has the table, what operations touch, and who sleeps in common with it: what is wrong there is
//! wrong in both, and is seen by [`super::outcomes`] and [`super::rich`] alone, whose references share nothing with either.
//!
//! `GORACE_FUZZ_PROGRAMS` and `GORACE_FUZZ_SEED` set how many programs of each theme and the first seed.

use super::driver::{exhaust, run};
use super::generate::{Theme, program};
use super::program::{Program, Stmt, Task, Val, line};
use super::variable;
use crate::explore::{DepthFirst, Optimal};
use crate::{Execution, Plan, Selection, trace_key};
use gorace_analyzer_core::trace::Ended;
use std::collections::BTreeSet;
use std::rc::Rc;

/// Executions of the depth-first search beyond which a program is passed over.
const EXECUTIONS: u64 = 20_000;

#[derive(Default)]
pub(super) struct Searched {
    pub keys: BTreeSet<u64>,
    pub complete: u64,
    pub redundant: u64,
}

/// Runs a search, given as what takes an execution back and asks for the next one; `None` if it is too long.
fn search(
    program: &Program,
    mut step: impl FnMut(Option<(&mut Execution, bool)>) -> Option<Selection>,
) -> Option<Searched> {
    let mut execution = Execution::default();
    let mut searched = Searched::default();
    let mut next = step(None);
    while let Some(selection) = next {
        let plan = Plan { selection, max_steps: 10_000, idle_clock: false, spurious: program.spurious };
        let (_, ended) = run(&mut execution, &plan, program);
        next = step(Some((&mut execution, ended != Ended::Abandoned)));
        match ended {
            // What is dropped shows nothing, but is a trace all the same.
            Ended::Quiescent | Ended::Dropped => {
                searched.keys.insert(trace_key(&execution));
                searched.complete += 1;
            }
            Ended::Abandoned => searched.redundant += 1,
            // Somebody spins for ever, for so long as the step limit says: no trace.
            Ended::StepLimit => {}
            other => panic!("{}: {other:?}", program.text),
        }
        if searched.complete + searched.redundant > EXECUTIONS {
            return None;
        }
    }
    Some(searched)
}

pub(super) fn optimal(program: &Program) -> Option<Searched> {
    let mut optimal = Optimal::default();
    search(program, |ran| {
        ran.map(|(execution, complete)| optimal.absorb(execution, complete));
        optimal.next()
    })
}

pub(super) fn depth_first(program: &Program) -> Option<Searched> {
    let mut depth_first = DepthFirst::default();
    search(program, |ran| {
        ran.map(|(execution, complete)| depth_first.absorb(execution, complete));
        depth_first.next()
    })
}

fn compare(theme: Theme, spurious: bool) {
    let (programs, seed) = (variable("GORACE_FUZZ_PROGRAMS", 80), variable("GORACE_FUZZ_SEED", 1));
    let (mut compared, mut complete) = (0, 0);
    for seed in seed..seed + programs {
        let program = Program { spurious, ..program(theme, seed) };
        let Some(expected) = depth_first(&program) else { continue };
        let found = optimal(&program).unwrap_or_else(|| panic!("no end: {}", program.text));
        let lost = expected.keys.difference(&found.keys).count();
        assert_eq!(lost, 0, "traces of {} lost: {}", expected.keys.len(), program.text);
        assert_eq!(found.keys.len(), expected.keys.len(), "{}", program.text);
        assert_eq!(found.complete, found.keys.len() as u64, "a trace twice: {}", program.text);
        assert_eq!(found.redundant, 0, "in vain, {:?} known: {}", program.known, program.text);
        compared += 1;
        complete += found.complete;
    }
    println!("{theme:?}{}: {compared} programs, {complete} traces", if spurious { ", spurious" } else { "" });
    assert!(compared * 10 >= programs * 7, "too many of the programs are too large: {compared}");
}

fn compare_as_asked(theme: Theme) {
    compare(theme, false);
}

themes!(compare_as_asked);

#[test]
fn spurious_condvars() {
    compare(Theme::Condvars, true);
}

#[test]
fn spurious_compare_exchange() {
    compare(Theme::Registers, true);
}

#[test]
fn spurious_parking() {
    compare(Theme::Parking, true);
}

/// Two timers of one deadline, and each has somebody who takes its effect away: either of them alone must not be what lets
/// a timer fire without effect, or the order of the two would be left unexplored.
#[test]
fn timers_that_end_together() {
    use Stmt::{Lock, NotifyAll, ParkTimeout, Unpark, WaitTimeout};
    let waits = vec![Lock(0), WaitTimeout(0, 0, 10)];
    let parks = vec![ParkTimeout(10), ParkTimeout(20)];
    let tasks = [waits, parks, vec![NotifyAll(0)], vec![Unpark(1)]];
    let program = Program::new("timers that end together", tasks.map(line).into());
    let (expected, found) = (depth_first(&program).expect("small"), optimal(&program).expect("small"));
    assert_eq!(found.keys, expected.keys);
    assert_eq!((found.complete, found.redundant), (found.keys.len() as u64, 0));
}

/// Where the bounds on timers may disable one, the depth-first search takes over, and counts nothing twice.
#[test]
fn tickers() {
    let (programs, seed) = (variable("GORACE_FUZZ_PROGRAMS", 80), variable("GORACE_FUZZ_SEED", 1));
    let mut compared = 0;
    for seed in seed..seed + programs {
        let program = Program { is_ticker: true, ..program(Theme::Time, seed) };
        let Some(expected) = depth_first(&program) else { continue };
        let explored = exhaust(&program);
        assert!(explored.keys.keys().eq(&expected.keys), "{}", program.text);
        assert_eq!(explored.complete, expected.complete, "{}", program.text);
        compared += 1;
    }
    assert!(compared * 10 >= programs * 7, "too many of the programs are too large: {compared}");
}

/// Fairness passes a task over that spins, which may keep a plan from being followed.
#[test]
fn spins() {
    let mut compared = 0;
    for seed in 1..=150 {
        let mut program = program(Theme::Registers, seed);
        let x = (seed % 2) as usize;
        let spinner: Task = Rc::new(move |results| match results.last() {
            None | Some(Val::Int(0)) => Some(Stmt::Read(x)),
            Some(Val::Int(_)) => Some(Stmt::Write(1 - x, 7)),
            _ => None,
        });
        program.tasks.pop();
        program.tasks.push(spinner);
        program.loops = true;
        let Some(expected) = depth_first(&program) else { continue };
        let found = optimal(&program).unwrap_or_else(|| panic!("no end: {}", program.text));
        assert!(found.keys == expected.keys, "spinner in the place of the last line: {}", program.text);
        assert_eq!(found.complete, found.keys.len() as u64, "a trace twice: {}", program.text);
        compared += u32::from(!found.keys.is_empty());
    }
    assert!(compared >= 75, "too few programs in which the spin ends: {compared}");
}
