//! How much sooner a proof is finished by two threads: wall time, since that is what threads are for.
//!
//! It says something only where two cores are free; whoever measures beside other work measures that.

use crate::arguments::Arguments;
use crate::table::{row, time, times};
use crate::tools::{gorace, gorace_proofs};
use gorace_benches::median;

/// Programs whose proofs take a second or more, and how many interleavings they have.
const PROGRAMS: [(&str, fn(), u64); 6] = [
    ("counter 4x3", gorace_proofs::counter::<4, 3>, 369_600),
    ("fetch_add 4x3", gorace_proofs::fetch_add::<4, 3>, 369_600),
    ("dining(16)", gorace_proofs::dining::<16, true>, 65_534),
    ("buffer, 9 messages", gorace_proofs::buffer::<9>, 131_072),
    ("readers(16)", gorace_proofs::readers::<16>, 65_536),
    ("lastzero(15)", gorace_proofs::lastzero::<15>, 147_456),
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
