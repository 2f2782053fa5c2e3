//! The same program and the same plan give the same trace, and any schedule can be followed again.

use super::driver::run;
use super::generate::{Theme, program};
use crate::{Execution, Plan, Selection, Token};
use gorace_analyzer_core::trace::Ended;

fn programs() -> impl Iterator<Item = super::program::Program> {
    Theme::ALL.into_iter().flat_map(|theme| (1..=60).map(move |seed| program(theme, seed)))
}

fn random(seed: u64, index: u64) -> Plan {
    Plan {
        selection: Selection::Random { seed, index },
        max_steps: 10_000,
        idle_clock: false,
        spurious: false,
    }
}

#[test]
fn an_execution_depends_on_its_plan_alone() {
    let mut used = Execution::default();
    for program in programs() {
        for index in 0..10 {
            let mut fresh = Execution::default();
            let first = run(&mut fresh, &random(7, index), &program);
            let trace = fresh.trace().clone();
            // Storage that earlier executions left behind changes nothing.
            let second = run(&mut used, &random(7, index), &program);
            assert_eq!(first, second, "{}", program.text);
            assert_eq!(trace, *used.trace(), "{}", program.text);
        }
    }
}

#[test]
fn a_schedule_is_followed_from_its_token() {
    for program in programs() {
        for index in 0..10 {
            let mut execution = Execution::default();
            let first = run(&mut execution, &random(11, index), &program);
            let token = Token { program: Some(1), schedule: execution.schedule() }.to_string();
            let trace = execution.trace().clone();
            let schedule = Token::parse(&token).expect("a token").schedule;
            for selection in [Selection::Follow(schedule.clone()), Selection::FollowLoosely(schedule)] {
                let plan = Plan { selection, max_steps: 10_000, idle_clock: false, spurious: false };
                let second = run(&mut execution, &plan, &program);
                assert_eq!(first, second, "{}", program.text);
                assert_eq!(execution.unused_deviations(), 0, "{}", program.text);
                assert_eq!(trace, *execution.trace(), "{}", program.text);
            }
        }
    }
}

#[test]
fn a_schedule_of_another_program_does_not_go_unnoticed() {
    let (mut diverged, mut all) = (0, 0);
    let mut programs = programs().peekable();
    while let Some(program) = programs.next() {
        let Some(other) = programs.peek() else { break };
        let mut execution = Execution::default();
        run(&mut execution, &random(3, 0), &program);
        let schedule = execution.schedule();
        if schedule.deviations.is_empty() {
            continue;
        }
        let (_, ended) = run(&mut execution, &random_follow(schedule), other);
        all += 1;
        diverged += u32::from(ended == Ended::Diverged || execution.unused_deviations() > 0);
    }
    // Some fit by chance: two programs whose first operations are the same.
    assert!(diverged * 10 > all * 8, "{diverged} of {all}");
}

fn random_follow(schedule: crate::Schedule) -> Plan {
    Plan { selection: Selection::Follow(schedule), max_steps: 10_000, idle_clock: false, spurious: false }
}
