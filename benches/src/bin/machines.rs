//! A thousand machines, simulated: how long rounds of an exploration take, and where the time goes.
//!
//! Usage: `machines [EXECUTIONS] [BUDGET]`, the size of the program and each share's budget of executions a round. What a
//! round costs and how large parts are is measured (`benches/scale.sh`, `docs/distributed/slurm/test.sh`); how many parts
//! can be given away is the assumption, of which there are two: a program of three tasks, in which it goes up and down,
//! and one of six, in which it grew round by round as far as it was measured. Deterministic: chance is a seed.

/// Seconds an execution.
const EXECUTION: f64 = 10e-6;
/// Seconds until the elements of a round run: what Slurm took to start an array, and a process to begin.
const START: f64 = 2.0;
/// Seconds to split, and to merge, for each share: files that are written whole, and read.
const SPLIT: f64 = 1.5e-3;
const MERGE: f64 = 1.0e-3;
/// Parts for each share, as `gorace split` gives.
const PARTS: usize = 4;
/// How many executions parts had run when they were done: quantiles of what was measured, in steps of a tenth.
const SIZES: [f64; 11] =
    [10.0, 20.0, 60.0, 280.0, 756.0, 2_520.0, 6_930.0, 18_480.0, 60_060.0, 100_002.0, 1_333_500.0];

/// How many parts can be given away in a round.
#[derive(Clone, Copy)]
enum Width {
    /// Of three tasks: what was measured, again and again.
    UpAndDown,
    /// Of six tasks: 12, 35, 55, 81, 88, 120, 162 were measured, a quarter more each round from then on.
    Growing,
}

impl Width {
    fn at(self, round: usize) -> f64 {
        const THREE: [f64; 17] =
            [8.0, 2.0, 2.0, 2.0, 8.0, 19.0, 23.0, 6.0, 5.0, 12.0, 8.0, 3.0, 4.0, 2.0, 1.0, 9.0, 2.0];
        const SIX: [f64; 7] = [12.0, 35.0, 55.0, 81.0, 88.0, 120.0, 162.0];
        match self {
            Width::UpAndDown => THREE[round % THREE.len()],
            Width::Growing => match SIX.get(round) {
                Some(parts) => *parts,
                None => 162.0 * 1.25_f64.powi((round - SIX.len() + 1).min(60) as i32),
            },
        }
    }
}

/// SplitMix64 (Steele, Lea and Flood 2014), as a number from 0 to 1.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// A part's size; in a larger program all are larger.
    fn size(&mut self, scale: f64) -> f64 {
        let place = self.next() * 10.0;
        let (below, within) = (place as usize, place.fract());
        let (from, to) = (SIZES[below], SIZES[(below + 1).min(10)]);
        (from * (to / from).powf(within) * scale).max(1.0)
    }
}

#[derive(Default)]
struct Times {
    rounds: usize,
    started: f64,
    ran: f64,
    files: f64,
    /// Of all machines, while the slowest of a round ran.
    idle: f64,
}

fn simulate(machines: usize, executions: f64, budget: f64, width: Width) -> Times {
    let mut chance = Chance(1);
    let mut times = Times::default();
    let mut left = executions;
    let scale = (executions / 1_441_440.0).max(1.0);
    while left > 0.0 {
        let parts = (width.at(times.rounds) as usize).clamp(1, machines * PARTS);
        let mut shares = vec![0.0; machines];
        for part in 0..parts {
            let share: &mut f64 = &mut shares[part % machines];
            let runs = chance.size(scale).min(budget - *share).min(left);
            *share += runs;
            left -= runs;
        }
        let slowest = shares.iter().copied().fold(0.0, f64::max) * EXECUTION;
        times.rounds += 1;
        times.started += START;
        times.ran += slowest;
        times.files += (SPLIT + MERGE) * machines as f64;
        times.idle += shares.iter().map(|share| slowest - share * EXECUTION).sum::<f64>();
    }
    times
}

fn main() {
    let mut arguments =
        std::env::args().skip(1).filter_map(|argument| argument.replace('_', "").parse::<f64>().ok());
    let executions = arguments.next().unwrap_or(1e10);
    let budget = arguments.next().unwrap_or(6e6);
    println!(
        "{executions:e} executions, {:.1} h on one core; {budget:e} executions a share and round",
        executions * EXECUTION / 3_600.0
    );
    println!(
        "{:<10} {:>8} {:>7} {:>9} {:>8} {:>8} {:>8} {:>8} {:>6}",
        "width", "machines", "rounds", "hours", "speed-up", "start %", "run %", "files %", "idle %"
    );
    for (name, width) in [("up, down", Width::UpAndDown), ("growing", Width::Growing)] {
        for machines in [1, 8, 64, 1_000] {
            let Times { rounds, started, ran, files, idle } = simulate(machines, executions, budget, width);
            let all = started + ran + files;
            let percent = |part: f64| 100.0 * part / all;
            println!(
                "{name:<10} {machines:>8} {rounds:>7} {:>9.2} {:>8.1} {:>8.1} {:>8.1} {:>8.1} {:>6.1}",
                all / 3_600.0,
                executions * EXECUTION / all,
                percent(started),
                percent(ran),
                percent(files),
                100.0 * idle / (ran * machines as f64).max(f64::MIN_POSITIVE),
            );
        }
    }
}
