//! The clocks of one execution's decisions, and its reversible races.
//!
//! `a` happens before `b` if a causal edge or program order says so, or if they depend on each other and `a`
//! was run first. A race is a dependent pair of different tasks that could be run the other way round: nothing
//! comes between the two, and the first did not let the second one's task on.
//!
//! Only the last access of each kind by each task to each object is looked at: what comes before it happens
//! before it. What an execution shares with the one before is not computed again.

use super::index::Index;
use super::last_access::{LastAccess, LastAccesses};
use super::operation::Operation;
use super::seen::Seen;
use super::tree::Step;
use super::used::{Used, made_of};
use crate::AccessKind;
use crate::execution::Execution;
use crate::footprint::Footprint;
use crate::made::Made;
use gorace_analyzer_core::Listed;
use gorace_analyzer_core::clock::VectorClock;
use gorace_analyzer_core::{Edge, EdgeKind, EventIx, ObjIx, OpKind, TaskIx};
use std::cell::RefCell;
use std::num::NonZeroU16;
use std::sync::{Arc, OnceLock};

/// An index into the decisions of one execution.
pub type Decision = usize;

/// See the module. Reused from execution to execution.
#[derive(Debug, Default)]
pub struct HappensBefore {
    pub(super) operations: Vec<Operation>,
    /// The clock of each decision, itself included. There may be more of them, left from earlier executions.
    pub(super) clocks: Vec<VectorClock>,
    /// The same without what only dependency orders before the decision itself.
    pub(super) bases: Vec<VectorClock>,
    /// Sorted by the second decision.
    races: Vec<(Decision, Decision)>,
    /// What each task knows: its last decision, and what let it on since.
    known: Vec<VectorClock>,
    last: LastAccesses,
    /// Empty but while a decision is ordered.
    depends_on: Vec<LastAccess>,
    /// Of the decisions.
    pub(super) index: Index,
    pub(super) has_selects: bool,
    /// Where each object was made.
    pub(super) made: Vec<Made>,
    /// For [`HappensBefore::is_before`], which is asked hundreds of times an execution: the first tasks' counts in
    /// each decision's clock, one row a decision.
    rows: Vec<[u32; ROW]>,
    seen: Seen,
    /// See [`HappensBefore::used`].
    used: OnceLock<Arc<Used>>,
    /// Room for the steps of a sequence, empty but while one is planned.
    pub(super) steps: RefCell<Vec<Step>>,
}

/// Of how many tasks rows are; later ones are looked up in the clocks.
pub const ROW: usize = 24;

impl HappensBefore {
    /// Computes all this for the execution that just ended, which shares its first `shared` decisions with the
    /// one before.
    pub fn analyze(&mut self, execution: &Execution, shared: Decision) {
        let trace = &execution.trace;
        self.has_selects = trace.events.iter().any(|event| event.op == OpKind::Select);
        self.made.clone_from(&execution.objects.made);
        self.operations.truncate(shared);
        self.index.forget_from(shared);
        self.last.forget_from(shared);
        self.races.truncate(self.races.partition_point(|(_, second)| *second < shared));
        for known in &mut self.known {
            known.copy_from(&VectorClock::default());
        }
        self.known.resize(execution.tasks.len(), VectorClock::default());
        let mut last_event = vec![None; execution.tasks.len()];
        for (decision, operation) in self.operations.iter().enumerate().rev() {
            let last_event = &mut last_event[operation.task.at()];
            if last_event.is_none() {
                *last_event = Some(operation.event);
                self.known[operation.task.at()].copy_from(&self.clocks[decision]);
            }
        }
        let lets_on = |edge: &Edge| match edge.kind {
            EdgeKind::ReadsFrom => false,
            // Another timer could have fired in its place.
            EdgeKind::Timer => execution.clock.task != Some(edge.task),
            _ => true,
        };
        let mut edges = trace.edges.iter().peekable();
        self.seen.clear(execution.tasks.len());
        self.used = OnceLock::new();
        for (decision, event) in execution.decisions().iter().enumerate().skip(shared) {
            while let Some(edge) = edges.next_if(|edge| edge.at <= event.0) {
                // What was there before the task's last decision is in its clock.
                if last_event[edge.task.at()].is_none_or(|last| edge.at > last.0)
                    && let Some(from) = self.decision_of(execution, edge.from)
                {
                    self.seen.note(edge, &self.operations[from]);
                    if lets_on(edge) {
                        self.known[edge.task.at()].join(&self.clocks[from]);
                    }
                }
            }
            if trace.events.len() <= event.at() {
                break;
            }
            let mut operation = Operation::of(execution, decision, *event);
            let last = self.index.line(operation.task).last().map(|last| &self.operations[*last]);
            operation.seen = self.seen.before(execution, decision, operation.task, last);
            self.operations.push(operation);
            let ended = execution.clock.ended_before(*event);
            let ended: Vec<_> = ended.filter_map(|by| self.decision_of(execution, by)).listed();
            self.order(decision, &ended);
        }
    }

