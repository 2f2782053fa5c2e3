//! The search divided among others, who know nothing of each other but texts: the same executions in the same order
//! as one search begins.
//!
//! How many parts there are, and how far each comes in a round, is drawn at random.
//!
//! `GORACE_FUZZ_PROGRAMS` and `GORACE_FUZZ_SEED` set how many programs of each theme and the first seed.

use super::driver::run;
use super::generate::{Random, Theme, program};
use super::program::Program;
use super::traces::large_below;
use super::variable;
use crate::explore::{Budget, Class, Explorer, LEAST, Strategy, trust};
use crate::{Execution, trace_key};
use gorace_analyzer_core::verdict::Verdict;

/// Executions beyond which a program is passed over.
const EXECUTIONS: usize = 2_000;

/// What an execution was, and which trace.
type Ran = (Class, u64);

fn explorer(program: &Program, max_executions: u64) -> Explorer {
    let budget = Budget {
        max_executions,
        max_preemptions: None,
        max_steps: 10_000,
        idle_clock: false,
        spurious: program.spurious,
        after_finding: None,
    };
    Explorer::new(Strategy::Exhaustive, 1, budget, Vec::new())
}

fn drain(explorer: &mut Explorer, program: &Program) -> Vec<Ran> {
    let (mut execution, mut ran) = (Execution::default(), Vec::new());
    while let Some(plan) = explorer.next() {
        let (_, ended) = run(&mut execution, &plan, program);
        let class = explorer.absorb(&mut execution, ended);
        assert_ne!(class, Class::Diverged, "{}: {:?}", program.text, execution.divergence);
        ran.push((class, trace_key(&execution)));
    }
    ran
}

/// One explorer, as whoever keeps it between two rounds has it.
struct Unit {
    number: u64,
    state: String,
    ran: Vec<Ran>,
    /// Executions of parts that it took over.
    joined: usize,
}

#[derive(Default)]
struct Rounds {
    all: Vec<Ran>,
    rounds: usize,
    /// How many parts were taken over, and how many of them were parts of parts.
    joined: usize,
    nested: usize,
    in_vain: usize,
    verdict: Option<Verdict>,
}

/// Takes over all parts whose turn it is, those of parts too.
fn join(units: &mut Vec<(Unit, Explorer)>, rounds: &mut Rounds) {
    while let Some(due) = units.iter_mut().find_map(|(_, explorer)| explorer.awaits()) {
        let part = units.iter().position(|(unit, _)| unit.number == due).expect("one that was given away");
        let (part, explorer) = units.swap_remove(part);
        let waiting = units.iter_mut().position(|(_, explorer)| explorer.awaits() == Some(due));
        let (unit, of) = &mut units[waiting.expect("the one that waits")];
        if of.join(explorer) {
            rounds.joined += 1;
            rounds.nested += usize::from(unit.number > 0);
            unit.joined += part.ran.len() + part.joined;
            unit.ran.extend(part.ran);
        } else {
            rounds.in_vain += part.ran.len();
        }
    }
    // The parts of a part that was in vain are nobody's.
    loop {
        let parts: Vec<u64> = units.iter().flat_map(|(_, explorer)| explorer.parts()).collect();
        let is_nobodys = |(unit, _): &(Unit, Explorer)| unit.number > 0 && !parts.contains(&unit.number);
        let Some(at) = units.iter().position(is_nobodys) else { break };
        rounds.in_vain += units.swap_remove(at).0.ran.len();
    }
}

/// How many executions all parts may run, if they may turn out to be in vain.
fn bound(open: &[(Unit, Explorer)], in_vain: usize) -> Option<u64> {
    let ran = |part: &dyn Fn(&Unit) -> bool| {
        open.iter().filter(|(unit, _)| part(unit)).map(|(unit, _)| unit.ran.len() as u64).sum::<u64>()
    };
    let joined: usize = open.iter().map(|(unit, _)| unit.joined).sum();
    let has_doubt = in_vain > 0 || open.iter().any(|(_, explorer)| explorer.has_doubt());
    let (begun, out) = (ran(&|_| true) + in_vain as u64, ran(&|unit| unit.number > 0));
    has_doubt.then(|| trust(begun, joined as u64, in_vain as u64, out))
}

/// Up to `most` explorers in each round.
fn in_rounds(program: &Program, seed: u64, most: usize, budget: usize) -> Rounds {
    let mut random = Random::new(seed);
    let mut rounds = Rounds::default();
    let mut number = 0;
    let state = explorer(program, 1).state();
    let mut units = vec![Unit { number, state, ran: Vec::new(), joined: 0 }];
    loop {
        rounds.rounds += 1;
        let mut open: Vec<(Unit, Explorer)> = Vec::new();
        for unit in units {
            let mut explorer = explorer(program, random.below(budget) as u64 + 1);
            explorer.resume(&unit.state).expect("a state");
            assert_eq!(explorer.state(), unit.state, "{}", program.text);
            open.push((unit, explorer));
        }
        // As `gorace split` does it: what parts may run is bounded where they may be in vain.
        let in_doubt = bound(&open, rounds.in_vain);
        let most = in_doubt.map_or(most, |bound| most.min(1 + (bound / LEAST) as usize));
        let mut idle = 0;
        while open.len() < most && idle < open.len() {
            let at = random.below(open.len());
            number += 1;
            match open[at].1.divide(number) {
                Some(part) => {
                    let mut explorer = explorer(program, random.below(budget) as u64);
                    explorer.resume(&part.state()).expect("a part");
                    open.push((Unit { number, state: String::new(), ran: Vec::new(), joined: 0 }, explorer));
                }
                None => idle += 1,
            }
        }
        let parts = open.len().saturating_sub(1).max(1) as u64;
        for (at, (unit, explorer)) in open.iter_mut().enumerate() {
            if let Some(bound) = in_doubt.filter(|_| unit.number > 0) {
                explorer.limit(if at < most { bound / parts.min(most as u64) } else { 0 });
            }
            unit.ran.extend(drain(explorer, program));
            unit.state = explorer.state();
        }
        // Whoever joins them reads them as well.
        let mut read: Vec<(Unit, Explorer)> = Vec::new();
        for (unit, _) in open {
            let mut explorer = explorer(program, u64::MAX);
            explorer.resume(&unit.state).expect("a state");
            read.push((unit, explorer));
        }
        join(&mut read, &mut rounds);
        let is_over = !read.iter_mut().any(|(_, explorer)| explorer.can_go_on());
        if is_over {
            assert_eq!(read.len(), 1, "{}", program.text);
            let (unit, explorer) = read.remove(0);
            rounds.all = unit.ran;
            rounds.verdict = Some(explorer.verdict());
            return rounds;
        }
        units = read.into_iter().map(|(unit, explorer)| Unit { state: explorer.state(), ..unit }).collect();
    }
}

