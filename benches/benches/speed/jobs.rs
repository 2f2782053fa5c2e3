//! How much sooner a proof is finished by two threads: wall time, since that is what threads are for.
//!
//! It says something only where two cores are free; whoever measures beside other work measures that.

use crate::arguments::Arguments;
use crate::table::{row, time, times};
use crate::tools::{gorace, gorace_proofs};
use gorace_benches::median;

/// Programs whose proofs take a second or more, and how many interleavings they have.
const PROGRAMS: [(&str, fn(), u64); 2] = [
    ("readers(16)", gorace_proofs::readers::<16>, 65_536),
    ("counter 4x3", gorace_proofs::counter::<4, 3>, 369_600),
];

pub fn run(arguments: &Arguments) {
    for (name, program, interleavings) in PROGRAMS {
        let runs: Vec<_> = (0..arguments.pairs.min(3))
            .map(|_| [1, 2].map(|jobs| gorace::by_threads(program, interleavings, jobs)))
            .collect();
        let [alone, together] =
            [0, 1].map(|at| median(&mut runs.iter().map(|run| run[at]).collect::<Vec<_>>()));
        row([
            &format!("jobs: {name}"),
            &time(together),
            &format!("{} by one thread", time(alone)),
            &times(median(&mut runs.iter().map(|[alone, together]| alone / together).collect::<Vec<_>>())),
            "wall time, with two threads",
        ]);
    }
}
