//! What an execution's trace is made of: events and the edges between them, each appended where it is to lie.

use super::Execution;
use gorace_analyzer_core::trace::Trace;
use gorace_analyzer_core::{Edge, EdgeKind, Event, EventIx, ObjIx, OpKind, Order, Place, TaskIx};

impl Execution {
    /// Appends an event with what `fill` changes of it.
    #[inline(always)]
    pub(crate) fn append(&mut self, task: TaskIx, op: OpKind, fill: impl FnOnce(&mut Event)) -> EventIx {
        let mut event = Event::new(task, op, self.tasks[task.at()].place);
        fill(&mut event);
        let Event { place, order, object, other, value, seen, .. } = event;
        self.append_parts(place, task, op, order, object, other, value, seen)
    }

    /// As [`Execution::append`], by its parts: a copy of an event that was just put together makes the processor wait.
    #[allow(clippy::too_many_arguments, reason = "an event's fields, one by one on purpose")]
    #[inline(never)]
    fn append_parts(
        &mut self,
        place: Place,
        task: TaskIx,
        op: OpKind,
        order: Order,
        object: Option<ObjIx>,
        other: Option<ObjIx>,
        value: u64,
        seen: u64,
    ) -> EventIx {
        self.append_inlined(task, op, |event| {
            *event = Event { place, task, op, order, object, other, value, seen };
        })
    }

    /// As [`Execution::append`], where it happens often.
    #[inline(always)]
    pub(crate) fn append_inlined(
        &mut self,
        task: TaskIx,
        op: OpKind,
        fill: impl FnOnce(&mut Event),
    ) -> EventIx {
        let slot = &mut *self.tasks[task.at()];
        let mut event = Event::new(task, op, slot.place);
        fill(&mut event);
        if !event.only_looks() {
            self.idle_rounds = 0;
        }
        self.weak |= event.order.is_weak();
        push(&mut self.trace, event)
    }

    /// Brings the tasks' counts of their events up to date. Only who follows a schedule asks for them, and a count at each
    /// event is a store at each event.
    pub(crate) fn count_events(&mut self) {
        for event in &self.trace.events[self.counted..] {
            self.tasks[event.task.at()].count += 1;
        }
        self.counted = self.trace.events.len();
    }

    /// Orders `to`'s completion, and so `task`, after `from`, from now on.
    #[inline]
    pub(crate) fn edge(&mut self, from: EventIx, to: EventIx, task: TaskIx, kind: EdgeKind) {
        let at = self.trace.events.len() as u32;
        self.trace.edges.push(Edge { from, to, task, at, kind });
    }
}

/// Appends an event: all are, but for those that are written within the room that there is, in one straight line, by
/// [`Execution::access`] and where mutexes are locked and unlocked at once.
#[inline(always)]
pub(crate) fn push(trace: &mut Trace, event: Event) -> EventIx {
    let at = trace.events.len() as u32;
    trace.events.push(event);
    EventIx(at)
}
