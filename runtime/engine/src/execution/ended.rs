//! What an execution that has ended leaves: its trace, its schedule, and what kinds of things happened.

use super::{Execution, ObjectEntry, RawDeviation};
use crate::footprint::{Access, Footprint};
use crate::plan::{Deviation, NodeRecord, Schedule};
use crate::task::{State, Task, Wait};
use gorace_analyzer_core::finding::{FNV_START, fnv};
use gorace_analyzer_core::trace::{Ended, History};
use gorace_analyzer_core::{
    EventIx, ObjIx, ObjectInfo, ObjectKind, TaskEnd, TaskInfo, TaskIx, Trace, Waiting,
};

/// What could be wrong with an execution that has ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Suspicion {
    /// Nothing: everybody finished, and no memory was shared, or only under a mutex of its own.
    None,
    /// Nothing but a race: two tasks accessed the same memory, and one of them changed it.
    Race,
    /// Anything.
    Any,
}

impl Execution {
    /// Whether orders weaker than `SeqCst` were used.
    pub fn used_weak_orders(&self) -> bool {
        self.weak
    }

    /// Whether there was a result, with something to drop, that nobody took.
    pub fn left_untaken(&self) -> bool {
        self.untaken
    }

    /// Whether timers were kept from firing to keep the exploration finite.
    pub fn bounded_timers(&self) -> bool {
        self.clock.bounded
    }

    /// Whether a timer that could fire may be kept from it by a bound, and so by what others do.
    pub(crate) fn disables_timers(&self) -> bool {
        self.clock.ticked || self.clock.bounded
    }

    /// Whether the order of different tasks' deadlines decided which timer fired.
    pub fn ordered_timers(&self) -> bool {
        self.clock.ordered
    }

    /// Whether a spinning task was passed over.
    pub fn cut_spins(&self) -> bool {
        self.spin_cut
    }

    /// What detectors could find, as far as that is seen at a glance.
    pub fn suspicion(&self) -> Suspicion {
        let is_fine = |task: &Task| {
            task.end.is_none() && (matches!(task.state, State::Done | State::Made) || task.is_clock())
        };
        let overlapped = !self.trace.overlaps.is_empty();
        let is_over = self.trace.ended == Ended::Quiescent && self.tasks.iter().all(|task| is_fine(task));
        if !is_over || self.to_judge || overlapped {
            Suspicion::Any
        } else if self.shared_plain || self.shared_guarded && self.unguarded {
            Suspicion::Race
        } else {
            Suspicion::None
        }
    }

    /// Whether it is seen at a glance that there is nothing to say of it: all ended, nothing is suspicious, no limit was
    /// met, and main heard of each end.
    pub fn shows_nothing(&self) -> bool {
        let is_heard_of = |task: &Task| {
            task.state == State::Done && task.end.is_none() && (task.joined_by_main | task.detached)
        };
        let Some((main, others)) = self.tasks.split_first() else { return false };
        let marks = self.weak
            | self.untaken
            | self.spin_cut
            | self.to_judge
            | self.shared_plain
            | (self.shared_guarded & self.unguarded)
            | self.clock.task.is_some();
        !marks
            && self.trace.ended == Ended::Quiescent
            && self.trace.overlaps.is_empty()
            && main.state == State::Done
            && main.end.is_none()
            && others.iter().all(|task| is_heard_of(task))
    }

