//! `Mutex` and `Condvar` as std documents them, three ways.
#![cfg(feature = "check")]

mod three_ways;

use std::panic::{AssertUnwindSafe, RefUnwindSafe, UnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Arc, TryLockError};
use std::time::Duration;

/// Std's own promises about who may send and share what.
macro_rules! auto_traits {
    ($sync:ident) => {{
        fn send<T: Send>() {}
        fn shared<T: Sync>() {}
        fn unwinds<T: UnwindSafe + RefUnwindSafe>() {}
        send::<$sync::Mutex<std::cell::Cell<u8>>>();
        shared::<$sync::Mutex<std::cell::Cell<u8>>>();
        shared::<$sync::MutexGuard<'_, u8>>();
        send::<$sync::Condvar>();
        shared::<$sync::Condvar>();
        unwinds::<$sync::Mutex<std::cell::Cell<u8>>>();
        unwinds::<$sync::Condvar>();
        unwinds::<$sync::RwLock<std::cell::Cell<u8>>>();
        unwinds::<$sync::MutexGuard<'_, std::cell::Cell<u8>>>();
        unwinds::<$sync::RwLockWriteGuard<'_, std::cell::Cell<u8>>>();
        unwinds::<$sync::RwLockReadGuard<'_, u8>>();
        shared::<$sync::RwLockReadGuard<'_, u8>>();
        shared::<$sync::RwLockWriteGuard<'_, u8>>();
        send::<$sync::OnceLock<u8>>();
        shared::<$sync::LazyLock<u8>>();
        unwinds::<$sync::atomic::AtomicU8>();
        /// Has two implementations for what is `Send`, so that the call below compiles for what is not.
        trait NotSend<A> {
            fn holds() {}
        }
        impl<T: ?Sized> NotSend<()> for T {}
        impl<T: ?Sized + Send> NotSend<u8> for T {}
        // "A MutexGuard is not Send to maximize platform portability."
        <$sync::MutexGuard<'_, u8> as NotSend<_>>::holds();
        <$sync::RwLockReadGuard<'_, u8> as NotSend<_>>::holds();
        <$sync::RwLockWriteGuard<'_, u8> as NotSend<_>>::holds();
        <$sync::Mutex<std::rc::Rc<u8>> as NotSend<_>>::holds();
        <$sync::RwLock<std::rc::Rc<u8>> as NotSend<_>>::holds();
        /// The same of what is `Sync`.
        trait NotSync<A> {
            fn holds() {}
        }
        impl<T: ?Sized> NotSync<()> for T {}
        impl<T: ?Sized + Sync> NotSync<u8> for T {}
        <$sync::Mutex<std::rc::Rc<u8>> as NotSync<_>>::holds();
        <$sync::RwLock<std::cell::Cell<u8>> as NotSync<_>>::holds();
        <$sync::MutexGuard<'_, std::cell::Cell<u8>> as NotSync<_>>::holds();
        <$sync::RwLockReadGuard<'_, std::cell::Cell<u8>> as NotSync<_>>::holds();
        <$sync::RwLockWriteGuard<'_, std::cell::Cell<u8>> as NotSync<_>>::holds();
    }};
}

