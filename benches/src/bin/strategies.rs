//! How many schedules each random strategy takes to the first bug: `strategies [PROGRAM..]`.
//!
//! Prints the table of `docs/STRATEGIES.md`. A cell is the median over twenty seeds, and the mean in brackets; a
//! seed that found nothing counts as the cap. Where not all twenty found it, `n/20` says how many did. After the dot comes
//! the published mean, where there is one.

use gorace::Checker;
use gorace::check::Strategy;
use gorace_benches::{median, published};
use gorace_fixtures::sctbench;
use std::process::ExitCode;
use std::time::Duration;

const SEEDS: u64 = 20;
const CAP: u64 = 10_000;

const STRATEGIES: [&str; 7] = ["portfolio", "surw", "pos", "pct", "pct(10)", "random", "urw"];

fn main() -> ExitCode {
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    let known = |name: &String| sctbench::ALL.iter().any(|(known, _)| known == name);
    if let Some(unknown) = wanted.iter().find(|name| !known(name)) {
        let known: Vec<&str> = sctbench::ALL.iter().map(|(name, _)| *name).collect();
        eprintln!("error: unknown program `{unknown}`; the programs are {}", known.join(", "));
        return ExitCode::from(2);
    }
    println!("| program | {} |", STRATEGIES.join(" | "));
    println!("|---|{}", "---|".repeat(STRATEGIES.len()));
    for (name, program) in sctbench::ALL {
        if wanted.is_empty() || wanted.iter().any(|wanted| wanted == name) {
            let cells: Vec<String> =
                STRATEGIES.iter().map(|strategy| beside(name, *program, strategy)).collect();
            println!("| {name} | {} |", cells.join(" | "));
        }
    }
    ExitCode::SUCCESS
}

fn beside(name: &str, program: fn(), strategy: &str) -> String {
    let ours = cell(name, program, strategy);
    match published(name, strategy) {
        Some(theirs) => format!("{ours} · {theirs}"),
        None => ours,
    }
}

fn cell(name: &str, program: fn(), strategy: &str) -> String {
    let strategy = Strategy::from_word(strategy).expect("the strategy has a word");
    let found: Vec<Option<u64>> = (0..SEEDS).map(|seed| first_bug(name, program, &strategy, seed)).collect();
    let mut schedules: Vec<f64> = found.iter().map(|found| found.unwrap_or(CAP) as f64).collect();
    let mean = schedules.iter().sum::<f64>() / schedules.len() as f64;
    let times = found.iter().flatten().count();
    let median = median(&mut schedules);
    match times {
        0 => format!("0/{SEEDS}"),
        times if times < found.len() => format!("{median:.0} ({mean:.0}), {times}/{SEEDS}"),
        _ => format!("{median:.0} ({mean:.0})"),
    }
}

/// The first schedule that shows anything, counted from 1.
fn first_bug(name: &str, program: fn(), strategy: &Strategy, seed: u64) -> Option<u64> {
    let checker = Checker::new().name(name).strategy(strategy.clone()).seed(seed);
    let outcome = checker.max_executions(CAP).timeout(Duration::from_secs(600)).run(program);
    outcome.findings.iter().map(|finding| finding.found_in).filter(|found_in| *found_in > 0).min()
}
