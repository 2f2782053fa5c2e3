//! The search: gives selections and takes back what they met.

use super::node::{Advance, Choice, Node, State};
use super::prefix_key::{PrefixKeys, mix, name_of_task};
use super::sharing::Sharing;
use crate::AccessKind;
use crate::execution::Execution;
use crate::explore::frontier::{Coded, Reader};
use crate::explore::optimal::{Decision, HappensBefore};
use crate::footprint::Footprint;
use crate::plan::{NodeRecord, Selection, WakeOn};
use crate::trace_key;
use gorace_analyzer_core::Listed;
use gorace_analyzer_core::trace::Ended;
use std::collections::HashMap;

/// See the module above.
#[derive(Debug)]
pub struct Bounded {
    /// The last round's preemptions; `None`: as many as there can be.
    most: Option<u32>,
    /// How many preemptions the present round allows.
    round: u32,
    stack: Vec<Node>,
    /// The last finished round's preemptions, and the traces up to then.
    complete: Option<(u32, u64)>,
    /// Whether a schedule was left out that is within the next round's bound.
    denied: bool,
    /// For each state met, how many preemptions were left in it at the most.
    met: HashMap<u64, u32>,
    /// The traces that were run, each with the first round that ran it: the fewest preemptions that it needs, once that
    /// round is finished. [`DROPPED`] for what the program drops.
    seen: HashMap<u64, u32>,
    sharing: Sharing,
    /// Timers may be disabled: nothing is left out.
    is_plain: bool,
    /// Whether what the stack leads to was given to be run.
    given: bool,
    finished: bool,
    order: HappensBefore,
    keys: PrefixKeys,
    /// How many decisions of the execution in `order` are still those of the stack.
    shared: Decision,
}

/// A trace that counts in no round.
const DROPPED: u32 = u32::MAX;

/// More states than this are not remembered.
const MOST_STATES: usize = 1 << 20;

impl Coded for Bounded {
    fn write(&self, out: &mut Vec<u8>) {
        self.most.write(out);
        self.round.write(out);
        self.stack.write(out);
        self.complete.write(out);
        self.denied.write(out);
        sorted(&self.met).write(out);
        sorted(&self.seen).write(out);
        self.sharing.write(out);
        self.is_plain.write(out);
        self.given.write(out);
        self.finished.write(out);
    }

    /// What depends on the last execution is computed anew after the next one.
    fn read(from: &mut Reader<'_>) -> Option<Self> {
        let search = Bounded {
            most: Coded::read(from)?,
            round: Coded::read(from)?,
            stack: Coded::read(from)?,
            complete: Coded::read(from)?,
            denied: Coded::read(from)?,
            met: map(Coded::read(from)?),
            seen: map(Coded::read(from)?),
            sharing: Coded::read(from)?,
            is_plain: Coded::read(from)?,
            given: Coded::read(from)?,
            finished: Coded::read(from)?,
            ..Bounded::up_to(None)
        };
        search.is_whole().then_some(search)
    }
}

fn sorted(map: &HashMap<u64, u32>) -> Vec<(u64, u32)> {
    let mut entries = map.iter().map(|(key, value)| (*key, *value)).listed();
    entries.sort_unstable();
    entries
}

fn map(entries: Vec<(u64, u32)>) -> HashMap<u64, u32> {
    entries.into_iter().collect()
}

impl Bounded {
    /// A search in rounds of 0, 1, 2, .. preemptions, up to `most`.
    pub fn up_to(most: Option<u32>) -> Self {
        Bounded {
            most,
            round: 0,
            stack: Vec::new(),
            complete: None,
            denied: false,
            met: HashMap::new(),
            seen: HashMap::new(),
            sharing: Sharing::default(),
            is_plain: false,
            given: false,
            finished: false,
            order: HappensBefore::default(),
            keys: PrefixKeys::default(),
            shared: 0,
        }
    }

