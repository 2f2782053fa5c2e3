//! What a task did by a value that was out of date, in words: it read an atomic, others changed it, and then it
//! wrote. For explaining only: that the order of these steps decides is known from elsewhere.

use crate::describe::Names;
use crate::describe::by_event::ByEvent;
use crate::ids::{EventIx, ObjIx};
use crate::op::{ObjectKind, OpKind};
use crate::trace::Event;

/// A write by what was read before somebody else wrote.
pub(crate) struct Stale {
    read: EventIx,
    write: EventIx,
    object: ObjIx,
    /// The last write between.
    between: EventIx,
}

/// The first such write that one of the `marks` takes part in.
pub(crate) fn find(names: &Names<'_>, marks: &ByEvent<Option<u8>>) -> Option<Stale> {
    let writes = |event: &Event| matches!(event.op, OpKind::Store | OpKind::Rmw);
    let atomic =
        |event: &Event| event.object.filter(|object| names.trace.object(*object).kind == ObjectKind::Atomic);
    names.trace.indexed().filter(|(_, event)| writes(event)).find_map(|(write, this)| {
        let object = atomic(this)?;
        let on_it = || names.trace.indexed().filter(move |(_, event)| event.object == Some(object));
        let (read, before) =
            on_it().take_while(|(ix, _)| *ix < write).filter(|(_, event)| event.task == this.task).last()?;
        let (between, _) = on_it()
            .skip_while(|(ix, _)| *ix <= read)
            .take_while(|(ix, _)| *ix < write)
            .filter(|(_, event)| writes(event))
            .last()?;
        let is_told = marks.has(read) || marks.has(write);
        (before.op == OpKind::Load && is_told).then_some(Stale { read, write, object, between })
    })
}

impl Stale {
    /// What is said behind the write in the timeline.
    pub fn remark(&self, names: &Names<'_>) -> (EventIx, String) {
        let other = names.trace.event(self.between).task;
        let words = match names.trace.event(self.write).op {
            OpKind::Store => format!("lost update: overwrites what T{} wrote", other.0),
            _ => format!("T{} wrote since it was read", other.0),
        };
        (self.write, words)
    }

    /// What may help.
    pub fn help(&self, names: &Names<'_>) -> String {
        let name = names.object(self.object);
        let (read, write) = (names.trace.event(self.read), names.trace.event(self.write));
        match write.op {
            OpKind::Store => format!(
                "make the read and the write of {name} one step: `fetch_add`, `fetch_update`, or hold a lock around both"
            ),
            _ if write.seen == read.value => format!(
                "{name} was changed in between and has its old value again, so that comparing does not notice (ABA): \
                 count its changes beside the value, or hold a lock around both"
            ),
            _ => format!(
                "what {} knows of {name} from line {} is out of date at line {}: look and change in one step, by \
                 `fetch_update` or `compare_exchange`, or hold a lock around both",
                names.task(write.task),
                names.line(self.read),
                names.line(self.write)
            ),
        }
    }
}
