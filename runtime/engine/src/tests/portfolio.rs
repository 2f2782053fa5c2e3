//! The rotation of random strategies, and that each schedule stands for itself.

use super::driver::run;
use super::generate::{Theme, program};
use super::traces::sections;
use crate::explore::{Budget, Explorer, Strategy};
use crate::random::Sampler;
use crate::{Execution, Plan, Selection};
use gorace_analyzer_core::trace::Ended;

const ALL: [&str; 6] = ["portfolio", "random", "pos", "surw", "urw", "pct(5)"];

fn explorer(strategy: &str, seed: u64, executions: u64) -> Explorer {
    let strategy = Strategy::from_word(strategy).expect("the word of a strategy");
    let budget = Budget {
        max_executions: executions,
        max_preemptions: None,
        max_steps: 10_000,
        idle_clock: false,
        spurious: false,
        after_finding: None,
    };
    Explorer::new(strategy, seed, budget, Vec::new())
}

/// The plans of a run on some program.
fn plans(strategy: &str, seed: u64, executions: u64) -> (Vec<Plan>, String) {
    let program = program(Theme::Locks, 4);
    let mut explorer = explorer(strategy, seed, executions);
    let (mut execution, mut plans) = (Execution::default(), Vec::new());
    while let Some(plan) = explorer.next() {
        let (_, ended) = run(&mut execution, &plan, &program);
        assert_eq!(ended, Ended::Quiescent);
        explorer.absorb(&mut execution, ended);
        plans.push(plan);
    }
    (plans, explorer.strategies())
}

/// `by` of a plan, its index in the run, and whether it is the default schedule.
fn word(plan: &Plan) -> (String, Option<u64>) {
    match &plan.selection {
        Selection::Profile => ("default".to_owned(), None),
        Selection::Random { index, .. } => ("random".to_owned(), Some(*index)),
        Selection::Sample { by: Sampler::Pct { depth }, index, .. } => {
            (format!("pct({depth})"), Some(*index))
        }
        Selection::Sample { by, index, .. } => (format!("{by:?}").to_lowercase(), Some(*index)),
        other => panic!("no random strategy: {other:?}"),
    }
}

/// The design: the default schedule first, which is the profile, then POS, SURW, POS, PCT of depth 3, SURW, URW, and
/// each 64th schedule plain random.
#[test]
fn the_portfolio_rotates_by_the_schedules_index() {
    let rotation = ["pos", "surw", "pos", "pct(3)", "surw", "urw"];
    let (plans, names) = plans("portfolio", 1, 140);
    assert_eq!(word(&plans[0]), ("default".to_owned(), None));
    for (index, plan) in plans.iter().enumerate().skip(1) {
        let expected = if index % 64 == 0 { "random" } else { rotation[(index - 1) % 6] };
        assert_eq!(word(plan), (expected.to_owned(), Some(index as u64)));
    }
    assert_eq!(names, "pos, surw, pct, urw, random");
}

#[test]
fn a_strategy_by_itself_runs_all_schedules() {
    for (strategy, first) in
        [("random", "random"), ("pos", "pos"), ("surw", "default"), ("pct(5)", "default")]
    {
        let (plans, names) = plans(strategy, 1, 10);
        assert_eq!(word(&plans[0]).0, first);
        assert!(plans[1..].iter().all(|plan| word(plan).0 == strategy), "{strategy}");
        assert_eq!(names, strategy);
    }
}

/// A run of ten schedules and one of a thousand begin alike, and seeds differ: whoever knows seed and index knows the
/// schedule.
#[test]
fn a_schedule_depends_on_seed_and_index_alone() {
    for strategy in ALL {
        let (few, _) = plans(strategy, 3, 10);
        let (many, _) = plans(strategy, 3, 200);
        assert_eq!(few, many[..10], "{strategy}");
        let (others, _) = plans(strategy, 4, 10);
        assert_ne!(few[1..], others[1..], "{strategy}");
    }
}

/// After a search the rotation goes on with what the search's first execution showed, as if it had run that itself.
#[test]
fn after_a_search_the_schedules_are_the_same() {
    let (alone, _) = plans("portfolio", 7, 20);
    let program = program(Theme::Locks, 4);
    let mut explorer = explorer("auto", 7, 16);
    let (mut execution, mut random) = (Execution::default(), Vec::new());
    while let Some(plan) = explorer.next() {
        let (_, ended) = run(&mut execution, &plan, &program);
        explorer.absorb(&mut execution, ended);
        random.extend(Some(plan).filter(|plan| matches!(plan.selection, Selection::Sample { .. })));
    }
    assert_eq!(random.len(), 4, "a quarter of the budget");
    assert_eq!(random, alone[1..5]);
    assert_eq!(explorer.strategies(), "dpor, bounded, pos, surw, pct");
}

/// What fits three quarters of the budget is explored to its end, where it seems to; what is far from it is not gone on
/// with. Of 1 680 and 369 600 interleavings, (nm)! / (m!)^n.
#[test]
fn a_search_that_is_nearly_through_goes_on() {
    for (program, budget, strategies) in [
        (sections(3, 3), 2_400, "dpor"),
        (sections(4, 3), 2_400, "dpor, bounded, pos, surw, pct, urw, random"),
        (sections(4, 3), 40_000, "dpor, bounded, pos, surw, pct, urw, random"),
    ] {
        let mut explorer = explorer("auto", 7, budget);
        let (mut execution, mut begun) = (Execution::default(), 0);
        while let Some(plan) = explorer.next() {
            let (_, ended) = run(&mut execution, &plan, &program);
            begun += u64::from(explorer.absorb(&mut execution, ended).is_of_search());
        }
        assert_eq!(explorer.strategies(), strategies, "{}", program.text);
        assert_eq!(begun, if strategies == "dpor" { 1_680 } else { budget }, "{}", program.text);
    }
}

#[test]
fn words_are_read_as_they_are_written() {
    for word in ALL.into_iter().chain(["auto", "exhaustive", "pct"]) {
        assert_eq!(Strategy::from_word(word).expect(word).to_string(), word);
    }
    for word in ["", "Pos", "pct()", "pct(0)", "pct(-1)", "pct(3", "pct 3", "pct(4294967296)", "replay"] {
        assert_eq!(Strategy::from_word(word), None, "{word}");
    }
}
