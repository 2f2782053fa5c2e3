//! What a step costs beside a bare switch of stacks, and what an execution costs before anything is done in it.

use crate::arguments::Arguments;
use crate::table::{row, time, times};
use crate::tools::{gorace, on_gorace, on_shuttle, shuttle};
use crate::{bare, executions_for, least};
use ::gorace::cell::Shared;
use ::gorace::sync::{Arc, Mutex};
use gorace_benches::median;

const TASKS: u64 = 3;
const ROUNDS: u64 = 200;

/// Three tasks that lock, write one plain variable and read another, and unlock, so many times each: one plain access a
/// step, and races to be looked for, since the variables are shared and changed.
fn locked<const ROUNDS: u64>() {
    let shared = Arc::new((Mutex::new(()), Shared::new(0), Shared::new(0)));
    let tasks: Vec<_> = (0..TASKS)
        .map(|_| {
            let shared = shared.clone();
            ::gorace::thread::spawn(move || {
                let (lock, count, zero) = &*shared;
                for _ in 0..ROUNDS {
                    let _guard = lock.lock().unwrap();
                    count.with_mut(|count| *count += 1);
                    assert_eq!(zero.get(), 0);
                }
            })
        })
        .collect();
    tasks.into_iter().for_each(|task| task.join().unwrap());
}

/// What an execution of the program costs.
struct Cost {
    seconds: f64,
    /// Its steps, plain accesses not counted.
    steps: f64,
}

impl Cost {
    fn of(program: fn(), rounds: u64) -> Self {
        let run = gorace::random(program, 600);
        let executions = run.executions as f64;
        let accesses = TASKS * rounds * 2;
        Cost { seconds: run.seconds / executions, steps: run.steps as f64 / executions - accesses as f64 }
    }
}

pub fn run(arguments: &Arguments) {
    let (mut steps, mut pairs, mut leasts, mut wholes) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let (mut ratios, mut least_ratios, mut whole_ratios) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..arguments.pairs.max(21) {
        let (short, long) =
            (Cost::of(locked::<ROUNDS>, ROUNDS), Cost::of(locked::<{ 2 * ROUNDS }>, 2 * ROUNDS));
        // What is the same in both is not the steps'.
        let step = (long.seconds - short.seconds) / (long.steps - short.steps);
        let whole = short.seconds / short.steps;
        let pair = bare::pair_cost();
        let least = least::step_cost(600, ROUNDS);
        steps.push(step);
        wholes.push(whole);
        pairs.push(pair);
        leasts.push(least);
        ratios.push(step / pair);
        whole_ratios.push(whole / pair);
        least_ratios.push(least / pair);
    }
    row([
        "step: a step, a plain access",
        &time(median(&mut steps)),
        &format!("{} switch", time(median(&mut pairs))),
        &format!("{:.1}", median(&mut ratios)),
        "bare pairs of corosensei; 1,200 to 2,400 steps an execution, no ratio of speeds",
    ]);
    row([
        "step: with its share of the set-up",
        &time(median(&mut wholes)),
        &format!("{} switch", time(median(&mut pairs))),
        &format!("{:.1}", median(&mut whole_ratios)),
        "1,200 steps an execution",
    ]);
    row([
        "step: the least of one, by itself",
        &time(median(&mut leasts)),
        &format!("{} switch", time(median(&mut pairs))),
        &format!("{:.1}", median(&mut least_ratios)),
        "the same program by a scheduler that can do nothing else",
    ]);
    let (ours, theirs) = (on_gorace::nothing, on_shuttle::nothing);
    let n = executions_for(|n| gorace::random(ours, n));
    let m = executions_for(|n| shuttle::random(theirs, n));
    let runs: Vec<_> =
        (0..arguments.pairs).map(|_| (gorace::random(ours, n), shuttle::random(theirs, m))).collect();
    row([
        "set-up: 3 tasks without code",
        &time(median(&mut runs.iter().map(|(a, _)| 1.0 / a.rate()).collect::<Vec<_>>())),
        &format!(
            "{} shuttle",
            time(median(&mut runs.iter().map(|(_, b)| 1.0 / b.rate()).collect::<Vec<_>>()))
        ),
        &times(median(&mut runs.iter().map(|(a, b)| a.rate() / b.rate()).collect::<Vec<_>>())),
        "an execution",
    ]);
}
