//! The bounded search against plain enumeration, on random programs: the same traces within each bound.
//!
//! The enumeration runs every schedule with at most so many preemptions, leaves out none, and tells traces apart
//! by [`trace_key`], which the search does not use.
//!
//! `GORACE_FUZZ_PROGRAMS` and `GORACE_FUZZ_SEED` set how many programs of each theme and the first seed.

use super::driver::{self, run};
use super::generate::{Theme, program};
use super::program::{Outcome, Program, Stmt, Task, Val, line};
use super::variable;
use crate::explore::Bounded;
use crate::{Execution, NodeRecord, Plan, Selection, Step, WakeOn, trace_key};
use gorace_analyzer_core::trace::Ended;
use std::collections::BTreeSet;
use std::rc::Rc;

/// Executions beyond which a program is passed over.
const EXECUTIONS: u64 = 30_000;

fn plan(selection: Selection, program: &Program) -> Plan {
    Plan { spurious: program.spurious, ..driver::plan(selection) }
}

/// The traces of all schedules with at most `bound` preemptions, and how many schedules that are; `None` if too many.
fn enumerate(program: &Program, bound: usize) -> Option<(BTreeSet<u64>, u64)> {
    let mut keys = BTreeSet::new();
    let schedules = each_schedule(program, bound, EXECUTIONS, |execution, _, ended| {
        if ended != Ended::StepLimit {
            keys.insert(trace_key(execution));
        }
    })?;
    Some((keys, schedules))
}

/// Runs every schedule with at most `bound` preemptions; how many that are, or `None` if more than `limit`.
pub fn each_schedule(
    program: &Program,
    bound: usize,
    limit: u64,
    mut ran: impl FnMut(&mut Execution, Outcome, Ended),
) -> Option<u64> {
    let mut schedules = 0;
    let mut execution = Execution::default();
    // Each decision with its alternatives: what is taken, of how many, and what the others cost.
    let mut stack: Vec<(NodeRecord, usize)> = Vec::new();
    let count = |record: &NodeRecord| match record {
        NodeRecord::Task { eligible, .. } => eligible.len(),
        NodeRecord::Choice { of, .. } => *of as usize,
    };
    let cost = |(record, taken): &(NodeRecord, usize)| match record {
        NodeRecord::Task { running, .. } => usize::from(running.is_some_and(|at| at as usize != *taken)),
        NodeRecord::Choice { .. } => 0,
    };
    loop {
        let prefix = stack.iter().map(|(record, taken)| match record {
            NodeRecord::Task { eligible, .. } => Step::Task(eligible[*taken].0, eligible[*taken].1.clone()),
            NodeRecord::Choice { of, .. } => Step::Choice { of: *of, taken: *taken as u32 },
        });
        let selection = Selection::Search {
            prefix: prefix.collect(),
            sleep: Vec::new(),
            lead: Vec::new(),
            wakeup: Vec::new(),
            wake_on: WakeOn::Dependence,
        };
        let (outcome, ended) = run(&mut execution, &plan(selection, program), program);
        assert_ne!(ended, Ended::Diverged, "{}", program.text);
        schedules += 1;
        ran(&mut execution, outcome, ended);
        stack.extend(execution.take_nodes().into_iter().map(|record| match record {
            NodeRecord::Task { chosen, .. } => (record, chosen as usize),
            NodeRecord::Choice { taken, .. } => (record, taken as usize),
        }));
        loop {
            let Some((record, taken)) = stack.pop() else { return Some(schedules) };
            let next = (record, taken + 1);
            let spent: usize = stack.iter().map(cost).sum();
            if taken + 1 < count(&next.0) && spent + cost(&next) <= bound {
                stack.push(next);
                break;
            }
        }
        if schedules > limit {
            return None;
        }
    }
}

/// What the search finds in rounds up to `bound`.
struct Found {
    traces: BTreeSet<u64>,
    executions: u64,
    new: u64,
    /// Whether it says that the bound left nothing out.
    all: bool,
}

fn search(program: &Program, bound: u32) -> Found {
    let (mut keys, mut executions, mut new) = (BTreeSet::new(), 0, 0);
    let mut execution = Execution::default();
    let mut bounded = Bounded::up_to(Some(bound));
    while let Some(selection) = bounded.next() {
        let (_, ended) = run(&mut execution, &plan(selection, program), program);
        assert_ne!(ended, Ended::Diverged, "{}: {:?}", program.text, execution.divergence);
        if !matches!(ended, Ended::StepLimit | Ended::Abandoned) {
            keys.insert(trace_key(&execution));
        }
        new += u64::from(bounded.absorb(&mut execution, ended != Ended::Abandoned));
        executions += 1;
    }
    Found { traces: keys, executions, new, all: bounded.is_exhaustive() }
}

