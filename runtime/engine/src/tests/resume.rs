//! An exploration in pieces is the exploration in one go: the same executions, none twice, none left out.

use super::driver::run;
use super::generate::{Theme, program};
use super::in_vain::{told_apart_late, two_locks};
use super::program::{Outcome, Program, Stmt, line};
use crate::explore::{Budget, Class, Explorer, Strategy};
use crate::{Execution, base64url};
use gorace_analyzer_core::verdict::Verdict;

fn explorer(program: &Program, strategy: &Strategy, bound: Option<u32>, executions: u64) -> Explorer {
    let budget = Budget {
        max_executions: executions,
        max_preemptions: bound,
        max_steps: 10_000,
        idle_clock: false,
        spurious: program.spurious,
        after_finding: None,
    };
    Explorer::new(strategy.clone(), 1, budget, Vec::new())
}

/// What each execution was, in the order in which they were run.
fn drain(explorer: &mut Explorer, program: &Program, met: &mut Vec<(Class, Outcome)>) {
    let mut execution = Execution::default();
    while let Some(plan) = explorer.next() {
        let (outcome, ended) = run(&mut execution, &plan, program);
        // A piece of a random run makes the program's profile for itself.
        match explorer.absorb(&mut execution, ended) {
            Class::Auxiliary => {}
            class => met.push((class, outcome)),
        }
    }
}

/// Runs it in one go, and then in pieces of so many executions; each piece knows nothing but the text of the
/// one before.
fn compare(program: &Program, strategy: &Strategy, bound: Option<u32>, in_all: u64, piece: u64) -> bool {
    let mut whole = explorer(program, strategy, bound, in_all);
    let mut expected = Vec::new();
    drain(&mut whole, program, &mut expected);
    let is_complete = whole.frontier().is_none();
    if *strategy == Strategy::Exhaustive && !is_complete {
        return false;
    }
    let mut met = Vec::new();
    let mut frontier: Option<String> = None;
    loop {
        let left = in_all - met.len() as u64;
        let mut explorer = explorer(program, strategy, bound, piece.min(left));
        if let Some(frontier) = &frontier {
            explorer.resume(frontier).expect("a frontier");
            assert_eq!(explorer.frontier().as_ref(), Some(frontier), "{}", program.text);
        }
        drain(&mut explorer, program, &mut met);
        frontier = explorer.frontier();
        if frontier.is_none() || met.len() as u64 == in_all {
            assert_eq!(explorer.verdict(), whole.verdict(), "{}", program.text);
            assert_eq!(explorer.interleavings(), whole.interleavings(), "{}", program.text);
            break;
        }
    }
    assert_eq!(met, expected, "pieces of {piece}: {}", program.text);
    true
}

#[test]
fn exhaustive() {
    for theme in Theme::ALL {
        let mut compared = 0;
        for seed in 1..=8 {
            let program = program(theme, seed);
            for piece in [1, 2, 3, 7, 50] {
                compared += u32::from(compare(&program, &Strategy::Exhaustive, None, 300, piece));
            }
        }
        assert!(compared >= 10, "{theme:?}: {compared}");
    }
}

/// What is known of objects that nobody has used is kept as well: the pieces begin nothing in vain either.
#[test]
fn where_objects_were_made() {
    for piece in [1, 2, 3, 7] {
        assert!(compare(&two_locks(), &Strategy::Exhaustive, None, 300, piece));
    }
}

/// And what was planned in doubt is known as such in the next piece.
#[test]
fn what_is_told_apart_late() {
    for piece in [1, 2, 3, 7] {
        assert!(compare(&told_apart_late(), &Strategy::Exhaustive, None, 2_000, piece));
    }
}

#[test]
fn with_tickers_depth_first() {
    let mut compared = 0;
    for seed in 1..=40 {
        let program = Program { is_ticker: true, ..program(Theme::Time, seed) };
        compared += u32::from(compare(&program, &Strategy::Exhaustive, None, 500, 3));
    }
    assert!(compared >= 10, "{compared}");
}

#[test]
fn within_a_bound() {
    for theme in Theme::ALL {
        for seed in 1..=15 {
            for piece in [1, 4, 30] {
                compare(&program(theme, seed), &Strategy::Exhaustive, Some(2), 300, piece);
            }
        }
    }
}

