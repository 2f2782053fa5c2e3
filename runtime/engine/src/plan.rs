//! What goes into an execution and what comes back beside the trace: plain data that can cross a process.

use crate::footprint::{Footprint, Known};
use crate::mark::Mark;
use crate::random::{Profile, Sampler};
use gorace_analyzer_core::{OpKind, TaskIx, TaskPath};
use std::sync::Arc;

/// How one execution is to be run.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Plan {
    /// Who decides.
    pub selection: Selection,
    /// The execution is cut after this many events.
    pub max_steps: u64,
    /// Whether timers fire only when nothing else can run.
    pub idle_clock: bool,
    /// Whether waits may wake, and weak compare-exchanges fail, for no reason: an explored choice.
    pub spurious: bool,
}

/// How the next task is selected.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Selection {
    /// Uniformly at random among the tasks that can go on, but for unlocks that
    /// [need not be decided](crate::Execution::unlock_at_once).
    Random {
        /// Of the run.
        seed: u64,
        /// Of this schedule in the run.
        index: u64,
    },
    /// By a random strategy that knows the program's profile.
    Sample {
        /// Which.
        by: Sampler,
        /// Of the run.
        seed: u64,
        /// Of this schedule in the run.
        index: u64,
        /// Of the program.
        profile: Arc<Profile>,
    },
    /// The default rule, with what a [`Profile`] is made of recorded.
    Profile,
    /// The default rule (go on with the running task, else the one spawned first), but for these deviations.
    Follow(Schedule),
    /// As [`Selection::Follow`], but a deviation that does not fit is passed over: for shortening a schedule.
    FollowLoosely(Schedule),
    /// This order of events, as far as it can be followed: for shortening a schedule.
    InOrder(Order),
    /// A prediction tried: the default rule, but one task is held.
    Directed(Hold),
    /// A step of a search: these decisions, then the wakeup sequence, then the default rule among the tasks
    /// that are not asleep. The decisions after the prefix come back as [`NodeRecord`]s.
    Search {
        /// The decisions, from the start.
        prefix: Vec<Step>,
        /// The tasks asleep at the last decision of the prefix, with what they would do there.
        sleep: Vec<(TaskIx, Footprint)>,
        /// What to do then: its decisions do not come back. It is abandoned where that cannot be done.
        lead: Vec<WakeupStep>,
        /// What to do after that, as far as it can be done.
        wakeup: Vec<WakeupStep>,
        /// What wakes those asleep.
        wake_on: WakeOn,
    },
}

/// What wakes a sleeping task.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum WakeOn {
    /// An operation on which its own depends.
    #[default]
    Dependence,
    /// An operation that accesses an object of its own.
    SameObject,
}

/// One decision of a search's prefix.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Step {
    /// Run this task, which is about to do this.
    Task(TaskIx, Footprint),
    /// Take this alternative of so many.
    Choice {
        /// How many there are.
        of: u32,
        /// The one to take.
        taken: u32,
    },
}

/// One step of a wakeup sequence: of an order of events that is known from another execution.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum WakeupStep {
    /// Run this task, which exists at the end of the prefix.
    Task(TaskIx),
    /// Run the task of this path; its number may be another one in each execution.
    Named(TaskPath),
    /// Take this alternative in the step before.
    Choice(u32),
    /// This task, which exists at the end of the prefix, falls asleep before the next decision if it can run: what it leads to
    /// from there is explored before.
    Asleep(TaskIx),
    /// So does the task of this path.
    NamedAsleep(TaskPath),
}

/// A schedule: how it deviates from the default rule.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Schedule {
    /// In the order in which they come up.
    pub deviations: Vec<Deviation>,
    /// A landmark for each, or none at all. With landmarks a schedule can be followed in a program that has been
    /// edited; without, what does not fit ends the execution.
    pub marks: Vec<Mark>,
    /// The shape of the execution that it was taken from, if known: whether the program still does the same.
    pub shape: Option<u32>,
}

/// A task that is held before one of its operations until another task has done one of its own.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Hold {
    /// Who is held ..
    pub task: TaskPath,
    /// .. after so many events.
    pub count: u32,
    /// Who is awaited ..
    pub until: TaskPath,
    /// .. to have more events than this.
    pub until_count: u32,
}

/// An order of the events of tasks, known from an execution and perhaps rearranged.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Order {
    /// By task: the rank of each of its events.
    pub tasks: Vec<(TaskPath, Vec<u32>)>,
    /// The alternatives that are not the first; switches are none of its business.
    pub choices: Vec<Deviation>,
}

/// One deviation: after `task`'s `count`-th event, do not follow the default rule.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Deviation {
    /// Run another task.
    Switch {
        /// The task that ran last.
        task: TaskPath,
        /// How many events it had.
        count: u32,
        /// The task to run instead of the default one.
        to: TaskPath,
        /// What that task is about to do, as far as it is known beforehand: detects a program that changed.
        op: OpKind,
    },
    /// Take another alternative than the first.
    Choice {
        /// The task that chooses.
        task: TaskPath,
        /// How many events it had before the choosing one.
        count: u32,
        /// The alternative taken, not 0.
        taken: u32,
    },
}

/// One decision as it was made, with its alternatives: recorded for searches only.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum NodeRecord {
    /// Which task runs.
    Task {
        /// All that could, in the order in which they are tried.
        eligible: Vec<(TaskIx, Footprint)>,
        /// The index of the one that ran.
        chosen: u32,
        /// The index of the task that ran before, if leaving it is a preemption.
        running: Option<u32>,
        /// The tasks asleep here.
        sleep: Vec<(TaskIx, Footprint)>,
        /// What was known.
        known: Known,
        /// Whether some task could have run but was passed over.
        passed_over: bool,
        /// Whether the wakeup sequence could not be followed here.
        broken: bool,
    },
    /// Which alternative is taken.
    Choice {
        /// How many there are.
        of: u32,
        /// The one taken.
        taken: u32,
    },
}
