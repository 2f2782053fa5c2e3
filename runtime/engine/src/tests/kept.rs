//! What is kept of an execution says the same as the execution did, once it is laid out again.

use super::driver::run;
use super::generate::{Theme, program};
use super::program::Program;
use super::traces::{dining, readers};
use crate::explore::{HappensBefore, Kept};
use crate::plan::WakeOn;
use crate::{Execution, Plan, Selection};
use gorace_analyzer_core::TaskIx;

/// Keeps the execution by the default rule, and lays it out in the place of others.
fn compare(program: &Program, kept: &mut Kept, again: &mut HappensBefore) {
    let (mut execution, mut order) = (Execution::default(), HappensBefore::default());
    let (prefix, sleep, wakeup) = (Vec::new(), Vec::new(), Vec::new());
    let selection =
        Selection::Search { prefix, sleep, lead: Vec::new(), wakeup, wake_on: WakeOn::Dependence };
    let plan = Plan { selection, max_steps: 10_000, idle_clock: false, spurious: program.spurious };
    run(&mut execution, &plan, program);
    order.analyze(&execution, 0);
    let choices = |decision: usize| if decision % 3 == 1 { vec![decision as u32] } else { Vec::new() };
    kept.keep(&execution, &order, (0..order.len()).map(|decision| (decision, choices(decision))));
    kept.lay_out(again, 0);
    assert_eq!((again.len(), again.has_selects()), (order.len(), order.has_selects()), "{}", program.text);
    let tasks = || (0..execution.tasks.len() as u32).map(TaskIx);
    for b in 0..order.len() {
        assert_eq!(kept.choices(b), choices(b));
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
            if !order.is_fixed(b) {
                assert_eq!(again.base_count(task, b), order.base_count(task, b));
            }
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
    let (mut kept, mut again) = (Kept::default(), HappensBefore::default());
    let mut both = |program: &Program| compare(program, &mut kept, &mut again);
    // More tasks than have a place in each row, twice, so that clocks lie where others lay; then fewer, then more again.
    both(&readers(30));
    both(&readers(40));
    both(&dining(3));
    both(&readers(30));
    for theme in Theme::ALL {
        (1..=20).for_each(|seed| both(&program(theme, seed)));
    }
}
