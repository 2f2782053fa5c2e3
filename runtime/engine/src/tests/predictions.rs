//! What is predicted from the first execution, and what trying it shows.

use super::driver::run;
use super::program::{Outcome, Program, Stmt, Val, line};
use crate::explore::{Budget, Class, Explorer, Strategy};
use crate::{Execution, Selection};
use gorace_analyzer_core::trace::Ended;

/// The ends of the first execution and of the directed ones after it.
fn predicted(program: &Program, strategy: Strategy) -> Vec<Outcome> {
    let budget = Budget {
        max_executions: 1_000,
        max_preemptions: None,
        max_steps: 10_000,
        idle_clock: false,
        spurious: false,
        after_finding: None,
    };
    let mut explorer = Explorer::new(strategy, 1, budget, Vec::new());
    let mut execution = Execution::default();
    let mut ends = Vec::new();
    while let Some(plan) = explorer.next() {
        let is_directed = matches!(plan.selection, Selection::Directed(_));
        let (outcome, ended) = run(&mut execution, &plan, program);
        assert_eq!(ended, Ended::Quiescent, "{}", program.text);
        let class = explorer.absorb(&mut execution, ended);
        assert_eq!(class == Class::Predicted, is_directed);
        if !is_directed && !ends.is_empty() {
            break;
        }
        ends.push(outcome);
    }
    ends
}

fn program(tasks: [Vec<Stmt>; 2]) -> Program {
    Program::new("predicted", tasks.into_iter().map(line).collect())
}

fn is_stuck(end: &Outcome) -> bool {
    end.done.contains(&false)
}

/// AB-BA within two executions.
#[test]
fn opposite_lock_order_deadlocks_at_once() {
    let section = |a, b| vec![Stmt::Lock(a), Stmt::Lock(b), Stmt::Unlock(b), Stmt::Unlock(a)];
    let ends = predicted(&program([section(0, 1), section(1, 0)]), Strategy::Auto);
    assert!(!is_stuck(&ends[0]) && is_stuck(&ends[1]), "{ends:?}");
}

/// A wait that the first execution has before its notification, within two executions.
#[test]
fn a_wait_comes_after_its_notification() {
    let waits = vec![Stmt::Lock(0), Stmt::Wait(0, 0)];
    let ends = predicted(&program([waits, vec![Stmt::NotifyOne(0)]]), Strategy::Auto);
    assert!(!is_stuck(&ends[0]) && is_stuck(&ends[1]), "{ends:?}");
}

/// A send after the close, within two executions.
#[test]
fn a_send_comes_after_the_close() {
    let ends = predicted(&program([vec![Stmt::Send(1, 7)], vec![Stmt::Close(1)]]), Strategy::Auto);
    assert_eq!(ends[0].results[0], [Val::Unit]);
    assert_eq!(ends[1].results[0], [Val::Misuse]);
}

/// An update is lost between a load and its store.
#[test]
fn a_store_comes_after_another_one() {
    let task = |value| vec![Stmt::Read(0), Stmt::Write(0, value)];
    let ends = predicted(&program([task(1), task(2)]), Strategy::Auto);
    let both_read = |end: &Outcome| end.results.iter().all(|results| results[0] == Val::Int(0));
    assert!(!both_read(&ends[0]) && ends[1..].iter().any(both_read), "{ends:?}");
}

/// The message orders the two stores: there is no other order to be tried.
#[test]
fn what_is_ordered_is_not_predicted() {
    let sends = vec![Stmt::Write(0, 1), Stmt::Send(1, 7)];
    let receives = vec![Stmt::Recv(1), Stmt::Write(0, 2)];
    assert_eq!(predicted(&program([sends, receives]), Strategy::Auto).len(), 1);
    let joins = vec![Stmt::Join(0), Stmt::Write(0, 2)];
    assert_eq!(predicted(&program([vec![Stmt::Write(0, 1)], joins]), Strategy::Auto).len(), 1);
    // Without the order it is.
    assert_eq!(
        predicted(&program([vec![Stmt::Write(0, 1)], vec![Stmt::Write(0, 2)]]), Strategy::Auto).len(),
        2
    );
}

/// The awaited task waits for the lock that the held one has: it is let go, and all come to their ends.
#[test]
fn whoever_is_in_the_way_is_let_go() {
    let section = || vec![Stmt::Lock(0), Stmt::TryLock(1), Stmt::Unlock(0), Stmt::TryLock(1)];
    let ends = predicted(&program([section(), section()]), Strategy::Auto);
    assert!(ends.len() > 1 && ends.iter().all(|end| !is_stuck(end)), "{ends:?}");
}

/// Whoever asks for one strategy gets that one.
#[test]
fn nothing_is_predicted_under_a_strategy_by_itself() {
    let task = |value| vec![Stmt::Read(0), Stmt::Write(0, value)];
    for strategy in [Strategy::Exhaustive, Strategy::Portfolio, Strategy::Random, Strategy::Pos] {
        assert_eq!(predicted(&program([task(1), task(2)]), strategy).len(), 1);
    }
}
