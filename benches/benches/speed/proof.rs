//! The time until every interleaving was run: small programs beside loom, and large ones.

use crate::arguments::Arguments;
use crate::memory;
use crate::table::{row, time, times};
use crate::tools::{gorace, gorace_proofs, loom, loom_proofs};
use gorace_benches::{geometric_mean, median};

/// Small programs: loom once, gorace as often as a median needs.
pub fn small(arguments: &Arguments) {
    let cap = arguments.loom_cap;
    let mut ratios = Vec::new();
    for ((name, count, ours), (_, _, theirs)) in gorace_proofs::SMALL.into_iter().zip(loom_proofs::SMALL) {
        let (before, after) = (arguments.pairs / 2, arguments.pairs.div_ceil(2));
        let mut seconds: Vec<f64> = (0..before).map(|_| gorace::exhaustive(ours, count).seconds).collect();
        let (run, finished) = loom::exhaustive(theirs, cap);
        seconds.extend((0..after).map(|_| gorace::exhaustive(ours, count).seconds));
        let seconds = median(&mut seconds);
        let theirs = run.seconds;
        let each = |seconds: f64, n: u64| time(seconds / n as f64);
        row([
            &format!("proof: {name}"),
            &format!("{} of {count}", time(seconds)),
            &format!("{} of {}{} loom", time(theirs), if finished { "" } else { ">" }, run.executions),
            &format!("{}{}", if finished { "" } else { ">" }, times(theirs / seconds)),
            &format!("an execution {} and {}", each(seconds, count), each(run.seconds, run.executions)),
        ]);
        ratios.push(theirs / seconds);
    }
    row([
        "proof: geometric mean",
        "",
        "",
        &times(geometric_mean(&ratios)),
        &format!("> is a lower bound: loom was stopped after {} s, which counts", cap.as_secs()),
    ]);
}

/// Large programs, once each.
pub fn large() {
    for (name, count, program) in gorace_proofs::LARGE {
        let (run, peak) = memory::peak(|| gorace::exhaustive(program, count));
        row([
            &format!("large: {name}"),
            &format!("{} of {count}", time(run.seconds)),
            "",
            "",
            &format!(
                "an execution {}, {:.0} steps; peak {}",
                time(run.seconds / count as f64),
                run.steps as f64 / count as f64,
                peak.map_or_else(|| "not known".to_owned(), |mib| format!("{mib:.1} MiB more resident")),
            ),
        ]);
    }
}
