//! Random programs that are rich: many interleavings, ends at which somebody waits for ever, each dependent pair.
//! Judged by two references, neither of which knows of dependency: every interleaving of the engine's own primitives,
//! where these are few enough, and the small-step semantics of [`reference`].
//!
//! Programs grow until the optimal search counts as many traces as their class asks for. That only selects them: what
//! they are judged by does not see it.
//!
//! `GORACE_RICH_PROGRAMS` and `GORACE_FUZZ_SEED` set how many programs of each theme and the first seed.

use super::bounded::each_schedule;
use super::driver::{plan, run};
use super::generate::{Theme, longer_program};
use super::program::{Knowledge, Outcome, Program};
use super::{reference, variable};
use crate::explore::Optimal;
use crate::{AccessKind, DEPENDENT, Execution, trace_key};
use gorace_analyzer_core::trace::Ended;
use gorace_analyzer_core::{ObjIx, TaskIx};
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Traces beyond which a program is not taken.
const TRACES: u64 = 3_000;
/// States of the semantics, and interleavings of the primitives, beyond which one of the references is left out.
const STATES: usize = 100_000;
const INTERLEAVINGS: u64 = 3_000;

type Pairs = BTreeSet<(AccessKind, AccessKind)>;

#[derive(Default)]
struct Searched {
    outcomes: BTreeSet<Outcome>,
    keys: BTreeSet<u64>,
    complete: u64,
    redundant: u64,
    stuck: bool,
    pairs: Pairs,
}

fn search(program: &Program) -> Option<Searched> {
    let mut searched = Searched::default();
    let (mut optimal, mut execution) = (Optimal::default(), Execution::default());
    while let Some(selection) = optimal.next() {
        let (outcome, ended) = run(&mut execution, &plan(selection), program);
        match ended {
            Ended::Quiescent => {
                searched.stuck |= outcome.done.contains(&false);
                searched.outcomes.insert(outcome);
            }
            // What is dropped shows nothing, but is a trace all the same.
            Ended::Dropped => {}
            Ended::Abandoned => searched.redundant += 1,
            other => panic!("{}: {other:?}", program.text),
        }
        if ended != Ended::Abandoned {
            searched.keys.insert(trace_key(&execution));
            searched.complete += 1;
            dependent_pairs(&execution, &mut searched.pairs);
        }
        optimal.absorb(&mut execution, ended != Ended::Abandoned);
        if searched.complete > TRACES {
            return None;
        }
    }
    Some(searched)
}

/// The dependent pairs of accesses by different tasks to one object.
fn dependent_pairs(execution: &Execution, pairs: &mut Pairs) {
    let mut accesses: BTreeSet<(ObjIx, AccessKind, TaskIx)> = BTreeSet::new();
    for (event, footprint) in execution.trace.events.iter().zip(execution.footprints()) {
        accesses.extend(footprint.accesses().map(|access| (access.object, access.kind, event.task)));
    }
    for (object, kind, task) in &accesses {
        let others = accesses.iter().filter(|other| other.0 == *object && other.2 != *task);
        let dependent = others.filter(|other| kind.depends_on(other.1));
        pairs.extend(dependent.map(|other| (*kind.min(&other.1), *kind.max(&other.1))));
    }
}

/// The ends and traces of all interleavings, every decision taken every way; `None` if there are too many.
fn interleavings(program: &Program) -> Option<(BTreeSet<Outcome>, BTreeSet<u64>)> {
    let (mut outcomes, mut keys) = (BTreeSet::new(), BTreeSet::new());
    each_schedule(program, usize::MAX, INTERLEAVINGS, |execution, outcome, ended| {
        keys.insert(trace_key(execution));
        if ended == Ended::Quiescent {
            outcomes.insert(outcome);
        }
    })?;
    Some((outcomes, keys))
}

/// A program with as many traces as its class asks for, one in eight with more than 500.
fn rich(theme: Theme, seed: u64) -> (Program, Searched) {
    let wanted = match seed % 8 {
        0 => 501..=TRACES,
        1..=5 => 20..=500,
        _ => 1..=TRACES,
    };
    let mut found = None;
    for attempt in 0..100 {
        let program = longer_program(theme, seed * 1_000 + attempt, (attempt / 4) as usize % 6);
        let program = Program { known: Knowledge::nth(seed / 8), ..program };
        let Some(searched) = search(&program) else { continue };
        if wanted.contains(&searched.complete) {
            return (program, searched);
        }
        found.get_or_insert((program, searched));
    }
    found.expect("some program is small")
}

