//! `Thread`, `ThreadId`, `current`, `park`, `unpark`: handles on threads and tasks.

use crate::inside::context::{Inside, inside};
use crate::inside::slot::Slot;
use crate::outside;
use gorace_analyzer::{ObjIx, ObjectKind, Place, TaskIx};
use gorace_engine::{ParkOp, TimerOp};
use std::fmt;
use std::num::NonZero;
use std::sync::Arc;
use std::time::Duration;

/// A handle on a thread, or on a task of an execution.
#[derive(Clone)]
pub struct Thread(Kind);

#[derive(Clone)]
enum Kind {
    Os(outside::thread::Thread),
    Task(Arc<Task>),
}

struct Task {
    task: TaskIx,
    name: Option<String>,
    /// The token of `park` and `unpark`.
    token: Slot,
}

/// What tells a thread from all others; within one execution for tasks.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ThreadId(Id);

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Id {
    Os(outside::thread::ThreadId),
    Task(NonZero<u32>),
}

/// The calling thread, or task.
///
/// ```
/// use gorace::thread;
/// let main = thread::current();
/// let handle = thread::spawn(move || main.unpark());
/// thread::park();
/// handle.join().unwrap();
/// ```
#[must_use]
#[inline]
pub fn current() -> Thread {
    match inside() {
        None => Thread(Kind::Os(outside::thread::current())),
        Some(inside) => Thread::of_task(inside, inside.with(|cx| cx.current)),
    }
}

/// Waits until somebody gives the calling thread its token by [`Thread::unpark`], and takes it.
#[track_caller]
#[inline]
pub fn park() {
    let Some(inside) = inside() else { return outside::thread::park() };
    let Kind::Task(me) = current().0 else { return };
    let token = me.object(inside);
    inside.visit(ParkOp::Park { token, future: false }, Place::here());
}

/// As [`park`], for so long at most.
#[track_caller]
#[inline]
pub fn park_timeout(duration: Duration) {
    let Some(inside) = inside() else { return outside::thread::park_timeout(duration) };
    if crate::time::is_for_ever(duration) {
        return park();
    }
    let Kind::Task(me) = current().0 else { return };
    let token = me.object(inside);
    inside.visit(TimerOp::ParkTimeout { token, nanos: crate::time::nanos(duration) }, Place::here());
}

impl Thread {
    /// The handle on `task` of the running execution.
    #[inline]
    pub(crate) fn of_task(inside: Inside, task: TaskIx) -> Thread {
        inside.with(|cx| {
            let name = || cx.exec.task_name(task).map(str::to_owned);
            let make = || Thread(Kind::Task(Arc::new(Task { task, name: name(), token: Slot::new() })));
            cx.tasks[task.at()].thread.get_or_insert_with(make).clone()
        })
    }

    #[inline]
    pub(crate) fn of_os(thread: &outside::thread::Thread) -> Thread {
        Thread(Kind::Os(thread.clone()))
    }

    /// Gives the thread its token: its current or its next [`park`] returns. A token given twice is there once.
    #[track_caller]
    #[inline]
    pub fn unpark(&self) {
        match (&self.0, inside()) {
            (Kind::Os(thread), _) => thread.unpark(),
            (Kind::Task(task), Some(inside)) => {
                let token = task.object(inside);
                inside.visit(ParkOp::Unpark { token, owner: task.task, future: false }, Place::here());
            }
            // A handle that outlived its execution, or was given out of it.
            (Kind::Task(task), None) => _ = task.token.inside_to_change(),
        }
    }

    /// What tells it from all others.
    #[must_use]
    #[inline]
    pub fn id(&self) -> ThreadId {
        ThreadId(match &self.0 {
            Kind::Os(thread) => Id::Os(thread.id()),
            Kind::Task(task) => Id::Task(NonZero::<u32>::MIN.saturating_add(task.task.0)),
        })
    }

    /// Its name, if it has one.
    #[must_use]
    #[inline]
    pub fn name(&self) -> Option<&str> {
        match &self.0 {
            Kind::Os(thread) => thread.name(),
            Kind::Task(task) => task.name.as_deref(),
        }
    }
}

impl Task {
    #[inline]
    fn object(&self, inside: Inside) -> ObjIx {
        inside.object(&self.token, ObjectKind::Parker, std::any::type_name::<Thread>, 0)
    }
}

impl fmt::Debug for Thread {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Thread").field("id", &self.id()).field("name", &self.name()).finish_non_exhaustive()
    }
}

impl fmt::Debug for ThreadId {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Id::Os(id) => fmt::Debug::fmt(&id, f),
            Id::Task(id) => write!(f, "ThreadId({id})"),
        }
    }
}
