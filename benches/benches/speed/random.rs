//! Random schedules a second, beside shuttle: gorace, then shuttle, then gorace ..

use crate::arguments::Arguments;
use crate::executions_for;
use crate::table::{row, times};
use crate::tools::{Run, gorace, on_gorace, on_shuttle, shuttle};
use gorace_benches::{geometric_mean, median};

pub fn run(arguments: &Arguments) {
    let mut ratios = Vec::new();
    for ((name, ours), (_, theirs)) in on_gorace::ALL.into_iter().zip(on_shuttle::ALL) {
        let n = executions_for(|n| gorace::random(ours, n));
        let m = executions_for(|n| shuttle::random(theirs, n));
        let steps_theirs = shuttle::steps(theirs, 100);
        let runs: Vec<(Run, Run)> =
            (0..arguments.pairs).map(|_| (gorace::random(ours, n), shuttle::random(theirs, m))).collect();
        let of = |f: &dyn Fn(&(Run, Run)) -> f64| median(&mut runs.iter().map(f).collect::<Vec<_>>());
        let ratio = of(&|(a, b)| a.rate() / b.rate());
        let steps_ours = of(&|(a, _)| a.steps as f64 / a.executions as f64);
        row([
            &format!("random: {name}"),
            &format!("{:.0} /s", of(&|(a, _)| a.rate())),
            &format!("{:.0} /s shuttle", of(&|(_, b)| b.rate())),
            &times(ratio),
            &format!("{steps_ours:.0} steps an execution, shuttle's {steps_theirs:.0}"),
        ]);
        ratios.push(ratio);
    }
    row(["random: geometric mean", "", "", &times(geometric_mean(&ratios)), ""]);
}
