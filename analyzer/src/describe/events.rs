//! What an event is called in a timeline and in prose.

use crate::describe::{Names, missed, waker};
use crate::ids::{EventIx, ObjIx, TaskIx};
use crate::op::{ObjectKind, OpKind};
use crate::trace::{TaskEnd, Waiting};
use gorace_analyzer_core::Listed;
use std::time::Duration;

impl Names<'_> {
    /// ``lock `a` ``, ``load `n` -> 0``: what the event did, arrows written as `->` and `<-`.
    pub(crate) fn event_text(&self, event: EventIx) -> String {
        let this = self.trace.event(event);
        let object =
            |o: Option<ObjIx>| o.map_or_else(|| "a nil channel".to_owned(), |o| self.object_at(event, o));
        let on = object(this.object);
        match this.op {
            OpKind::Spawn => format!("spawn T{}", this.value),
            OpKind::Finish => "end of the closure".to_owned(),
            OpKind::Exit => "exit".to_owned(),
            OpKind::Join => format!("join T{}", this.value),
            OpKind::IsFinished => format!("is_finished -> {}", this.value != 0),
            OpKind::Yield => "yield".to_owned(),
            OpKind::NumGoroutine => format!("num_goroutine -> {}", this.value),
            OpKind::Goexit => "goexit".to_owned(),
            OpKind::Load => format!("load {on} -> {}", self.value(this.object, this.value)),
            OpKind::Store => format!("store {on} <- {}", self.value(this.object, this.value)),
            OpKind::Rmw => format!(
                "update {on} {} -> {}",
                self.value(this.object, this.seen),
                self.value(this.object, this.value)
            ),
            OpKind::CasFail if this.is_spurious() => {
                format!("compare {on} -> {}, fails spuriously", self.value(this.object, this.value))
            }
            OpKind::CasFail => format!("compare {on} -> {}", self.value(this.object, this.value)),
            OpKind::Fence => format!("fence ({})", this.order.word()),
            OpKind::Lock if self.waits_at(event) => format!("wait {on}"),
            OpKind::Lock => format!("lock {on}"),
            OpKind::TryLock => format!("try_lock {on}"),
            OpKind::TryLockFail => format!("try_lock {on} fails"),
            OpKind::Unlock => format!("unlock {on}"),
            OpKind::IsPoisoned => format!("is_poisoned {on}"),
            OpKind::ClearPoison => format!("clear_poison {on}"),
            OpKind::Wait if this.is_spurious() => format!("wait on {on}, wakes spuriously"),
            OpKind::Wait => format!("wait on {on}"),
            OpKind::NotifyOne => format!("notify_one {on}"),
            OpKind::NotifyAll => format!("notify_all {on}"),
            OpKind::Send => format!("send {on}"),
            OpKind::Recv if self.is_of(this.object, ObjectKind::Context) => {
                format!("wait for the end of {on}")
            }
            OpKind::Recv => format!("recv {on}"),
            OpKind::TrySend => format!("try_send {on}"),
            OpKind::TrySendFail => format!("try_send {on}: full"),
            OpKind::TryRecv => format!("try_recv {on}"),
            OpKind::TryRecvFail => format!("try_recv {on}: empty"),
            OpKind::Close => format!("close {on}"),
            OpKind::Len => format!("len {on} -> {}", this.value),
            OpKind::Select if this.object.is_some() => format!("select takes {on}"),
            OpKind::Select if self.waits_for_nothing(this.task, event) => "wait for ever".to_owned(),
            OpKind::Select => "select".to_owned(),
            OpKind::Read => format!("read {on}"),
            OpKind::Write => format!("write {on}"),
            OpKind::Choose => format!("choose {}", this.value),
            OpKind::Panic => "panic".to_owned(),
            OpKind::Sleep => format!("sleep {}", so_long(this.value)),
            OpKind::Arm | OpKind::ResetTimer => {
                format!("{} {on} ({})", this.op.word(), so_long(this.value))
            }
            OpKind::Now => "look at the clock".to_owned(),
            OpKind::Fire if this.object.is_none() => "time passes".to_owned(),
            OpKind::Fire => format!("time is over for {on}"),
            OpKind::ContextErr if this.value == 0 => format!("err of {on} -> none"),
            OpKind::ContextErr => format!("err of {on} -> cancelled"),
            OpKind::Park if this.is_spurious() => "park, wakes spuriously".to_owned(),
            OpKind::Await if this.is_spurious() => "await, polled spuriously".to_owned(),
            OpKind::Park | OpKind::Await => this.op.word().to_owned(),
            OpKind::DropWaker => format!("drop the last waker of T{}", this.value),
            OpKind::Unpark => format!("unpark T{}", this.value),
            OpKind::Wake => format!("wake T{}", this.value),
            OpKind::TryReadLockFail => format!("try_read {on} fails"),
            OpKind::TryWriteLockFail => format!("try_write {on} fails"),
            OpKind::OnceGet if self.is_task(this.object) => {
                format!("poll {on} -> {}", if this.value == 0 { "pending" } else { "ready" })
            }
            OpKind::OnceEnd if self.is_task(this.object) => format!("finish {on}"),
            OpKind::OnceGet => format!("look at {on} -> {}", if this.value == 0 { "empty" } else { "set" }),
            OpKind::OnceEnd if this.value == 0 => format!("give up {on}"),
            OpKind::BarrierWait => format!("wait at {on}"),
            OpKind::FutexWait if self.is_semaphore(this.object) => format!("wait at {on}"),
            OpKind::FutexWait => format!("wait for a change of {on}"),
            OpKind::FutexWake => format!("wake {} waiting on {on}", this.value),
            OpKind::WgWait => format!("wait for {on}"),
            OpKind::WgAdd => format!("add {on} -> {}", this.value as i64),
            OpKind::WgDone => format!("done {on} -> {}", this.value as i64),
            op if op.is_lock() && self.waits_at(event) => format!("wait {on} ({})", op.word()),
            op => format!("{} {on}", op.word()),
        }
    }

    fn is_task(&self, object: Option<ObjIx>) -> bool {
        self.is_of(object, ObjectKind::Task)
    }

    /// A semaphore of C's, which is a word of memory otherwise.
    fn is_semaphore(&self, object: Option<ObjIx>) -> bool {
        object.is_some_and(|object| self.trace.object(object).type_name == "sem_t")
    }

    fn is_of(&self, object: Option<ObjIx>, kind: ObjectKind) -> bool {
        object.is_some_and(|object| self.trace.object(object).kind == kind)
    }

    fn waits_for_nothing(&self, task: TaskIx, event: EventIx) -> bool {
        matches!(&self.trace.task(task).end, TaskEnd::Blocked(Waiting::Forever { event: at }) if *at == event)
    }

    /// An atomic's value as its type prints it.
    fn value(&self, object: Option<ObjIx>, bits: u64) -> String {
        let type_name = object.map_or("", |object| self.trace.object(object).type_name.as_str());
        let short = type_name.rsplit("::").next().unwrap_or(type_name);
        match short {
            "AtomicI8" => (bits as i8).to_string(),
            "AtomicI16" => (bits as i16).to_string(),
            "AtomicI32" => (bits as i32).to_string(),
            "AtomicI64" | "AtomicIsize" => (bits as i64).to_string(),
            "AtomicBool" => (bits != 0).to_string(),
            _ if type_name.contains("AtomicPtr") => if bits == 0 { "null" } else { "a pointer" }.to_owned(),
            _ => bits.to_string(),
        }
    }

    /// Whether the event's task still waits for it at the end.
    pub(crate) fn waits_at(&self, event: EventIx) -> bool {
        let task = self.trace.event(event).task;
        matches!(&self.trace.task(task).end, TaskEnd::Blocked(waiting) if waiting.event() == event)
    }

    fn is_waiting_at(&self, task: &crate::TaskInfo, object: ObjIx) -> bool {
        matches!(&task.end, TaskEnd::Blocked(waiting) if self.trace.event(waiting.event()).object == Some(object))
    }

    /// What a blocked task waits for: ``for `b` ``, ``in `recv` on `ticks` ``.
    pub(crate) fn waiting_text(&self, task: TaskIx) -> String {
        let TaskEnd::Blocked(waiting) = &self.trace.task(task).end else { return "for nothing".to_owned() };
        let event = self.trace.event(waiting.event());
        match (waiting, event.op, event.object) {
            (Waiting::Forever { .. }, OpKind::Select, _) => {
                "for what can never come: the `select!` has no arms".to_owned()
            }
            (Waiting::Forever { .. }, op, _) => {
                format!("in `{}` on a nil channel, which is never ready", op.word())
            }
            (Waiting::Any { arms, .. }, ..) if arms.is_empty() => {
                "in `select!`, all of whose channels are nil".to_owned()
            }
            (Waiting::Any { arms, .. }, ..) => {
                let arms: Vec<String> = arms
                    .iter()
                    .map(|(channel, send)| {
                        let (words, op) =
                            if *send { ("send on", OpKind::Send) } else { ("recv on", OpKind::Recv) };
                        format!("{words} {}", self.object_for(op, *channel))
                    })
                    .listed();
                format!("in `select!`: {}", arms.join(", "))
            }
            (_, OpKind::Join, _) => format!("for the end of {}", self.task(TaskIx(event.value as u32))),
            (_, OpKind::Lock, Some(lock)) => format!("for {}", self.object(lock)),
            (_, OpKind::ReadLock, Some(lock)) => format!("to read {}", self.object(lock)),
            (_, OpKind::WriteLock, Some(lock)) => format!("to write {}", self.object(lock)),
            (_, OpKind::OnceBegin | OpKind::OnceWait, Some(once)) => {
                format!("for the initialisation of {}", self.object(once))
            }
            (_, OpKind::BarrierWait, Some(barrier)) => {
                let info = self.trace.object(barrier);
                let arrived =
                    self.trace.tasks.iter().filter(|task| self.is_waiting_at(task, barrier)).count();
                let of = info.capacity.map_or_else(String::new, |wanted| format!(" of {wanted}"));
                let have = if arrived == 1 { "has" } else { "have" };
                format!("at {}, where {arrived}{of} {have} arrived", self.object(barrier))
            }
            (_, OpKind::WgWait, Some(group)) => {
                let counter = missed::counted(self.trace, group).next_back();
                format!(
                    "for {}, whose counter is {}",
                    self.object(group),
                    counter.map_or(0, |e| e.value as i64)
                )
            }
            (_, OpKind::Park, _) => "parked, for an `unpark`".to_owned(),
            (_, OpKind::Await, _) => waker::waiting(self, task),
            (_, OpKind::Wait, Some(condvar)) => format!("for a notification of {}", self.object(condvar)),
            (_, OpKind::FutexWait, Some(semaphore)) if self.is_semaphore(Some(semaphore)) => {
                format!("at {}, for a `sem_post`", self.object(semaphore))
            }
            (_, OpKind::FutexWait, Some(word)) => format!("for a change of {}", self.object(word)),
            (_, OpKind::Sleep, _) if event.value == u64::MAX => "asleep for ever".to_owned(),
            (_, OpKind::Sleep, _) => "asleep".to_owned(),
            (_, OpKind::Recv, Some(context)) if self.trace.object(context).kind == ObjectKind::Context => {
                format!("for {} to be cancelled", self.object(context))
            }
            (_, OpKind::Send, Some(channel)) => match self.trace.object(channel).capacity {
                Some(0) => format!("in `send` on {}, for a receiver", self.object_for(event.op, channel)),
                _ => format!("in `send` on {}, which is full", self.object_for(event.op, channel)),
            },
            (_, OpKind::Recv, Some(channel)) => {
                format!("in `recv` on {}", self.object_for(event.op, channel))
            }
            (_, op, Some(object)) => format!("in `{}` on {}", op.word(), self.object(object)),
            (_, op, None) => format!("in `{}`", op.word()),
        }
    }
}

/// A time in nanoseconds; the largest one is no time.
fn so_long(nanos: u64) -> String {
    match nanos {
        u64::MAX => "for ever".to_owned(),
        _ => format!("{:?}", Duration::from_nanos(nanos)),
    }
}
