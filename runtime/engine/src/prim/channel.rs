//! Channels: the i-th sender to arrive meets the i-th receiver to arrive.
//!
//! Each arrival draws a ticket. A receive completes when the send with its number exists; a send with number
//! i completes when there is a receive with number i minus the capacity. Parked selects hold no ticket until
//! they are completed. The edges are exactly the message and the room that it needs: the i-th send before
//! the i-th receive, and the i-th receive before the completion of the send that needed its room.

use crate::AccessKind;
use crate::execution::{Execution, push};
use crate::footprint::{Access, Footprint};
use crate::op::Reply;
use crate::prim::State;
use crate::task::Wait;
use gorace_analyzer_core::misuse::{CLOSE_OF_CLOSED, SEND_ON_CLOSED};
use gorace_analyzer_core::{EdgeKind, Event, EventIx, ObjIx, OpKind, TaskIx};
use std::collections::VecDeque;

/// A task that waits at a channel, and by which arm if it is a select.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Waiter {
    pub task: TaskIx,
    pub event: EventIx,
    pub arm: Option<u32>,
}

#[derive(Debug)]
struct Message {
    handle: u64,
    sender: Waiter,
    /// Whether the sender still waits for room.
    parked: bool,
}

#[derive(Debug)]
pub(crate) struct Channel {
    capacity: u64,
    pub closed: Option<EventIx>,
    /// Tickets drawn so far.
    sends: u64,
    recvs: u64,
    /// The messages of the sends that no receive has met yet, oldest first.
    messages: VecDeque<Message>,
    /// The receives that no send has met yet, oldest first.
    receivers: VecDeque<Waiter>,
    /// The receive events from number `log_base` on, as far as later sends need their room.
    log: VecDeque<EventIx>,
    log_base: u64,
    /// Selects parked with an arm here, in the order of arrival.
    pub parked: Vec<TaskIx>,
    /// What whoever sees the end comes after: the close, or the drop of each sender.
    pub closers: Vec<EventIx>,
    /// How many senders are left, where senders are counted (see [`super::mpsc`]).
    pub senders: u64,
    /// The receiver was dropped.
    pub abandoned: Option<EventIx>,
    /// Handles of values that nobody will take.
    pub dropped: Vec<u64>,
}

impl State for Channel {
    fn new(capacity: u64) -> Self {
        Channel {
            capacity,
            closed: None,
            sends: 0,
            recvs: 0,
            messages: VecDeque::new(),
            receivers: VecDeque::new(),
            log: VecDeque::new(),
            log_base: 0,
            parked: Vec::new(),
            closers: Vec::new(),
            senders: 0,
            abandoned: None,
            dropped: Vec::new(),
        }
    }

    fn renew(&mut self, initial: u64) {
        // All are named, so that none is forgotten.
        let Channel {
            capacity,
            closed,
            sends,
            recvs,
            messages,
            receivers,
            log,
            log_base,
            parked,
            closers,
            senders,
            abandoned,
            dropped,
        } = self;
        (*capacity, *closed, *abandoned) = (initial, None, None);
        (*sends, *recvs, *log_base, *senders) = (0, 0, 0, 0);
        messages.clear();
        receivers.clear();
        log.clear();
        parked.clear();
        closers.clear();
        dropped.clear();
    }
}

impl Channel {
    /// Takes back the tick of a timer that nobody received; whether there was one.
    pub fn forget_tick(&mut self) -> bool {
        let taken = self.messages.pop_front().is_some();
        self.sends -= u64::from(taken);
        taken
    }

    /// Takes back the receive at which `task` waits, as if it had not arrived.
    pub fn forget_receiver(&mut self, task: TaskIx) {
        let Some(at) = self.receivers.iter().position(|receiver| receiver.task == task) else { return };
        let Some(receiver) = self.receivers.remove(at) else { return };
        self.recvs -= 1;
        self.log.retain(|event| *event != receiver.event);
    }

    /// Whether a send that arrived now would complete at once, parked selects aside.
    pub fn has_room(&self) -> bool {
        self.sends < self.capacity.saturating_add(self.recvs)
    }

