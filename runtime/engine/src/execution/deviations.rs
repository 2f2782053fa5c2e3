//! The choices of an execution, in their order, and which of them deviated from the default rule.
//!
//! A choice of who runs is kept as what only its decision knows. Whether it deviated, and how far the task was that ran
//! last, is told when somebody asks, since a random execution chooses at each step and is hardly ever asked.

use super::Execution;
use crate::picker::has_stepped_back;
use gorace_analyzer_core::trace::Event;
use gorace_analyzer_core::{EventIx, OpKind, TaskIx};

/// A decision that deviated from the default rule, before paths are needed.
#[derive(Clone, Copy, Debug)]
pub(crate) enum RawDeviation {
    /// `at` is the number of events before it, `count` how many of them are `task`'s, which ran last.
    Switch { task: TaskIx, count: u32, to: TaskIx, op: OpKind, at: u32 },
    /// `nth` of the task's choices of this sort, counted from 1.
    Choice { task: TaskIx, count: u32, taken: u32, sort: u16, nth: u32 },
}

/// A choice of who runs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Chosen {
    /// The number of events before it.
    pub at: u32,
    /// Who ran last.
    pub last: TaskIx,
    /// Who was chosen, for this operation.
    pub to: TaskIx,
    pub op: OpKind,
    pub instead: Instead,
}

/// Who could have run instead.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Instead {
    /// It was not the one of the default rule; whether the task that ran last could have gone on.
    Default { last: bool },
    /// These tasks, by bit: there are none but the first. Whether the choice deviated is not said, since a random one
    /// cannot be predicted, and finding that out would hold up all of them for the few that anybody asks for.
    Ready(u64),
}

/// A [`Chosen`] as it is kept: in few words, since each of them is a store, and stores are what a step takes longest for.
#[derive(Clone, Copy, Debug)]
struct Kept {
    /// `sort:2 last:30 at:32`; the sort is 0 for [`Instead::Ready`], 2 for [`Instead::Default`], 3 if `last` could go on.
    at_and_last: u64,
    ready: u64,
    to: TaskIx,
    op: OpKind,
}

impl Kept {
    /// What lies where there is none.
    const NONE: Kept = Kept { at_and_last: 0, ready: 0, to: TaskIx(0), op: OpKind::Exit };

    #[inline(always)]
    fn at_and_last(Chosen { at, last, instead, .. }: &Chosen) -> u64 {
        let sort = match instead {
            Instead::Ready(_) => 0,
            Instead::Default { last } => 2 | u64::from(*last),
        };
        sort << 62 | u64::from(last.0) << 32 | u64::from(*at)
    }

    fn chosen(&self) -> Chosen {
        let instead = match self.at_and_last >> 62 {
            0 => Instead::Ready(self.ready),
            sort => Instead::Default { last: sort & 1 != 0 },
        };
        let last = TaskIx((self.at_and_last >> 32) as u32 & (u32::MAX >> 2));
        Chosen { at: self.at_and_last as u32, last, to: self.to, op: self.op, instead }
    }
}

impl Chosen {
    /// Whether the task that ran last could have gone on, and did not.
    fn is_forced(&self) -> bool {
        self.last != self.to
            && match self.instead {
                Instead::Default { last } => last,
                Instead::Ready(ready) => ready >> self.last.0 & 1 != 0,
            }
    }

    /// Whether it was another task than the default rule says.
    fn deviates(&self) -> bool {
        match self.instead {
            Instead::Default { .. } => true,
            Instead::Ready(ready) => {
                self.is_forced() || self.last != self.to && ready & ((1 << self.to.0) - 1) != 0
            }
        }
    }
}

/// See the module.
#[derive(Default)]
pub(crate) struct Deviations {
    /// Choices, and room for more.
    kept: Vec<Kept>,
    /// How many of them there are.
    len: usize,
    /// Each with the number of choices of who runs before it.
    choices: Vec<(usize, RawDeviation)>,
}

impl Deviations {
    pub fn clear(&mut self) {
        self.len = 0;
        self.choices.clear();
    }

    pub fn is_empty(&self) -> bool {
        self.choices.is_empty() && !self.chosen().any(|chosen| chosen.deviates())
    }

    pub fn push_choice(&mut self, choice: RawDeviation) {
        self.choices.push((self.len, choice));
    }

    /// Adds a choice of who runs.
    #[inline(always)]
    pub fn push(&mut self, chosen: Chosen) {
        let kept = match self.kept.get_mut(self.len) {
            Some(kept) => kept,
            None => self.make_room(),
        };
        // One by one: a copy of what was just written in parts makes the processor wait.
        kept.at_and_last = Kept::at_and_last(&chosen);
        kept.to = chosen.to;
        kept.op = chosen.op;
        if let Instead::Ready(ready) = chosen.instead {
            kept.ready = ready;
        }
        self.len += 1;
    }

    #[cold]
    #[inline(never)]
    fn make_room(&mut self) -> &mut Kept {
        self.kept.resize((2 * self.len).max(64), Kept::NONE);
        &mut self.kept[self.len]
    }

    fn chosen(&self) -> impl Iterator<Item = Chosen> {
        self.kept[..self.len].iter().map(Kept::chosen)
    }

    /// Those of the events before which a task was switched away from that could have gone on, and had not yielded.
    pub fn forced_switches(&self, events: &[Event]) -> impl Iterator<Item = EventIx> {
        let steps_back = |chosen: &Chosen| has_stepped_back(&events[..chosen.at as usize], chosen.last);
        let forced = self.chosen().filter(move |chosen| chosen.is_forced() && !steps_back(chosen));
        forced.map(|chosen| EventIx(chosen.at))
    }
}

impl Execution {
    /// The decisions that deviated, in their order.
    pub(crate) fn deviations(&self) -> Vec<RawDeviation> {
        let mut counts = vec![0; self.tasks.len()];
        let mut events = self.trace.events.iter().enumerate().peekable();
        let mut choices = self.raw.choices.iter().peekable();
        let mut deviations = Vec::new();
        let switches = self.raw.chosen().enumerate().filter(|(_, chosen)| chosen.deviates());
        for (nth, Chosen { at, last, to, op, .. }) in switches {
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
