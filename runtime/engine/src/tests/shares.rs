//! Shares that a second searcher runs beside the first, an execution each at a time, as two threads would.

use super::driver::run;
use super::program::Program;
use super::traces::{large_below, lastzero, readers};
use crate::Execution;
use crate::explore::{Analysis, Budget, Explorer, Leaves, Ran, Share, Spare, Strategy, Work};
use gorace_analyzer_core::trace::Ended;
use std::collections::VecDeque;

/// Shares that wait at a time.
const WAITING: usize = 4;

/// Leaves whose turn has not come.
const OUT: usize = 128;

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

/// Leaves that were given away, what came of those that were run, and the next one.
struct Given {
    leaves: Leaves,
    ran: Vec<Option<Ran>>,
    next: usize,
}

/// Leaves are given away too if there `are_leaves`.
fn by_two(program: &Program, are_leaves: bool) -> Shared {
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
    let (mut running, mut spare) = (None::<Share>, Spare::default());
    let (mut given, mut out, mut analysis) = (Vec::<Given>::new(), 0, Analysis::default());
    while let Some(work) = explorer.next_work() {
        match work {
            Work::Run(plan) => {
                let (_, ended) = run(&mut execution, &plan, program);
                explorer.absorb(&mut execution, ended);
                (shared.executions, shared.rounds) = (shared.executions + 1, shared.rounds + 1);
                shared.begun += 1;
            }
            Work::Leaf(name, number) => {
                out -= 1;
                let Given { leaves, ran, next } =
                    given.iter_mut().find(|given| given.leaves.name() == name).unwrap();
                if number < *next {
                    let ran = ran[number].as_mut().expect("one that fits");
                    shared.executions += u64::from(explorer.adopt_leaf(leaves, number, ran).is_some());
                } else {
                    *next = number + 1;
                    ran.resize_with(*next, || None);
                    explorer.run_leaf(false);
                }
                continue;
            }
            Work::Adopt(name) => {
                waiting.retain(|share: &Share| share.name != name);
                let mut stopped = running.take_if(|share| share.name == name);
                explorer.note_ended(stopped.as_ref().and_then(Share::is_worth_it));
                stopped.iter_mut().for_each(|share| share.end_in(&mut spare));
                finished.extend(stopped);
                let at = finished.iter().position(|share| share.name == name);
                let mut share = at.map(|at| finished.swap_remove(at));
                shared.ran.push(share.as_ref().map_or(0, Share::executions));
                let is_adopted = explorer.adopt(share.as_mut());
                if let Some(share) = share {
                    for is_new in share.ran().iter().filter(|_| is_adopted) {
                        explorer.count_adopted(*is_new, Ended::Quiescent, 1);
                        shared.executions += 1;
                    }
                    share.go_back_to(&mut spare);
                }
                continue;
            }
        }
        while waiting.len() < WAITING {
            let Some(share) = explorer.share(are_leaves) else { break };
            waiting.push_back(share);
        }
        while let Some(mut share) = running.take().or_else(|| {
            let mut share = waiting.pop_front()?;
            share.begin_in(&mut spare);
            Some(share)
        }) {
            let Some(plan) = share.next() else {
                explorer.note_ended(share.is_worth_it());
                share.end_in(&mut spare);
                finished.push(share);
                continue;
            };
            let (_, ended) = run(&mut execution, &plan, program);
            share.absorb(&mut execution, ended);
            shared.begun += 1;
            running = Some(share);
            break;
        }
        if running.is_some() || !are_leaves {
            continue;
        }
        if out < OUT && given.iter().all(|given| given.next == given.leaves.len()) {
            let is_out = |name| given.iter().any(|given| given.leaves.name() == name);
            let leaves = explorer.leaves(32, &is_out);
            out += leaves.as_ref().map_or(0, Leaves::len);
            given.extend(leaves.map(|leaves| Given { leaves, ran: Vec::new(), next: 0 }));
        }
        if let Some(Given { leaves, ran, next }) =
            given.iter_mut().find(|given| given.next < given.leaves.len())
        {
            let (_, ended) = run(&mut execution, &leaves.plan(*next), program);
            let mut left = Ran::default();
            let fits = leaves.look(*next, (&mut execution, ended), true, &mut analysis, &mut left);
            ran.push(fits.then_some(left));
            *next += 1;
            shared.begun += 1;
        }
    }
    shared
}

/// In these programs nearly every sequence is a single execution, once it is planned. To give them away costs more than
/// to run them, so that few are: one before the first pause and one after each, of which each is twice as long as the one
/// before; an eighth at most. (Without pauses more than half were.)
#[test]
fn single_executions_are_hardly_ever_given_away() {
    for (program, traces) in [
        // 2^n
        (readers(11), 2_048_u64),
        // (n + 3) 2^(n - 2)
        (lastzero(9), 1_536),
    ] {
        let shared = by_two(&program, false);
        assert_eq!(shared.executions, traces, "{}", program.text);
        let small = shared.ran.iter().filter(|ran| **ran < 4).count() as u64;
        assert!(!shared.ran.is_empty() && small <= traces / 8, "{small} of {shared:?}");
    }
}

/// Executions after which it shows whether there are enough single executions to be run ahead, before shares are looked for.
const WINDOW: u64 = 256;

/// Others have large ones, and two are nearly twice as fast as one, once that shows.
#[test]
fn large_shares_are_given_away() {
    for (program, traces) in large_below() {
        let shared = by_two(&program, true);
        assert_eq!(shared.executions, traces, "{}", program.text);
        assert!(
            (shared.rounds - WINDOW) * 100 <= (traces - WINDOW) * 60,
            "{} rounds for {traces}: {}",
            shared.rounds,
            program.text
        );
    }
}

/// Where each planned leaf is a single execution, those are run ahead, each for itself; so two are nearly twice as fast as one
/// here too, and hardly anything is run in vain. In the beginning of `lastzero` hardly any come soon; shares are given away
/// there, though they plan above themselves (59 rounds of a hundred without that).
#[test]
fn single_executions_are_run_ahead() {
    for (program, traces) in [(readers(13), 8_192_u64), (lastzero(12), 15_360)] {
        let shared = by_two(&program, true);
        assert_eq!(shared.executions, traces, "{}", program.text);
        let in_vain = shared.begun - traces;
        assert!(in_vain * 100 <= traces, "{in_vain} of {traces} in vain: {}", program.text);
        assert!(
            shared.rounds * 100 <= traces * 55,
            "{} rounds for {traces}: {}",
            shared.rounds,
            program.text
        );
    }
}
