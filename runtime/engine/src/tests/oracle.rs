//! Random programs against counts made by brute force in another language; see `oracle.txt`.

use super::driver::{exhaust, explore};
use super::program::{Program, Stmt, guarded};
use crate::explore::Strategy;

struct Case {
    program: Program,
    traces: u64,
    stuck: u64,
    /// The number of traces with a linearisation of at most so many preemptions.
    bounded: Vec<u64>,
}

fn cases() -> Vec<Case> {
    let lines = include_str!("oracle.txt").lines().filter(|line| !line.starts_with('#'));
    let cases: Vec<Case> = lines.map(case).collect();
    assert_eq!(cases.len(), 400);
    cases
}

fn case(line: &str) -> Case {
    let (counts, text) = line.split_once(" : ").expect("counts, then the program");
    let mut counts = counts.split(' ');
    let mut number = || counts.next().expect("a count").parse().expect("a number");
    let (traces, stuck) = (number(), number());
    let bounded = counts.next().expect("a list").split(',').map(|n| n.parse().expect("a number")).collect();
    let task = |ops: &str| {
        let mut stmts: Vec<(Stmt, Option<usize>)> = Vec::new();
        for op in ops.split("; ").filter(|op| !op.is_empty()) {
            let attempt = op.starts_with('?').then(|| stmts.len() - 1);
            stmts.push((stmt(op.trim_start_matches('?')), attempt));
        }
        guarded(stmts)
    };
    let program = Program::new(text, text.split(" | ").map(task).collect());
    Case { program, traces, stuck, bounded }
}

fn stmt(op: &str) -> Stmt {
    let mut words = op.split(' ');
    let name = words.next().unwrap_or_default();
    let numbers: Vec<i64> = words.map(|word| word.parse().expect("a number")).collect();
    let at = numbers[0] as usize;
    match (name, &numbers[1..]) {
        ("read", []) => Stmt::Read(at),
        ("write", [value]) => Stmt::Write(at, *value),
        ("add", [by]) => Stmt::Add(at, *by),
        ("cas", [expected, new]) => Stmt::Cas(at, *expected, *new),
        ("lock", []) => Stmt::Lock(at),
        ("unlock", []) => Stmt::Unlock(at),
        ("trylock", []) => Stmt::TryLock(at),
        ("wait", [mutex]) => Stmt::Wait(at, *mutex as usize),
        ("notifyall", []) => Stmt::NotifyAll(at),
        ("send", [value]) => Stmt::Send(at, *value),
        ("recv", []) => Stmt::Recv(at),
        _ => panic!("unknown operation `{op}`"),
    }
}

#[test]
fn exhaustive_search_runs_each_trace_once() {
    for case in cases() {
        let explored = exhaust(&case.program);
        assert_eq!((explored.complete, explored.stuck), (case.traces, case.stuck), "{}", case.program.text);
        assert_eq!(explored.keys.len() as u64, case.traces, "{}", case.program.text);
    }
}

#[test]
fn bounded_search_runs_the_traces_within_the_bound() {
    for case in cases() {
        for (bound, traces) in (0..).zip(&case.bounded) {
            let explored = explore(&case.program, Strategy::Exhaustive, Some(bound), u64::MAX);
            assert_eq!(explored.complete, *traces, "bound {bound}: {}", case.program.text);
        }
    }
}