    /// What its order is computed from.
    pub fn history(&mut self) -> History<'_> {
        self.settle_edges();
        History { tasks: self.tasks.len(), objects: self.objects.len(), ..self.trace.history() }
    }

    /// The schedule that was run, as deviations from the default rule.
    pub fn schedule(&self) -> Schedule {
        let path = |task: TaskIx| self.tasks[task.at()].path.clone();
        let deviation = |raw: &RawDeviation| match *raw {
            RawDeviation::Switch { task, count, to, op, .. } => {
                Deviation::Switch { task: path(task), count, to: path(to), op }
            }
            RawDeviation::Choice { task, count, taken, .. } => {
                Deviation::Choice { task: path(task), count, taken }
            }
        };
        Schedule {
            deviations: self.deviations().iter().map(deviation).collect(),
            marks: Vec::new(),
            shape: None,
        }
    }

    /// The decisions after the prefix, with their alternatives, for a search, which gives their list back
    /// ([`Execution::reuse_nodes`]).
    pub fn take_nodes(&mut self) -> Vec<NodeRecord> {
        std::mem::take(&mut self.nodes)
    }

    /// Takes the room of a list of decisions.
    pub fn reuse_nodes(&mut self, mut nodes: Vec<NodeRecord>) {
        nodes.clear();
        self.nodes = nodes;
    }

    /// The footprint of each event, if they were recorded.
    pub fn footprints(&self) -> &[Footprint] {
        &self.footprints
    }

    /// A name for what is accessed that holds in all executions with the same beginning.
    pub(crate) fn name_of(&self, access: Access) -> u64 {
        let by = |task: TaskIx, part: u32| {
            let ordinals = self.tasks[task.at()].path.ordinals().iter();
            ordinals.chain([&part]).fold(FNV_START, |hash, ordinal| fnv(hash, &ordinal.to_le_bytes()))
        };
        match access.task() {
            _ if access.is_fixed() => u64::from(access.object.number()),
            Some(task) => by(task, 0),
            None => {
                let entry = &self.objects[access.object.at()];
                by(entry.task, entry.ordinal + 1)
            }
        }
    }

    /// The event of each decision who runs, if footprints were recorded. Plain accesses are events without.
    pub(crate) fn decisions(&self) -> &[EventIx] {
        &self.decisions
    }

    /// The trace, complete with its tasks and objects.
    pub fn trace(&mut self) -> &Trace {
        self.settle_edges();
        self.settle_panics();
        let tasks = self.tasks.iter().map(|task| Self::task_info(task)).collect();
        let objects = self.objects.iter().map(|entry| self.object_info(entry)).collect();
        self.trace.tasks = tasks;
        self.trace.objects = objects;
        self.trace.divergence = self.divergence.clone();
        self.trace.forced_switches.clear();
        self.trace.forced_switches.extend(self.raw.forced_switches(&self.trace.events));
        &self.trace
    }

    fn task_info(task: &Task) -> TaskInfo {
        let end = match (&task.end, task.state, task.waiting) {
            (Some(end), ..) => end.clone(),
            // A task that was never started, and the clock, have nothing to finish.
            (None, State::Done | State::Made, _) => TaskEnd::Finished,
            _ if task.is_clock() => TaskEnd::Finished,
            (None, State::Blocked, Some((wait, event))) => TaskEnd::Blocked(match wait {
                Wait::On => Waiting::On { event },
                Wait::Any => Waiting::Any { event, arms: arms(task) },
                Wait::Forever => Waiting::Forever { event },
            }),
            _ => TaskEnd::Running,
        };
        TaskInfo {
            path: task.path.clone(),
            name: task.name.as_deref().map(str::to_owned),
            spawned: task.spawned,
            detached: task.detached,
            end,
        }
    }

    fn object_info(&self, entry: &ObjectEntry) -> ObjectInfo {
        ObjectInfo {
            kind: entry.spec.kind,
            task: self.tasks[entry.task.at()].path.clone(),
            ordinal: entry.ordinal,
            made: entry.spec.made,
            name: entry.spec.name.map(str::to_owned),
            type_name: (entry.spec.type_name)().to_owned(),
            held: entry.state.holders(),
            capacity: matches!(entry.spec.kind, ObjectKind::Channel | ObjectKind::Barrier | ObjectKind::Task)
                .then_some(entry.spec.initial),
        }
    }
}

/// The channels that a parked select waits for, each with whether it would send.
fn arms(task: &Task) -> Vec<(ObjIx, bool)> {
    task.arms.iter().filter_map(|arm| Some((arm.channel?, arm.send.is_some()))).collect()
}
