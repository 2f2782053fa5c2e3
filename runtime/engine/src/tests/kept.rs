//! What is kept of an execution says the same as the execution did, once it is laid out again.

use super::driver::run;
use super::generate::{Theme, program};
use super::program::Program;
use super::traces::{dining, readers};
use crate::explore::{HappensBefore, Kept};
use crate::plan::WakeOn;
use crate::{Execution, Plan, Selection, WakeupStep};
use gorace_analyzer_core::TaskIx;

/// Keeps executions that begin with these tasks one after the other, and lays each out in the place of the one before.
fn compare(program: &Program, kept: &mut Kept) {
    let mut again = HappensBefore::default();
    // The default one; one that differs from the second decision on, one later; and the first again.
    for first in [&[][..], &[0, 2], &[0, 1, 3, 2], &[]] {
        compare_one(program, first, kept, &mut again);
    }
}

fn compare_one(program: &Program, first: &[u32], kept: &mut Kept, again: &mut HappensBefore) {
    let (mut execution, mut order) = (Execution::default(), HappensBefore::default());
    let (prefix, sleep, lead) = (Vec::new(), Vec::new(), Vec::new());
    let wakeup = first.iter().map(|task| WakeupStep::Task(TaskIx(*task))).collect();
    let selection = Selection::Search { prefix, sleep, lead, wakeup, wake_on: WakeOn::Dependence };
    let plan = Plan { selection, max_steps: 10_000, idle_clock: false, spurious: program.spurious };
    run(&mut execution, &plan, program);
    order.analyze(&execution, 0);
    // Not those that it took, but some: from the first on nothing is the same for certain.
    let choices = |decision: usize| if decision % 8 == 7 { vec![decision as u32] } else { Vec::new() };
    let taken = || (0..order.len()).map(|decision| (decision, choices(decision)));
    kept.keep(&execution, &order, 0, taken());
    kept.keep_bases(&order);
    kept.lay_out(again);
    assert_same(program, again, &order);
    for b in 0..order.len() {
        assert_eq!(kept.choices(b), choices(b));
        for task in (0..execution.tasks.len() as u32).map(TaskIx).filter(|_| !order.is_fixed(b)) {
            assert_eq!(again.base_count(task, b), order.base_count(task, b));
        }
    }
    // The second half on top of the first, of which the first half is there.
    let half = order.len() / 2;
    kept.keep(&execution, &order, half, taken());
    again.restore_from(half / 2, &order, half);
    kept.lay_out_after(again, half);
    assert_eq!(kept.len(), order.len());
    assert_same(program, again, &order);
}

fn assert_same(program: &Program, again: &HappensBefore, order: &HappensBefore) {
    assert_eq!((again.len(), again.has_selects()), (order.len(), order.has_selects()), "{}", program.text);
    let tasks = || (0..order.lines().tasks() as u32).map(TaskIx);
    for b in 0..order.len() {
        assert_eq!(
            (again.event(b), again.task(b), again.index(b)),
            (order.event(b), order.task(b), order.index(b))
        );
        assert_eq!((again.footprint(b), again.seen(b)), (order.footprint(b), order.seen(b)));
        assert_eq!(again.is_fixed(b), order.is_fixed(b));
        for a in 0..order.len() {
            assert_eq!(again.is_before(a, b), order.is_before(a, b), "{a} and {b} in {}", program.text);
        }
        for task in tasks() {
            assert_eq!(again.count(task, b), order.count(task, b), "{task:?} at {b} in {}", program.text);
            assert_eq!(again.lines().so_far(task, b), order.lines().so_far(task, b));
        }
        for access in order.footprint(b).accesses() {
            assert_eq!(again.lines().touching(access.object), order.lines().touching(access.object));
        }
    }
    for task in tasks() {
        assert_eq!(again.lines().line(task), order.lines().line(task));
    }
}

#[test]
fn what_is_kept_says_the_same() {
    let mut kept = Kept::default();
    // More tasks than have a place in each row, then fewer, then more again.
    compare(&readers(30), &mut kept);
    compare(&dining(3), &mut kept);
    compare(&readers(40), &mut kept);
    for theme in Theme::ALL {
        (1..=20).for_each(|seed| compare(&program(theme, seed), &mut kept));
    }
}
