//! `Thread`, `ThreadId`, `current`, `park`, `unpark`: handles on threads and tasks.

use crate::inside::context::{Inside, inside};
use crate::inside::slot::Slot;
use crate::outside;
use gorace_analyzer::finding::{FNV_START, fnv};
use gorace_analyzer::{ObjIx, ObjectKind, Place, TaskIx, TaskPath};
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
    id: NonZero<u64>,
    name: Option<String>,
    /// The token of `park` and `unpark`.
    token: Slot,
}

/// What tells a thread from all others; within one execution for tasks.
///
/// A task has the same one in all interleavings, so that what a program makes of it (a lock for each of its hashes, a
/// seed) does not depend on who was started first: main has 1, its first child 2, its second child 3; what they start in
/// their turn has greater numbers, which go by the starter and by how many that one has started before.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ThreadId(Id);

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Id {
    Os(outside::thread::ThreadId),
    Task(NonZero<u64>),
}

/// What the numbers of main's children are below.
const CHILDREN: u64 = 1 << 32 | 1;

/// The id's number of the task that has this path. Those of up to some twenty generations are the path itself, so that no
/// two tasks have the same; of later ones 63 bits of its hash.
fn number(path: &TaskPath) -> NonZero<u64> {
    let number = match path.ordinals() {
        [] | [_] => 1,
        [_, child] => 1 + u64::from(*child),
        [_, later @ ..] => match packed(later) {
            Some(packed) => CHILDREN + packed,
            None => {
                let bytes = later.iter().map(|ordinal| ordinal.to_le_bytes());
                bytes.fold(FNV_START, |hash, bytes| fnv(hash, &bytes)) | 1 << 63
            }
        },
    };
    NonZero::<u64>::MIN.saturating_add(number - 1)
}

/// The ordinals, one after the other in Elias' gamma code; `None` if they have no room in 62 bits.
fn packed(ordinals: &[u32]) -> Option<u64> {
    ordinals.iter().try_fold(1, |before: u64, ordinal| {
        let ordinal = u64::from(*ordinal) + 1;
        let bits = 2 * ordinal.ilog2() + 1;
        (before.leading_zeros() > bits + 1).then(|| before << bits | ordinal)
    })
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
            let id = || number(cx.exec.task_path(task));
            let make =
                || Thread(Kind::Task(Arc::new(Task { task, id: id(), name: name(), token: Slot::new() })));
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
            Kind::Task(task) => Id::Task(task.id),
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
        inside.object(&self.token, ObjectKind::Parker, std::any::type_name::<Thread>, self.task.0.into())
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

#[cfg(test)]
mod tests {
    use super::number;
    use gorace_analyzer::TaskPath;
    use std::collections::BTreeSet;

    /// Main's children have the numbers behind main's, as long as there are numbers for them.
    #[test]
    fn main_and_its_children_count_from_one() {
        let main = TaskPath::main();
        assert_eq!(number(&main).get(), 1);
        assert_eq!([1, 2, 3, u32::MAX].map(|child| number(&main.child(child)).get()), [2, 3, 4, 1 << 32]);
    }

    /// Three children each in five generations, one child each in a hundred, and the largest ordinals there are.
    #[test]
    fn no_two_tasks_have_one_number() {
        let mut paths = vec![TaskPath::main()];
        let mut last = paths.clone();
        for _ in 0..5 {
            last = last.iter().flat_map(|path| [1, 2, 3].map(|child| path.child(child))).collect();
            paths.extend(last.iter().cloned());
        }
        let mut deep = TaskPath::main().child(4);
        for _ in 0..100 {
            deep.push(1);
            paths.push(deep.clone());
        }
        for last in [u32::MAX, u32::MAX - 1] {
            paths.extend([1, 2, u32::MAX].map(|child| TaskPath::main().child(last).child(child)));
        }
        let numbers: BTreeSet<_> = paths.iter().map(number).collect();
        assert_eq!(numbers.len(), paths.len());
    }
}
