//! Atomics: values live here, so that a load asks which store it reads. Under sequential consistency there
//! is one answer, the last one.

use crate::execution::{Execution, push};
use crate::op::Reply;
use crate::prim::State;
use gorace_analyzer_core::{EdgeKind, Event, EventIx, ObjIx, OpKind, Order, TaskIx};

#[derive(Debug)]
pub(crate) struct Atomic {
    pub value: u64,
    /// The store that wrote it, unless it is the initial value.
    store: Option<EventIx>,
}

impl State for Atomic {
    fn new(value: u64) -> Self {
        Atomic { value, store: None }
    }
}

impl Execution {
    pub(crate) fn load(&mut self, task: TaskIx, object: ObjIx, order: Order) {
        let value = self.read(task, object, order, OpKind::Load);
        self.tasks[task.at()].complete_now(Reply::Value(value));
    }

    pub(crate) fn store(&mut self, task: TaskIx, object: ObjIx, value: u64, order: Order) {
        let Execution { tasks, objects, trace, .. } = self;
        let slot = &mut *tasks[task.at()];
        let event =
            Event { object: Some(object), value, order, ..Event::new(task, OpKind::Store, slot.place) };
        let event = push(trace, event);
        *objects[object.at()].state.atomic() = Atomic { value, store: Some(event) };
        slot.does_not_spin();
        slot.complete_now(Reply::Unit);
        self.note_written(object, order);
    }

    #[inline]
    pub(crate) fn rmw(&mut self, task: TaskIx, object: ObjIx, order: Order, f: impl FnOnce(u64) -> u64) {
        self.update(task, object, order, f, Reply::Value);
    }

    /// `object` was written in this order.
    #[inline(always)]
    fn note_written(&mut self, object: ObjIx, order: Order) {
        self.idle_rounds = 0;
        self.weak |= order.is_weak();
        if self.yielded > 0 {
            self.let_look_again(object);
        }
    }

    pub(crate) fn compare_exchange(
        &mut self,
        task: TaskIx,
        object: ObjIx,
        (expected, new): (u64, u64),
        (success, failure): (Order, Order),
        weak: bool,
    ) {
        let equal = self.atomic(object).value == expected;
        let spurious = weak && self.is_let_down(task, object, equal);
        if equal && !spurious {
            return self.update(task, object, success, |_| new, |seen| Reply::Seen(seen, true));
        }
        let seen = self.read(task, object, failure, OpKind::CasFail);
        if spurious && let Some(event) = self.trace.events.last_mut() {
            event.seen = 1;
        }
        self.complete(task, Reply::Seen(seen, false));
    }

    pub(crate) fn fence(&mut self, task: TaskIx, order: Order) {
        self.append(task, OpKind::Fence, |e| e.order = order);
        self.complete(task, Reply::Unit);
    }

    fn read(&mut self, task: TaskIx, object: ObjIx, order: Order, op: OpKind) -> u64 {
        let Atomic { value, store } = *self.atomic(object);
        let event = self.append_inlined(task, op, |e| {
            (e.object, e.value, e.order) = (Some(object), value, order);
        });
        if let Some(store) = store.filter(|_| self.record) {
            self.edge(store, event, task, EdgeKind::ReadsFrom);
        }
        self.saw_again(task, object, value);
        value
    }

    #[inline(always)]
    fn update(
        &mut self,
        task: TaskIx,
        object: ObjIx,
        order: Order,
        f: impl FnOnce(u64) -> u64,
        reply: impl FnOnce(u64) -> Reply,
    ) {
        let Execution { tasks, objects, trace, .. } = self;
        let slot = &mut *tasks[task.at()];
        let atomic = objects[object.at()].state.atomic();
        let (old, store) = (atomic.value, atomic.store);
        let value = f(old);
        let own = Event::new(task, OpKind::Rmw, slot.place);
        let event = push(trace, Event { object: Some(object), value, seen: old, order, ..own });
        (atomic.value, atomic.store) = (value, Some(event));
        slot.complete_now(reply(old));
        if value != old {
            slot.does_not_spin();
        }
        // Else it is made by `Execution::settle_edges`.
        if let Some(store) = store.filter(|_| self.record) {
            self.edge(store, event, task, EdgeKind::ReadsFrom);
        }
        if value == old {
            // Whoever writes what is there spins if he does no more, as by `while lock.swap(true) {}`.
            self.weak |= order.is_weak();
            self.saw_again(task, object, value);
        } else {
            self.note_written(object, order);
        }
    }
}
