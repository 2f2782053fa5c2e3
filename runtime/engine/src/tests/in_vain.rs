//! Programs in which the search once began executions in vain, one for each cause: as many executions as traces.
//!
//! How many there are follows from theory, and is what the depth-first search finds.

use super::optimal::{depth_first, optimal};
use super::program::Stmt::{Add, Park, Write};
use super::program::{Program, Stmt, line};

#[track_caller]
fn assert_each_once(program: &Program, traces: usize) {
    let expected = depth_first(program).expect("few executions");
    assert_eq!(expected.keys.len(), traces, "depth-first: {}", program.text);
    let found = optimal(program).expect("few executions");
    assert!(found.keys == expected.keys, "other traces: {}", program.text);
    assert_eq!((found.complete, found.redundant), (traces as u64, 0), "{}", program.text);
}

fn program(name: &str, lines: Vec<Vec<Stmt>>) -> Program {
    Program::new(name, lines.into_iter().map(line).collect())
}

/// Where a task sleeps, an alternative that wakes nobody is a part of what was explored.
#[test]
fn choices_beside_a_sleeper() {
    // The write and the increment in both orders, or the write alone.
    let park = program("park", vec![vec![Write(0, 1)], vec![Park, Add(0, 1)]]);
    assert_each_once(&Program { spurious: true, ..park }, 3);
}