    /// Whether it is one that can have come about: no decision needs more preemptions than its round allows.
    fn is_whole(&self) -> bool {
        let within = |state: &State| {
            state.preemptions <= self.round && (!state.is_preemption() || state.preemptions < self.round)
        };
        self.round < u32::MAX && self.stack.iter().filter_map(Node::state).all(within)
    }

    /// Whether everything was run.
    pub fn is_finished(&self) -> bool {
        self.finished
    }

    /// How many preemptions the last finished round allowed, and how many traces there were up to then.
    pub fn complete_up_to(&self) -> Option<(u32, u64)> {
        self.complete
    }

    /// Whether no schedule was left out: more preemptions would lead to nothing else.
    pub fn is_exhaustive(&self) -> bool {
        self.finished && !self.denied
    }

    /// Whether there is another execution.
    pub fn has_next(&mut self) -> bool {
        if self.given {
            self.finished = !self.advance() && !self.next_round();
            self.given = false;
        }
        !self.finished
    }

    /// The next execution; `None` when there is none left.
    #[allow(
        clippy::should_implement_trait,
        reason = "a step of a machine, not an iterator: what it gives depends on what is fed in between"
    )]
    pub fn next(&mut self) -> Option<Selection> {
        if !self.has_next() {
            return None;
        }
        self.given = true;
        let state = self.stack.iter().rev().find_map(Node::state);
        let sleep = state.map_or(Vec::new(), State::sleep_after);
        let prefix = self.stack.iter().map(Node::step).listed();
        Some(Selection::Search {
            prefix,
            sleep,
            lead: Vec::new(),
            wakeup: Vec::new(),
            wake_on: WakeOn::SameObject,
        })
    }

    /// Moves the deepest node that has something left to try to it, dropping what is below; whether there is one.
    fn advance(&mut self) -> bool {
        while let Some(node) = self.stack.last_mut() {
            match node.advance(self.round) {
                Advance::Next => {
                    self.shared = self.shared.min(self.decisions().saturating_sub(1));
                    return true;
                }
                Advance::Denied => self.denied = true,
                Advance::Done => {}
            }
            self.stack.pop();
        }
        false
    }

    /// Begins the next round, or the present one again; whether there is one.
    fn next_round(&mut self) -> bool {
        let has_grown = self.sharing.take_growth() && !self.is_plain;
        // Without preemptions nothing was left out for it.
        self.denied |= has_grown;
        if has_grown && self.round > 0 {
            self.met.clear();
            self.denied = false;
            self.shared = 0;
            return true;
        }
        let traces = self.seen.values().filter(|first| **first <= self.round).count();
        self.complete = Some((self.round, traces as u64));
        if !self.denied || self.most.is_some_and(|most| self.round >= most) {
            return false;
        }
        self.round += 1;
        self.denied = false;
        self.shared = 0;
        true
    }

    /// Takes the execution that [`Bounded::next`] asked for; whether it was new: not abandoned, and not equivalent
    /// to an earlier one.
    pub fn absorb(&mut self, execution: &mut Execution, complete: bool) -> bool {
        let mut records = execution.take_nodes();
        self.order.analyze(execution, self.shared);
        self.keys.compute(execution, &self.order, self.shared);
        self.shared = self.order.len();
        let round = self.round;
        if execution.disables_timers() && !self.is_plain {
            self.is_plain = true;
            // What was left out so far is not known.
            self.stack.clear();
            self.shared = 0;
            self.denied = false;
            self.given = false;
            self.round = 0;
            self.complete = None;
        } else {
            self.learn(&records, execution);
            self.push_all(&mut records, execution);
        }
        execution.reuse_nodes(records);
        // What took a dead timer's effect away, or was withdrawn by a select, may be in a clock and no part of the trace:
        // two keys for one trace, which matters only where traces are counted.
        let is_exact = execution.clock.task.is_none() && !self.order.has_selects();
        let key = if is_exact { self.keys.whole() } else { trace_key(execution) };
        complete && self.see(key, if execution.trace.ended == Ended::Dropped { DROPPED } else { round })
    }

    /// Learns who uses what. Of what was still to be done only the clock's may never have been.
    fn learn(&mut self, records: &[NodeRecord], execution: &Execution) {
        let pending = execution.clock.task.into_iter().flat_map(|clock| {
            let before = self.stack.iter().filter_map(Node::state).map(|state| &state.eligible);
            let after = records.iter().filter_map(|record| match record {
                NodeRecord::Task { eligible, .. } => Some(eligible),
                NodeRecord::Choice { .. } => None,
            });
            before.chain(after).flatten().filter(move |(task, _)| *task == clock)
        });
        self.sharing.learn(execution, pending.map(|(task, footprint)| (*task, footprint)));
    }

    /// Notes a trace of a round; whether it is a new one. Where the rounds began anew, it may have been met in a later one.
    fn see(&mut self, key: u64, round: u32) -> bool {
        match self.seen.get_mut(&key) {
            Some(first) => {
                *first = round.min(*first);
                false
            }
            None => self.seen.insert(key, round).is_none(),
        }
    }

    /// Adds the new decisions to the stack, up to a state that was explored before.
    fn push_all(&mut self, records: &mut Vec<NodeRecord>, execution: &Execution) {
        // Whom fairness passes over does not depend on the trace alone.
        let is_by_trace = !self.is_plain && !execution.cut_spins();
        let mut decision = self.decisions();
        for record in records.drain(..) {
            let (eligible, chosen, running, sleep) = match record {
                NodeRecord::Task { eligible, chosen, running, sleep, .. } => {
                    (eligible, chosen, running, sleep)
                }
                NodeRecord::Choice { of, taken } => {
                    self.stack.push(Node::Choice(Choice { of, taken }));
                    continue;
                }
            };
            let before = self.stack.iter().rev().find_map(Node::state);
            let uses = |footprint: &Footprint| {
                footprint.accesses().any(|access| self.sharing.is_shared(execution.name_of(access)))
            };
            let state = State {
                preempts: running.is_some(),
                is_worthwhile: self.is_plain || uses(&eligible[0].1),
                falls_asleep: !self.is_plain && falls_asleep(&eligible[0].1),
                preemptions: before.map_or(0, State::preemptions_after),
                chosen: chosen as usize,
                eligible,
                sleep,
            };
            if is_by_trace && !state.preempts && state.is_open() && self.is_met(decision, &state, execution) {
                return;
            }
            decision += 1;
            self.stack.push(Node::Task(state));
        }
    }

    /// Whether the state before this decision was explored before with as many preemptions left; else it will be.
    fn is_met(&mut self, decision: Decision, state: &State, execution: &Execution) -> bool {
        let asleep = state.sleep.iter().map(|(task, _)| name_of_task(execution.task_path(*task)));
        let key = mix(self.keys.of(decision)).wrapping_add(asleep.fold(0, u64::wrapping_add));
        let left = self.round - state.preemptions;
        let is_room = self.met.len() < MOST_STATES;
        match self.met.get_mut(&key) {
            Some(before) if *before >= left => return true,
            Some(before) => *before = left,
            None if is_room => _ = self.met.insert(key, left),
            None => {}
        }
        false
    }

    /// How many decisions who runs are on the stack.
    fn decisions(&self) -> Decision {
        self.stack.iter().filter(|node| node.state().is_some()).count()
    }
}

/// Whether a task that is preempted before an operation sleeps: not if the operation may reach what it does not touch
/// yet, as those of timers and contexts may.
fn falls_asleep(footprint: &Footprint) -> bool {
    use AccessKind as K;
    footprint.accesses().all(|access| {
        !matches!(
            access.kind,
            K::Poll
                | K::Withdraw
                | K::Fire
                | K::Arm
                | K::Now
                | K::SetTimer
                | K::Timeout
                | K::RecvTimeout
                | K::ContextErr
        )
    })
}
