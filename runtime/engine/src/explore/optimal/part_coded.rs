//! A part of the search as bytes: what led to it, and what its races plan above it.
//!
//! Plans of one execution share what that execution showed, which is written once.

use super::happens_before::HappensBefore;
use super::node::Node;
use super::operation::Operation;
use super::part::{Bottom, Plan};
use super::search::Optimal;
use super::shown::Kept;
use super::tree::Strays;
use crate::execution::Rehearsed;
use crate::explore::frontier::{Coded, Reader, coded};
use crate::plan::NodeRecord;
use gorace_analyzer_core::clock::VectorClock;
use gorace_analyzer_core::{EventIx, OpKind};
use std::sync::Arc;

coded! {
    EventIx { 0 },
    Operation { event, task, index, footprint, op, of_context, compares, seen },
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

/// As it is kept: without what only the next execution would need.
impl Coded for HappensBefore {
    fn write(&self, out: &mut Vec<u8>) {
        self.operations.write(out);
        self.clocks.write(out);
        self.bases.write(out);
        self.has_selects.write(out);
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        let mut order = HappensBefore::default();
        order.operations = Coded::read(from)?;
        order.clocks = Coded::read(from)?;
        order.bases = Coded::read(from)?;
        order.has_selects = Coded::read(from)?;
        Some(order)
    }
}

impl Coded for Kept {
    fn write(&self, out: &mut Vec<u8>) {
        self.order.write(out);
        self.choices.write(out);
        self.paths.write(out);
        self.clock.write(out);
        self.starts.write(out);
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        let (order, choices) = Coded::read(from)?;
        let (paths, clock) = Coded::read(from)?;
        let mut kept = Kept { order, choices, paths, clock, starts: Coded::read(from)? };
        kept.index().then_some(kept)
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
    /// Notes where each task's decisions are; whether it is one that can have come about.
    fn index(&mut self) -> bool {
        let HappensBefore { operations, clocks, bases, index, .. } = &mut self.order;
        let (len, tasks) = (operations.len(), self.paths.len());
        let is_there = |(decision, operation): (usize, &Operation)| {
            let is_task = operation.task.at() < tasks;
            if is_task {
                index.push(decision, operation);
            }
            is_task && index.line(operation.task).len() == operation.index as usize
        };
        // An execution of which nothing but what it met is kept has no clocks.
        let has_clocks = clocks.len() == len && bases.len() == len && self.choices.len() == len;
        has_clocks && operations.iter().enumerate().all(is_there)
    }
}

impl Optimal {
    /// Whether it is one that can have come about.
    pub(super) fn is_whole(&self) -> bool {
        let Some(part) = &self.part else { return true };
        let is_task = |at: usize| matches!(self.stack.get(at), Some(Node::Task(_)));
        let fits = |plan: &Plan| {
            let (first, second) = plan.race;
            is_task(plan.at) && first <= second && second < plan.of.order.len()
        };
        part.given <= part.bottom && part.bottom <= self.stack.len() && part.plans.iter().all(fits)
    }
}
