//! Every stable method of std's types, by its signature, on std and on gorace: a name that is missing, or asks for
//! something else, does not compile.
//!
//! What std has in Rust 1.88 (the minimum) is listed. Not there are names that std deprecates
//! (`Condvar::wait_timeout_ms`, `thread::sleep_ms`, `thread::park_timeout_ms`, `compare_and_swap`, `ONCE_INIT`) and
//! `from_ptr` of the atomics, since an atomic here is larger than its value.
#![cfg(feature = "check")]
#![allow(clippy::type_complexity, reason = "whole signatures are what is tested")]

use std::sync::{LockResult, TryLockResult};
use std::time::Duration;

/// Each name has this type.
macro_rules! has {
    ($($name:path: $ty:ty,)*) => { $(let _: $ty = $name;)* };
}

macro_rules! implements {
    ($($ty:ty: $($bound:path)|+,)*) => {{
        $($({
            fn has<T: $bound>() {}
            has::<$ty>();
        })+)*
    }};
}

/// The whole surface, in the world of these three modules.
macro_rules! surface {
    ($sync:ident $thread:ident $time:ident) => {
        #[test]
        fn locks() {
            use super::*;
            use std::fmt::{Debug, Display};
            use std::ops::{Deref, DerefMut};
            use $sync::{Condvar, Mutex, MutexGuard, RwLock, RwLockReadGuard, RwLockWriteGuard, WaitTimeoutResult};
            has! {
                Mutex::<u8>::new: fn(u8) -> Mutex<u8>,
                Mutex::<u8>::lock: for<'a> fn(&'a Mutex<u8>) -> LockResult<MutexGuard<'a, u8>>,
                Mutex::<u8>::try_lock: for<'a> fn(&'a Mutex<u8>) -> TryLockResult<MutexGuard<'a, u8>>,
                Mutex::<u8>::is_poisoned: fn(&Mutex<u8>) -> bool,
                Mutex::<u8>::clear_poison: fn(&Mutex<u8>),
                Mutex::<u8>::into_inner: fn(Mutex<u8>) -> LockResult<u8>,
                Mutex::<u8>::get_mut: fn(&mut Mutex<u8>) -> LockResult<&mut u8>,
                RwLock::<u8>::new: fn(u8) -> RwLock<u8>,
                RwLock::<u8>::read: for<'a> fn(&'a RwLock<u8>) -> LockResult<RwLockReadGuard<'a, u8>>,
                RwLock::<u8>::write: for<'a> fn(&'a RwLock<u8>) -> LockResult<RwLockWriteGuard<'a, u8>>,
                RwLock::<u8>::try_read: for<'a> fn(&'a RwLock<u8>) -> TryLockResult<RwLockReadGuard<'a, u8>>,
                RwLock::<u8>::try_write: for<'a> fn(&'a RwLock<u8>) -> TryLockResult<RwLockWriteGuard<'a, u8>>,
                RwLock::<u8>::is_poisoned: fn(&RwLock<u8>) -> bool,
                RwLock::<u8>::clear_poison: fn(&RwLock<u8>),
                RwLock::<u8>::into_inner: fn(RwLock<u8>) -> LockResult<u8>,
                RwLock::<u8>::get_mut: fn(&mut RwLock<u8>) -> LockResult<&mut u8>,
                Condvar::new: fn() -> Condvar,
                Condvar::wait: for<'a> fn(&Condvar, MutexGuard<'a, u8>) -> LockResult<MutexGuard<'a, u8>>,
                Condvar::wait_timeout: for<'a> fn(&Condvar, MutexGuard<'a, u8>, Duration)
                    -> LockResult<(MutexGuard<'a, u8>, WaitTimeoutResult)>,
                Condvar::wait_while: for<'a> fn(&Condvar, MutexGuard<'a, u8>, fn(&mut u8) -> bool)
                    -> LockResult<MutexGuard<'a, u8>>,
                Condvar::wait_timeout_while: for<'a> fn(&Condvar, MutexGuard<'a, u8>, Duration, fn(&mut u8) -> bool)
                    -> LockResult<(MutexGuard<'a, u8>, WaitTimeoutResult)>,
                Condvar::notify_one: fn(&Condvar),
                Condvar::notify_all: fn(&Condvar),
                WaitTimeoutResult::timed_out: fn(&WaitTimeoutResult) -> bool,
            }
            implements! {
                Mutex<u8>: Default | From<u8> | Debug | Send | Sync,
                RwLock<u8>: Default | From<u8> | Debug | Send | Sync,
                MutexGuard<'static, u8>: Deref<Target = u8> | DerefMut | Debug | Display | Sync,
                RwLockReadGuard<'static, u8>: Deref<Target = u8> | Debug | Display | Sync,
                RwLockWriteGuard<'static, u8>: Deref<Target = u8> | DerefMut | Debug | Display | Sync,
                Condvar: Default | Debug | Send | Sync,
                WaitTimeoutResult: Debug | Copy | Eq,
            }
            const _: (Mutex<u8>, RwLock<u8>, Condvar) = (Mutex::new(1), RwLock::new(1), Condvar::new());
        }

        #[test]
        fn initialisation_and_barriers() {
            use std::fmt::Debug;
            use std::ops::Deref;
            use $sync::{Barrier, BarrierWaitResult, LazyLock, Once, OnceLock, OnceState};
            has! {
                Once::new: fn() -> Once,
                Once::call_once: fn(&Once, fn()),
                Once::call_once_force: fn(&Once, fn(&OnceState)),
                Once::is_completed: fn(&Once) -> bool,
                Once::wait: fn(&Once),
                Once::wait_force: fn(&Once),
                OnceState::is_poisoned: fn(&OnceState) -> bool,
                OnceLock::<u8>::new: fn() -> OnceLock<u8>,
                OnceLock::<u8>::get: fn(&OnceLock<u8>) -> Option<&u8>,
                OnceLock::<u8>::get_mut: fn(&mut OnceLock<u8>) -> Option<&mut u8>,
                OnceLock::<u8>::set: fn(&OnceLock<u8>, u8) -> Result<(), u8>,
                OnceLock::<u8>::get_or_init: fn(&OnceLock<u8>, fn() -> u8) -> &u8,
                OnceLock::<u8>::wait: fn(&OnceLock<u8>) -> &u8,
                OnceLock::<u8>::into_inner: fn(OnceLock<u8>) -> Option<u8>,
                OnceLock::<u8>::take: fn(&mut OnceLock<u8>) -> Option<u8>,
                LazyLock::<u8>::new: fn(fn() -> u8) -> LazyLock<u8>,
                LazyLock::<u8>::force: fn(&LazyLock<u8>) -> &u8,
                Barrier::new: fn(usize) -> Barrier,
                Barrier::wait: fn(&Barrier) -> BarrierWaitResult,
                BarrierWaitResult::is_leader: fn(&BarrierWaitResult) -> bool,
            }
            implements! {
                Once: Debug | Send | Sync,
                OnceState: Debug,
                OnceLock<u8>: Default | From<u8> | Clone | Eq | Debug | Send | Sync,
                LazyLock<u8>: Default | Deref<Target = u8> | Debug | Send | Sync,
                Barrier: Debug | Send | Sync,
                BarrierWaitResult: Debug,
            }
            static ONCE: Once = Once::new();
            static CELL: OnceLock<u8> = OnceLock::new();
            static LAZY: LazyLock<u8> = LazyLock::new(|| 1);
            static BARRIER: Barrier = Barrier::new(1);
            assert!(!ONCE.is_completed() && CELL.get().is_none() && *LAZY == 1 && BARRIER.wait().is_leader());
        }

        #[test]
        fn channels() {
            use std::fmt::Debug;
            use std::sync::mpsc::{RecvError, RecvTimeoutError, SendError, TryRecvError, TrySendError};
            use super::Duration;
            use $sync::mpsc::{IntoIter, Iter, Receiver, Sender, SyncSender, TryIter, channel, sync_channel};
            has! {
                channel::<u8>: fn() -> (Sender<u8>, Receiver<u8>),
                sync_channel::<u8>: fn(usize) -> (SyncSender<u8>, Receiver<u8>),
                Sender::<u8>::send: fn(&Sender<u8>, u8) -> Result<(), SendError<u8>>,
                SyncSender::<u8>::send: fn(&SyncSender<u8>, u8) -> Result<(), SendError<u8>>,
                SyncSender::<u8>::try_send: fn(&SyncSender<u8>, u8) -> Result<(), TrySendError<u8>>,
                Receiver::<u8>::recv: fn(&Receiver<u8>) -> Result<u8, RecvError>,
                Receiver::<u8>::try_recv: fn(&Receiver<u8>) -> Result<u8, TryRecvError>,
                Receiver::<u8>::recv_timeout: fn(&Receiver<u8>, Duration) -> Result<u8, RecvTimeoutError>,
                Receiver::<u8>::iter: for<'a> fn(&'a Receiver<u8>) -> Iter<'a, u8>,
                Receiver::<u8>::try_iter: for<'a> fn(&'a Receiver<u8>) -> TryIter<'a, u8>,
            }
            implements! {
                Sender<u8>: Clone | Debug | Send | Sync,
                SyncSender<u8>: Clone | Debug | Send | Sync,
                Receiver<u8>: IntoIterator<Item = u8, IntoIter = IntoIter<u8>> | Debug | Send,
                &'static Receiver<u8>: IntoIterator<Item = u8>,
                Iter<'static, u8>: Iterator<Item = u8> | Debug,
                TryIter<'static, u8>: Iterator<Item = u8> | Debug,
                IntoIter<u8>: Iterator<Item = u8> | Debug,
            }
        }

        #[test]
        fn threads() {
            use std::fmt::{Debug, Display};
            use std::hash::Hash;
            use std::io;
            use super::Duration;
            use $thread::{AccessError, Builder, JoinHandle, Result, Scope, ScopedJoinHandle, Thread, ThreadId};
            type Key = $thread::LocalKey<std::cell::Cell<u8>>;
            type ListKey = $thread::LocalKey<std::cell::RefCell<u8>>;
            type Borrowed = &'static u8;
            has! {
                $thread::spawn: fn(fn() -> u8) -> JoinHandle<u8>,
                $thread::current: fn() -> Thread,
                $thread::park: fn(),
                $thread::park_timeout: fn(Duration),
                $thread::sleep: fn(Duration),
                $thread::yield_now: fn(),
                $thread::panicking: fn() -> bool,
                $thread::available_parallelism: fn() -> io::Result<std::num::NonZero<usize>>,
                $thread::scope: fn(for<'scope> fn(&'scope Scope<'scope, '_>) -> u8) -> u8,
                Builder::new: fn() -> Builder,
                Builder::name: fn(Builder, String) -> Builder,
                Builder::stack_size: fn(Builder, usize) -> Builder,
                Builder::spawn: fn(Builder, fn() -> u8) -> io::Result<JoinHandle<u8>>,
                Builder::spawn_unchecked: unsafe fn(Builder, fn() -> u8) -> io::Result<JoinHandle<u8>>,
                JoinHandle::<u8>::join: fn(JoinHandle<u8>) -> Result<u8>,
                JoinHandle::<u8>::thread: fn(&JoinHandle<u8>) -> &Thread,
                JoinHandle::<u8>::is_finished: fn(&JoinHandle<u8>) -> bool,
                ScopedJoinHandle::<u8>::join: fn(ScopedJoinHandle<'static, u8>) -> Result<u8>,
                ScopedJoinHandle::<u8>::thread: for<'a> fn(&'a ScopedJoinHandle<'static, u8>) -> &'a Thread,
                ScopedJoinHandle::<u8>::is_finished: for<'a> fn(&'a ScopedJoinHandle<'static, u8>) -> bool,
                Thread::id: fn(&Thread) -> ThreadId,
                Thread::name: fn(&Thread) -> Option<&str>,
                Thread::unpark: fn(&Thread),
                Key::with: fn(&'static Key, fn(&std::cell::Cell<u8>) -> u8) -> u8,
                Key::try_with: fn(&'static Key, fn(&std::cell::Cell<u8>) -> u8) -> std::result::Result<u8, AccessError>,
                Key::set: fn(&'static Key, u8),
                Key::get: fn(&'static Key) -> u8,
                Key::take: fn(&'static Key) -> u8,
                Key::replace: fn(&'static Key, u8) -> u8,
                ListKey::with_borrow: fn(&'static ListKey, fn(&u8) -> u8) -> u8,
                ListKey::with_borrow_mut: fn(&'static ListKey, fn(&mut u8) -> u8) -> u8,
                ListKey::set: fn(&'static ListKey, u8),
                ListKey::take: fn(&'static ListKey) -> u8,
                ListKey::replace: fn(&'static ListKey, u8) -> u8,
            }
            implements! {
                Builder: Debug,
                JoinHandle<u8>: Debug | Send | Sync,
                ScopedJoinHandle<'static, Borrowed>: Debug | Send | Sync,
                Scope<'static, 'static>: Debug | Sync,
                Thread: Clone | Debug | Send | Sync,
                ThreadId: Copy | Eq | Hash | Debug | Send | Sync,
                Key: Debug,
                AccessError: Copy | Eq | Debug | Display | std::error::Error,
            }
        }

        #[test]
        fn instants() {
            use std::fmt::Debug;
            use std::hash::Hash;
            use std::ops::{Add, AddAssign, Sub, SubAssign};
            use super::Duration;
            use $time::Instant;
            has! {
                Instant::now: fn() -> Instant,
                Instant::elapsed: fn(&Instant) -> Duration,
                Instant::duration_since: fn(&Instant, Instant) -> Duration,
                Instant::checked_duration_since: fn(&Instant, Instant) -> Option<Duration>,
                Instant::saturating_duration_since: fn(&Instant, Instant) -> Duration,
                Instant::checked_add: fn(&Instant, Duration) -> Option<Instant>,
                Instant::checked_sub: fn(&Instant, Duration) -> Option<Instant>,
            }
            implements! {
                Instant: Copy | Ord | Hash | Debug | Send | Sync,
                Instant: Add<Duration, Output = Instant> | AddAssign<Duration> | Sub<Duration, Output = Instant>,
                Instant: SubAssign<Duration> | Sub<Instant, Output = Duration>,
            }
        }
    };
}

mod on_std {
    use std::{sync, thread, time};
    surface!(sync thread time);
}

mod on_gorace {
    use gorace::{sync, thread, time};
    surface!(sync thread time);
}