fn in_one_go(program: &Program) -> Option<(Vec<Ran>, Verdict)> {
    let mut whole = explorer(program, EXECUTIONS as u64);
    let ran = drain(&mut whole, program);
    whole.frontier().is_none().then(|| (ran, whole.verdict()))
}

fn compare(theme: Theme) {
    let (programs, seed) = (variable("GORACE_FUZZ_PROGRAMS", 30), variable("GORACE_FUZZ_SEED", 1));
    let (mut executions, mut joined, mut nested, mut in_vain, mut compared) = (0, 0, 0, 0, 0);
    for seed in seed..seed + programs {
        let program = program(theme, seed);
        let Some((expected, verdict)) = in_one_go(&program) else { continue };
        for (most, budget) in [(1, 20), (2, 5), (7, 3), (7, 40)] {
            let rounds = in_rounds(&program, seed, most, budget);
            assert_eq!(rounds.all, expected, "{most} parts: {}", program.text);
            assert_eq!(rounds.verdict, Some(verdict), "{most} parts: {}", program.text);
            executions += expected.len();
            joined += rounds.joined;
            nested += rounds.nested;
            in_vain += rounds.in_vain;
            compared += 1;
        }
    }
    println!(
        "{theme:?}: {compared} compared, {executions} executions, {joined} parts, {nested} of parts, {in_vain} in vain"
    );
    assert!(joined > 0, "no parts");
    assert!(in_vain * 20 <= executions, "{in_vain} in vain beside {executions}");
}

themes!(compare);

#[test]
fn parts_of_parts() {
    for (program, traces) in large_below() {
        let rounds = in_rounds(&program, 1, 7, 40);
        assert_eq!(rounds.all.len() as u64, traces, "{}", program.text);
        assert_eq!((rounds.in_vain, rounds.verdict), (0, Some(Verdict::Verified)), "{}", program.text);
        assert!(rounds.nested > 0, "{}", program.text);
    }
}

/// Reading what was cut or changed ends, without a panic, and so does dividing and joining what can be read all the same.
/// (Changes in a file are seen by its sum.)
#[test]
fn damaged_parts() {
    let mut random = Random::new(1);
    let (mut read, mut refused, mut joined) = (0, 0, 0);
    for theme in [Theme::Locks, Theme::Selects, Theme::Contexts] {
        for seed in 1..=12 {
            let program = program(theme, seed);
            let mut whole = explorer(&program, 3);
            drain(&mut whole, &program);
            let Some(mut part) = whole.divide(1) else { continue };
            let mut part_of = explorer(&program, 4);
            part_of.resume(&part.state()).expect("a part");
            part = part_of;
            drain(&mut part, &program);
            // Up to where the part's turn has come.
            let mut waiting = explorer(&program, 2_000);
            waiting.resume(&whole.state()).expect("a state");
            drain(&mut waiting, &program);
            whole = waiting;
            joined += u32::from(whole.awaits().is_some());
            for (is_part, state) in [(true, part.state()), (false, whole.state())] {
                for _ in 0..variable("GORACE_FUZZ_FILES", 300) {
                    let mut bytes = state.clone().into_bytes();
                    for _ in 0..=random.below(3) {
                        let at = random.below(bytes.len());
                        match random.below(8) {
                            0 => bytes.truncate(at + 1),
                            1..7 => bytes[at] = b"ABCDEFGHIQZabz019-_"[random.below(19)],
                            _ => drop(bytes.drain(at..(at + random.below(8)).min(bytes.len()))),
                        }
                        if bytes.is_empty() {
                            break;
                        }
                    }
                    let text = String::from_utf8(bytes).expect("ASCII");
                    let mut damaged = explorer(&program, 1);
                    if damaged.resume(&text).is_err() {
                        refused += 1;
                        continue;
                    }
                    read += 1;
                    let _ = (damaged.can_go_on(), damaged.parts(), damaged.verdict(), damaged.awaits());
                    let _ = damaged.divide(7).map(|part| part.state());
                    let mut other = explorer(&program, 1);
                    let mut of = explorer(&program, 1);
                    let (one, two) = if is_part { (text, whole.state()) } else { (part.state(), text) };
                    other.resume(&one).expect("read before");
                    of.resume(&two).expect("read before");
                    if of.awaits().is_some() {
                        of.join(other);
                        let _ = of.can_go_on();
                    }
                }
            }
        }
    }
    println!("{read} read, {refused} refused");
    assert!(read > 100 && refused > 100 && joined > 5, "{read} read, {refused} refused, {joined} joined");
}
