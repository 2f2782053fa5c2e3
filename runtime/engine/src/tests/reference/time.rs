//! Alarms, the passing of time, and what it cancels.

use super::{Alarm, At, State, What};
use crate::tests::program::{TICKS, Val, own_context};

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
                What::Tick => next.send_tick(),
                What::Start => next.start_last(),
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

    /// Stops the timer, however often it was started, and takes back a tick that nobody has received; whether there was either.
    pub(super) fn stop_timer(&mut self) -> bool {
        let sent = self.times_out && self.channels[TICKS].buffer.pop_front().is_some();
        let tick = std::mem::take(&mut self.tick) || sent;
        let known = self.alarms.len();
        self.alarms.retain(|alarm| alarm.what != What::Tick);
        self.alarms.len() < known || tick
    }

    /// Cancels what is not cancelled yet of a context and what is below it; a deadline then matters no more.
    pub(super) fn cancel(&mut self, x: usize, how: u8) {
        if self.cancelled[x] != 0 {
            return;
        }
        self.cancelled[x] = how;
        self.alarms.retain(|alarm| alarm.what != What::Expire(x));
        if self.times_out && x < own_context(0) {
            self.close_done(x);
        }
        if self.starts_last.take_if(|starts| *starts == x).is_some() {
            self.start_last();
        }
        for child in (0..self.below.len()).filter(|child| self.below[*child] == Some(x)).collect::<Vec<_>>() {
            self.cancel(child, how);
        }
    }

    /// A tick goes to whoever waits for it, or is kept if none is.
    fn send_tick(&mut self) {
        if !self.times_out {
            self.tick = true;
        } else if let Some(receiver) = self.channels[TICKS].receivers.pop_front() {
            self.received(&receiver, Some(self.now as i64));
        } else if self.channels[TICKS].buffer.is_empty() {
            self.channels[TICKS].buffer.push_back(self.now as i64);
        }
    }

    /// Nobody waits for a context that is cancelled.
    fn close_done(&mut self, x: usize) {
        self.channels[TICKS + 1 + x].closed = true;
        while let Some(receiver) = self.channels[TICKS + 1 + x].receivers.pop_front() {
            self.received(&receiver, None);
        }
    }

    pub(super) fn start_last(&mut self) {
        *self.at.last_mut().expect("there is a task") = At::Running;
    }
}
