//! How the memory of wakeup trees grows with what is planned in them: the peak of a search in a process of its own, since what
//! an earlier one gave back may still be resident.

use crate::memory;
use crate::table::{row, time};
use crate::tools::{gorace, gorace_proofs};
use std::process::Command;

/// Set for the process that measures one of [`PROGRAMS`].
const VARIABLE: &str = "BENCH_TREES_OF";

/// A program that plans little, and sizes of the one that plans most: (n + 3) * 2^(n - 2) interleavings.
const PROGRAMS: [(&str, u64, fn()); 6] = [
    ("counter 3x3", 1_680, gorace_proofs::counter::<3, 3>),
    ("lastzero(7)", 320, gorace_proofs::lastzero::<7>),
    ("lastzero(9)", 1_536, gorace_proofs::lastzero::<9>),
    ("lastzero(11)", 7_168, gorace_proofs::lastzero::<11>),
    ("lastzero(13)", 32_768, gorace_proofs::lastzero::<13>),
    ("lastzero(15)", 147_456, gorace_proofs::lastzero::<15>),
];

/// Measures each in a process of its own, which prints its row.
pub fn run() {
    let this = std::env::current_exe().expect("the path of this program");
    for (name, ..) in PROGRAMS {
        let status = Command::new(&this).env(VARIABLE, name).status().expect("this program starts again");
        assert!(status.success(), "{name}: {status}");
    }
}

/// Whether this is such a process; then its row has been printed.
pub fn measured() -> bool {
    let Ok(wanted) = std::env::var(VARIABLE) else { return false };
    let (name, count, program) =
        PROGRAMS.into_iter().find(|(name, ..)| *name == wanted).expect("one of these programs");
    // Stacks, and what a process has once.
    gorace::random(program, 100);
    let (run, peak) = memory::peak(|| gorace::exhaustive(program, count));
    let kib = |mib: f64| {
        format!("peak {mib:.1} MiB more resident, {:.2} KiB an execution", mib * 1024.0 / count as f64)
    };
    row([
        &format!("trees: {name}"),
        &format!("{} of {count}", time(run.seconds)),
        "",
        "",
        &peak.map_or_else(|| "peak not known".to_owned(), kib),
    ]);
    true
}
