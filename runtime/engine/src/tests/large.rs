//! The optimal search on programs with many traces: the numbers, and that it stays fast and small enough to count
//! them. Run by hand, in release: `cargo test --release -p gorace-engine large -- --ignored --nocapture`.

use super::driver::{plan, run};
use super::program::{Program, Stmt, line};
use super::traces::{dining, lastzero, sections};
use crate::Execution;
use crate::explore::Optimal;
use gorace_analyzer_core::trace::Ended;
use std::time::Instant;

fn count(name: &str, program: &Program, traces: u64) {
    let started = Instant::now();
    let mut execution = Execution::default();
    let mut search = Optimal::default();
    let (mut complete, mut redundant) = (0, 0);
    while let Some(selection) = search.next() {
        let (_, ended) = run(&mut execution, &plan(selection), program);
        match search.absorb(&mut execution, ended == Ended::Quiescent) {
            true => complete += 1,
            false => redundant += 1,
        }
    }
    println!("{name}: {complete} traces in {:.1?}", started.elapsed());
    assert_eq!((complete, redundant), (traces, 0), "{name}");
}

#[test]
#[ignore = "long"]
fn critical_sections() {
    // (4 * 3)! / (3!)^4
    count("4 x 3 critical sections", &sections(4, 3), 369_600);
}

#[test]
#[ignore = "long"]
fn sixteen_readers() {
    let mut tasks = vec![line(vec![Stmt::Write(0, 42)])];
    tasks.extend((0..16).map(|_| line(vec![Stmt::Read(0)])));
    count("a writer and 16 readers", &Program::new("readers", tasks), 1 << 16);
}

#[test]
#[ignore = "long"]
fn ten_philosophers() {
    count("10 philosophers", &dining(10), (1 << 10) - 1);
}

#[test]
#[ignore = "long"]
fn lastzero_fifteen() {
    // (n + 3) * 2^(n - 2)
    count("lastzero(15)", &lastzero(15), 18 << 13);
}
