//! Read-write locks: granted in the order of arrival, so that a waiting writer keeps new readers out. That
//! is how std's and Go's behave, and why reading twice in one task can deadlock.

use crate::AccessKind;
use crate::execution::Execution;
use crate::footprint::{Access, Footprint};
use crate::op::Reply;
use crate::prim::{Primitive, State};
use crate::task::Wait;
use gorace_analyzer_core::misuse::{RUNLOCK_OF_UNLOCKED, UNLOCK_OF_UNLOCKED_RW};
use gorace_analyzer_core::{EdgeKind, EventIx, ObjIx, OpKind, TaskIx};
use std::collections::VecDeque;

/// An operation on a read-write lock.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs, reason = "named as std's methods; the field is the lock")]
pub enum RwLockOp {
    Read { lock: ObjIx },
    Write { lock: ObjIx },
    TryRead { lock: ObjIx },
    TryWrite { lock: ObjIx },
    ReadUnlock { lock: ObjIx },
    WriteUnlock { lock: ObjIx },
    IsPoisoned { lock: ObjIx },
    ClearPoison { lock: ObjIx },
}

#[derive(Debug)]
pub(crate) struct RwLock {
    /// One writer, or any number of readers.
    holders: Vec<(TaskIx, EventIx)>,
    writing: bool,
    queue: VecDeque<(TaskIx, EventIx, bool)>,
    /// The last release by a writer, and those by readers since.
    written: Option<EventIx>,
    read: Vec<EventIx>,
}

impl State for RwLock {
    fn new(_initial: u64) -> Self {
        RwLock {
            holders: Vec::new(),
            writing: false,
            queue: VecDeque::new(),
            written: None,
            read: Vec::new(),
        }
    }

    fn holders(&self) -> Vec<(TaskIx, EventIx)> {
        self.holders.clone()
    }
}

impl RwLock {
    fn admits(&self, write: bool) -> bool {
        if write { self.holders.is_empty() } else { !self.writing }
    }

    fn is_held(&self, write: bool) -> bool {
        !self.holders.is_empty() && self.writing == write
    }

    fn is_open(&self, write: bool) -> bool {
        self.queue.is_empty() && self.admits(write)
    }
}

impl Primitive for RwLockOp {
    fn kind(self) -> OpKind {
        match self {
            RwLockOp::Read { .. } => OpKind::ReadLock,
            RwLockOp::Write { .. } => OpKind::WriteLock,
            RwLockOp::TryRead { .. } => OpKind::TryReadLock,
            RwLockOp::TryWrite { .. } => OpKind::TryWriteLock,
            RwLockOp::ReadUnlock { .. } => OpKind::ReadUnlock,
            RwLockOp::WriteUnlock { .. } => OpKind::Unlock,
            RwLockOp::IsPoisoned { .. } => OpKind::IsPoisoned,
            RwLockOp::ClearPoison { .. } => OpKind::ClearPoison,
        }
    }

    fn footprint(self, execution: &Execution, task: TaskIx) -> Footprint {
        use AccessKind as K;
        // Anybody may release, as in Go; what that gives then depends on who came meanwhile.
        let is_own = |lock, write| {
            let state = execution.rwlock_state(lock);
            state.writing == write && state.holders.iter().any(|(holder, _)| *holder == task)
        };
        let is_open = |lock, write| execution.rwlock_state(lock).is_open(write);
        let (lock, kind) = match self {
            RwLockOp::Read { lock } => (lock, K::ReadLock),
            RwLockOp::Write { lock } => (lock, K::WriteLock),
            RwLockOp::TryRead { lock } if is_open(lock, false) => (lock, K::TryReadLock),
            RwLockOp::TryRead { lock } => (lock, K::TryReadLockFail),
            RwLockOp::TryWrite { lock } if is_open(lock, true) => (lock, K::TryWriteLock),
            RwLockOp::TryWrite { lock } => (lock, K::TryWriteLockFail),
            RwLockOp::ReadUnlock { lock } if is_own(lock, false) => (lock, K::ReadUnlock),
            RwLockOp::WriteUnlock { lock } if is_own(lock, true) => (lock, K::WriteUnlock),
            RwLockOp::ReadUnlock { lock } | RwLockOp::WriteUnlock { lock } => (lock, K::ForeignRwUnlock),
            RwLockOp::IsPoisoned { lock } => (lock, K::IsPoisoned),
            RwLockOp::ClearPoison { lock } => (lock, K::ClearPoison),
        };
        Footprint::one(Access::new(lock, kind))
    }

