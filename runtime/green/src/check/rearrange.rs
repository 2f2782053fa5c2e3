//! Shortening by moving what tasks did without a break: two stretches of one task become one, where the finding
//! still shows.
//!
//! Either the later stretch moves to the earlier one (the task is not interrupted there) or the earlier one to the later
//! (it is not begun before). Forced switches are tried first. As in trace simplification (Jalbert, Sen, FSE 2010) a
//! local optimum is what is reached: the fewest switches are hard to find in general.

use crate::check::confirm::{self, Run};
use crate::check::minimal::Wanted;
use crate::check::session::Session;
use crate::check::shorten::cost;
use gorace_analyzer::Listed;
use gorace_analyzer::{TaskIx, Trace};
use gorace_engine::{Deviation, Order, Selection};
use std::ops::Range;

/// Executions spent at the most ..
const MAX_RUNS: u32 = 300;

/// .. and steps of them all.
const MAX_STEPS: usize = 1_000_000;

/// An execution that shows the finding with stretches of tasks joined.
pub(crate) fn rearrange(session: &mut Session, wanted: &mut Wanted, mut best: Run) -> Run {
    let (mut runs, mut steps) = (0, 0);
    'again: loop {
        for boundary in boundaries(&best.trace) {
            for order in [pulled(&best, boundary), pushed(&best, boundary)].into_iter().flatten() {
                if runs >= MAX_RUNS || steps >= MAX_STEPS {
                    return best;
                }
                let run = confirm::run(session, Selection::InOrder(order), false);
                runs += 1;
                steps += run.trace.events.len();
                if cost(&run) < cost(&best) && wanted.find(session, &run.trace).is_some() {
                    best = run;
                    continue 'again;
                }
            }
        }
        return best;
    }
}

/// What one task did without a break.
struct Stretch {
    task: TaskIx,
    events: Range<usize>,
}

fn stretches(trace: &Trace) -> Vec<Stretch> {
    let mut stretches: Vec<Stretch> = Vec::new();
    for (at, event) in trace.events.iter().enumerate() {
        match stretches.last_mut() {
            Some(last) if last.task == event.task => last.events.end = at + 1,
            _ => stretches.push(Stretch { task: event.task, events: at..at + 1 }),
        }
    }
    stretches
}

/// The indices of stretches that end in a switch, forced ones first.
fn boundaries(trace: &Trace) -> Vec<usize> {
    // In their order, and of thousands of tasks thousands.
    let is_forced = |end: usize| trace.forced_switches.binary_search_by_key(&end, |event| event.at()).is_ok();
    let stretches = stretches(trace);
    let (forced, free): (Vec<usize>, Vec<usize>) =
        (0..stretches.len().saturating_sub(1)).partition(|at| is_forced(stretches[*at].events.end));
    [forced, free].concat()
}

/// The order in which the task's next stretch follows this one at once.
fn pulled(run: &Run, at: usize) -> Option<Order> {
    let mut stretches = stretches(&run.trace);
    let next = next_of(&stretches, at)?;
    let moved = stretches.remove(next);
    stretches.insert(at + 1, moved);
    Some(order(run, &stretches))
}

/// The order in which this stretch waits for the task's next one, or for the end.
fn pushed(run: &Run, at: usize) -> Option<Order> {
    let mut stretches = stretches(&run.trace);
    let next = next_of(&stretches, at).unwrap_or(stretches.len());
    let moved = stretches.remove(at);
    stretches.insert(next - 1, moved);
    Some(order(run, &stretches))
}

fn next_of(stretches: &[Stretch], at: usize) -> Option<usize> {
    (at + 1..stretches.len()).find(|next| stretches[*next].task == stretches[at].task)
}

fn order(run: &Run, stretches: &[Stretch]) -> Order {
    let paths = run.trace.tasks.iter().map(|task| (task.path.clone(), Vec::new()));
    let mut order = Order { tasks: paths.listed(), choices: Vec::new() };
    let events = stretches.iter().flat_map(|stretch| stretch.events.clone().map(|_| stretch.task));
    for (rank, task) in events.enumerate() {
        order.tasks[task.at()].1.push(rank as u32);
    }
    let is_choice = |deviation: &&Deviation| matches!(deviation, Deviation::Choice { .. });
    order.choices.extend(run.schedule.deviations.iter().filter(is_choice).cloned());
    order
}
