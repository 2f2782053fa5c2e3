//! Parts of the search that have parts of their own: the same executions in the same order as without.
//!
//! Who goes on, who gives a part away and who is taken over is drawn at random.
//!
//! `GORACE_FUZZ_PROGRAMS` and `GORACE_FUZZ_SEED` set how many programs of each theme and the first seed.

use super::generate::{Random, Theme, program};
use super::parts::{Ran, in_one_go, step};
use super::program::Program;
use super::variable;
use crate::Execution;
use crate::explore::{ELSEWHERE, Optimal};

/// How many search at a time.
const MOST: usize = 4;

struct Searcher {
    name: u64,
    search: Optimal,
    ran: Vec<Ran>,
}

impl Searcher {
    fn new(name: u64, search: Optimal) -> Self {
        Searcher { name, search, ran: Vec::new() }
    }
}

/// All executions, and how many parts of parts were taken over.
fn in_nested_parts(program: &Program, seed: u64) -> (Vec<Ran>, usize) {
    let mut random = Random::new(seed);
    let mut execution = Execution::default();
    let mut all = vec![Searcher::new(0, Optimal::default())];
    let (mut names, mut nested) = (ELSEWHERE, 0);
    loop {
        let at = random.below(all.len());
        let searcher = &mut all[at];
        match (random.below(3), searcher.search.due()) {
            (0, _) => {
                names += 1;
                if all.len() < MOST {
                    let part = all[at].search.split(names);
                    all.extend(part.map(|part| Searcher::new(names, part)));
                }
            }
            (_, Some(due)) => {
                let part = all.iter().position(|part| part.name == due).expect("one that was split off");
                let mut part = all.remove(part);
                let of =
                    all.iter().position(|of| of.name != due && of.search.parts_elsewhere().contains(&due));
                let of = &mut all[of.expect("the one that waits")];
                match of.search.adopt(&mut part.search) {
                    true => {
                        nested += usize::from(of.name > 0);
                        of.ran.extend(part.ran);
                    }
                    false => of.search.give_up(),
                }
                // The parts of a part that was in vain are nobody's.
                loop {
                    let parts: Vec<u64> = all.iter().flat_map(|of| of.search.parts_elsewhere()).collect();
                    let is_nobodys = |part: &Searcher| part.name > 0 && !parts.contains(&part.name);
                    let Some(at) = all.iter().position(is_nobodys) else { break };
                    all.remove(at);
                }
            }
            (_, None) => match step(&mut searcher.search, program, &mut execution) {
                Some(ran) => searcher.ran.push(ran),
                None if at == 0 => return (all.swap_remove(0).ran, nested),
                None => {}
            },
        }
    }
}

fn compare(theme: Theme) {
    let (programs, seed) = (variable("GORACE_FUZZ_PROGRAMS", 30), variable("GORACE_FUZZ_SEED", 1));
    for seed in seed..seed + programs {
        let program = program(theme, seed);
        let Some(expected) = in_one_go(&program) else { continue };
        for draw in 0..3 {
            let (all, _) = in_nested_parts(&program, seed ^ draw << 32);
            assert_eq!(all, expected, "{}", program.text);
        }
    }
}

themes!(compare);

/// A part had left out what extends a sequence that in its turn went past a step that was planned meanwhile.
#[test]
fn what_extends_a_sequence_that_strays() {
    let program = program(Theme::Poison, 90433);
    let expected = in_one_go(&program).expect("an end");
    let mut nested = 0;
    for seed in 1..=100 {
        let (all, more) = in_nested_parts(&program, seed);
        assert_eq!(all, expected, "drawn from {seed}");
        nested += more;
    }
    assert!(nested > 100, "{nested} parts of parts");
}