three_ways! {
    fn a_mutex_and_its_value() {
        let mut m = sync::Mutex::new(1);
        *m.lock().unwrap() += 1;
        *m.get_mut().unwrap() += 1;
        assert_eq!(m.into_inner().unwrap(), 3);
        assert_eq!(sync::Mutex::<u8>::default().into_inner().unwrap(), 0);
        assert_eq!(sync::Mutex::from("text").into_inner().unwrap(), "text");
        let unsized_one: Arc<sync::Mutex<[u8]>> = Arc::new(sync::Mutex::new([1, 2]));
        unsized_one.lock().unwrap()[0] = 5;
        assert_eq!(*unsized_one.lock().unwrap(), [5, 2]);
    }

    fn who_may_send_and_share_it() {
        thread::yield_now();
        auto_traits!(sync);
    }

    /// "If the lock could not be acquired at this time, then Err is returned."
    fn try_lock_fails_while_it_is_held() {
        let m = sync::Mutex::new(1);
        let guard = m.lock().unwrap();
        assert!(matches!(m.try_lock(), Err(TryLockError::WouldBlock)));
        drop(guard);
        assert_eq!(*m.try_lock().unwrap(), 1);
    }

    fn guards_print_as_what_they_guard() {
        let m = sync::Mutex::new("text");
        assert_eq!(format!("{m:?}"), "Mutex { data: \"text\", poisoned: false, .. }");
        let guard = m.lock().unwrap();
        assert_eq!((format!("{guard:?}"), format!("{guard}")), ("\"text\"".to_owned(), "text".to_owned()));
        assert_eq!(format!("{m:?}"), r#"Mutex { data: "<locked>", poisoned: false, .. }"#);
    }

    /// "a mutex becomes poisoned if it recognizes that the thread holding it has panicked. Once a mutex is poisoned, all
    /// other threads are unable to access the data by default".
    fn a_panic_under_the_lock_poisons_it() {
        let m = Arc::new(sync::Mutex::new(1));
        let theirs = m.clone();
        let task = thread::spawn(move || {
            let _guard = theirs.lock().unwrap();
            panic!("under the lock");
        });
        assert!(task.join().is_err());
        assert!(m.is_poisoned());
        assert_eq!(format!("{m:?}"), "Mutex { data: 1, poisoned: true, .. }");
        assert_eq!(*m.lock().unwrap_err().into_inner(), 1);
        assert!(matches!(m.try_lock(), Err(TryLockError::Poisoned(_))));
        m.clear_poison();
        assert!(!m.is_poisoned() && m.lock().is_ok());
    }

    fn poison_shows_in_get_mut_and_into_inner() {
        thread::yield_now();
        let mut m = sync::Mutex::new(1);
        let panics = catch_unwind(AssertUnwindSafe(|| {
            let _guard = m.lock().unwrap();
            panic!("under the lock");
        }));
        assert!(panics.is_err());
        assert_eq!(*m.get_mut().unwrap_err().into_inner(), 1);
        assert_eq!(m.into_inner().unwrap_err().into_inner(), 1);
    }

    /// A guard that is dropped while its thread unwinds poisons only if the panic began under it.
    fn a_lock_taken_and_given_up_during_an_unwind_is_not_poisoned() {
        struct Locks(Arc<sync::Mutex<u8>>);
        impl Drop for Locks {
            fn drop(&mut self) {
                *self.0.lock().unwrap() += 1;
            }
        }
        let m = Arc::new(sync::Mutex::new(0));
        let locks = Locks(m.clone());
        let _ = catch_unwind(AssertUnwindSafe(move || {
            let _locks = locks;
            resume_unwind(Box::new(()));
        }));
        assert_eq!(*m.lock().unwrap(), 1);
    }

    /// "This function will atomically unlock the mutex specified (represented by guard) and block the current
    /// thread." "When this function call returns, the lock specified will have been re-acquired."
    fn a_wait_ends_with_a_notification() {
        let pair = Arc::new((sync::Mutex::new(0), sync::Condvar::new()));
        let theirs = pair.clone();
        let task = thread::spawn(move || {
            let mut n = theirs.0.lock().unwrap();
            *n = 1;
            theirs.1.notify_one();
            n = theirs.1.wait_while(n, |n| *n == 1).unwrap();
            *n
        });
        let mut n = pair.0.lock().unwrap();
        while *n == 0 {
            n = pair.1.wait(n).unwrap();
        }
        *n += 1;
        drop(n);
        pair.1.notify_all();
        assert_eq!(task.join().unwrap(), 2);
    }

    /// "Blocks the current thread until the provided condition becomes false. condition is checked
    /// immediately; if not met (returns true), this will wait for the next notification then check again."
    fn wait_while_looks_before_it_waits() {
        let (m, c) = (sync::Mutex::new(false), sync::Condvar::new());
        assert!(!*c.wait_while(m.lock().unwrap(), |waits| *waits).unwrap());
        let hour = Duration::from_secs(3600);
        let (_guard, ended) = c.wait_timeout_while(m.lock().unwrap(), hour, |waits| *waits).unwrap();
        assert!(!ended.timed_out());
    }

    /// "The returned WaitTimeoutResult value indicates if the timeout is known to have elapsed."
    fn a_wait_that_nobody_ends_times_out() {
        let (m, c) = (sync::Mutex::new(true), sync::Condvar::default());
        let soon = Duration::from_millis(1);
        let (guard, ended) = c.wait_timeout_while(m.lock().unwrap(), soon, |waits| *waits).unwrap();
        assert!(ended.timed_out() && *guard);
    }

    fn a_notification_that_nobody_waits_for_is_lost() {
        let (m, c) = (sync::Mutex::new(()), sync::Condvar::new());
        c.notify_one();
        c.notify_all();
        let soon = Duration::from_millis(1);
        // A spurious wake-up does not satisfy the loop, as a notification that was kept would not have had to.
        let (_guard, ended) = c.wait_timeout_while(m.lock().unwrap(), soon, |()| true).unwrap();
        assert!(ended.timed_out());
    }

    /// A wait gives the poison that was there when it locked again.
    fn a_wait_sees_the_poison() {
        let pair = Arc::new((sync::Mutex::new(false), sync::Condvar::new()));
        let theirs = pair.clone();
        let guard = pair.0.lock().unwrap();
        let task = thread::spawn(move || {
            let mut done = theirs.0.lock().unwrap();
            *done = true;
            theirs.1.notify_one();
            panic!("under the lock");
        });
        let waited = pair.1.wait_while(guard, |done| !*done);
        assert!(*waited.unwrap_err().into_inner());
        assert!(task.join().is_err());
    }

    fn lazy_locks_lend_what_was_made() {
        thread::yield_now();
        let mut lazy = sync::LazyLock::new(|| 1);
        assert_eq!(sync::LazyLock::get(&lazy), None);
        assert_eq!(sync::LazyLock::get_mut(&mut lazy), None);
        assert_eq!(sync::LazyLock::force(&lazy), &1);
        assert_eq!(sync::LazyLock::get(&lazy), Some(&1));
        *lazy += 1;
        assert_eq!(sync::LazyLock::get_mut(&mut lazy), Some(&mut 2));
        let mut other: sync::LazyLock<u8> = sync::LazyLock::new(|| 5);
        *sync::LazyLock::force_mut(&mut other) += 1;
        assert_eq!(*other, 6);
    }

    fn a_thread_that_borrows_is_joined_by_its_starter() {
        let mut n = 1;
        // SAFETY: it is joined before `n` ends.
        let task = unsafe { thread::Builder::new().spawn_unchecked(|| n += 1) };
        task.unwrap().join().unwrap();
        assert_eq!(n, 2);
    }

    fn a_thread_says_whether_it_is_over() {
        let task = thread::Builder::new().name("named".into()).stack_size(1 << 20).spawn(|| 5).unwrap();
        while !task.is_finished() {
            thread::yield_now();
        }
        assert_eq!(task.thread().name(), Some("named"));
        assert_eq!(task.join().unwrap(), 5);
        assert!(!thread::panicking());
    }
}
