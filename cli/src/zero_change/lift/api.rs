//! Which call of std a step is part of, by the functions on its stack.

use crate::zero_change::symbols::{Call, Whose};
use gorace_analyzer::{ObjectKind, OpKind};

/// What a step is part of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Api {
    /// A call with a word of its own.
    Op(OpKind),
    /// An atomic operation of the user's own.
    Atomic,
    /// Inner workings.
    Inner,
}

/// The ends of functions' paths, and what they are. The first that fits a function counts.
const FUNCTIONS: &[(&str, OpKind)] = &[
    ("condvar::Condvar::wait", OpKind::Wait),
    ("condvar::Condvar::wait_while", OpKind::Wait),
    ("condvar::Condvar::wait_timeout", OpKind::Wait),
    ("condvar::Condvar::wait_timeout_while", OpKind::Wait),
    ("condvar::Condvar::wait_for", OpKind::Wait),
    ("condvar::Condvar::wait_until", OpKind::Wait),
    ("condvar::Condvar::notify_one", OpKind::NotifyOne),
    ("condvar::Condvar::notify_all", OpKind::NotifyAll),
    ("mutex::Mutex::lock", OpKind::Lock),
    ("mutex::Mutex::try_lock", OpKind::TryLock),
    ("MutexGuard as core::ops::drop::Drop::drop", OpKind::Unlock),
    ("rwlock::RwLock::read", OpKind::ReadLock),
    ("rwlock::RwLock::write", OpKind::WriteLock),
    ("rwlock::RwLock::try_read", OpKind::TryReadLock),
    ("rwlock::RwLock::try_write", OpKind::TryWriteLock),
    ("RwLockReadGuard as core::ops::drop::Drop::drop", OpKind::ReadUnlock),
    ("RwLockWriteGuard as core::ops::drop::Drop::drop", OpKind::Unlock),
    ("barrier::Barrier::wait", OpKind::BarrierWait),
    ("once::Once::call_once", OpKind::OnceBegin),
    ("once::Once::call_once_force", OpKind::OnceBegin),
    ("once_lock::OnceLock::get_or_init", OpKind::OnceBegin),
    ("once_lock::OnceLock::initialize", OpKind::OnceBegin),
    ("lazy_lock::LazyLock::force", OpKind::OnceBegin),
    ("LazyLock as core::ops::deref::Deref::deref", OpKind::OnceBegin),
    ("mpsc::Sender::send", OpKind::Send),
    ("mpsc::SyncSender::send", OpKind::Send),
    ("mpsc::SyncSender::try_send", OpKind::TrySend),
    ("mpsc::Receiver::recv", OpKind::Recv),
    ("mpsc::Receiver::recv_timeout", OpKind::Recv),
    ("mpsc::Receiver::try_recv", OpKind::TryRecv),
    ("mpsc::Iter as core::iter::traits::iterator::Iterator::next", OpKind::Recv),
    ("mpsc::IntoIter as core::iter::traits::iterator::Iterator::next", OpKind::Recv),
    ("mpsc::Sender as core::ops::drop::Drop::drop", OpKind::DropSender),
    ("mpsc::SyncSender as core::ops::drop::Drop::drop", OpKind::DropSender),
    ("mpsc::Receiver as core::ops::drop::Drop::drop", OpKind::DropReceiver),
    ("thread::functions::park", OpKind::Park),
    ("thread::park", OpKind::Park),
    ("thread::functions::park_timeout", OpKind::Park),
    ("thread::park_timeout", OpKind::Park),
    ("Thread::unpark", OpKind::Unpark),
    ("pthread_mutex_lock", OpKind::Lock),
    ("pthread_mutex_timedlock", OpKind::Lock),
    ("pthread_mutex_clocklock", OpKind::Lock),
    ("pthread_mutex_trylock", OpKind::TryLock),
    ("pthread_mutex_unlock", OpKind::Unlock),
    ("pthread_rwlock_rdlock", OpKind::ReadLock),
    ("pthread_rwlock_timedrdlock", OpKind::ReadLock),
    ("pthread_rwlock_clockrdlock", OpKind::ReadLock),
    ("pthread_rwlock_tryrdlock", OpKind::TryReadLock),
    ("pthread_rwlock_wrlock", OpKind::WriteLock),
    ("pthread_rwlock_timedwrlock", OpKind::WriteLock),
    ("pthread_rwlock_clockwrlock", OpKind::WriteLock),
    ("pthread_rwlock_trywrlock", OpKind::TryWriteLock),
    ("pthread_rwlock_unlock", OpKind::Unlock),
    ("pthread_spin_lock", OpKind::Lock),
    ("pthread_spin_trylock", OpKind::TryLock),
    ("pthread_spin_unlock", OpKind::Unlock),
    ("pthread_cond_wait", OpKind::Wait),
    ("pthread_cond_signal", OpKind::NotifyOne),
    ("pthread_cond_broadcast", OpKind::NotifyAll),
    ("pthread_barrier_wait", OpKind::BarrierWait),
    ("pthread_once", OpKind::OnceBegin),
];