fn compare(theme: Theme) {
    let (programs, seed) = (variable("GORACE_FUZZ_PROGRAMS", 15), variable("GORACE_FUZZ_SEED", 1));
    let (mut compared, mut whole, mut schedules, mut executions, mut traces) = (0, 0, 0, 0, 0);
    for seed in seed..seed + programs {
        let program = program(theme, seed);
        for bound in 0..=3 {
            let Some((expected, enumerated)) = enumerate(&program, bound) else { break };
            let Found { traces: found, executions: ran, new, all } = search(&program, bound as u32);
            let lost = expected.difference(&found).count();
            assert_eq!(lost, 0, "bound {bound}: of {} traces: {}", expected.len(), program.text);
            assert_eq!(found, expected, "bound {bound}: {}", program.text);
            assert_eq!(new, found.len() as u64, "bound {bound}: counted: {}", program.text);
            if let Some((every, _)) = all.then(|| enumerate(&program, usize::MAX)).flatten() {
                assert_eq!(found, every, "bound {bound} is said to leave nothing out: {}", program.text);
                whole += 1;
            }
            compared += u64::from(bound > 0);
            schedules += enumerated;
            executions += ran;
            traces += found.len();
        }
    }
    println!(
        "{theme:?}: {compared} bounds above 0, {whole} that left nothing out, {traces} traces, {schedules} schedules, \
         {executions} executions"
    );
    assert!(compared > programs, "too many of the programs are too large: {compared}");
}

/// Each time that a round ends, the search has met as many traces as an enumeration within that round's bound; how many
/// it began anew. `None` if there are too many schedules.
fn compare_rounds(program: &Program, most: u32) -> Option<u32> {
    let count = |bound| enumerate(program, bound as usize).map(|(keys, _)| keys.len() as u64);
    let expected: Vec<u64> = (0..=most).map(count).collect::<Option<_>>()?;
    let mut execution = Execution::default();
    let mut bounded = Bounded::up_to(Some(most));
    let (mut last, mut restarts) = (None, 0);
    while let Some(selection) = bounded.next() {
        let (_, ended) = run(&mut execution, &plan(selection, program), program);
        bounded.absorb(&mut execution, ended != Ended::Abandoned);
        bounded.has_next();
        let complete = bounded.complete_up_to();
        restarts += u32::from(complete < last);
        last = complete;
        if let Some((round, traces)) = complete {
            assert_eq!(traces, expected[round as usize], "up to {round}: {}", program.text);
        }
    }
    let (round, _) = last.expect("a round that ended");
    assert!(
        expected[round as usize..].iter().all(|count| *count == expected[round as usize]),
        "{}",
        program.text
    );
    Some(restarts)
}

/// That timers may be disabled shows in the second round only, after the first was counted: it begins anew.
#[test]
fn a_ticker_that_needs_a_preemption() {
    let writer = line(vec![Stmt::Write(0, 1), Stmt::Write(0, 2)]);
    let reader: Task = Rc::new(|results| match results {
        [] => Some(Stmt::Read(0)),
        [Val::Int(1)] => Some(Stmt::Arm(10)),
        [Val::Int(1), _] => Some(Stmt::TryTick),
        _ => None,
    });
    let program = Program::new("a ticker after the middle value", vec![writer, reader]);
    let program = Program { is_ticker: true, ..program };
    assert_eq!(compare_rounds(&program, 2), Some(1));
}

#[test]
fn tickers() {
    let (programs, seed) = (variable("GORACE_FUZZ_PROGRAMS", 12), variable("GORACE_FUZZ_SEED", 1));
    let (mut compared, mut restarts) = (0, 0);
    for seed in seed..seed + programs {
        let program = Program { is_ticker: true, ..program(Theme::Time, seed) };
        let Some(anew) = compare_rounds(&program, 2) else { continue };
        (compared, restarts) = (compared + 1, restarts + anew);
    }
    println!("{compared} compared, {restarts} of them begun anew after a round");
    assert!(compared * 2 >= programs, "too many of the programs are too large: {compared}");
}

/// A program that was counted wrongly once: a select leaves more in a clock than there is in the trace.
#[test]
fn a_program_from_a_long_run() {
    let program = program(Theme::Attempts, 90_023);
    let (expected, _) = enumerate(&program, 1).expect("small enough");
    let found = search(&program, 1);
    assert_eq!((found.new, found.traces), (expected.len() as u64, expected), "{}", program.text);
}

themes!(compare);

/// What was left to be done and never was: nobody but the task itself is seen to use the context in an execution in which it
/// is cancelled before its deadline. There are two traces, since either may come first.
#[test]
fn a_deadline_of_what_is_cancelled() {
    use super::program::{Stmt::*, line};
    let program = Program::new("deadline", vec![line(vec![Deadline(1, 10), Cancel(1)])]);
    let Found { traces, new, all, .. } = search(&program, 1);
    assert_eq!((traces.len(), new, all), (2, 2, true));
    assert_eq!(enumerate(&program, 1).expect("small").0, traces);
}
