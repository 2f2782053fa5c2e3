//! How fast gorace is, beside shuttle and loom as they are published: ratios within one run.
//!
//! `cargo bench -p gorace-benches` prints one table in about two minutes; `-- step random` prints those sections
//! only, `--pairs N` sets of how many interleaved pairs each median is, and `--loom-cap 600` lets loom take ten
//! minutes a program. See docs/PERFORMANCE.md for what the rows mean.
#![allow(missing_docs, reason = "a program, not a library")]

mod arguments;
mod bare;
mod cpu;
mod growth;
mod jobs;
mod least;
mod memory;
mod proof;
mod random;
mod step;
mod table;
mod tools;
mod trees;

use arguments::Arguments;
use std::time::Duration;
use tools::Run;

/// About how long one of the two runs of a pair takes.
const RUN: Duration = Duration::from_millis(120);

fn main() {
    if trees::measured() {
        return;
    }
    let arguments = Arguments::read();
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let is_debug = cfg!(debug_assertions);
    let build = if is_debug { "debug" } else { "release" };
    println!(
        "{build} build, {cores} cores, processor time, medians of {} interleaved measurements\n",
        arguments.pairs
    );
    table::head();
    if arguments.wants("step") {
        step::run(&arguments);
    }
    if arguments.wants("random") {
        random::run(&arguments);
    }
    if arguments.wants("proof") {
        proof::small(&arguments);
    }
    // In a debug build they are minutes, which say nothing.
    if arguments.wants("large") && !is_debug {
        proof::large();
    }
    if arguments.wants("trees") && !is_debug {
        trees::run();
    }
    if arguments.wants("jobs") && !is_debug {
        jobs::run(&arguments);
    }
    if arguments.wants("growth") {
        growth::run(&arguments);
    }
}

/// How many executions fill about [`RUN`].
fn executions_for(run: impl Fn(u64) -> Run) -> u64 {
    let mut n = 1;
    loop {
        let probe = run(n);
        if probe.seconds >= RUN.as_secs_f64() / 10.0 {
            return ((RUN.as_secs_f64() * probe.rate()) as u64).max(1);
        }
        n *= 4;
    }
}
