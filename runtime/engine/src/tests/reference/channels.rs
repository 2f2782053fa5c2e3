//! Channels and selects, as in Go's runtime.

use super::{At, Queued, State};
use crate::tests::program::{SelectArm, Val};

impl State {
    pub(super) fn is_ready(&self, arm: SelectArm) -> bool {
        match arm {
            SelectArm::Send(c, _) => {
                let channel = &self.channels[c];
                channel.closed || !channel.receivers.is_empty() || channel.buffer.len() < channel.capacity
            }
            SelectArm::Recv(c) => {
                let channel = &self.channels[c];
                channel.closed || !channel.senders.is_empty() || !channel.buffer.is_empty()
            }
        }
    }

    /// A plain send or receive: now, or parked.
    pub(super) fn one_arm(&self, task: usize, arm: SelectArm) -> State {
        let mut next = self.clone();
        if self.is_ready(arm) {
            next.perform(task, arm, None);
        } else {
            next.park(task, arm, None);
        }
        next
    }

    pub(super) fn attempt(&self, task: usize, arm: SelectArm) -> State {
        let mut next = self.clone();
        match arm {
            _ if !self.is_ready(arm) => next.give(task, Val::WouldBlock),
            // A try_send at a closed channel says so, instead of panicking.
            SelectArm::Send(c, _) if self.channels[c].closed => next.give(task, Val::Closed),
            _ => next.perform(task, arm, None),
        }
        next
    }

    pub(super) fn select(&self, task: usize, arms: &[SelectArm], default: bool) -> Vec<State> {
        let ready = arms.iter().enumerate().filter(|(_, arm)| self.is_ready(**arm));
        let taken: Vec<State> = ready
            .map(|(i, arm)| {
                let mut next = self.clone();
                next.perform(task, *arm, Some(i as u32));
                next
            })
            .collect();
        if !taken.is_empty() {
            return taken;
        }
        let mut next = self.clone();
        if default {
            next.give(task, Val::Default);
        } else {
            arms.iter().enumerate().for_each(|(i, arm)| next.park(task, *arm, Some(i as u32)));
        }
        vec![next]
    }

    pub(super) fn park(&mut self, task: usize, arm: SelectArm, number: Option<u32>) {
        self.at[task] = At::Parked;
        match arm {
            SelectArm::Send(c, value) => {
                self.channels[c].senders.push_back(Queued { task, arm: number, value });
            }
            SelectArm::Recv(c) => {
                self.channels[c].receivers.push_back(Queued { task, arm: number, value: 0 });
            }
        }
    }

    /// Takes an arm that is ready.
    pub(super) fn perform(&mut self, task: usize, arm: SelectArm, number: Option<u32>) {
        match arm {
            SelectArm::Send(c, value) => {
                if self.channels[c].closed {
                    return self.give(task, Val::Misuse);
                }
                match self.channels[c].receivers.pop_front() {
                    Some(receiver) => self.received(&receiver, Some(value)),
                    None => self.channels[c].buffer.push_back(value),
                }
                self.sent(&Queued { task, arm: number, value });
            }
            SelectArm::Recv(c) => {
                let sender = self.channels[c].senders.pop_front();
                let channel = &mut self.channels[c];
                let oldest = channel.buffer.pop_front();
                if let (Some(_), Some(sender)) = (oldest, &sender) {
                    channel.buffer.push_back(sender.value);
                }
                let value = oldest.or(sender.as_ref().map(|sender| sender.value));
                self.received(&Queued { task, arm: number, value: 0 }, value);
                if let Some(sender) = sender {
                    self.sent(&sender);
                }
            }
        }
    }

    pub(super) fn sent(&mut self, sender: &Queued) {
        self.leave_queues(sender.task);
        self.give(sender.task, sender.arm.map_or(Val::Unit, |arm| Val::Arm(arm, None)));
    }

    pub(super) fn received(&mut self, receiver: &Queued, value: Option<i64>) {
        self.leave_queues(receiver.task);
        let plain = value.map_or(Val::Closed, Val::Int);
        self.give(receiver.task, receiver.arm.map_or(plain, |arm| Val::Arm(arm, value)));
    }

    pub(super) fn leave_queues(&mut self, task: usize) {
        for channel in &mut self.channels {
            channel.senders.retain(|queued| queued.task != task);
            channel.receivers.retain(|queued| queued.task != task);
        }
    }

    pub(super) fn closed(&self, task: usize, c: usize) -> State {
        let mut next = self.clone();
        if self.channels[c].closed {
            next.give(task, Val::Misuse);
            return next;
        }
        next.channels[c].closed = true;
        while let Some(receiver) = next.channels[c].receivers.pop_front() {
            next.received(&receiver, None);
        }
        while let Some(sender) = next.channels[c].senders.pop_front() {
            next.leave_queues(sender.task);
            next.give(sender.task, Val::Misuse);
        }
        next.give(task, Val::Unit);
        next
    }
}
