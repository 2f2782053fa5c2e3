//! Results of parts, put together: what one process would have come to.
//!
//! A test with random schedules runs in each shard, with other schedules in each: its results are added. Any other
//! checked test is one shard's. Checks that ordinary tests make run in all shards; they come to the same in each, and
//! count once.

use gorace_analyzer::record::{Record, RunResult};
use gorace_analyzer::verdict::Stopped;
use gorace_engine::explore::Cost;
use gorace_engine::{Schedule, Token};

/// Keeps the shortest of two records of one finding, or both if they are of two.
pub fn keep_shortest(records: &mut Vec<Record>, new: &Record) {
    let cost = |record: &Record| {
        let token = &record.facts.token;
        let schedule = Token::parse(token).map_or_else(|_| Schedule::default(), |token| token.schedule);
        (Cost::of(&record.trace, &schedule), token.len(), token.clone())
    };
    match records.iter_mut().find(|record| record.facts.id == new.facts.id) {
        Some(old) => {
            let (one, other) = (old.facts.clone(), new.facts.clone());
            if cost(new) < cost(old) {
                *old = new.clone();
            }
            // What was counted, was counted by both.
            old.facts.failing = one.failing + other.failing;
            old.facts.executions = one.executions + other.executions;
            let first = [one.found_in, other.found_in].into_iter().filter(|found| *found > 0).min();
            old.facts.found_in = first.unwrap_or(0);
        }
        None => records.push(new.clone()),
    }
}

/// Adds a shard's results to those of others.
pub fn add(results: &mut Vec<RunResult>, of_shard: Vec<RunResult>) {
    let before = results.len();
    let mut met = vec![false; before];
    for result in of_shard {
        let place = (0..before).find(|at| !met[*at] && is_same(&results[*at], &result));
        match place {
            Some(at) => {
                met[at] = true;
                if result.shard.is_some() {
                    sum(&mut results[at], result);
                }
            }
            None => results.push(result),
        }
    }
}

/// Whether the two are of one check.
fn is_same(one: &RunResult, other: &RunResult) -> bool {
    if one.program.key() != other.program.key() {
        return false;
    }
    let timeless = |result: &RunResult| RunResult { elapsed: None, ..result.clone() };
    one.shard.is_some() && other.shard.is_some()
        || timeless(one) == RunResult { program: one.program.clone(), ..timeless(other) }
}

fn sum(whole: &mut RunResult, part: RunResult) {
    whole.verdict =
        [whole.verdict, part.verdict].into_iter().max_by_key(|v| v.doubt()).unwrap_or(whole.verdict);
    whole.limits.extend(part.limits);
    whole.limits.sort_unstable();
    whole.limits.dedup();
    // A shard that has begun and not ended is what somebody has to look at.
    const BY_GRAVITY: [Stopped; 4] =
        [Stopped::Interrupted, Stopped::Finding, Stopped::Timeout, Stopped::MaxExecutions];
    let worst = BY_GRAVITY.into_iter().find(|stopped| [whole.stopped, part.stopped].contains(stopped));
    whole.stopped = worst.unwrap_or(whole.stopped);
    whole.executions += part.executions;
    whole.redundant += part.redundant;
    whole.auxiliary += part.auxiliary;
    whole.steps += part.steps;
    whole.elapsed = whole.elapsed.max(part.elapsed);
    for name in part.strategies.split(", ") {
        if !whole.strategies.split(", ").any(|other| other == name) {
            whole.strategies = format!("{}, {name}", whole.strategies);
        }
    }
    let new = |list: &[String], items: Vec<String>| {
        items.into_iter().filter(|item| !list.contains(item)).collect::<Vec<_>>()
    };
    whole.findings.extend(new(&whole.findings, part.findings));
    whole.notes.extend(new(&whole.notes, part.notes));
    whole.misfit = whole.misfit.take().or(part.misfit);
}
