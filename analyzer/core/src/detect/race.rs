//! GR0001: data races; and GR0005 for maps, which Go forbids to be used so.
//!
//! Source: FastTrack (Flanagan, Freund, PLDI 2009), off line over a finished trace. Of each cell the last
//! write and the reads since then are kept as epochs.
//!
//! May miss: a race in an interleaving that was not run; of several racing pairs on one cell, those whose
//! earlier access was itself overtaken by a write. Reports nothing false: two accesses are reported only if
//! happens-before ([`crate::hb`]) leaves them unordered, or if they overlapped in time.

use crate::clock::{Clock, FewTasks};
use crate::finding::FindingKind;
use crate::hb::{Walk, WalkOf};
use crate::ids::{EventIx, TaskIx};
use crate::misuse::{MAP_ITERATION, MAP_READ_AND_WRITE, MAP_WRITES};
use crate::op::{ObjectKind, OpKind};
use crate::trace::{History, Trace};

#[derive(Clone, Copy, Debug)]
struct Epoch {
    task: TaskIx,
    /// The access's ordinal among its task's events.
    count: u32,
    event: EventIx,
}

#[derive(Debug, Default)]
struct Cell {
    write: Option<Epoch>,
    reads: Vec<Epoch>,
}

/// The detector, with the storage that it keeps between traces.
#[derive(Debug, Default)]
pub struct RaceDetector {
    /// Of executions with few tasks, which most have.
    few: WalkOf<FewTasks>,
    any: Walk,
    cells: Vec<Cell>,
    pairs: Vec<(EventIx, EventIx)>,
}

impl RaceDetector {
    /// Appends one finding for each racing pair of source places in `trace`.
    pub fn detect(&mut self, trace: &Trace, findings: &mut Vec<FindingKind>) {
        if trace.overlaps.is_empty() && !has_candidates(trace) {
            return;
        }
        let mut seen = Vec::new();
        for (first, second) in self.races(&trace.history()).iter().copied() {
            let (a, b) = (trace.event(first), trace.event(second));
            let sites = (a.object, a.op, a.place, b.op, b.place);
            let mirrored = (a.object, b.op, b.place, a.op, a.place);
            if !seen.contains(&sites) && !seen.contains(&mirrored) {
                seen.push(sites);
                let is_map = a.object.is_some_and(|object| trace.object(object).kind == ObjectKind::Map);
                findings.push(match (is_map, a.op, b.op) {
                    (false, ..) => FindingKind::DataRace { first, second },
                    (true, OpKind::Write, OpKind::Write) => {
                        FindingKind::Unordered { first, second, words: MAP_WRITES }
                    }
                    (true, OpKind::Iterate, _) | (true, _, OpKind::Iterate) => {
                        FindingKind::Unordered { first, second, words: MAP_ITERATION }
                    }
                    (true, ..) => FindingKind::Unordered { first, second, words: MAP_READ_AND_WRITE },
                });
            }
        }
    }

    /// The racing pairs, those that overlapped first.
    pub fn races(&mut self, history: &History<'_>) -> &[(EventIx, EventIx)] {
        let RaceDetector { few, any, cells, pairs } = self;
        pairs.clear();
        pairs.extend_from_slice(history.overlaps);
        for cell in &mut *cells {
            cell.write = None;
            cell.reads.clear();
        }
        cells.resize_with(history.objects, Cell::default);
        if history.tasks <= FewTasks::TASKS {
            look(few, history, cells, pairs);
        } else {
            look(any, history, cells, pairs);
        }
        pairs
    }
}

fn look<C: Clock>(
    walk: &mut WalkOf<C>,
    history: &History<'_>,
    cells: &mut [Cell],
    pairs: &mut Vec<(EventIx, EventIx)>,
) {
    walk.start(history);
    while let Some((ix, event)) = walk.step(history) {
        let (true, Some(object)) = (event.op.is_plain(), event.object) else { continue };
        let clock = walk.clock(event.task);
        let cell = &mut cells[object.at()];
        let unordered = |epoch: &&Epoch| epoch.task != event.task && clock.get(epoch.task) < epoch.count;
        pairs.extend(cell.write.iter().filter(unordered).map(|epoch| (epoch.event, ix)));
        let now = Epoch { task: event.task, count: clock.get(event.task), event: ix };
        if event.op == OpKind::Write {
            pairs.extend(cell.reads.iter().filter(unordered).map(|epoch| (epoch.event, ix)));
            cell.write = Some(now);
            cell.reads.clear();
        } else if let Some(own) = cell.reads.iter_mut().find(|epoch| epoch.task == event.task) {
            *own = now;
        } else {
            cell.reads.push(now);
        }
    }
}

/// Whether any cell was accessed by two tasks at all; most traces are done with this look.
fn has_candidates(trace: &Trace) -> bool {
    let mut owner: Vec<Option<TaskIx>> = Vec::new();
    for event in trace.events.iter().filter(|event| event.op.is_plain()) {
        let Some(object) = event.object else { continue };
        if owner.is_empty() {
            owner.resize(trace.objects.len(), None);
        }
        match owner[object.at()] {
            None => owner[object.at()] = Some(event.task),
            Some(task) if task != event.task => return true,
            Some(_) => {}
        }
    }
    false
}