    /// Whether a receive that arrived now would complete at once, parked selects aside.
    pub fn has_message(&self) -> bool {
        self.sends > self.recvs || self.closed.is_some()
    }

    /// Whether nobody but senders and receivers has to do with it: it is open, and no select waits there.
    fn is_plain(&self) -> bool {
        self.closed.is_none() && self.abandoned.is_none() && self.parked.is_empty()
    }

    fn len(&self) -> u64 {
        self.sends.saturating_sub(self.recvs).min(self.capacity)
    }

    /// The receive whose room the send with number `ticket` takes, if it exists.
    fn room_of(&self, ticket: u64) -> Option<EventIx> {
        let number = ticket.checked_sub(self.capacity)?;
        self.log.get(number.checked_sub(self.log_base)? as usize).copied()
    }

    fn forget_old_room(&mut self) {
        while self.log_base.saturating_add(self.capacity) < self.sends && !self.log.is_empty() {
            self.log.pop_front();
            self.log_base += 1;
        }
    }
}

impl Execution {
    /// Whether `task` could send at once: room, closed, or a select of another task parked to receive.
    pub(crate) fn can_send(&self, channel: ObjIx, task: TaskIx) -> bool {
        let state = self.channel_state(channel);
        state.closed.is_some()
            || state.abandoned.is_some()
            || state.has_room()
            || self.partner(channel, false, task).is_some()
    }

    /// Whether `task` could receive at once: a message, closed, or a select of another task parked to send.
    pub(crate) fn can_recv(&self, channel: ObjIx, task: TaskIx) -> bool {
        self.channel_state(channel).has_message() || self.partner(channel, true, task).is_some()
    }

    pub(crate) fn send(&mut self, task: TaskIx, channel: ObjIx, handle: u64) {
        let Execution { tasks, objects, trace, .. } = self;
        let slot = &mut *tasks[task.at()];
        let event = Event { object: Some(channel), ..Event::new(task, OpKind::Send, slot.place) };
        let event = push(trace, event);
        self.idle_rounds = 0;
        let sender = Waiter { task, event, arm: None };
        let state = objects[channel.at()].state.channel();
        if !state.is_plain() || !state.has_room() || !state.receivers.is_empty() {
            self.block(task, Wait::On, event);
            self.push_send(channel, handle, sender);
            return self.settle(channel);
        }
        slot.does_not_spin();
        slot.complete_now(Reply::Unit);
        let freed = state.room_of(state.sends);
        state.sends += 1;
        state.messages.push_back(Message { handle, sender, parked: false });
        state.forget_old_room();
        if let Some(freed) = freed {
            self.edge(freed, event, task, EdgeKind::Capacity);
        }
        if self.yielded > 0 {
            self.let_look_again(channel);
        }
    }

    pub(crate) fn recv(&mut self, task: TaskIx, channel: ObjIx) {
        let Execution { tasks, objects, trace, clock, .. } = self;
        let slot = &mut *tasks[task.at()];
        let event = Event { object: Some(channel), ..Event::new(task, OpKind::Recv, slot.place) };
        let event = push(trace, event);
        self.idle_rounds = 0;
        let receiver = Waiter { task, event, arm: None };
        let state = objects[channel.at()].state.channel();
        // Those who wait for room are the last ones.
        if !state.is_plain() || clock.task.is_some() || state.messages.back().is_some_and(|last| last.parked)
        {
            self.block(task, Wait::On, event);
            self.push_recv(channel, receiver);
            return self.settle(channel);
        }
        slot.does_not_spin();
        state.recvs += 1;
        if state.capacity < u64::MAX {
            state.log.push_back(event);
        }
        match state.messages.pop_front() {
            None => {
                state.receivers.push_back(receiver);
                slot.wait_now(event);
            }
            Some(message) => {
                state.forget_old_room();
                slot.complete_now(Reply::Value(message.handle));
                self.edge(message.sender.event, event, task, EdgeKind::Message);
            }
        }
        if self.yielded > 0 {
            self.let_look_again(channel);
        }
    }

