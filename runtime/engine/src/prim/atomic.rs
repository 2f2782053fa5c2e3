//! Atomics: values live here, so that a load asks which store it reads. Under sequential consistency there
//! is one answer, the last one.

use crate::execution::Execution;
use crate::op::Reply;
use crate::prim::State;
use gorace_analyzer_core::{EdgeKind, EventIx, ObjIx, OpKind, Order, TaskIx};

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
        self.complete(task, Reply::Value(value));
    }

    pub(crate) fn store(&mut self, task: TaskIx, object: ObjIx, value: u64, order: Order) {
        let event = self.append_inlined(task, OpKind::Store, |e| {
            (e.object, e.value, e.order) = (Some(object), value, order);
        });
        *self.atomic(object) = Atomic { value, store: Some(event) };
        self.written(task, object);
        self.complete(task, Reply::Unit);
    }

    pub(crate) fn rmw(&mut self, task: TaskIx, object: ObjIx, order: Order, f: impl FnOnce(u64) -> u64) {
        let old = self.update(task, object, order, f);
        self.complete(task, Reply::Value(old));
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
        let done = equal && !spurious;
        let seen = if done {
            self.update(task, object, success, |_| new)
        } else {
            self.read(task, object, failure, OpKind::CasFail)
        };
        if spurious && let Some(event) = self.trace.events.last_mut() {
            event.seen = 1;
        }
        self.complete(task, Reply::Seen(seen, done));
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
        if let Some(store) = store {
            self.edge(store, event, task, EdgeKind::ReadsFrom);
        }
        self.saw_again(task, object, value);
        value
    }

    fn update(&mut self, task: TaskIx, object: ObjIx, order: Order, f: impl FnOnce(u64) -> u64) -> u64 {
        let Atomic { value: old, store } = *self.atomic(object);
        let value = f(old);
        let event = self.append_inlined(task, OpKind::Rmw, |e| {
            (e.object, e.value, e.seen, e.order) = (Some(object), value, old, order);
        });
        if let Some(store) = store {
            self.edge(store, event, task, EdgeKind::ReadsFrom);
        }
        *self.atomic(object) = Atomic { value, store: Some(event) };
        self.written(task, object);
        old
    }
}
