//! A part of the search as bytes: what led to it, and what its races plan above it.
//!
//! Plans of one execution share what that execution showed, which is written once.

use super::index::Index;
use super::kept::Kept;
use super::node::Node;
use super::operation::Operation;
use super::part::{Bottom, Plan};
use super::search::Optimal;
use super::tree::Strays;
use crate::execution::Rehearsed;
use crate::explore::frontier::{Coded, Reader, coded};
use crate::plan::NodeRecord;
use gorace_analyzer_core::clock::VectorClock;
use gorace_analyzer_core::{EventIx, OpKind};
use std::sync::Arc;

coded! {
    EventIx { 0 },
    Operation { event, task, index, footprint, op, of_context, compares, counted, seen },
    Rehearsed { others, last, after },
}

impl Coded for OpKind {
    fn write(&self, out: &mut Vec<u8>) {
        out.push(*self as u8);
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        OpKind::ALL.get(usize::from(from.byte()?)).copied()
    }
}

impl Coded for VectorClock {
    fn write(&self, out: &mut Vec<u8>) {
        self.iter().count().write(out);
        self.iter().for_each(|entry| entry.write(out));
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        let mut clock = VectorClock::default();
        Vec::read(from)?.into_iter().for_each(|(task, count)| clock.set(task, count));
        Some(clock)
    }
}

impl Coded for Kept {
    fn write(&self, out: &mut Vec<u8>) {
        self.operations.write(out);
        self.counts.write(out);
        self.bases.write(out);
        self.has_selects.write(out);
        self.made.write(out);
        self.choices.write(out);
        self.paths.write(out);
        self.clock.write(out);
        self.starts.write(out);
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        let kept = Kept {
            from: 0,
            operations: Coded::read(from)?,
            counts: Coded::read(from)?,
            bases: Coded::read(from)?,
            has_selects: Coded::read(from)?,
            made: Coded::read(from)?,
            choices: Coded::read(from)?,
            paths: Coded::read(from)?,
            clock: Coded::read(from)?,
            starts: Coded::read(from)?,
        };
        kept.is_whole().then_some(kept)
    }
}

impl Coded for NodeRecord {
    fn write(&self, out: &mut Vec<u8>) {
        matches!(self, NodeRecord::Task { .. }).write(out);
        match self {
            NodeRecord::Task { eligible, chosen, running, sleep, known, passed_over, broken } => {
                eligible.write(out);
                chosen.write(out);
                running.write(out);
                sleep.write(out);
                known.write(out);
                passed_over.write(out);
                broken.write(out);
            }
            NodeRecord::Choice { of, taken } => {
                of.write(out);
                taken.write(out);
            }
        }
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        if !bool::read(from)? {
            return Some(NodeRecord::Choice { of: Coded::read(from)?, taken: Coded::read(from)? });
        }
        let eligible: Vec<_> = Coded::read(from)?;
        let chosen = u32::read(from).filter(|chosen| (*chosen as usize) < eligible.len())?;
        Some(NodeRecord::Task {
            eligible,
            chosen,
            running: Coded::read(from)?,
            sleep: Coded::read(from)?,
            known: Coded::read(from)?,
            passed_over: Coded::read(from)?,
            broken: Coded::read(from)?,
        })
    }
}

impl Coded for Bottom {
    fn write(&self, out: &mut Vec<u8>) {
        self.bottom.write(out);
        self.given.write(out);
        self.path.write(out);
        self.doubtful.write(out);
        self.executions.write(out);
        let first = self.first.as_deref();
        first.is_some().write(out);
        first.into_iter().for_each(|first| first.write(out));
        let mut shown: Vec<&Arc<Kept>> = self.plans.iter().map(|plan| &plan.of).collect();
        shown.dedup_by(|one, other| Arc::ptr_eq(one, other));
        shown.len().write(out);
        shown.iter().for_each(|kept| kept.as_ref().write(out));
        self.plans.len().write(out);
        let mut at = 0;
        for Plan { at: place, race, of, execution, whole, strays, rehearsed } in &self.plans {
            at += usize::from(!Arc::ptr_eq(shown[at], of));
            at.write(out);
            place.write(out);
            race.write(out);
            execution.write(out);
            whole.write(out);
            strays.0.write(out);
            rehearsed.write(out);
        }
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        let (bottom, given) = Coded::read(from)?;
        let (path, doubtful) = Coded::read(from)?;
        let executions = from.count()?;
        let first = Option::<Kept>::read(from)?.map(Arc::new);
        let shown: Vec<Arc<Kept>> = Vec::<Kept>::read(from)?.into_iter().map(Arc::new).collect();
        let plans = (0..from.length()?).map(|_| {
            let of = shown.get(usize::read(from)?)?.clone();
            let (at, race) = Coded::read(from)?;
            let (execution, whole) = Coded::read(from)?;
            let (strays, rehearsed) = (Strays(Coded::read(from)?), Coded::read(from)?);
            Some(Plan { at, race, of, execution, whole, strays, rehearsed })
        });
        let plans = plans.collect::<Option<_>>()?;
        Some(Bottom { bottom, given, path, first, plans, doubtful, executions, last: None })
    }
}

impl Kept {
    /// Whether it is one that can have come about.
    fn is_whole(&self) -> bool {
        let Kept { operations, counts, bases, choices, paths, .. } = self;
        let mut index = Index::default();
        let is_there = |(decision, operation): (usize, &Operation)| {
            let is_task = operation.task.at() < paths.len();
            if is_task {
                index.push(decision, operation);
            }
            is_task && index.line(operation.task).len() == operation.index as usize
        };
        let is_decision = |decision: usize| decision < operations.len();
        operations.iter().enumerate().all(is_there)
            && counts.len() == operations.len() * index.tasks()
            && bases.iter().all(|(decision, _)| is_decision(*decision))
            && choices.is_sorted_by_key(|(decision, _)| *decision)
            && choices.iter().all(|(decision, _)| is_decision(*decision))
    }
}

impl Optimal {
    /// Whether it is one that can have come about.
    pub(super) fn is_whole(&self) -> bool {
        let Some(part) = &self.part else { return true };
        let is_task = |at: usize| matches!(self.stack.get(at), Some(Node::Task(_)));
        let fits = |plan: &Plan| {
            let (first, second) = plan.race;
            is_task(plan.at) && first <= second && second < plan.of.len()
        };
        part.given <= part.bottom && part.bottom <= self.stack.len() && part.plans.iter().all(fits)
    }
}
