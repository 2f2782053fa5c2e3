//! The decisions of an execution that deviated from the default rule, in their order.

use gorace_analyzer_core::{OpKind, TaskIx};
use std::ops::Deref;

/// A decision that deviated from the default rule, before paths are needed.
#[derive(Clone, Copy, Debug)]
pub(crate) enum RawDeviation {
    /// `at` is the number of events before it; `forced`: the task that ran last could have gone on.
    Switch { task: TaskIx, count: u32, to: TaskIx, op: OpKind, at: u32, forced: bool },
    /// `nth` of the task's choices of this sort, counted from 1.
    Choice { task: TaskIx, count: u32, taken: u32, sort: u16, nth: u32 },
}

/// What lies where there is none.
const NONE: RawDeviation = RawDeviation::Choice { task: TaskIx(0), count: 0, taken: 0, sort: 0, nth: 0 };

/// See the module. As a slice it is the deviations.
#[derive(Default)]
pub(crate) struct Deviations {
    list: Vec<RawDeviation>,
    /// How many of them count.
    len: usize,
}

impl Deviations {
    pub fn clear(&mut self) {
        self.len = 0;
    }

    pub fn push(&mut self, deviation: RawDeviation) {
        self.push_if(true, deviation);
    }

    /// Adds it if it is one. It is written down in either case: whether a random choice deviates cannot be predicted,
    /// and a branch that is taken wrongly costs more than all the rest.
    #[inline(always)]
    pub fn push_if(&mut self, is_one: bool, deviation: RawDeviation) {
        match self.list.get_mut(self.len) {
            Some(place) => *place = deviation,
            None => self.push_to_more(deviation),
        }
        self.len += usize::from(is_one);
    }

    /// Makes room, and writes it there.
    #[cold]
    #[inline(never)]
    fn push_to_more(&mut self, deviation: RawDeviation) {
        self.list.resize((2 * self.len).max(64), NONE);
        self.list[self.len] = deviation;
    }
}

impl Deref for Deviations {
    type Target = [RawDeviation];

    fn deref(&self) -> &[RawDeviation] {
        &self.list[..self.len]
    }
}