    pub(crate) fn try_send(&mut self, task: TaskIx, channel: ObjIx, handle: u64) {
        if !self.can_send(channel, task) {
            self.append(task, OpKind::TrySendFail, |e| e.object = Some(channel));
            self.saw_again(task, channel, 0);
            return self.complete(task, Reply::WouldBlock);
        }
        let event = self.append(task, OpKind::TrySend, |e| e.object = Some(channel));
        if let Some(closed) = self.channel_state(channel).closed {
            self.edge(closed, event, task, EdgeKind::Close);
            return self.complete(task, Reply::Closed);
        }
        self.block(task, Wait::On, event);
        self.push_send(channel, handle, Waiter { task, event, arm: None });
        self.settle(channel);
    }

    pub(crate) fn try_recv(&mut self, task: TaskIx, channel: ObjIx) {
        if !self.can_recv(channel, task) {
            self.append(task, OpKind::TryRecvFail, |e| e.object = Some(channel));
            self.saw_again(task, channel, 0);
            return self.complete(task, Reply::WouldBlock);
        }
        let event = self.append(task, OpKind::TryRecv, |e| e.object = Some(channel));
        self.block(task, Wait::On, event);
        self.push_recv(channel, Waiter { task, event, arm: None });
        self.settle(channel);
    }

    pub(crate) fn len(&mut self, task: TaskIx, channel: ObjIx) {
        let len = self.channel_state(channel).len();
        self.append(task, OpKind::Len, |e| (e.object, e.value) = (Some(channel), len));
        self.saw_again(task, channel, len);
        self.complete(task, Reply::Value(len));
    }

    pub(crate) fn close(&mut self, task: TaskIx, channel: ObjIx) {
        let event = self.append(task, OpKind::Close, |e| e.object = Some(channel));
        self.written(task, channel);
        let state = self.channel(channel);
        if let Some(first) = state.closed {
            self.edge(first, event, task, EdgeKind::Close);
            return self.complete(task, Reply::Misuse(CLOSE_OF_CLOSED));
        }
        state.closers.push(event);
        self.end_channel(channel, event);
        for sender in self.take_parked(channel) {
            self.edge(event, sender.event, sender.task, EdgeKind::Close);
            self.complete(sender.task, Reply::Misuse(SEND_ON_CLOSED));
        }
        self.settle(channel);
        self.complete(task, Reply::Unit);
    }

    /// No more is sent: whoever waits to receive sees the end.
    pub(crate) fn end_channel(&mut self, channel: ObjIx, event: EventIx) {
        let state = self.channel(channel);
        state.closed = Some(event);
        let receivers = std::mem::take(&mut state.receivers);
        state.recvs -= receivers.len() as u64;
        state.log.truncate(state.log.len() - receivers.len().min(state.log.len()));
        for receiver in receivers {
            self.deliver_end(channel, receiver);
        }
    }

    /// The values of the sends that still wait for room, as if they had not arrived.
    pub(crate) fn take_parked(&mut self, channel: ObjIx) -> Vec<Waiter> {
        let state = self.channel(channel);
        let kept = state.messages.iter().position(|m| m.parked).unwrap_or(state.messages.len());
        let parked = state.messages.split_off(kept);
        state.sends -= parked.len() as u64;
        parked.into_iter().map(|message| message.sender).collect()
    }

    /// Nobody will receive what is there.
    pub(crate) fn drop_messages(&mut self, channel: ObjIx) {
        let state = self.channel(channel);
        let left = std::mem::take(&mut state.messages);
        state.dropped.extend(left.into_iter().map(|message| message.handle));
    }

    fn deliver_end(&mut self, channel: ObjIx, receiver: Waiter) {
        for closer in self.channel(channel).closers.clone() {
            self.edge(closer, receiver.event, receiver.task, EdgeKind::Close);
        }
        self.deliver(receiver, None);
    }

