//! Calls that block an OS thread: the goroutine parks, and a thread of a pool makes the call.
//!
//! Threads are started as calls come, up to 512; one that had nothing to do for ten seconds ends. If the OS gives
//! no more threads, calls wait for those that there are; if there is none, the call is made where it is.

use crate::reason::Reason;
use crate::sched::local;
use crate::service;
use crate::task::park_as;
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// No more threads than this make calls.
const MOST: usize = 512;
const KEPT_FOR: Duration = Duration::from_secs(10);

type Call = Box<dyn FnOnce() + Send>;

static POOL: Mutex<Pool> = Mutex::new(Pool { calls: VecDeque::new(), threads: 0, idle: 0 });
static CALLED: Condvar = Condvar::new();
static UNDER_WAY: AtomicUsize = AtomicUsize::new(0);

struct Pool {
    calls: VecDeque<Call>,
    threads: usize,
    idle: usize,
}

fn pool() -> MutexGuard<'static, Pool> {
    POOL.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Runs `f`, which may block its OS thread, while other goroutines of this thread go on. On a plain OS thread it is
/// called in place.
///
/// `f` runs on another OS thread than the caller: thread-local values are not the caller's.
///
/// # Panics
/// As `f` does.
#[track_caller]
pub fn blocking<T, F>(f: F) -> T
where
    F: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
{
    let Some(me) = local::current() else { return f() };
    let answer = std::sync::Arc::new(Mutex::new(None));
    let (theirs, caller) = (answer.clone(), me.clone());
    UNDER_WAY.fetch_add(1, SeqCst);
    submit(Box::new(move || {
        let result = catch_unwind(AssertUnwindSafe(f));
        *theirs.lock().unwrap_or_else(PoisonError::into_inner) = Some(result);
        caller.unpark();
        // Only now: the caller is known to be ready.
        UNDER_WAY.fetch_sub(1, SeqCst);
    }));
    loop {
        let result = answer.lock().unwrap_or_else(PoisonError::into_inner).take();
        match result {
            Some(Ok(value)) => return value,
            Some(Err(payload)) => resume_unwind(payload),
            None => park_as(&me, Reason::Syscall),
        }
    }
}

/// How many calls are being made or wait to be.
pub(crate) fn under_way() -> usize {
    UNDER_WAY.load(SeqCst)
}

fn submit(call: Call) {
    let mut pool = pool();
    pool.calls.push_back(call);
    if pool.idle >= pool.calls.len() || pool.threads >= MOST {
        drop(pool);
        CALLED.notify_one();
        return;
    }
    pool.threads += 1;
    drop(pool);
    if service::start_with_stack("gorace blocking", 2 << 20, make_calls).is_err() {
        let mut pool = self::pool();
        pool.threads -= 1;
        // Others may have left theirs to the thread that did not come.
        while pool.threads == 0
            && let Some(call) = pool.calls.pop_front()
        {
            drop(pool);
            call();
            pool = self::pool();
        }
    }
}

fn make_calls() {
    let mut pool = pool();
    loop {
        if let Some(call) = pool.calls.pop_front() {
            drop(pool);
            call();
            pool = self::pool();
            continue;
        }
        pool.idle += 1;
        let (back, waited) = CALLED.wait_timeout(pool, KEPT_FOR).unwrap_or_else(PoisonError::into_inner);
        pool = back;
        pool.idle -= 1;
        if waited.timed_out() && pool.calls.is_empty() {
            pool.threads -= 1;
            return;
        }
    }
}
