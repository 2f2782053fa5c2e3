//! The decisions of an execution that deviated from the default rule, in their order.
//!
//! A switch is kept as what only its decision knows; how far the task was that ran last is counted from the trace when
//! somebody asks, since a random execution deviates at most of its steps and is hardly ever asked.

use super::Execution;
use gorace_analyzer_core::{EventIx, OpKind, TaskIx};

/// A decision that deviated from the default rule, before paths are needed.
#[derive(Clone, Copy, Debug)]
pub(crate) enum RawDeviation {
    /// `at` is the number of events before it, `count` how many of them are `task`'s, which ran last.
    Switch { task: TaskIx, count: u32, to: TaskIx, op: OpKind, at: u32 },
    /// `nth` of the task's choices of this sort, counted from 1.
    Choice { task: TaskIx, count: u32, taken: u32, sort: u16, nth: u32 },
}

/// A switch as it is kept.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Switched {
    /// The number of events before it.
    pub at: u32,
    /// Who ran last.
    pub last: TaskIx,
    /// Who was chosen, for this operation.
    pub to: TaskIx,
    pub op: OpKind,
    /// Whether the task that ran last could have gone on.
    pub forced: bool,
}

/// What lies where there is none.
const NONE: Switched = Switched { at: 0, last: TaskIx(0), to: TaskIx(0), op: OpKind::Exit, forced: false };

/// See the module.
#[derive(Default)]
pub(crate) struct Deviations {
    switches: Vec<Switched>,
    /// How many of them count.
    len: usize,
    /// Each with the number of switches before it.
    choices: Vec<(usize, RawDeviation)>,
}

impl Deviations {
    pub fn clear(&mut self) {
        self.len = 0;
        self.choices.clear();
    }

    pub fn is_empty(&self) -> bool {
        self.len == 0 && self.choices.is_empty()
    }

    pub fn push_choice(&mut self, choice: RawDeviation) {
        self.choices.push((self.len, choice));
    }

    pub fn push_switch(&mut self, switch: Switched) {
        self.push_switch_if(true, switch);
    }

    /// Adds it if it is one. It is written down in either case: whether a random choice deviates cannot be predicted,
    /// and a branch that is taken wrongly costs more than all the rest.
    #[inline(always)]
    pub fn push_switch_if(&mut self, is_one: bool, switch: Switched) {
        if self.len >= self.switches.len() {
            self.make_room();
        }
        let Switched { at, last, to, op, forced } = switch;
        let place = &mut self.switches[self.len];
        // One by one: a copy of what was just written in parts makes the processor wait.
        place.at = at;
        place.last = last;
        place.to = to;
        place.op = op;
        place.forced = forced;
        self.len += usize::from(is_one);
    }

    #[cold]
    #[inline(never)]
    fn make_room(&mut self) {
        self.switches.resize((2 * self.len).max(64), NONE);
    }

    /// The events before which a task was switched away from that could have gone on.
    pub fn forced_switches(&self) -> impl Iterator<Item = EventIx> {
        self.switches[..self.len].iter().filter(|switch| switch.forced).map(|switch| EventIx(switch.at))
    }
}

impl Execution {
    /// The decisions that deviated, in their order.
    pub(crate) fn deviations(&self) -> Vec<RawDeviation> {
        let Deviations { switches, len, choices } = &self.raw;
        let mut counts = vec![0; self.tasks.len()];
        let mut events = self.trace.events.iter().enumerate().peekable();
        let mut choices = choices.iter().peekable();
        let mut deviations = Vec::with_capacity(len + choices.len());
        for (nth, &Switched { at, last, to, op, .. }) in switches[..*len].iter().enumerate() {
            while let Some((_, choice)) = choices.next_if(|(before, _)| *before <= nth) {
                deviations.push(*choice);
            }
            while let Some((_, event)) = events.next_if(|(before, _)| *before < at as usize) {
                counts[event.task.at()] += 1;
            }
            deviations.push(RawDeviation::Switch { task: last, count: counts[last.at()], to, op, at });
        }
        deviations.extend(choices.map(|(_, choice)| *choice));
        deviations
    }
}