    /// The decision whose event this is, or that led to it.
    pub fn decision_of(&self, execution: &Execution, event: EventIx) -> Option<Decision> {
        let task = execution.trace.event(event).task;
        let after = execution.decisions().partition_point(|decided| *decided <= event);
        let line = self.index.line(task);
        line[..line.partition_point(|decision| *decision < after)].last().copied()
    }

    /// Orders the last decision after those it depends on, and notes with which of them it races. If it is the clock's, it
    /// depends on those who `ended` timers that could have fired then.
    fn order(&mut self, decision: Decision, ended: &[Decision]) {
        let Operation { task, ref footprint, .. } = self.operations[decision];
        let mut depends_on = std::mem::take(&mut self.depends_on);
        for decision in ended.iter().copied() {
            let task = self.operations[decision].task;
            match depends_on.iter_mut().find(|other| other.task == task) {
                Some(other) => other.decision = other.decision.max(decision),
                None => depends_on.push(LastAccess { task, kind: AccessKind::Timeout, decision }),
            }
        }
        for access in footprint.accesses() {
            for earlier in self.last.of(access.object) {
                if earlier.task != task && earlier.kind.depends_on(access.kind) {
                    match depends_on.iter_mut().find(|other| other.task == earlier.task) {
                        Some(other) if other.decision < earlier.decision => *other = *earlier,
                        Some(_) => {}
                        None => depends_on.push(*earlier),
                    }
                }
            }
        }
        let known = &mut self.known[task.at()];
        for earlier in &depends_on {
            let index = self.operations[earlier.decision].index;
            let is_between = |other: &LastAccess| {
                other.task != earlier.task && self.clocks[other.decision].get(earlier.task) >= index
            };
            if known.get(earlier.task) < index && !depends_on.iter().any(is_between) {
                self.races.push((earlier.decision, decision));
            }
        }
        keep(&mut self.bases, decision, known);
        for earlier in &depends_on {
            known.join(&self.clocks[earlier.decision]);
        }
        let index = known.get(task) + 1;
        known.set(task, index);
        keep(&mut self.clocks, decision, known);
        self.rows.truncate(decision);
        let mut row = [0; ROW];
        known
            .counts()
            .take_while(|(task, _)| task.at() < ROW)
            .for_each(|(task, count)| row[task.at()] = count);
        self.rows.push(row);
        for access in footprint.accesses() {
            self.last.set(access.object, LastAccess { task, kind: access.kind, decision });
        }
        self.operations[decision].index = index;
        self.index.push(decision, &self.operations[decision]);
        depends_on.clear();
        self.depends_on = depends_on;
    }

    /// How many of its first decisions are those of another execution of the same program, in which these tasks ran one after
    /// the other, and none of them chose.
    pub fn shares(&self, tasks: impl Iterator<Item = TaskIx>) -> Decision {
        self.operations.iter().zip(tasks).take_while(|(own, task)| own.task == *task).count()
    }

