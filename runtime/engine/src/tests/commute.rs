//! The dependency table against the primitives themselves: two operations that the table calls independent
//! can be run in either order without anybody seeing it, and each pair that it calls dependent is seen by
//! somebody in some program, unless the table calls it conservative.

use super::driver::{Tasks, run};
use super::generate::{Theme, program};
use super::program::{Outcome, Program};
use super::view::view;
use crate::{AccessKind, DEPENDENT, Execution, Footprint, Plan, Schedule, Selection};
use gorace_analyzer_core::{OpKind, TaskIx};
use std::collections::BTreeSet;

/// Random schedules of each program.
const SCHEDULES: u64 = 4;

/// Programs of a theme; what needs three tasks at two channels, or three at a once that is poisoned, is rare.
fn programs(theme: Theme) -> u64 {
    if matches!(theme, Theme::Attempts | Theme::Onces) { 4000 } else { 1500 }
}

/// What running tasks in a given order led to.
#[derive(PartialEq, Eq)]
struct End {
    /// Who did what, task by task.
    events: Vec<Vec<OpKind>>,
    outcome: Outcome,
    view: u64,
}

struct Step {
    touched: Footprint,
    /// What the next step would have touched in its place, if its task was ready.
    next: Option<Footprint>,
}

struct Ran {
    end: End,
    steps: Vec<Step>,
}

/// Runs the operations of `order`, one by one, every choice being its first alternative. `None` if a task is
/// not ready when it comes up.
fn run_in_order(program: &Program, order: &[TaskIx]) -> Option<Ran> {
    let plan = Plan {
        selection: Selection::Follow(Schedule::default()),
        max_steps: 10_000,
        idle_clock: false,
        spurious: false,
    };
    let mut execution = Execution::default();
    let mut tasks = Tasks::start(&mut execution, &plan, program);
    let mut steps = Vec::new();
    for (i, task) in order.iter().enumerate() {
        execution.ready.contains(task).then_some(())?;
        let next = order.get(i + 1).filter(|next| execution.ready.contains(next));
        let pending = next.map(|next| execution.footprint(*next));
        let before = execution.footprints().len();
        execution.leave_ready(*task);
        execution.record_decision(*task);
        if execution.perform(*task) {
            tasks.resume(&mut execution, *task);
        }
        while let Some(task) = execution.local.pop() {
            tasks.resume(&mut execution, task);
        }
        steps.push(Step { touched: execution.footprints()[before].clone(), next: pending });
    }
    let outcome = tasks.outcome(&execution);
    let trace = execution.trace();
    let mut events = vec![Vec::new(); trace.tasks.len()];
    trace.events.iter().for_each(|event| events[event.task.at()].push(event.op));
    let view = view(&outcome, trace);
    Some(Ran { end: End { events, outcome, view }, steps })
}

/// A random complete order of the program's operations.
fn random_order(program: &Program, index: u64) -> Option<Vec<TaskIx>> {
    let mut execution = Execution::default();
    let plan = Plan {
        selection: Selection::Random { seed: 1, index },
        max_steps: 10_000,
        idle_clock: false,
        spurious: false,
    };
    run(&mut execution, &plan, program);
    let order: Vec<TaskIx> = execution.trace().events.iter().map(|event| event.task).collect();
    // Choices are made as their first alternative here, so that the random order may not fit.
    run_in_order(program, &order).map(|_| order)
}

/// The pairs of kinds that make two footprints dependent.
fn dependent_pairs(a: &Footprint, b: &Footprint) -> BTreeSet<(AccessKind, AccessKind)> {
    let pairs = a.accesses().flat_map(|a| b.accesses().map(move |b| (a, b)));
    let dependent = pairs.filter(|(a, b)| a.object == b.object && a.kind.depends_on(b.kind));
    dependent.map(|(a, b)| (a.kind.min(b.kind), a.kind.max(b.kind))).collect()
}

#[test]
fn independent_operations_commute_and_dependent_ones_do_not() {
    let mut seen_to_matter: BTreeSet<(AccessKind, AccessKind)> = BTreeSet::new();
    let mut swapped = 0;
    for (theme, seed) in
        Theme::ALL.iter().flat_map(|theme| (1..=programs(*theme)).map(move |seed| (*theme, seed)))
    {
        let program = program(theme, seed);
        for order in (0..SCHEDULES).filter_map(|index| random_order(&program, index)) {
            let Some(ran) = run_in_order(&program, &order) else { continue };
            for i in 0..order.len() - 1 {
                // Else the second one was let on by the first: then there is no other order.
                let Step { touched, next: Some(pending), .. } = &ran.steps[i] else { continue };
                if order[i] == order[i + 1] {
                    continue;
                }
                let mut other = order.clone();
                other.swap(i, i + 1);
                let commute = run_in_order(&program, &other).is_some_and(|other| other.end == ran.end);
                for second in [pending, &ran.steps[i + 1].touched] {
                    let pairs = dependent_pairs(touched, second);
                    // What became another operation depends on what came before by that alone.
                    let same = pending == &ran.steps[i + 1].touched;
                    if pairs.is_empty() && same {
                        swapped += 1;
                        assert!(commute, "{touched:?} and {second:?} at {i} of {order:?}: {}", program.text);
                    } else if let (false, 1) = (commute, pairs.len()) {
                        seen_to_matter.extend(pairs);
                    }
                }
            }
        }
    }
    assert!(swapped > 10_000, "too few pairs to tell: {swapped}");
    let listed = |conservative: bool| {
        let of_that_sort =
            DEPENDENT.iter().filter(move |(.., why)| why.starts_with("conservative") == conservative);
        of_that_sort.map(|(a, b, _)| (*a.min(b), *a.max(b))).collect::<BTreeSet<_>>()
    };
    let unseen: Vec<_> = listed(false).difference(&seen_to_matter).copied().collect();
    assert!(unseen.is_empty(), "dependent without need: {unseen:?}");
    let needed: Vec<_> = listed(true).intersection(&seen_to_matter).copied().collect();
    assert!(needed.is_empty(), "needed, not conservative: {needed:?}");
}
