//! A wait group's misuse against plain enumeration, on random programs: the detector says of each trace what is so in
//! any of its interleavings.
//!
//! The reference takes an `add` as from zero where the counter was zero in just this interleaving, and asks all of them.
//! `trace_key`, which the detector does not know, tells which of them are of one trace.
//!
//! `GORACE_FUZZ_PROGRAMS` and `GORACE_FUZZ_SEED` set how many programs of each theme and the first seed.

use super::bounded::each_schedule;
use super::generate::{Random, Theme, program};
use super::program::{Program, SelectArm, Stmt, TICKS, Task, line};
use super::variable;
use crate::trace_key;
use gorace_analyzer_core::detect;
use gorace_analyzer_core::hb::clocks_at;
use gorace_analyzer_core::trace::Ended;
use gorace_analyzer_core::{EventIx, OpKind, Trace};
use std::collections::BTreeMap;
use std::rc::Rc;

/// Executions beyond which a program is passed over.
const EXECUTIONS: u64 = 600;

/// A group that no theme uses.
const GROUP: usize = 1;

/// What was said of the interleavings of one trace.
#[derive(Default)]
struct Said {
    /// By the detector, of all of them.
    all: bool,
    /// By the detector, of some.
    some: bool,
    /// By the reference, of some.
    is_so: bool,
}

#[derive(Default)]
struct Compared {
    traces: u64,
    misused: u64,
    missed: u64,
}

/// Whether there is an `add` at zero, unordered with another task's wait.
fn is_misused(trace: &Trace) -> bool {
    let indexed = || trace.indexed().filter(|(_, event)| event.object.is_some());
    let is_add = |op: OpKind, seen: u64, value: u64| op == OpKind::WgAdd && seen == 0 && value as i64 > 0;
    let mut adds = indexed().filter(|(_, event)| is_add(event.op, event.seen, event.value));
    adds.any(|(add, a)| {
        let mut waits = indexed().filter(|(_, w)| w.op == OpKind::WgWait && w.object == a.object);
        waits.any(|(wait, w)| {
            let (first, second) = (add.min(wait), add.max(wait));
            w.task != a.task && is_unordered(trace, first, second)
        })
    })
}

fn is_unordered(trace: &Trace, first: EventIx, second: EventIx) -> bool {
    let task = trace.event(first).task;
    let clocks = clocks_at(trace, &[first, second]);
    clocks[1].get(task) < clocks[0].get(task)
}

fn detected(trace: &Trace) -> bool {
    let mut findings = Vec::new();
    detect::wait_groups(trace, &mut findings);
    !findings.is_empty()
}

/// The program with operations of a wait group in between.
fn with_group(program: Program, seed: u64) -> Program {
    let mut random = Random::new(seed);
    let mut text = program.text.clone();
    let tasks = program.tasks.iter().map(|task| {
        let mut inserted: Vec<(usize, Stmt)> = Vec::new();
        for (stmt, of) in [(Stmt::WgAdd(GROUP, 1), 5), (Stmt::WgWait(GROUP), 3), (Stmt::WgAdd(GROUP, -1), 3)]
        {
            let at = random.below(5);
            if random.below(6) < of && inserted.iter().all(|(other, _)| *other != at) {
                inserted.push((at, stmt));
            }
        }
        text += &format!(" + {inserted:?}");
        between(task.clone(), inserted)
    });
    let tasks = tasks.collect();
    Program { tasks, text, ..program }
}

/// The task with these operations inserted, each at its place.
fn between(task: Task, inserted: Vec<(usize, Stmt)>) -> Task {
    Rc::new(move |results| {
        let is_inserted = |at: usize| inserted.iter().find(|(other, _)| *other == at);
        if let Some((_, stmt)) = is_inserted(results.len()) {
            return Some(stmt.clone());
        }
        let own = results.iter().enumerate().filter(|(at, _)| is_inserted(*at).is_none());
        let own: Vec<_> = own.map(|(_, value)| *value).collect();
        task(&own)
    })
}

fn compare_one(program: &Program, compared: &mut Compared) {
    let mut said: BTreeMap<u64, Said> = BTreeMap::new();
    let all = each_schedule(program, usize::MAX, EXECUTIONS, |execution, _, ended| {
        if ended != Ended::Quiescent {
            return;
        }
        let key = trace_key(execution);
        let trace = execution.trace();
        let detected = detected(trace);
        let said = said.entry(key).or_insert(Said { all: true, ..Said::default() });
        said.all &= detected;
        said.some |= detected;
        said.is_so |= is_misused(trace);
    });
    if all.is_none() {
        return;
    }
    for said in said.values() {
        assert!(said.is_so || !said.some, "false: {}", program.text);
        compared.traces += 1;
        compared.misused += u64::from(said.is_so);
        compared.missed += u64::from(said.is_so && !said.all);
    }
}

/// Who stops a timer takes back a tick, which a select that looked at it has or has not seen: what comes after the two comes in
/// their order.
#[test]
fn a_select_and_whoever_stops_its_timer() {
    use Stmt::{Select, StopTimer, WgAdd, WgWait};
    let waits = vec![WgAdd(GROUP, 1), Select(vec![SelectArm::Recv(TICKS)], true), WgWait(GROUP)];
    let adds = vec![StopTimer, WgAdd(GROUP, 1)];
    let program = Program::new("a select and whoever stops its timer", vec![line(waits), line(adds)]);
    let program = Program { times_out: true, channels: vec![0, 1, 1, 0, 0], ..program };
    let mut compared = Compared::default();
    compare_one(&program, &mut compared);
    // The timer is stopped before the select, or after it; the other `add` comes before the wait, after it has gone through, or
    // while it waits. Only if the timer is stopped before the select, that `add` may be the first.
    assert!(compared.misused > 0 && compared.misused < compared.traces);
    assert_eq!(compared.missed, 0);
}

fn compare(theme: Theme) {
    let (programs, seed) = (variable("GORACE_FUZZ_PROGRAMS", 80), variable("GORACE_FUZZ_SEED", 1));
    let mut compared = Compared::default();
    for seed in seed..seed + programs {
        compare_one(&with_group(program(theme, seed), seed), &mut compared);
    }
    let Compared { traces, misused, missed } = compared;
    println!("{theme:?}: {traces} traces, {misused} with a misuse, {missed} of them missed");
    // What timers, contexts and selects touch is known more coarsely from a trace.
    let is_coarse = matches!(
        theme,
        Theme::Selects
            | Theme::Attempts
            | Theme::Pipes
            | Theme::Time
            | Theme::Timers
            | Theme::Contexts
            | Theme::Timeouts
            | Theme::Words
            | Theme::Pairs
            | Theme::Mixed
            | Theme::Yields
    );
    let allowed = if is_coarse { 2 + misused / 10 } else { 0 };
    assert!(missed <= allowed, "{theme:?}: {missed} of {misused} missed");
    assert!(misused > 0, "{theme:?}");
}

themes!(compare);
