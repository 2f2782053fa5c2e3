//! The search in parts, explored ahead of their turn: the same executions in the same order as without.
//!
//! Which parts there are, and how far each has come when its turn is there, is drawn at random: so may threads do it.
//!
//! `GORACE_FUZZ_PROGRAMS` and `GORACE_FUZZ_SEED` set how many programs of each theme and the first seed.

use super::driver::run;
use super::generate::{Random, Theme, program};
use super::in_vain::told_apart_late;
use super::program::Program;
use super::traces::large_below;
use super::variable;
use crate::explore::{LEAST, Optimal, Spare, trust};
use crate::{Execution, Plan, trace_key};
use gorace_analyzer_core::trace::Ended;

/// Executions beyond which a program is passed over.
pub const EXECUTIONS: usize = 3_000;

/// What an execution was: whether it was a new trace, and which.
pub type Ran = (bool, u64);

/// Runs one more execution of a search; `None` when there is none left.
pub fn step(search: &mut Optimal, program: &Program, execution: &mut Execution) -> Option<Ran> {
    let selection = search.next()?;
    let plan = Plan { selection, max_steps: 10_000, idle_clock: false, spurious: program.spurious };
    let (_, ended) = run(execution, &plan, program);
    assert_ne!(ended, Ended::Diverged, "{}: {:?}", program.text, execution.divergence);
    let is_new = search.absorb(execution, ended != Ended::Abandoned);
    Some((is_new, trace_key(execution)))
}

pub fn in_one_go(program: &Program) -> Option<Vec<Ran>> {
    let (mut search, mut execution, mut all) = (Optimal::default(), Execution::default(), Vec::new());
    while let Some(ran) = step(&mut search, program, &mut execution) {
        all.push(ran);
        if all.len() > EXECUTIONS {
            return None;
        }
    }
    Some(all)
}

#[derive(Default)]
struct Parts {
    all: Vec<Ran>,
    /// How many parts were taken over, how many executions those had run, and how many those that were given up.
    adopted: usize,
    of_parts: usize,
    in_vain: usize,
}

/// Up to `most` parts at a time.
fn in_parts(program: &Program, seed: u64, most: usize) -> Parts {
    let mut random = Random::new(seed);
    let mut execution = Execution::default();
    let mut search = Optimal::default();
    let mut out: Vec<(u64, Optimal, Vec<Ran>)> = Vec::new();
    let mut over: Vec<u64> = Vec::new();
    let (mut parts, mut spare) = (Parts::default(), Spare::default());
    let mut name = 0;
    loop {
        // What parts run that may turn out to be none is bounded, as where threads share and where rounds are divided.
        let ran: usize = out.iter().map(|(_, _, ran)| ran.len()).sum();
        let (begun, of_parts, in_vain) =
            (parts.all.len() + ran + parts.in_vain, parts.of_parts, parts.in_vain);
        let is_in_doubt = in_vain > 0 || search.has_doubt();
        let mut bound = if is_in_doubt {
            trust(begun as u64, of_parts as u64, in_vain as u64, ran as u64)
        } else {
            u64::MAX
        };
        if bound >= LEAST && out.len() < most && random.below(3) == 0 {
            name += 1;
            let part = search.split(name).map(|part| part.begin_in(&mut spare));
            out.extend(part.map(|part| (name, part, Vec::new())));
        }
        for (name, part, ran) in &mut out {
            if over.contains(name) {
                continue;
            }
            let steps = bound.min(random.below(4) as u64);
            bound -= steps;
            for _ in 0..steps {
                ran.extend(step(part, program, &mut execution));
            }
            // Nothing more is run of it, though there may be more.
            if random.below(4) == 0 {
                over.push(*name);
                part.end_in(&mut spare);
            }
        }
        if let Some(due) = search.due() {
            let at = out.iter().position(|(name, ..)| *name == due).expect("one that was split off");
            let (_, mut part, ran) = out.swap_remove(at);
            over.retain(|name| *name != due);
            if search.adopt(&mut part) {
                parts.adopted += 1;
                parts.of_parts += ran.len();
                parts.all.extend(ran);
            } else {
                parts.in_vain += ran.len();
                search.give_up();
            }
            part.go_back_to(&mut spare);
            continue;
        }
        match step(&mut search, program, &mut execution) {
            Some(ran) => parts.all.push(ran),
            None => {
                parts.in_vain += out.iter().map(|(_, _, ran)| ran.len()).sum::<usize>();
                return parts;
            }
        }
    }
}

fn compare(theme: Theme) {
    let (programs, seed) = (variable("GORACE_FUZZ_PROGRAMS", 60), variable("GORACE_FUZZ_SEED", 1));
    let (mut executions, mut adopted, mut of_parts, mut in_vain) = (0, 0, 0, 0);
    for seed in seed..seed + programs {
        let program = program(theme, seed);
        let Some(expected) = in_one_go(&program) else { continue };
        for most in [1, 3] {
            let parts = in_parts(&program, seed, most);
            assert_eq!(parts.all, expected, "{most} parts: {}", program.text);
            executions += expected.len();
            adopted += parts.adopted;
            of_parts += parts.of_parts;
            in_vain += parts.in_vain;
        }
    }
    println!("{theme:?}: {executions} executions, {of_parts} of {adopted} parts, {in_vain} in vain");
    assert!(adopted > 0 && of_parts > 0, "no parts");
    assert!(in_vain * 20 <= executions, "{in_vain} in vain beside {executions}: more than 5 %");
}

themes!(compare);

/// What a race leads to hung on more in its turn than the part had looked at: that was planned in doubt, if it was of the
/// part's last execution, and something was run twice.
#[test]
fn a_part_that_did_not_look_at_all_that_counts_is_given_up() {
    for (theme, seed) in [(Theme::Pairs, 740_061), (Theme::Timeouts, 740_776)] {
        let program = program(theme, seed);
        let expected = in_one_go(&program).expect("few executions");
        assert_eq!(in_parts(&program, seed, 3).all, expected, "{}", program.text);
    }
}

/// A part whose executions might drop what is planned above it is given up.
#[test]
fn what_is_told_apart_late() {
    let expected = in_one_go(&told_apart_late()).expect("few executions");
    for seed in 1..=40 {
        assert_eq!(in_parts(&told_apart_late(), seed, 3).all, expected);
    }
}

/// Two who search, a step each at a time: the one in the order of the search, the other ahead of it.
fn in_turns(program: &Program) -> u64 {
    let (mut execution, mut search) = (Execution::default(), Optimal::default());
    let mut out: Vec<(u64, Optimal)> = Vec::new();
    let (mut rounds, mut name) = (0, 0);
    loop {
        rounds += 1;
        while out.last_mut().is_none_or(|(_, part)| step(part, program, &mut execution).is_none()) {
            name += 1;
            let Some(part) = search.split(name) else { break };
            out.push((name, part));
        }
        while let Some(due) = search.due() {
            let at = out.iter().position(|(name, _)| *name == due).expect("one that was split off");
            if !search.adopt(&mut out.swap_remove(at).1) {
                search.give_up();
            }
        }
        if step(&mut search, program, &mut execution).is_none() {
            return rounds;
        }
    }
}

#[test]
fn two_need_about_half_as_long_as_one() {
    for (program, traces) in large_below() {
        let rounds = in_turns(&program);
        assert!(rounds * 100 <= traces * 55, "{rounds} rounds for {traces}: {}", program.text);
    }
}
