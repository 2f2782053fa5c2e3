//! The same program and the same plan give the same trace, and any schedule can be followed again.

use super::driver::{plan, run};
use super::generate::{Theme, program};
use super::program::{Program, Stmt, line};
use crate::explore::{Bounded, DepthFirst, Optimal};
use crate::random::{Profile, Sampler};
use crate::{Execution, Fit, Plan, Selection, Token};
use gorace_analyzer_core::trace::Ended;
use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;

fn programs() -> impl Iterator<Item = Program> {
    Theme::ALL.into_iter().flat_map(|theme| (1..=60).map(move |seed| program(theme, seed)))
}

/// Ten schedules, by every random strategy in turn.
fn random(seed: u64, program: &Program) -> impl Iterator<Item = Plan> {
    let mut execution = Execution::default();
    run(&mut execution, &plan(Selection::Profile), program);
    let profile = Arc::new(Profile::of(&execution));
    let samplers = [Sampler::Pos, Sampler::Surw, Sampler::Urw, Sampler::Pct { depth: 3 }];
    (0..10).map(move |index| {
        plan(match samplers.get(index as usize % 5) {
            None => Selection::Random { seed, index },
            Some(by) => Selection::Sample { by: *by, seed, index, profile: profile.clone() },
        })
    })
}

#[test]
fn an_execution_depends_on_its_plan_alone() {
    let mut used = Execution::default();
    for program in programs() {
        for plan in random(7, &program) {
            let mut fresh = Execution::default();
            let first = run(&mut fresh, &plan, &program);
            let trace = fresh.trace().clone();
            // Storage that earlier executions left behind changes nothing.
            let second = run(&mut used, &plan, &program);
            assert_eq!(first, second, "{}", program.text);
            assert_eq!(trace, *used.trace(), "{}", program.text);
        }
    }
}

#[test]
fn a_schedule_is_followed_from_its_token() {
    for program in programs() {
        for random in random(11, &program) {
            let mut execution = Execution::default();
            let first = run(&mut execution, &random, &program);
            let token = Token { program: Some(1), schedule: execution.schedule() }.to_string();
            let trace = execution.trace().clone();
            let schedule = Token::parse(&token).expect("a token").schedule;
            for selection in [Selection::Follow(schedule.clone()), Selection::FollowLoosely(schedule)] {
                let second = run(&mut execution, &plan(selection), &program);
                assert_eq!(first, second, "{}", program.text);
                assert_eq!(execution.unused_deviations(), 0, "{}", program.text);
                assert_eq!(trace, *execution.trace(), "{}", program.text);
            }
        }
    }
}

/// With landmarks nothing has moved where nothing was edited.
#[test]
fn landmarks_are_found_where_they_were() {
    let mut deviations = 0;
    for program in programs() {
        for random in random(13, &program) {
            let mut execution = Execution::default();
            let first = run(&mut execution, &random, &program);
            let token = Token { program: Some(1), schedule: execution.marked_schedule() }.to_string();
            let trace = execution.trace().clone();
            let schedule = Token::parse(&token).expect("a token").schedule;
            deviations += schedule.marks.len();
            // A replay allows what happens for no reason, whether or not the schedule has any of that.
            let replay = Plan { spurious: true, ..plan(Selection::Follow(schedule)) };
            let second = run(&mut execution, &replay, &program);
            assert_eq!(first, second, "{}", program.text);
            assert_eq!(execution.fit(), Some(Fit::Exact), "{}", program.text);
            assert_eq!(trace, *execution.trace(), "{}", program.text);
        }
    }
    assert!(deviations > 1_000, "{deviations}");
}

#[test]
fn a_schedule_of_another_program_does_not_go_unnoticed() {
    let (mut diverged, mut all) = (0, 0);
    let mut programs = programs().peekable();
    while let Some(program) = programs.next() {
        let Some(other) = programs.peek() else { break };
        let mut execution = Execution::default();
        run(&mut execution, &plan(Selection::Random { seed: 3, index: 0 }), &program);
        let schedule = execution.schedule();
        if schedule.deviations.is_empty() {
            continue;
        }
        let (_, ended) = run(&mut execution, &plan(Selection::Follow(schedule)), other);
        all += 1;
        diverged += u32::from(ended == Ended::Diverged || execution.unused_deviations() > 0);
    }
    // Some fit by chance: two programs whose first operations are the same.
    assert!(diverged * 10 > all * 8, "{diverged} of {all}");
}

/// An operation that is another one in every second execution.
const CHANGED: [(Stmt, Stmt); 7] = [
    (Stmt::Choose(3), Stmt::Choose(2)),
    (Stmt::Choose(2), Stmt::Choose(3)),
    (Stmt::Choose(2), Stmt::Choose(1)),
    (Stmt::Choose(1), Stmt::Choose(2)),
    // Neither touches anything.
    (Stmt::Join(2), Stmt::Choose(1)),
    (Stmt::Choose(1), Stmt::Join(2)),
    // Both look, and change nothing.
    (Stmt::Read(0), Stmt::Cas(0, 9, 9)),
];

/// The last execution, and whether it is complete.
type Ran<'e> = Option<(&'e mut Execution, bool)>;

/// What a search repeats has to be what it was: else it says so.
#[test]
fn a_program_that_does_not_repeat_itself_goes_unnoticed_by_no_search() {
    for (even, odd) in CHANGED {
        for is_last in [false, true] {
            // Where one execution is all that there was, no search repeats it.
            if is_last && !matches!(even, Stmt::Choose(2..)) {
                continue;
            }
            let executions = Rc::new(Cell::new(0));
            let (now, even, odd) = (executions.clone(), even.clone(), odd.clone());
            let text = format!("{even:?}, then {odd:?}");
            let changing = Rc::new(move |results: &[_]| match (results.len(), now.get() % 2) {
                (0, 0) => Some(even.clone()),
                (0, _) => Some(odd.clone()),
                (1, _) if !is_last => Some(Stmt::Read(0)),
                _ => None,
            });
            let other = if is_last { Vec::new() } else { vec![Stmt::Write(0, 1), Stmt::Write(0, 2)] };
            let program = Program::new(text, vec![changing, line(other), line(Vec::new())]);
            let diverges = |next: &mut dyn FnMut(Ran<'_>) -> Option<Selection>| {
                executions.set(0);
                let mut execution = Execution::default();
                let mut selection = next(None);
                while let Some(plan_of) = selection {
                    let (_, ended) = run(&mut execution, &plan(plan_of), &program);
                    if ended == Ended::Diverged {
                        return true;
                    }
                    executions.set(executions.get() + 1);
                    selection = next(Some((&mut execution, ended != Ended::Abandoned)));
                }
                false
            };
            let (mut optimal, mut plain, mut bounded) =
                (Optimal::default(), DepthFirst::default(), Bounded::up_to(Some(2)));
            let by_optimal = diverges(&mut |ran| {
                ran.into_iter().for_each(|(execution, complete)| _ = optimal.absorb(execution, complete));
                optimal.next()
            });
            let by_depth_first = diverges(&mut |ran| {
                ran.into_iter().for_each(|(execution, complete)| _ = plain.absorb(execution, complete));
                plain.next()
            });
            let by_rounds = diverges(&mut |ran| {
                ran.into_iter().for_each(|(execution, complete)| _ = bounded.absorb(execution, complete));
                bounded.next()
            });
            assert_eq!((by_optimal, by_depth_first, by_rounds), (true, true, true), "{}", program.text);
        }
    }
}
