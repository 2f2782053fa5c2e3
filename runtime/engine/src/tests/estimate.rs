//! The estimate of how many traces there are, on programs with known numbers of them.

use super::driver::{plan, run};
use super::program::{Program, Stmt, line};
use super::traces::{dining, lastzero, sections};
use crate::Execution;
use crate::explore::Optimal;
use gorace_analyzer_core::trace::Ended;

/// The estimates after each of these hundredths of a search that ends after `traces`.
fn estimates(program: &Program, traces: u64, after: &[u64]) -> Vec<f64> {
    let (mut execution, mut search) = (Execution::default(), Optimal::default());
    let (mut met, mut estimates) = (0, Vec::new());
    while let Some(selection) = search.next() {
        let (_, ended) = run(&mut execution, &plan(selection), program);
        search.absorb(&mut execution, ended == Ended::Quiescent);
        met += 1;
        estimates.extend(after.iter().filter(|part| traces * **part / 100 == met).map(|_| search.estimate()));
    }
    assert_eq!((met, search.estimate()), (traces, traces as f64), "{}", program.text);
    estimates
}

#[test]
fn estimates_come_near() {
    let mut readers = vec![line(vec![Stmt::Write(0, 42)])];
    readers.extend((0..11).map(|_| line(vec![Stmt::Read(0)])));
    for (program, traces) in [
        // (nm)! / (m!)^n
        (sections(3, 3), 1680),
        (sections(4, 2), 2520),
        // 2^n - 1
        (dining(11), 2047),
        // (n + 3) * 2^(n - 2)
        (lastzero(9), 1536),
        // 2^n
        (Program::new("readers", readers), 2048),
    ] {
        let estimates = estimates(&program, traces, &[5, 10, 25, 50, 90]);
        // It guarantees nothing: this is how good it has to be.
        let is_near = |estimate: &f64| (traces as f64 / 8.0..traces as f64 * 8.0).contains(estimate);
        assert!(estimates.iter().all(is_near), "{traces}: {estimates:.0?} {}", program.text);
    }
}
