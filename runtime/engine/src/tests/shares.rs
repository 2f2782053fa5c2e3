//! Shares that a second searcher runs beside the first, an execution each at a time, as two threads would.

use super::driver::run;
use super::program::Program;
use super::traces::{large_below, lastzero, readers};
use crate::Execution;
use crate::explore::{Budget, Explorer, Share, Strategy, Work};
use std::collections::VecDeque;

/// Shares that wait at a time.
const WAITING: usize = 4;

#[derive(Debug, Default)]
struct Shared {
    executions: u64,
    /// What was run, in vain or not.
    begun: u64,
    /// Rounds, in which each of the two runs one execution at most.
    rounds: u64,
    /// How many executions each share had run when its turn came.
    ran: Vec<u64>,
}

fn by_two(program: &Program) -> Shared {
    let budget = Budget {
        max_executions: u64::MAX,
        max_preemptions: None,
        max_steps: 10_000,
        idle_clock: false,
        spurious: false,
        after_finding: None,
    };
    let mut explorer = Explorer::new(Strategy::Exhaustive, 1, budget, Vec::new());
    let mut execution = Execution::default();
    let (mut shared, mut waiting, mut finished) = (Shared::default(), VecDeque::new(), Vec::<Share>::new());
    let mut running: Option<Share> = None;
    while let Some(work) = explorer.next_work() {
        match work {
            Work::Run(plan) => {
                let (_, ended) = run(&mut execution, &plan, program);
                explorer.absorb(&mut execution, ended);
                (shared.executions, shared.rounds) = (shared.executions + 1, shared.rounds + 1);
                shared.begun += 1;
            }
            Work::Adopt(name) => {
                waiting.retain(|share: &Share| share.name != name);
                finished.extend(running.take_if(|share| share.name == name));
                let at = finished.iter().position(|share| share.name == name);
                let share = at.map(|at| finished.swap_remove(at));
                shared.ran.push(share.as_ref().map_or(0, Share::executions));
                for is_new in explorer.adopt(share).into_iter().flatten() {
                    explorer.count_adopted(is_new, gorace_analyzer_core::trace::Ended::Quiescent, 1);
                    shared.executions += 1;
                }
                continue;
            }
        }
        while waiting.len() < WAITING {
            let Some(share) = explorer.share() else { break };
            waiting.push_back(share);
        }
        while let Some(mut share) = running.take().or_else(|| waiting.pop_front()) {
            let Some(plan) = share.next() else {
                finished.push(share);
                continue;
            };
            let (_, ended) = run(&mut execution, &plan, program);
            share.absorb(&mut execution, ended);
            shared.begun += 1;
            running = Some(share);
            break;
        }
    }
    shared
}

/// In these programs nearly every sequence is a single execution, once it is planned. To give them away costs more than
/// to run them, so that few are: of 16 before pauses of 64, 128, .. executions an eighth at most. (Without pauses more than
/// half were.)
#[test]
fn single_executions_are_hardly_ever_given_away() {
    for (program, traces) in [
        // 2^n
        (readers(11), 2_048_u64),
        // (n + 3) 2^(n - 2)
        (lastzero(9), 1_536),
    ] {
        let shared = by_two(&program);
        assert_eq!(shared.executions, traces, "{}", program.text);
        let small = shared.ran.iter().filter(|ran| **ran < 4).count() as u64;
        assert!(!shared.ran.is_empty() && small <= traces / 8, "{small} of {shared:?}");
    }
}

/// Others have large ones, and two are nearly twice as fast as one.
#[test]
fn large_shares_are_given_away() {
    for (program, traces) in large_below() {
        let shared = by_two(&program);
        assert_eq!(shared.executions, traces, "{}", program.text);
        assert!(
            shared.rounds * 100 <= traces * 60,
            "{} rounds for {traces}: {}",
            shared.rounds,
            program.text
        );
    }
}

/// Where each planned leaf is a single execution, shares are all of those below a step, once nothing more is planned there;
/// so two are nearly twice as fast as one here too, and hardly anything is run in vain.
#[test]
fn single_executions_are_given_away_together() {
    let (program, traces) = (readers(13), 8_192_u64);
    let shared = by_two(&program);
    assert_eq!(shared.executions, traces, "{}", program.text);
    assert!(shared.rounds * 100 <= traces * 60, "{} rounds for {traces}", shared.rounds);
    assert!(shared.begun * 100 <= traces * 105, "{} begun for {traces}", shared.begun);
}
