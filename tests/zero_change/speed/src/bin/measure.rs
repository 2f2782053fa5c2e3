//! `measure GORACE TSAN`: what the zero-change door costs, as ratios of one run.
//!
//! All times are processor times of the command with all that it started, since on a busy machine the time on the wall is
//! that of others. What a run costs once (cargo, the start) is taken away by running each command with few and with many
//! executions. Medians of interleaved rounds. `TSAN` is the memory-heavy program built with ThreadSanitizer; each of its
//! runs starts a process, as the plain program's do.

use std::process::{Command, Stdio};

const ROUNDS: usize = 5;

#[repr(C)]
#[derive(Default)]
struct Usage {
    /// Seconds and microseconds: the program's, then the system's.
    times: [[i64; 2]; 2],
    rest: [i64; 14],
}

unsafe extern "C" {
    fn getrusage(who: i32, usage: *mut Usage) -> i32;
}

/// The processor time of all that was started and has ended, in seconds.
fn spent() -> f64 {
    let mut usage = Usage::default();
    // Of the children.
    assert_eq!(unsafe { getrusage(-1, &mut usage) }, 0);
    usage.times.iter().map(|[seconds, micros]| *seconds as f64 + *micros as f64 / 1e6).sum()
}

fn cost(program: &str, args: &[&str]) -> f64 {
    let before = spent();
    let status = Command::new(program).args(args).stdout(Stdio::null()).stderr(Stdio::null()).status();
    assert!(status.expect("it starts").success(), "{program} {args:?}");
    spent() - before
}

/// What one of many executions costs, in seconds.
fn each(run: impl Fn(u32) -> f64, few: u32, many: u32) -> f64 {
    (run(many) - run(few)) / f64::from(many - few)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn main() {
    let gorace = std::env::args().nth(1).expect("measure GORACE TSAN");
    let tsan = std::env::args().nth(2).expect("measure GORACE TSAN");
    let folder = std::env::current_exe().expect("it has a path");
    let own = |name: &str| folder.with_file_name(name).display().to_string();
    let explore = |program: &'static str| {
        let gorace = gorace.clone();
        move |count: u32| {
            let count = count.to_string();
            let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
            let args = ["run", "--release", "--bin", program, "--manifest-path", manifest, "--timeout", "1h"];
            cost(&gorace, &[&args[..], &["--max-executions", &count]].concat())
        }
    };
    let (two_threads, memory) = (explore("two_threads"), explore("memory"));
    let (bare, plain) = (own("bare"), own("memory"));
    two_threads(1);
    memory(1);
    let mut rows: [Vec<f64>; 5] = Default::default();
    for _ in 0..ROUNDS {
        rows[0].push(each(|count| cost(&bare, &[&count.to_string()]), 100, 2_100));
        rows[1].push(each(&two_threads, 100, 2_100));
        rows[2].push(each(|count| (0..count).map(|_| cost(&plain, &[])).sum(), 1, 6));
        rows[3].push(each(&memory, 1, 6));
        rows[4].push(each(|count| (0..count).map(|_| cost(&tsan, &[])).sum(), 1, 6));
    }
    let [bare, schedule, plain, memory, tsan] = rows.map(median);
    println!("two threads, forked and nothing else: {:.3} ms", bare * 1e3);
    println!("two threads, a schedule:              {:.3} ms, {:.1} times that", schedule * 1e3, schedule / bare);
    println!("  schedules a second of a whole core: {:.0}, of two: {:.0}", 1.0 / schedule, 2.0 / schedule);
    println!("memory, plain:                        {:.1} ms", plain * 1e3);
    println!("memory, a schedule:                   {:.1} ms, {:.1} times that", memory * 1e3, memory / plain);
    println!("memory, ThreadSanitizer:              {:.1} ms, {:.1} times that", tsan * 1e3, tsan / plain);
}
