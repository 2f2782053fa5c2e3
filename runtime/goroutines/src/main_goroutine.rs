//! A program's main as a goroutine, on the process's first thread.

use crate::go::Builder;
use crate::os::is_first_thread;
use crate::sched::{SCHED, ready, work};
use crate::task::Task;
use crate::{end, registry, signals};
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread::Result;

/// The size of main's stack in bytes of address space, as the OS usually gives it.
const STACK_SIZE: usize = 8 << 20;

/// Runs a program's main as a goroutine of its own, and gives what it returned or how it panicked. The other
/// goroutines are killed when the caller, the real main, returns.
///
/// Only the first thread of the process can do that, once, before any goroutine is started; otherwise `main` is called
/// as it is. `exits` says whether a panic's payload is the one of `goexit`: then the other goroutines
/// run on until none is left, and the process ends.
///
/// SIGQUIT then prints a dump of the goroutines and ends the process with 2.
pub fn run_main<R>(main: impl FnOnce() -> R, exits: fn(&(dyn std::any::Any + Send)) -> bool) -> Result<R> {
    if !is_first_thread() {
        return catch_unwind(AssertUnwindSafe(main));
    }
    let Some(worker) = SCHED.claim_first() else { return catch_unwind(AssertUnwindSafe(main)) };
    let result = Rc::new(Cell::new(None));
    let theirs = result.clone();
    let code = move || {
        let result = catch_unwind(AssertUnwindSafe(main));
        registry::remove(&Task::current());
        match &result {
            Err(payload) if exits(&**payload) => end::main_has_left(),
            _ => theirs.set(Some(result)),
        }
    };
    // SAFETY: the goroutine starts on this thread, since no other one has it, and so is never sent. What it borrows
    // outlives it: this function returns only behind its end.
    let task = unsafe { Builder::new().name("main".to_owned()).stack_size(STACK_SIZE).into_task(code, None) };
    task.bind(worker.index);
    registry::add(&task);
    IS_GOROUTINE.store(true, Relaxed);
    signals::dump_on_quit();
    if let Err(error) = SCHED.start() {
        eprintln!("gorace: goroutines will run on main's thread alone: {error}");
    }
    ready(task);
    let outcome = Cell::new(None);
    work(worker, || {
        outcome.set(result.take());
        let is_over = outcome.take();
        let over = is_over.is_some();
        outcome.set(is_over);
        over
    });
    match outcome.take() {
        Some(result) => result,
        None => unreachable!("a worker works until its main is over"),
    }
}

static IS_GOROUTINE: AtomicBool = AtomicBool::new(false);

/// Whether main is one of the goroutines.
pub(crate) fn is_goroutine() -> bool {
    IS_GOROUTINE.load(Relaxed)
}