/// Schedule i is the same whatever ran before it.
#[test]
fn random() {
    for word in ["random", "pos", "surw", "urw", "pct(2)", "portfolio"] {
        let strategy = Strategy::from_word(word).expect(word);
        for theme in Theme::ALL {
            for piece in [1, 7] {
                assert!(compare(&program(theme, 3), &strategy, None, 40, piece), "{word}");
            }
        }
    }
}

#[test]
fn nothing_is_left_of_what_is_complete() {
    let program = program(Theme::Locks, 1);
    let mut whole = explorer(&program, &Strategy::Exhaustive, None, u64::MAX);
    drain(&mut whole, &program, &mut Vec::new());
    assert_eq!((whole.frontier(), whole.verdict()), (None, Verdict::Verified));
}

/// What is cut is refused. What is changed is refused, or run as far as it fits the program, without a panic. (Changes in
/// a file are seen by its sum.)
#[test]
fn damaged_frontiers() {
    let (mut refused, mut ran) = (0, 0);
    for theme in [Theme::Locks, Theme::Selects, Theme::Mixed] {
        let program = program(theme, 5);
        for (word, bound) in
            [("exhaustive", None), ("exhaustive", Some(2)), ("auto", None), ("portfolio", None)]
        {
            let strategy = Strategy::from_word(word).expect(word);
            for executions in [2, 9] {
                let mut whole = explorer(&program, &strategy, bound, executions);
                drain(&mut whole, &program, &mut Vec::new());
                let Some(frontier) = whole.frontier() else { continue };
                let resumed = |text: &str| {
                    let mut explorer = explorer(&program, &strategy, bound, 4);
                    explorer.resume(text).ok().map(|()| explorer)
                };
                for at in 0..frontier.len() {
                    assert!(resumed(&frontier[..at]).is_none(), "{theme:?} {word}: cut after {at}");
                }
                for changed in changes(&frontier) {
                    match resumed(&changed) {
                        None => refused += 1,
                        Some(mut explorer) => {
                            drain(&mut explorer, &program, &mut Vec::new());
                            ran += 1;
                        }
                    }
                }
            }
        }
    }
    assert!(refused > 1_000 && ran > 1_000, "{refused} refused, {ran} run");
}

/// The text with each of its bytes in turn made another number: one near it, or the largest that can be written.
fn changes(frontier: &str) -> Vec<String> {
    let bytes = base64url::decode(frontier).expect("a frontier");
    let mut texts = Vec::new();
    for (at, byte) in bytes.iter().enumerate() {
        let largest = [vec![0xff; 9], vec![1]].concat();
        let large = vec![0xff, 0xff, 0xff, 0xff, 0x0f];
        let near = [0, 1, 2, 5, 0x7f, byte.wrapping_add(1), byte.wrapping_sub(1)].map(|other| vec![other]);
        for other in near.into_iter().chain([large, largest]) {
            texts.push(base64url::encode(&[&bytes[..at], &other, &bytes[at + 1..]].concat()));
        }
    }
    texts
}

/// A plan may nest as deep as its text is long: it is read, gone past, copied and dropped all the same.
#[test]
fn a_plan_as_deep_as_its_text() {
    let write = |value| line(vec![Stmt::Write(0, value)]);
    let chooses = line(vec![Stmt::Choose(2)]);
    let cases = [
        // Main knows the contexts, starts the tasks and ends; what comes then is what is planned beside the race.
        (vec![0, 0, 0, 0, 0], Program::new("two writes", vec![write(1), write(2)])),
        // What follows whatever is chosen follows each alternative.
        (vec![0, 0, 0, 1], Program::new("a choice", vec![chooses])),
    ];
    for (first, program) in cases {
        // An optimal search with nothing on its stack, and what is planned by alternatives.
        let mut bytes = vec![1, 0, 0, 0];
        let nobody = 9;
        for task in first.into_iter().chain([nobody; 30_000]) {
            // One arm for no alternatives, in which there is one branch of one step: that of a task, which touches
            // nothing, has seen nothing, and chooses nothing. It was planned when nothing was known or used.
            bytes.extend([1, 0, 1]);
            bytes.extend([1, 1, task, 0, 0, 0, 0, 0]);
            bytes.extend([0, 0, 0, 0, 0, 0]);
        }
        // Nothing follows the last one, and there is nothing else.
        bytes.extend([0; 13]);
        let text = base64url::encode(&bytes);
        let mut explorer = explorer(&program, &Strategy::Exhaustive, None, 20);
        explorer.resume(&text).expect("a frontier");
        assert_eq!(explorer.state(), text);
        drain(&mut explorer, &program, &mut Vec::new());
    }
}
