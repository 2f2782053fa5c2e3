//! What the clock of an execution keeps: its timers, and what has come of them.

use super::TimerEffect;
use gorace_analyzer_core::{EventIx, ObjIx, OpKind, Place, TaskIx};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Effect {
    Wake(TaskIx),
    NotifyTimeout {
        condvar: ObjIx,
        waiter: TaskIx,
    },
    ParkTimeout {
        token: ObjIx,
        waiter: TaskIx,
    },
    RecvTimeout {
        channel: ObjIx,
        waiter: TaskIx,
    },
    WordTimeout {
        word: ObjIx,
        waiter: TaskIx,
    },
    Of(ObjIx, TimerEffect),
    /// Stopped, or overtaken by what it was to end.
    None,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Timer {
    pub(super) deadline: u64,
    pub(super) armed_by: TaskIx,
    pub(super) armed: EventIx,
    pub(super) effect: Effect,
    /// How often it, or its like, fired ahead of tasks that could run.
    pub(super) ahead: u32,
    /// Who took its effect away.
    pub(super) ended: Option<EventIx>,
}

/// The clock of an execution.
#[derive(Debug, Default)]
pub(crate) struct Clock {
    /// Its task, once there was a timer.
    pub task: Option<TaskIx>,
    /// In nanoseconds since the start.
    pub(super) now: u64,
    pub(super) timers: Vec<Timer>,
    pub(super) step: u64,
    /// How often timers fired since main returned, or the execution was dropped.
    pub(super) fired_after_main: u32,
    /// Only when nothing else can run.
    pub idle: bool,
    /// Whether a bound was met.
    pub bounded: bool,
    /// Whether there was a ticker.
    pub ticked: bool,
    /// The events that started timers, one for each.
    pub starts: Vec<EventIx>,
    /// Those who took a timer's effect away, each with the events in which that timer fired all the same, or could have. What
    /// those touched does not show that they depend on each other.
    pub(super) ended_before: Vec<(EventIx, EventIx)>,
    /// The events in which timers fired that had no effect any more.
    pub(super) without_effect: Vec<EventIx>,
    /// Whether the order of two tasks' deadlines decided which timer fired.
    pub ordered: bool,
    /// How often timers fired ahead, by who armed them and where.
    pub(super) rounds: Vec<(TaskIx, OpKind, Place, u32)>,
    /// Effects of timers that fired or were stopped, for `reset`.
    pub(super) known: Vec<(ObjIx, TimerEffect)>,
}

impl Clock {
    /// Becomes a new execution's. In its place, since a copy of what was just written in parts makes the processor wait.
    pub fn renew(&mut self, idle_clock: bool) {
        // All are named, so that none is forgotten.
        let Clock {
            task,
            now,
            timers,
            step,
            fired_after_main,
            idle,
            bounded,
            ticked,
            starts,
            ended_before,
            without_effect,
            ordered,
            rounds,
            known,
        } = self;
        *task = None;
        (*now, *step, *fired_after_main) = (0, 0, 0);
        (*idle, *bounded, *ticked, *ordered) = (idle_clock, false, false, false);
        timers.clear();
        starts.clear();
        ended_before.clear();
        without_effect.clear();
        rounds.clear();
        known.clear();
    }
}
