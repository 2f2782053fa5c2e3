//! Who runs: a baton for each thread, handed on where the engine says so.

use super::raw;
use super::state::{self, Runtime, with};
use super::{finish, threads};
use gorace_analyzer_core::TaskIx;
use gorace_engine::{Next, Op, Reply};
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};

/// Threads at the most, the clock among them.
pub const MOST: usize = 4096;

static BATONS: [AtomicU32; MOST] = [const { AtomicU32::new(0) }; MOST];

/// Lets the task go on.
fn pass_to(task: TaskIx) {
    let baton = &BATONS[task.at()];
    baton.store(1, SeqCst);
    let wake = libc::FUTEX_WAKE | libc::FUTEX_PRIVATE_FLAG;
    // SAFETY: the baton is a static.
    unsafe { raw::call(libc::SYS_futex, [baton.as_ptr() as usize, wake as usize, 1, 0, 0, 0]) };
}

/// Waits until the task may go on.
pub fn wait_for_baton(task: TaskIx) {
    let baton = &BATONS[task.at()];
    let wait = libc::FUTEX_WAIT | libc::FUTEX_PRIVATE_FLAG;
    while baton.swap(0, SeqCst) == 0 {
        // SAFETY: the baton is a static.
        unsafe { raw::call(libc::SYS_futex, [baton.as_ptr() as usize, wait as usize, 0, 0, 0, 0]) };
    }
}

/// The running task reaches `op`, at `pc` in its last function; gives the answer once it goes on. What it publishes
/// is to be published before its clock ticks.
pub fn visit(op: Op, pc: usize) -> Reply {
    let me = with(|runtime| {
        let place = runtime.place(pc);
        let me = runtime.current;
        runtime.exec.arrive(me, op, place);
        me
    });
    go_on(me);
    with(|runtime| runtime.exec.reply(me))
}

/// As [`visit`], for an operation that publishes nothing.
pub fn step(op: Op, pc: usize) -> Reply {
    let reply = visit(op, pc);
    with(Runtime::tick);
    reply
}

/// Lets whoever is next run, until `me` is.
pub fn go_on(me: TaskIx) {
    match with(|runtime| runtime.exec.go_on()) {
        Next::Resume(task) if task == me => {}
        Next::Resume(task) => {
            with(|runtime| runtime.set_current(task));
            pass_to(task);
            wait_for_baton(me);
        }
        Next::End(ended) => finish::finish(ended),
    }
}

/// The running thread has ended: lets whoever is next run, for good.
pub fn leave() {
    match with(|runtime| runtime.exec.go_on()) {
        Next::Resume(task) => {
            with(|runtime| runtime.set_current(task));
            pass_to(task);
        }
        Next::End(ended) => finish::finish(ended),
    }
}

/// Main has returned: the others run to their end.
pub fn leave_main() -> ! {
    with(|runtime| runtime.main_done = true);
    threads::exit();
    leave();
    loop {
        wait_for_baton(TaskIx(0));
    }
}

/// Events that a program which has one thread is followed for: those tell who holds what. Nobody sees the rest.
const ALONE: u64 = 10_000;

/// Whether atomics need not be followed: there is one thread, and it has had many.
pub fn is_of_no_interest() -> bool {
    !state::is_tracking() && with(|runtime| runtime.exec.steps() > ALONE)
}
