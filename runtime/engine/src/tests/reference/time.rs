//! Alarms, the passing of time, and what it cancels.

use super::{Alarm, At, State, What};
use crate::tests::program::Val;

impl State {
    /// The task waits, and is woken at the latest after so long.
    pub(super) fn alarm(&self, task: usize, nanos: u64, what: What) -> State {
        let mut next = self.clone();
        next.at[task] = At::Parked;
        next.alarms.push(Alarm { at: self.now + nanos, what, task });
        next
    }

    /// What may happen when time passes to the earliest alarm: one of those.
    pub(super) fn pass_time(&self) -> Vec<State> {
        let earliest = self.alarms.iter().map(|alarm| alarm.at).min();
        let due = |alarm: &&Alarm| Some(alarm.at) == earliest;
        let ring = |alarm: &Alarm| {
            let mut next = self.clone();
            next.now = self.now.max(alarm.at);
            next.alarms.retain(|other| other != alarm);
            match alarm.what {
                What::Wake => next.give(alarm.task, Val::Unit),
                What::Tick => next.tick = true,
                What::EndPark => next.give(alarm.task, Val::Bool(true)),
                What::Expire(x) => next.cancel(x, 2),
                What::EndRecv => {
                    next.pipe.receiving = false;
                    next.give(alarm.task, Val::Bool(true));
                }
                What::EndWordWait(w) => {
                    next.word_waiters[w].remove(&alarm.task);
                    next.give(alarm.task, Val::Bool(true));
                }
                What::EndWait(c) => {
                    next.waiting[c].retain(|other| *other != alarm.task);
                    next.give(alarm.task, Val::Bool(true));
                }
            }
            next
        };
        self.alarms.iter().filter(due).map(ring).collect()
    }

    /// Cancels what is not cancelled yet of a context and what is below it; a deadline then matters no more.
    pub(super) fn cancel(&mut self, x: usize, how: u8) {
        if self.cancelled[x] == 0 {
            self.cancelled[x..]
                .iter_mut()
                .filter(|cancelled| **cancelled == 0)
                .for_each(|cancelled| *cancelled = how);
            let cancelled = self.cancelled;
            self.alarms.retain(|alarm| !matches!(alarm.what, What::Expire(x) if cancelled[x] != 0));
        }
    }
}
