//! The bounded search against plain enumeration, on random programs: the same traces within each bound.
//!
//! The enumeration runs every schedule with at most so many preemptions, leaves out none, and tells traces apart
//! by [`trace_key`], which the search does not use.
//!
//! `GORACE_FUZZ_PROGRAMS` and `GORACE_FUZZ_SEED` set how many programs of each theme and the first seed.

use super::driver::run;
use super::generate::{Theme, program};
use super::program::{Outcome, Program};
use super::variable;
use crate::explore::Bounded;
use crate::{Execution, NodeRecord, Plan, Selection, Step, WakeOn, trace_key};
use gorace_analyzer_core::trace::Ended;
use std::collections::BTreeSet;

/// Executions beyond which a program is passed over.
const EXECUTIONS: u64 = 30_000;

fn plan(selection: Selection, program: &Program) -> Plan {
    Plan { selection, max_steps: 10_000, idle_clock: false, spurious: program.spurious }
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
    mut ran: impl FnMut(&Execution, Outcome, Ended),
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
            NodeRecord::Choice { .. } => Step::Choice(*taken as u32),
        });
        let selection = Selection::Search {
            prefix: prefix.collect(),
            sleep: Vec::new(),
            wakeup: Vec::new(),
            wake_on: WakeOn::Dependence,
        };
        let (outcome, ended) = run(&mut execution, &plan(selection, program), program);
        assert_ne!(ended, Ended::Diverged, "{}", program.text);
        schedules += 1;
        ran(&execution, outcome, ended);
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

/// A program that was counted wrongly once: a select leaves more in a clock than there is in the trace.
#[test]
fn a_program_from_a_long_run() {
    let program = program(Theme::Attempts, 90_023);
    let (expected, _) = enumerate(&program, 1).expect("small enough");
    let found = search(&program, 1);
    assert_eq!((found.new, found.traces), (expected.len() as u64, expected), "{}", program.text);
}

themes!(compare);