    /// Adds for each decision from this one on how many of each task's happen before it.
    pub fn add_counts(&self, from: Decision, counts: &mut Vec<u32>) {
        // There may be more lines than tasks, left from earlier executions.
        let tasks = self.operations.iter().map(|operation| operation.task.at() + 1).max().unwrap_or(0);
        counts.reserve((self.len() - from) * tasks);
        for (row, clock) in self.rows.iter().zip(&self.clocks).skip(from) {
            counts.extend_from_slice(&row[..tasks.min(ROW)]);
            counts.extend((ROW..tasks).map(|task| clock.get(TaskIx(task as u32))));
        }
    }

    /// Becomes what these were taken from, as far as reversals look at it. The first `shared` decisions are those that it has
    /// already; these are the rest.
    pub fn restore(
        &mut self,
        shared: Decision,
        operations: &[Operation],
        counts: &[u32],
        bases: &[(Decision, VectorClock)],
        has_selects: bool,
    ) {
        let tasks = counts.len() / operations.len().max(1);
        self.go_back(shared, tasks);
        self.has_selects = has_selects;
        for (operation, counts) in operations.iter().zip(counts.chunks_exact(tasks.max(1))) {
            let mut row = [0; ROW];
            row[..tasks.min(ROW)].copy_from_slice(&counts[..tasks.min(ROW)]);
            let all = (0_u32..).map(TaskIx).zip(counts.iter().copied());
            self.restore_one(operation, row, (tasks > ROW).then(|| all.filter(|(_, count)| *count > 0)));
        }
        self.bases.resize(self.len(), VectorClock::default());
        bases.iter().for_each(|(decision, base)| self.bases[*decision].copy_from(base));
    }

    /// Becomes the beginning of another one, up to a decision, but for the [bases](HappensBefore::base_count). The first `shared`
    /// decisions are those that it has already.
    pub fn restore_from(&mut self, shared: Decision, other: &HappensBefore, to: Decision) {
        let tasks = other.index.tasks();
        self.go_back(shared, tasks);
        for decision in shared..to {
            let counts = (tasks > ROW).then(|| other.clocks[decision].counts());
            self.restore_one(&other.operations[decision], other.rows[decision], counts);
        }
    }

    /// Forgets all decisions from `to` on. There are so many tasks.
    fn go_back(&mut self, to: Decision, tasks: usize) {
        self.operations.truncate(to);
        self.rows.truncate(to);
        self.used = OnceLock::new();
        self.index.forget_from(to);
        if tasks <= ROW {
            self.clocks.clear();
        }
    }

    /// Adds a decision, with the clock that its row is of, if that has more.
    fn restore_one(
        &mut self,
        operation: &Operation,
        row: [u32; ROW],
        clock: Option<impl Iterator<Item = (TaskIx, u32)>>,
    ) {
        let decision = self.operations.len();
        self.index.push(decision, operation);
        self.operations.push(operation.clone());
        self.rows.push(row);
        let Some(counts) = clock else { return };
        self.clocks.resize(self.clocks.len().max(decision + 1), VectorClock::default());
        let clock = &mut self.clocks[decision];
        clock.clear();
        counts.for_each(|(task, count)| clock.set(task, count));
    }

    /// How many decisions there are.
    pub fn len(&self) -> usize {
        self.operations.len()
    }

    /// Whether there was a select.
    pub fn has_selects(&self) -> bool {
        self.has_selects
    }

    /// Its event.
    pub fn event(&self, decision: Decision) -> EventIx {
        self.operations[decision].event
    }

    /// Whose decision it is.
    pub fn task(&self, decision: Decision) -> TaskIx {
        self.operations[decision].task
    }

    /// Which of the decisions of its task it is, from 1 on.
    pub fn index(&self, decision: Decision) -> u32 {
        self.operations[decision].index
    }

    /// What happens before it, itself included.
    pub fn clock(&self, decision: Decision) -> &VectorClock {
        &self.clocks[decision]
    }

    /// What it touched.
    pub fn footprint(&self, decision: Decision) -> &Footprint {
        &self.operations[decision].footprint
    }

    /// Where an object was made.
    pub fn made(&self, object: ObjIx) -> Made {
        made_of(&self.made, object)
    }

