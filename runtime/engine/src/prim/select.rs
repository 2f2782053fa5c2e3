//! `select!`: one event that looks at all arms, and takes a ready one or parks on all of them.
//!
//! Which ready arm is taken is an explored choice. A parked select is completed by whoever makes one of its
//! arms ready, in the order of parking, and is withdrawn from its other channels in the same step.

use crate::AccessKind;
use crate::execution::Execution;
use crate::footprint::{Access, Footprint};
use crate::op::{Arm, Reply};
use crate::prim::channel::Waiter;
use crate::task::{State, Wait};
use gorace_analyzer_core::{EventIx, ObjIx, OpKind, TaskIx};

impl Execution {
    pub(crate) fn select(&mut self, task: TaskIx, default: bool) {
        let ready: Vec<u32> = (0..self.tasks[task.at()].arms.len() as u32)
            .filter(|arm| self.is_arm_ready(task, self.tasks[task.at()].arms[*arm as usize]))
            .collect();
        if ready.is_empty() && default {
            let arms = self.tasks[task.at()].arms.len() as u64;
            self.append(task, OpKind::Select, |e| e.value = arms);
            if let Some(channel) = self.tasks[task.at()].arms.iter().find_map(|arm| arm.channel) {
                self.saw_again(task, channel, 0);
            }
            return self.complete(task, Reply::Default);
        }
        let taken = match ready.len() {
            0 => None,
            1 => Some(ready[0]),
            n => Some(ready[self.pick_alternative(task, n as u32) as usize]),
        };
        let event = self.append(task, OpKind::Select, |_| {});
        let arms = self.tasks[task.at()].arms.clone();
        self.block(task, Wait::Any, event);
        if let Some(taken) = taken {
            self.commit(task, taken, event);
            if let Some(channel) = arms[taken as usize].channel {
                self.settle(channel);
            }
            return;
        }
        for channel in distinct_channels(&arms) {
            self.channel(channel).parked.push(task);
        }
    }

    fn is_arm_ready(&self, task: TaskIx, arm: Arm) -> bool {
        match (arm.channel, arm.send) {
            (None, _) => false,
            (Some(channel), Some(_)) => self.can_send(channel, task),
            (Some(channel), None) => self.can_recv(channel, task),
        }
    }

    /// `task`'s select, whose event is `event`, takes `arm`. What that makes ready is still to be settled.
    fn commit(&mut self, task: TaskIx, arm: u32, event: EventIx) {
        let Arm { channel: Some(channel), send } = self.tasks[task.at()].arms[arm as usize] else { return };
        let slot = &mut self.trace.events[event.at()];
        (slot.object, slot.value) = (Some(channel), u64::from(arm));
        let waiter = Waiter { task, event, arm: Some(arm) };
        match send {
            Some(handle) => self.push_send(channel, handle, waiter),
            None => self.push_recv(channel, waiter),
        }
    }

    /// Completes the selects parked at `channel` that its new state makes ready, in the order of parking.
    #[inline]
    pub(crate) fn settle(&mut self, channel: ObjIx) {
        if !self.channel(channel).parked.is_empty() {
            self.settle_parked(channel);
        }
    }

    /// In a loop, and not each by the one before it: a close may complete thousands, on a task's stack.
    #[inline(never)]
    fn settle_parked(&mut self, channel: ObjIx) {
        while let Some((task, arm)) = self.first_ready_select(channel) {
            let arms = self.tasks[task.at()].arms.clone();
            for other in distinct_channels(&arms) {
                let parked = &mut self.channel(other).parked;
                if let Some(at) = parked.iter().position(|parked| *parked == task) {
                    parked.remove(at);
                }
            }
            let Some(event) = self.tasks[task.at()].waiting.map(|(_, event)| event) else { return };
            if self.record {
                self.completed_later.push((event, self.trace.events.len() as u32));
            }
            self.commit(task, arm, event);
        }
    }

    fn first_ready_select(&self, channel: ObjIx) -> Option<(TaskIx, u32)> {
        let state = self.channel_state(channel);
        let ready = |arm: &Arm| {
            arm.channel == Some(channel)
                && match arm.send {
                    Some(_) => state.closed.is_some() || state.has_room(),
                    None => state.has_message(),
                }
        };
        state.parked.iter().find_map(|task| {
            let arm = self.tasks[task.at()].arms.iter().position(ready)?;
            Some((*task, arm as u32))
        })
    }

    /// The first select of another task that is parked at `channel` with an arm of this direction.
    pub(crate) fn partner(&self, channel: ObjIx, send: bool, task: TaskIx) -> Option<TaskIx> {
        let fits = |arm: &Arm| arm.channel == Some(channel) && arm.send.is_some() == send;
        let parked = &self.channel_state(channel).parked;
        parked.iter().copied().find(|other| *other != task && self.tasks[other.at()].arms.iter().any(fits))
    }

    /// The channels from which the selects parked at `channel` would be withdrawn.
    pub(crate) fn withdrawals(&self, task: TaskIx, channel: ObjIx, accesses: &mut Vec<Access>) {
        for parked in self.channel_state(channel).parked.iter().filter(|parked| **parked != task) {
            for other in distinct_channels(&self.tasks[parked.at()].arms).filter(|other| *other != channel) {
                let access = Access::new(other, AccessKind::Withdraw);
                if !accesses.contains(&access) {
                    accesses.push(access);
                }
            }
        }
    }

    pub(crate) fn select_footprint(&self, task: TaskIx) -> Footprint {
        debug_assert_eq!(self.tasks[task.at()].state, State::Ready, "only an arrived select has a footprint");
        let arms = &self.tasks[task.at()].arms;
        let mut accesses: Vec<Access> =
            distinct_channels(arms).map(|channel| Access::new(channel, AccessKind::Poll)).collect();
        for channel in distinct_channels(arms) {
            self.withdrawals(task, channel, &mut accesses);
        }
        Footprint::of(&accesses)
    }
}

/// The channels of the arms, each once, in source order.
fn distinct_channels(arms: &[Arm]) -> impl Iterator<Item = ObjIx> + '_ {
    arms.iter().enumerate().filter_map(|(i, arm)| {
        let channel = arm.channel?;
        arms[..i].iter().all(|earlier| earlier.channel != Some(channel)).then_some(channel)
    })
}