    fn perform(self, execution: &mut Execution, task: TaskIx) {
        match self {
            RwLockOp::Read { lock } => execution.rwlock_arrive(task, lock, false),
            RwLockOp::Write { lock } => execution.rwlock_arrive(task, lock, true),
            RwLockOp::TryRead { lock } => execution.rwlock_try(task, lock, false),
            RwLockOp::TryWrite { lock } => execution.rwlock_try(task, lock, true),
            RwLockOp::ReadUnlock { lock } => execution.rwlock_release(task, lock, false),
            RwLockOp::WriteUnlock { lock } => execution.rwlock_release(task, lock, true),
            RwLockOp::IsPoisoned { lock } | RwLockOp::ClearPoison { lock } => {
                execution.append(task, self.kind(), |e| e.object = Some(lock));
                execution.complete(task, Reply::Unit);
            }
        }
    }
}

impl Execution {
    fn rwlock_arrive(&mut self, task: TaskIx, lock: ObjIx, write: bool) {
        let op = if write { OpKind::WriteLock } else { OpKind::ReadLock };
        let event = self.append(task, op, |e| e.object = Some(lock));
        if self.rwlock(lock).is_open(write) {
            self.rwlock_grant(task, lock, event, write);
            self.complete(task, Reply::Unit);
        } else {
            self.rwlock(lock).queue.push_back((task, event, write));
            self.block(task, Wait::On, event);
        }
    }

    fn rwlock_try(&mut self, task: TaskIx, lock: ObjIx, write: bool) {
        let open = self.rwlock(lock).is_open(write);
        let op = match (write, open) {
            (false, true) => OpKind::TryReadLock,
            (false, false) => OpKind::TryReadLockFail,
            (true, true) => OpKind::TryWriteLock,
            (true, false) => OpKind::TryWriteLockFail,
        };
        let event = self.append(task, op, |e| e.object = Some(lock));
        if open {
            self.rwlock_grant(task, lock, event, write);
        } else {
            self.saw_again(task, lock, u64::from(write));
        }
        self.complete(task, Reply::Flag(open));
    }

    fn rwlock_release(&mut self, task: TaskIx, lock: ObjIx, writing: bool) {
        let op = if writing { OpKind::Unlock } else { OpKind::ReadUnlock };
        let event = self.append(task, op, |e| e.object = Some(lock));
        let state = self.rwlock(lock);
        if !state.is_held(writing) {
            return self.complete(
                task,
                Reply::Misuse(if writing { UNLOCK_OF_UNLOCKED_RW } else { RUNLOCK_OF_UNLOCKED }),
            );
        }
        // Whoever releases it, as in Go: its own share if it has one, else one that does not depend on who of
        // the readers came first.
        let own = state.holders.iter().rposition(|(holder, _)| *holder == task);
        let holders = &self.rwlock_state(lock).holders;
        let path = |at: &usize| self.task_path(holders[*at].0);
        let share = own.or_else(|| (0..holders.len()).min_by(|a, b| path(a).cmp(path(b))));
        let state = self.rwlock(lock);
        if let Some(at) = share {
            state.holders.remove(at);
        }
        if writing {
            state.writing = false;
            state.written = Some(event);
            state.read.clear();
        } else {
            state.read.push(event);
        }
        while let Some((next, arrived, write)) = self.rwlock(lock).queue.front().copied() {
            if !self.rwlock(lock).admits(write) {
                break;
            }
            self.rwlock(lock).queue.pop_front();
            self.rwlock_grant(next, lock, arrived, write);
            self.complete(next, Reply::Unit);
        }
        self.written(task, lock);
        self.complete(task, Reply::Unit);
    }

    /// A reader comes after the last writer, a writer also after all readers since.
    fn rwlock_grant(&mut self, task: TaskIx, lock: ObjIx, event: EventIx, write: bool) {
        let state = self.rwlock(lock);
        state.holders.push((task, event));
        state.writing = write;
        let mut before: Vec<EventIx> = state.written.into_iter().collect();
        if write {
            before.append(&mut state.read);
        }
        for release in before {
            self.edge(release, event, task, EdgeKind::Unlock);
        }
    }
}
