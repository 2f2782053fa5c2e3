//! Leaves that are run ahead of their turn: the same executions in the same order as without.
//!
//! Which leaves, and which of them were run when their turn is there, is drawn at random: so may threads do it.
//!
//! `GORACE_FUZZ_PROGRAMS` and `GORACE_FUZZ_SEED` set how many programs of each theme and the first seed.

use super::driver::run;
use super::generate::{Random, Theme, program};
use super::in_vain::{told_apart_late, whose_wakers};
use super::parts::{EXECUTIONS, Ran, step};
use super::program::Program;
use super::variable;
use crate::explore::optimal::{Leaves, parts_of_mark};
use crate::explore::{Analysis, Optimal, Ran as RanLeaf};
use crate::{Execution, Plan, trace_key};
use gorace_analyzer_core::trace::Ended;

/// Leaves that were given away, and what was run of them.
struct Out {
    leaves: Leaves,
    ran: Vec<Option<(RanLeaf, Ran)>>,
    /// Those that were run, or whose turn was there.
    is_run: Vec<bool>,
    is_over: bool,
}

/// What an execution was, and how many traces there seemed to be after it.
type Met = (Ran, f64);

fn in_order(program: &Program) -> Option<Vec<Met>> {
    let (mut search, mut execution, mut all) = (Optimal::default(), Execution::default(), Vec::new());
    while let Some(ran) = step(&mut search, program, &mut execution) {
        all.push((ran, search.estimate()));
        if all.len() > EXECUTIONS {
            return None;
        }
    }
    Some(all)
}

#[derive(Default)]
struct Ahead {
    all: Vec<Met>,
    adopted: usize,
    /// Leaves that were run, and could not be taken over: of those, because they do not fit.
    in_vain: usize,
    unfit: usize,
}

/// With parts of the search explored ahead of their turn as well, if there `are_parts`: these say nothing of the estimate.
fn run_ahead(program: &Program, seed: u64, are_parts: bool) -> Ahead {
    let mut random = Random::new(seed);
    let (mut execution, mut search) = (Execution::default(), Optimal::default());
    let mut analyses = [Analysis::default(), Analysis::default()];
    let mut out: Vec<Out> = Vec::new();
    let (mut ahead, mut name) = (Ahead::default(), 0);
    let mut parts: Vec<(u64, Optimal, Vec<Ran>)> = Vec::new();
    loop {
        if are_parts && !search.has_doubt() && random.below(4) == 0 {
            name += 1;
            parts.extend(search.split(name).map(|part| (name, part, Vec::new())));
        }
        for (_, part, ran) in &mut parts {
            for _ in 0..random.below(3) {
                ran.extend(step(part, program, &mut execution));
            }
        }
        if random.below(3) == 0 {
            name += 1;
            let is_out = |mark: u64| {
                let Some((name, number)) = parts_of_mark(mark) else { return true };
                let of = out.iter().find(|out| out.leaves.name() == name);
                of.is_some_and(|out| !out.is_over || out.ran[number].is_some())
            };
            if let Some(leaves) = search.give_leaves(name, (1, 1 + random.below(5)), 0, &is_out, &mut None) {
                let ran = (0..leaves.len()).map(|_| None).collect();
                let is_run = vec![false; leaves.len()];
                out.push(Out { leaves, ran, is_run, is_over: false });
            }
        }
        for Out { leaves, ran, is_run, is_over } in &mut out {
            for number in 0..leaves.len() {
                if *is_over || is_run[number] || random.below(4) != 0 {
                    continue;
                }
                is_run[number] = true;
                let (max_steps, spurious) = (10_000, program.spurious);
                let selection = leaves.selection(number);
                let plan = Plan { selection, max_steps, idle_clock: false, spurious };
                let (_, ended) = run(&mut execution, &plan, program);
                let is_plain = ended == Ended::Quiescent && !execution.disables_timers();
                let mut left = RanLeaf::default();
                let which = random.below(2);
                match analyses[which].look(leaves, number, &mut execution, is_plain, &mut left) {
                    true => ran[number] = Some((left, (true, trace_key(&execution)))),
                    false => ahead.unfit += 1,
                }
            }
            *is_over |= random.below(20) == 0;
        }
        if let Some(at) = search.due().and_then(|due| parts.iter().position(|(name, ..)| *name == due)) {
            let (_, mut part, ran) = parts.swap_remove(at);
            match search.adopt(&mut part) {
                true => ahead.all.extend(ran.into_iter().map(|ran| (ran, f64::NAN))),
                false => search.give_up(),
            }
            continue;
        }
        if let Some((name, number)) = search.due().and_then(parts_of_mark) {
            let of =
                out.iter_mut().find(|out| out.leaves.name() == name).expect("leaves that were given away");
            if let Some((mut ran, key)) = of.ran[number].take() {
                if search.adopt_leaf(&of.leaves, number, &mut ran) {
                    ahead.all.push((key, search.estimate()));
                    ahead.adopted += 1;
                    continue;
                }
                ahead.in_vain += 1;
            }
            of.is_run[number] = true;
            search.give_up();
        }
        match step(&mut search, program, &mut execution) {
            Some(ran) => ahead.all.push((ran, search.estimate())),
            None => {
                ahead.in_vain += out.iter().flat_map(|out| &out.ran).flatten().count();
                return ahead;
            }
        }
    }
}

/// What is known of objects that nobody has used is handed over as well.
#[test]
fn where_objects_were_made() {
    let expected = in_order(&whose_wakers()).expect("few executions");
    for seed in 1..=40 {
        assert_eq!(run_ahead(&whose_wakers(), seed, false).all, expected);
    }
}

/// What was planned in doubt is dropped by leaves that were run ahead as by those that were not.
#[test]
fn what_is_told_apart_late() {
    let expected = in_order(&told_apart_late()).expect("few executions");
    for seed in 1..=40 {
        assert_eq!(run_ahead(&told_apart_late(), seed, false).all, expected);
    }
}

fn compare(theme: Theme) {
    let (programs, seed) = (variable("GORACE_FUZZ_PROGRAMS", 60), variable("GORACE_FUZZ_SEED", 1));
    let (mut executions, mut adopted, mut in_vain, mut unfit, mut mixed) = (0, 0, 0, 0, 0);
    for seed in seed..seed + programs {
        let program = program(theme, seed);
        let Some(expected) = in_order(&program) else { continue };
        let ahead = run_ahead(&program, seed, false);
        assert_eq!(ahead.all, expected, "{}", program.text);
        let beside = run_ahead(&program, seed, true);
        let is_same = |((one, seems), (other, seemed)): (&Met, &Met)| {
            one == other && (seems.is_nan() || seems == seemed)
        };
        assert_eq!(beside.all.len(), expected.len(), "{}", program.text);
        let other = beside.all.iter().zip(&expected).position(|pair| !is_same(pair));
        assert_eq!(other, None, "{:?} in {}", other.map(|at| (beside.all[at], expected[at])), program.text);
        executions += expected.len();
        adopted += ahead.adopted;
        in_vain += ahead.in_vain;
        unfit += ahead.unfit;
        mixed += beside.adopted;
    }
    println!(
        "{theme:?}: {executions} executions, {adopted} taken over, {in_vain} in vain, {unfit} did not fit; {mixed} beside parts"
    );
}

themes!(compare);