    /// Draws a send ticket; completes the sender, and the receiver that has waited for it, if that may be.
    pub(crate) fn push_send(&mut self, channel: ObjIx, handle: u64, sender: Waiter) {
        self.written(sender.task, channel);
        let state = self.channel(channel);
        if let Some(abandoned) = state.abandoned {
            self.edge(abandoned, sender.event, sender.task, EdgeKind::Close);
            return self.complete(sender.task, Reply::Closed);
        }
        if let Some(closed) = state.closed {
            self.edge(closed, sender.event, sender.task, EdgeKind::Close);
            return self.complete(sender.task, Reply::Misuse(SEND_ON_CLOSED));
        }
        let ticket = state.sends;
        let room = state.has_room();
        state.sends += 1;
        let met = state.receivers.pop_front();
        if met.is_none() {
            state.messages.push_back(Message { handle, sender, parked: !room });
        }
        let freed = state.room_of(ticket);
        state.forget_old_room();
        if let Some(receiver) = met {
            self.edge(sender.event, receiver.event, receiver.task, EdgeKind::Message);
            self.deliver(receiver, Some(handle));
        }
        if room {
            self.accept(sender, freed);
        }
    }

    /// Draws a receive ticket; completes the receiver, and the sender that has waited for the room.
    pub(crate) fn push_recv(&mut self, channel: ObjIx, receiver: Waiter) {
        self.written(receiver.task, channel);
        let state = self.channel(channel);
        if state.sends <= state.recvs && state.closed.is_some() {
            return self.deliver_end(channel, receiver);
        }
        state.recvs += 1;
        if state.capacity < u64::MAX {
            state.log.push_back(receiver.event);
        }
        let freed = state.messages.iter_mut().find(|m| m.parked);
        let unparked = freed.map(|message| {
            message.parked = false;
            message.sender
        });
        let met = state.messages.pop_front();
        match &met {
            None => state.receivers.push_back(receiver),
            Some(_) => state.forget_old_room(),
        }
        if let Some(message) = met {
            self.edge(message.sender.event, receiver.event, receiver.task, EdgeKind::Message);
            self.deliver(receiver, Some(message.handle));
        }
        if let Some(sender) = unparked {
            self.accept(sender, Some(receiver.event));
        }
    }

    /// The sender's value was taken over; `freed` is the receive that made the room.
    fn accept(&mut self, sender: Waiter, freed: Option<EventIx>) {
        if let Some(freed) = freed {
            self.edge(freed, sender.event, sender.task, EdgeKind::Capacity);
        }
        let reply = sender.arm.map_or(Reply::Unit, |arm| Reply::Arm(arm, None));
        self.complete(sender.task, reply);
    }

    /// The receiver gets a message, or sees the close.
    fn deliver(&mut self, receiver: Waiter, handle: Option<u64>) {
        self.overtake_timer(receiver.task);
        let reply = match (receiver.arm, handle) {
            (Some(arm), handle) => Reply::Arm(arm, handle),
            (None, Some(handle)) => Reply::Value(handle),
            (None, None) => Reply::Closed,
        };
        self.complete(receiver.task, reply);
    }

    /// The operation's own access, and the withdrawals of the selects that it may complete: those that it would
    /// if no plain sender or receiver were served before them, so that the order of these two shows as well.
    pub(crate) fn channel_footprint(&self, task: TaskIx, channel: ObjIx, kind: AccessKind) -> Footprint {
        let own = Access::new(channel, kind);
        let may_complete = match kind {
            AccessKind::Send | AccessKind::TrySend => self.partner(channel, false, task).is_some(),
            AccessKind::Recv | AccessKind::TryRecv => self.partner(channel, true, task).is_some(),
            AccessKind::Close | AccessKind::DropSender => !self.channel_state(channel).parked.is_empty(),
            _ => false,
        };
        if !may_complete {
            return Footprint::one(own);
        }
        // On this channel too: a send and a receive that could each meet the select do not commute.
        let mut accesses = vec![own, Access::new(channel, AccessKind::Withdraw)];
        self.withdrawals(task, channel, &mut accesses);
        Footprint::of(&accesses)
    }
}
