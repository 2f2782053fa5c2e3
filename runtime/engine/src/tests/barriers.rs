//! Barriers: all who leave one know of all who came to it, and the record of that grows with their number only.

use super::driver::run;
use super::program::{Program, Stmt, line};
use crate::{Execution, Plan, Schedule, Selection};
use gorace_analyzer_core::hb::Walk;
use gorace_analyzer_core::{EdgeKind, OpKind, TaskIx};

/// An execution of `tasks` tasks that come to one barrier `rounds` times.
fn ran(tasks: usize, rounds: usize, selection: Selection) -> Execution {
    let mut program =
        Program::new("barrier", (0..tasks).map(|_| line(vec![Stmt::Barrier(0); rounds])).collect());
    program.barriers = vec![tasks];
    let mut execution = Execution::default();
    let plan = Plan { selection, max_steps: 100_000, idle_clock: false, spurious: false };
    let (outcome, _) = run(&mut execution, &plan, &program);
    assert!(outcome.done.iter().all(|done| *done));
    execution
}

/// Whatever the order of their coming: what each did before happens before all that any does afterwards.
#[test]
fn who_leaves_knows_of_all_who_came() {
    for seed in 0..50 {
        let selection = Selection::Random { seed, index: 0 };
        let mut execution = ran(5, 3, selection);
        let trace = execution.trace();
        let mut walk = Walk::default();
        let history = trace.history();
        walk.start(&history);
        // Of each task, how often it has come, and at which of its own events.
        let mut came: Vec<Vec<u32>> = vec![Vec::new(); trace.tasks.len()];
        let mut left = 0;
        while let Some((_, event)) = walk.step(&history) {
            let clock = walk.clock(event.task);
            let rounds = came[event.task.at()].len();
            if rounds > 0 {
                for (other, events) in came.iter().enumerate().filter(|(_, events)| !events.is_empty()) {
                    let known = clock.get(TaskIx(other as u32));
                    assert!(known >= events[rounds - 1], "seed {seed}: task {other} in round {rounds}");
                }
                left += 1;
            }
            if event.op == OpKind::BarrierWait {
                came[event.task.at()].push(clock.get(event.task));
            }
        }
        assert!(left >= 5 * 3);
    }
}

/// That is one edge to the last one who comes, and one back.
#[test]
fn an_opening_is_told_in_two_edges_a_task() {
    for tasks in [1, 2, 3, 1_000] {
        let mut execution = ran(tasks, 1, Selection::Follow(Schedule::default()));
        let edges = execution.trace().edges.iter().filter(|edge| edge.kind == EdgeKind::Barrier);
        assert_eq!(edges.count(), 2 * (tasks - 1));
    }
}