    /// What its operations touched, for those who meet them in other executions.
    pub fn used(&self) -> Arc<Used> {
        let each = || self.operations.iter().map(|operation| (operation.seen, operation.footprint.clone()));
        let used = || Arc::new(Used { touched: each().collect(), made: self.made.clone() });
        self.used.get_or_init(used).clone()
    }

    /// What the counter was before it that it adds to or takes from, and how much that is, if it does.
    pub fn counted(&self, decision: Decision) -> Option<(u16, NonZeroU16)> {
        self.operations[decision].counted
    }

    /// Names what its task's code had seen before it.
    pub fn seen(&self, decision: Decision) -> u64 {
        self.operations[decision].seen
    }

    /// Whether it would have touched the same, whatever had been done before.
    pub fn is_fixed(&self, decision: Decision) -> bool {
        self.operations[decision].is_fixed(self.has_selects)
    }

    /// Whether it may depend on who took its effect away, in whatever state: a timer's does.
    pub fn may_have_ended(&self, decision: Decision) -> bool {
        self.operations[decision].op == OpKind::Fire
    }

    /// Whether an order that ends with this decision may have to be rehearsed to tell what its operations touch in it.
    pub fn may_need_rehearsal(&self, last: Decision) -> bool {
        !self.is_certain(last) || self.goes_by_others()
    }

    /// Whether it would have touched the same, and depended on the same, whatever had been done before.
    pub fn is_certain(&self, decision: Decision) -> bool {
        self.is_fixed(decision) && !self.may_have_ended(decision)
    }

    /// Whether what any of them touches goes by what others take away of a counter.
    pub fn goes_by_others(&self) -> bool {
        self.operations.iter().any(|operation| operation.footprint.goes_by_others())
    }

    /// Whether it may touch other objects in another state.
    pub fn reaches(&self, decision: Decision) -> bool {
        self.has_selects || self.operations[decision].reaches_far()
    }

    /// Where the decisions of each task and those about each object are.
    pub fn lines(&self) -> &Index {
        &self.index
    }

    /// The reversible races, those with the earliest second decision first.
    pub fn races(&self) -> &[(Decision, Decision)] {
        &self.races
    }

    /// Whether `a` happens before `b`, or is `b`.
    pub fn is_before(&self, a: Decision, b: Decision) -> bool {
        let Operation { task, index, .. } = self.operations[a];
        self.count(task, b) >= index
    }

    /// How many decisions of `task` happen before `b`, itself included.
    pub fn count(&self, task: TaskIx, b: Decision) -> u32 {
        let count = self.rows.get(b).and_then(|row| row.get(task.at())).copied();
        count.unwrap_or_else(|| self.clocks[b].get(task))
    }

    /// The first tasks' [counts](HappensBefore::count), if they are at hand.
    pub fn row(&self, b: Decision) -> Option<&[u32; ROW]> {
        self.rows.get(b)
    }

    /// Whether it is seen at once that the next decision of `task` at the state before a race may come first if the race is
    /// reversed: that is run, and nothing that is run happens before it.
    pub fn leads_to_reversal(&self, task: TaskIx, (first, second): (Decision, Decision)) -> bool {
        let next = self.index.line(task).get(self.index.so_far(task, first)).copied();
        let Some(next) = next.filter(|_| self.index.tasks() <= ROW) else { return false };
        // What the second event does may be something else then.
        let is_run = if next == second { self.is_fixed(second) } else { !self.is_before(first, next) };
        let so_far = self.index.so_far_each(first).iter();
        let later = so_far.zip(&self.rows[next]).map(|(so_far, before)| u32::from(before > so_far));
        // The decision itself is one that comes later.
        is_run && later.sum::<u32>() == 1
    }

    /// How many decisions of `task` let the task of `b` on before it.
    pub fn base_count(&self, task: TaskIx, b: Decision) -> u32 {
        self.bases[b].get(task)
    }
}

fn keep(clocks: &mut Vec<VectorClock>, decision: Decision, clock: &VectorClock) {
    match clocks.get_mut(decision) {
        Some(kept) => kept.copy_from(clock),
        None => clocks.push(clock.clone()),
    }
}
