//! Channels whose senders are counted and whose receiver may go, as std's `mpsc`: the last sender's drop ends
//! the channel for the receiver, the receiver's drop ends it for the senders. All else is [`super::channel`].

use crate::AccessKind;
use crate::execution::{Aside, Execution};
use crate::footprint::{Access, Footprint};
use crate::op::Reply;
use crate::prim::Primitive;
use gorace_analyzer_core::{EdgeKind, ObjIx, OpKind, TaskIx};

/// The drop of one side of a counted channel.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MpscOp {
    /// One sender is gone.
    DropSender {
        /// The channel.
        channel: ObjIx,
    },
    /// The receiver is gone; [`Execution::take_dropped`] then has the values that nobody takes.
    DropReceiver {
        /// The channel.
        channel: ObjIx,
    },
}

impl Primitive for MpscOp {
    fn kind(self) -> OpKind {
        match self {
            MpscOp::DropSender { .. } => OpKind::DropSender,
            MpscOp::DropReceiver { .. } => OpKind::DropReceiver,
        }
    }

    fn footprint(self, execution: &Execution, task: TaskIx) -> Footprint {
        match self {
            MpscOp::DropSender { channel } if execution.channel_state(channel).senders == 1 => {
                execution.channel_footprint(task, channel, AccessKind::DropSender)
            }
            MpscOp::DropSender { channel } => Footprint::one(Access::new(channel, AccessKind::DropSender)),
            MpscOp::DropReceiver { channel } => {
                Footprint::one(Access::new(channel, AccessKind::DropReceiver))
            }
        }
    }

    fn perform(self, execution: &mut Execution, task: TaskIx) {
        match self {
            MpscOp::DropSender { channel } => execution.drop_sender(task, channel),
            MpscOp::DropReceiver { channel } => execution.drop_receiver(task, channel),
        }
    }
}

impl Execution {
    /// One more sender of `channel` exists: no event, since whoever makes it has one already.
    pub fn add_sender(&mut self, channel: ObjIx) {
        self.channel(channel).senders += 1;
        self.note_aside(Aside::Sender(channel));
    }

    /// The values that were in `channel` when its receiver was dropped.
    pub fn take_dropped(&mut self, channel: ObjIx) -> Vec<u64> {
        std::mem::take(&mut self.channel(channel).dropped)
    }

    fn drop_sender(&mut self, task: TaskIx, channel: ObjIx) {
        let event = self.append(task, OpKind::DropSender, |e| e.object = Some(channel));
        self.written(task, channel);
        let state = self.channel(channel);
        state.senders -= 1;
        state.closers.push(event);
        if state.senders == 0 {
            self.end_channel(channel, event);
            self.settle(channel);
        }
        self.complete(task, Reply::Unit);
    }

    fn drop_receiver(&mut self, task: TaskIx, channel: ObjIx) {
        let event = self.append(task, OpKind::DropReceiver, |e| e.object = Some(channel));
        self.written(task, channel);
        self.channel(channel).abandoned = Some(event);
        for sender in self.take_parked(channel) {
            self.edge(event, sender.event, sender.task, EdgeKind::Close);
            self.complete(sender.task, Reply::Closed);
        }
        self.drop_messages(channel);
        self.complete(task, Reply::Unit);
    }
}
