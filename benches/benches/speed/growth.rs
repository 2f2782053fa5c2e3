//! How the cost of a random execution grows with tasks and with steps.

use crate::arguments::Arguments;
use crate::executions_for;
use crate::table::{row, time};
use crate::tools::{gorace, on_gorace};
use ::gorace::sync::Arc;
use ::gorace::sync::atomic::{AtomicU64, Ordering::SeqCst};
use gorace_benches::median;

/// Three tasks with about so many steps together.
fn long<const STEPS: usize>() {
    let count = Arc::new(AtomicU64::new(0));
    let tasks: Vec<_> = (0..3)
        .map(|_| {
            let count = count.clone();
            ::gorace::thread::spawn(move || {
                for _ in 0..STEPS / 3 {
                    count.fetch_add(1, SeqCst);
                }
            })
        })
        .collect();
    tasks.into_iter().for_each(|task| task.join().unwrap());
}

const GROWTH: [(&str, fn()); 10] = [
    ("2 tasks", on_gorace::many::<2>),
    ("10 tasks", on_gorace::many::<10>),
    ("100 tasks", on_gorace::many::<100>),
    ("1,000 tasks", on_gorace::many::<1_000>),
    ("10,000 tasks", on_gorace::many::<10_000>),
    ("10 steps", long::<10>),
    ("100 steps", long::<100>),
    ("1,000 steps", long::<1_000>),
    ("10,000 steps", long::<10_000>),
    ("100,000 steps", long::<100_000>),
];

pub fn run(arguments: &Arguments) {
    for (name, program) in GROWTH {
        // So many that the first one, which touches new memory and is kept as the passing one, does not count.
        let n = executions_for(|n| gorace::random(program, n)).max(20);
        let runs: Vec<_> = (0..arguments.pairs.min(5)).map(|_| gorace::random(program, n)).collect();
        let rate = median(&mut runs.iter().map(|run| run.rate()).collect::<Vec<_>>());
        let step = median(&mut runs.iter().map(|run| run.step()).collect::<Vec<_>>());
        let steps = runs[0].steps as f64 / n as f64;
        row([
            &format!("growth: {name}"),
            &format!("{rate:.0} /s"),
            "",
            "",
            &format!("a step {}, {steps:.0} an execution", time(step)),
        ]);
    }
}