/// How a program was judged.
struct Judged {
    traces: u64,
    stuck: bool,
    pairs: Pairs,
    by_interleavings: bool,
    by_semantics: bool,
}

fn judge(theme: Theme, seed: u64) -> Judged {
    let (program, searched) = rich(theme, seed);
    let semantics = reference::outcomes(&program, STATES);
    if let Some(expected) = &semantics {
        assert_eq!(&searched.outcomes, expected, "{}", program.text);
    }
    let interleavings = interleavings(&program);
    if let Some((outcomes, keys)) = &interleavings {
        assert_eq!(&searched.outcomes, outcomes, "{}", program.text);
        assert_eq!(&searched.keys, keys, "{}", program.text);
    }
    assert_eq!(searched.complete, searched.keys.len() as u64, "a trace twice: {}", program.text);
    let in_vain = searched.redundant;
    assert_eq!(in_vain, 0, "in vain, {:?} known: {}", program.known, program.text);
    let Searched { complete: traces, stuck, pairs, .. } = searched;
    let (by_interleavings, by_semantics) = (interleavings.is_some(), semantics.is_some());
    Judged { traces, stuck, pairs, by_interleavings, by_semantics }
}

#[test]
fn every_end_and_every_trace_of_rich_programs() {
    let (programs, seed) = (variable("GORACE_RICH_PROGRAMS", 120), variable("GORACE_FUZZ_SEED", 1));
    let next = AtomicUsize::new(0);
    let take = || Theme::ALL.get(next.fetch_add(1, Ordering::Relaxed)).copied();
    let work = || {
        let mut judged = Vec::new();
        while let Some(theme) = take() {
            let of_theme: Vec<_> = (seed..seed + programs).map(|seed| judge(theme, seed)).collect();
            println!("{theme:?}: {}", summary(&of_theme));
            judged.extend(of_theme);
        }
        judged
    };
    let mut judged = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..2).map(|_| scope.spawn(work)).collect();
        workers.into_iter().flat_map(|worker| worker.join().expect("a theme")).collect::<Vec<_>>()
    });
    println!("all: {}", summary(&judged));
    judged.sort_by_key(|program| program.traces);
    let count = |is: &dyn Fn(&Judged) -> bool| judged.iter().filter(|program| is(program)).count();
    let all = judged.len();
    assert!(judged[all / 2].traces >= 20, "too few traces: {}", judged[all / 2].traces);
    assert!(count(&|program| program.traces > 500) * 10 >= all, "too few are large");
    assert!(count(&|program| program.stuck) * 10 >= all * 3, "too few in which somebody waits for ever");
    assert!(count(&|program| program.by_semantics) * 10 >= all * 9, "too few judged by the semantics");
    assert!(count(&|program| program.by_interleavings) * 10 >= all, "too few judged by all interleavings");
    for (a, b, _) in DEPENDENT {
        let pair = (*a.min(b), *a.max(b));
        let seen = count(&|program| program.pairs.contains(&pair));
        println!("{pair:?}: {seen}");
        assert!(all < 2_500 || seen * 500 >= all, "{pair:?} only in {seen} programs");
    }
}

fn summary(judged: &[Judged]) -> String {
    let mut traces: Vec<_> = judged.iter().map(|program| program.traces).collect();
    traces.sort();
    let count = |is: &dyn Fn(&Judged) -> bool| judged.iter().filter(|program| is(program)).count();
    format!(
        "{} programs, {} traces, {} in the median, {} with more than 500; in {} somebody may wait for ever; {} judged by all interleavings, {} by the semantics",
        judged.len(),
        traces.iter().sum::<u64>(),
        traces[traces.len() / 2],
        count(&|program| program.traces > 500),
        count(&|program| program.stuck),
        count(&|program| program.by_interleavings),
        count(&|program| program.by_semantics),
    )
}