/// Parts of std whose own locks and atomics say nothing of the program: whatever they call is inner workings.
const INNER: &[&str] = &[
    "std::alloc::",
    "std::env::",
    "std::fs::",
    "std::io::",
    "std::net::",
    "std::panicking::",
    "std::process::",
    "std::rt::",
    "std::sys::env::",
    "std::thread::",
    "std::time::",
];

/// The part of a stack that was called by the user's innermost function: std's, and dependencies'.
pub fn inner(calls: &[Call]) -> &[Call] {
    let user = calls.iter().position(|call| call.whose == Whose::User);
    &calls[..user.unwrap_or(calls.len())]
}

/// What a step with this stack is part of.
pub fn of(calls: &[Call]) -> Api {
    let inner = inner(calls);
    // What goes on before the user's first function and behind the last is nobody's call.
    let Some(user) = calls.get(inner.len()) else { return Api::Inner };
    debug_assert_eq!(user.whose, Whose::User);
    // The outermost call is the one that the user wrote.
    let known =
        |call: &Call| FUNCTIONS.iter().find(|(end, _)| call.function.ends_with(end)).map(|(_, op)| *op);
    for call in inner.iter().rev() {
        if let Some(op) = known(call) {
            return Api::Op(op);
        }
        if INNER.iter().any(|start| call.function.starts_with(start)) {
            return Api::Inner;
        }
    }
    let is_atomic = |call: &Call| call.function.starts_with("core::sync::atomic::");
    let is_direct = !inner.is_empty() && inner.iter().all(is_atomic);
    if is_direct { Api::Atomic } else { Api::Inner }
}

/// Whether the step looks whether anybody panics, as a guard does when it is made and when it is dropped: that is about
/// no lock. It is seen in executions in which somebody does.
pub fn is_panic_count(calls: &[Call]) -> bool {
    inner(calls).iter().any(|call| call.function.starts_with("std::panicking::panic_count::"))
}

/// Whether the step is made by std's inner `Mutex`, with its function's last word, or by a condition's mutex of C's.
pub fn inner_mutex(calls: &[Call]) -> Option<&str> {
    inner(calls).iter().find_map(|call| {
        let of_c = ["pthread_mutex_", "pthread_spin_"];
        if let Some(function) = of_c.iter().find_map(|start| call.function.strip_prefix(start)) {
            return Some(function);
        }
        let (path, function) = call.function.rsplit_once("::")?;
        path.ends_with("sys::sync::mutex::futex::Mutex").then_some(function)
    })
}

/// What the C library calls the thing that a step is about, if it is the C library's.
pub fn c_type(calls: &[Call]) -> Option<&'static str> {
    let function = &calls.first()?.function;
    C_TYPES.iter().find(|(start, _)| function.starts_with(start)).map(|(_, name)| *name)
}

const C_TYPES: [(&str, &str); 7] = [
    ("pthread_mutex_", "pthread_mutex_t"),
    ("pthread_rwlock_", "pthread_rwlock_t"),
    ("pthread_spin_", "pthread_spinlock_t"),
    ("pthread_cond_", "pthread_cond_t"),
    ("pthread_barrier_", "pthread_barrier_t"),
    ("pthread_once", "pthread_once_t"),
    ("sem_", "sem_t"),
];

/// What kind of object an operation is about.
pub fn object_kind(op: OpKind) -> ObjectKind {
    match op {
        OpKind::Lock | OpKind::TryLock | OpKind::TryLockFail | OpKind::Unlock => ObjectKind::Mutex,
        OpKind::Wait | OpKind::NotifyOne | OpKind::NotifyAll => ObjectKind::Condvar,
        OpKind::ReadLock
        | OpKind::WriteLock
        | OpKind::TryReadLock
        | OpKind::TryWriteLock
        | OpKind::ReadUnlock => ObjectKind::RwLock,
        OpKind::BarrierWait => ObjectKind::Barrier,
        OpKind::OnceBegin | OpKind::OnceEnd => ObjectKind::Once,
        OpKind::Send
        | OpKind::TrySend
        | OpKind::Recv
        | OpKind::TryRecv
        | OpKind::DropSender
        | OpKind::DropReceiver => ObjectKind::Channel,
        OpKind::Park | OpKind::Unpark => ObjectKind::Parker,
        OpKind::Read | OpKind::Write => ObjectKind::Cell,
        OpKind::FutexWait | OpKind::FutexWake => ObjectKind::Word,
        _ => ObjectKind::Atomic,
    }
}
