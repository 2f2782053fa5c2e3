//! How fast gorace is beside shuttle and loom, on the same five programs: ratios within one run.
//!
//! `cargo bench -p gorace-benches` takes about a minute; `-- --pairs N` sets how many pairs of runs each
//! median is of. See docs/PERFORMANCE.md for what the rows mean.
#![allow(missing_docs, reason = "a program, not a library")]

mod bare;
mod tools;

use gorace_benches::median;
use std::time::{Duration, Instant};
use tools::{Run, gorace, loom, shuttle};

/// About how long one of the two runs of a pair takes.
const RUN: Duration = Duration::from_millis(120);
/// Loom is asked to finish a program within this time.
const LOOM_CAP: Duration = Duration::from_secs(3);

fn main() {
    let pairs = pairs();
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let build = if cfg!(debug_assertions) { "debug" } else { "release" };
    println!("{build} build, {cores} cores, medians of {pairs} interleaved pairs\n");
    random(pairs);
    to_the_end();
}

fn pairs() -> usize {
    let mut arguments = std::env::args().skip_while(|argument| argument != "--pairs").skip(1);
    match arguments.next().map(|text| text.parse::<usize>()) {
        None => 15,
        Some(Ok(n)) if n > 0 => n,
        Some(_) => {
            eprintln!("error: --pairs expects a number of at least 1");
            std::process::exit(2)
        }
    }
}

/// Random schedules: gorace, then shuttle, then gorace ..
fn random(pairs: usize) {
    let switch = bare::pair_cost();
    println!(
        "random schedules         gorace     shuttle    gorace/shuttle   steps an execution  cost of a step"
    );
    println!(
        "                        execs/s     execs/s   execs/s    step     gorace   shuttle   in bare switches"
    );
    for ((name, ours), (_, theirs)) in tools::on_gorace::ALL.into_iter().zip(tools::on_shuttle::ALL) {
        let n_ours = executions_for(RUN, |n| gorace::random(ours, n));
        let n_theirs = executions_for(RUN, |n| shuttle::random(theirs, n));
        let steps_theirs = shuttle::steps(theirs, 1_000);
        let mut rows = Vec::new();
        for _ in 0..pairs {
            let a = gorace::random(ours, n_ours);
            let b = shuttle::random(theirs, n_theirs);
            rows.push((a, b));
        }
        let of = |f: &dyn Fn(&(Run, Run)) -> f64| median(&mut rows.iter().map(f).collect::<Vec<_>>());
        let step_theirs = |run: &Run| run.seconds / (run.executions as f64 * steps_theirs);
        println!(
            "  {name:<18} {:>10.0}  {:>10.0}  {:>7.2}x  {:>6.2}x  {:>9.1} {:>9.1}   {:>8.1}",
            of(&|(a, _)| a.rate()),
            of(&|(_, b)| b.rate()),
            of(&|(a, b)| a.rate() / b.rate()),
            of(&|(a, b)| a.step() / step_theirs(b)),
            of(&|(a, _)| a.steps as f64 / a.executions as f64),
            steps_theirs,
            of(&|(a, _)| a.step() / switch),
        );
    }
    println!();
}

/// How many executions fill about `time`.
fn executions_for(time: Duration, run: impl Fn(u64) -> Run) -> u64 {
    run(200);
    let probe = run(500);
    ((time.as_secs_f64() * probe.rate()) as u64).max(200)
}

/// Every interleaving, once: gorace beside loom, for the programs that both finish.
fn to_the_end() {
    println!("every interleaving          gorace        loom    gorace/loom");
    println!("                        executions  executions           time");
    for ((name, ours), (_, theirs)) in tools::on_gorace::ALL.into_iter().zip(tools::on_loom::ALL) {
        let started = Instant::now();
        let first = loom::exhaustive(theirs, LOOM_CAP);
        let a = gorace::exhaustive(ours);
        let (Some(a), Some(b)) = (a, first) else {
            let who = if a.is_none() { "gorace" } else { "loom" };
            println!("  {name:<18} {who} does not finish within {} s", LOOM_CAP.as_secs());
            continue;
        };
        let mut ratios = vec![a.seconds / b.seconds];
        while ratios.len() < 5 && started.elapsed() < 2 * LOOM_CAP {
            let (Some(a), Some(b)) = (gorace::exhaustive(ours), loom::exhaustive(theirs, LOOM_CAP)) else {
                break;
            };
            ratios.push(a.seconds / b.seconds);
        }
        println!("  {name:<18} {:>10}  {:>10}  {:>12.3}x", a.executions, b.executions, median(&mut ratios));
    }
}
