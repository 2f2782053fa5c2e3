//! Who stands in line at a read-write lock or in a pipe goes on.

use super::State;
use crate::tests::program::Val;

impl State {
    pub(super) fn let_in(&mut self, r: usize) {
        while let Some((task, write)) = self.rwlocks[r].line.front().copied() {
            if !self.rwlocks[r].lets(write) {
                return;
            }
            self.rwlocks[r].line.pop_front();
            self.rwlocks[r].enter(write);
            self.give(task, Val::Locked(self.rwlocks[r].poisoned));
        }
    }

    /// Moves values along the pipe as far as they go.
    pub(super) fn flow(&mut self) {
        loop {
            let pipe = &mut self.pipe;
            // Whoever is first in line fills the room; at a pipe without room, the receiver's waiting is room.
            if pipe.has_room() && !pipe.line.is_empty() {
                let (sender, value) = pipe.line.pop_front().expect("somebody in line");
                pipe.buffer.push_back(value);
                self.give(sender, Val::Unit);
            } else if pipe.receiving && !pipe.buffer.is_empty() {
                pipe.receiving = false;
                let value = pipe.buffer.pop_front().expect("a value");
                self.give(0, Val::Int(value));
            } else if pipe.receiving && pipe.senders == 0 && pipe.is_empty() {
                pipe.receiving = false;
                self.give(0, Val::Closed);
            } else {
                return;
            }
        }
    }
}
