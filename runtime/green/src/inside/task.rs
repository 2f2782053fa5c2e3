//! Starting tasks, running an execution to its end, and what a task does when its code is over.

use crate::inside::code::Code;
use crate::inside::context::{Context, Inside, inside};
use crate::inside::locals;
use crate::inside::slot::Key;
use crate::inside::stack::{Back, Handle, Stack, Switch};
use crate::inside::teardown::{self, Unwind};
use crate::runtime::Goexit;
use gorace_analyzer::trace::Ended;
use gorace_analyzer::{Place, TaskIx};
use gorace_engine::{FinishOp, Next, Op, Plan};
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

/// Runs one execution of `main` by `plan`, up to but not including its teardown.
pub(crate) fn run(cx: &mut Context, plan: &Plan, main: Code) -> Ended {
    cx.exec.begin(plan);
    cx.generation = cx.generations.next();
    cx.first_key = Key::first(cx.generation);
    cx.outsiders.begin(cx.generation);
    if let Some((peers, thread)) = &cx.peers {
        peers.begin(*thread, cx.generation);
    }
    cx.tasks.clear();
    cx.tasks.push(Some(main));
    cx.special.begin();
    (cx.any_panicked, cx.misuse, cx.foreign) = (false, None, None);
    crate::inside::context::enter(cx, |inside| {
        let mut next = Next::Resume(TaskIx(0));
        loop {
            match next {
                Next::End(ended) => return ended,
                Next::Resume(task) => match resume(inside, task) {
                    Back::Suspended(Switch::Next(then)) => next = then,
                    Back::Suspended(Switch::Stuck) => next = inside.with(|cx| cx.exec.next_with_code()),
                    Back::Returned => {
                        next = inside.with(|cx| cx.then.take().unwrap_or_else(|| cx.exec.next_with_code()));
                    }
                    Back::Overflowed | Back::CutOff => {
                        next = inside.with(|cx| {
                            cx.exec.note_overflow(cx.current);
                            cx.exec.next_with_code()
                        });
                    }
                },
            }
        }
    })
}

/// Runs `task`, and those that it hands over to, until one suspends or ends, which is the current one then. A stack
/// that is done goes back to the pool.
pub(crate) fn resume(inside: Inside, task: TaskIx) -> Back {
    let stack = inside.with(|cx| {
        cx.current = task;
        cx.tasks[task.at()].stack.as_mut().map(Stack::handle)
    });
    let Some(stack) = stack.or_else(|| start(inside, task)) else { return Back::Overflowed };
    let panics = inside.with(|cx| cx.panics.take());
    // SAFETY: it stays in its slot until its task is over, and only `current` runs.
    let back = unsafe { stack.resume() };
    inside.with(|cx| cx.panics.set(panics));
    if !matches!(back, Back::Suspended(_)) {
        put_away(inside, back);
    }
    back
}

/// Disposes of the stack of the current task, which is over.
#[inline(never)]
fn put_away(inside: Inside, back: Back) {
    inside.with(|cx| {
        if back == Back::CutOff {
            cx.heartbeat.note_cut_off();
        }
        let stack = cx.tasks[cx.current.at()].stack.take();
        match (stack, back) {
            // Nothing on it was dropped, and others may borrow from it.
            (Some(stack), Back::Overflowed | Back::CutOff) => {
                cx.abandoned += 1;
                stack.abandon();
            }
            (Some(stack), _) => stack.recycle(&mut cx.pool),
            (None, _) => {}
        }
    });
}

/// Gives `task`, which has not run yet, a stack; `None`, and a word for GR0007, if there is none to be had.
#[inline(never)]
pub(super) fn start(inside: Inside, task: TaskIx) -> Option<Handle> {
    inside.with(|cx| {
        let stack = match cx.tasks[task.at()].code.take() {
            Some(code) => cx.pool.start(body, code),
            None => Err(std::io::Error::other("the task has no code")),
        };
        if let Err(error) = &stack {
            cx.foreign.get_or_insert(format!("cannot give task {} a stack: {error}", task.0));
        }
        Some(cx.tasks[task.at()].stack.insert(stack.ok()?).handle())
    })
}

/// What a task's stack runs: the code, destructors of thread-locals, then its exit. Nothing unwinds out of it.
fn body(code: Code) {
    let ended = catch_unwind(AssertUnwindSafe(|| code.run()));
    let Some(inside) = inside() else { return };
    if let Err(payload) = ended {
        note_end(inside, payload.as_ref());
    }
    if locals::have_destructors(inside) && !inside.tearing_down() {
        inside.visit_in_drop(FinishOp::Finish, Place::Unknown);
    }
    locals::destroy(inside);
    // There is nothing to come back for: the exit is performed in its turn, without the stack.
    let next = inside.with(|cx| {
        if cx.special.tearing_down() {
            return None;
        }
        cx.exec.intend(cx.current, Op::Exit, Place::Unknown);
        cx.exec.stand_ready(cx.current);
        Some(cx.exec.next_with_code())
    });
    if let Some(next) = next {
        leave_to(inside, next);
    }
}

/// The running task's code is over, and `next` is next: whoever that is goes on here at once, on this very stack if he
/// has not begun. Returns when this stack has other code to run, or is to go back to its driver.
fn leave_to(inside: Inside, next: Next) {
    let Next::Resume(task) = next else { return inside.with(|cx| cx.then = Some(next)) };
    let own = inside.with(|cx| cx.tasks[cx.current.at()].stack.take_if(|_| Stack::HANDS_OVER));
    let Some(own) = own else { return inside.with(|cx| cx.then = Some(next)) };
    let waiting = inside.with(|cx| {
        own.recycle_running(&mut cx.pool);
        cx.current = task;
        cx.tasks[task.at()].stack.as_mut().map(Stack::handle)
    });
    // There is a stack for whoever has not begun: this one.
    if let Some(stack) = waiting.or_else(|| start(inside, task)) {
        // SAFETY: it stays in its slot until its task is over, and the task waits or has not begun.
        unsafe { stack.hand_over_at_end() };
    }
}

/// The running task's code has unwound: by a panic, unless it called `goexit`, or by a teardown.
pub(super) fn note_end(inside: Inside, payload: &(dyn Any + Send)) {
    if payload.is::<Unwind>() {
        return;
    }
    if payload.is::<Goexit>() {
        inside.with(|cx| cx.tasks[cx.current.at()].leaving = false);
    } else {
        note_panic(inside, payload);
    }
}

/// Records that the running task's code panicked, from what the hook saw.
fn note_panic(inside: Inside, payload: &(dyn Any + Send)) {
    inside.with(|cx| {
        let task = cx.current;
        let slot = &mut cx.tasks[task.at()];
        slot.panicking = false;
        let message = super::hook::message_of(payload);
        // What it was seen to panic with last was caught, if it passes something else on.
        let seen = slot.seen_panic.take().filter(|seen| seen.message == message);
        let (place, misuse) = seen.map_or((None, None), |seen| (seen.place, seen.misuse));
        if !cx.special.tearing_down() {
            cx.exec.note_panic(task, message, place, misuse);
        }
    });
}

/// Spawns `code` as a child of the running task.
pub(crate) fn spawn(inside: Inside, name: Option<String>, code: Code, place: Place) -> TaskIx {
    let Some(child) = prepare(inside, name, code) else { return TaskIx(u32::MAX) };
    inside.visit(Op::Spawn { child }, place);
    child
}

/// Makes a child of the running task that is still to be started; `None` in teardown.
pub(crate) fn prepare(inside: Inside, name: Option<String>, code: Code) -> Option<TaskIx> {
    if inside.tearing_down() {
        if teardown::is_to_unwind(inside) {
            teardown::unwind(inside);
        }
        // A destructor that starts a thread: there is no execution left for it to run in.
        return None;
    }
    let child = inside.with(|cx| {
        let child = cx.exec.new_task(cx.current, name);
        // The clock is a task of the engine's alone.
        while cx.tasks.len() < child.at() {
            cx.tasks.push(None);
        }
        cx.tasks.push(Some(code));
        child
    });
    Some(child)
}

/// Runs `f` in a task and keeps a panic for whoever joins; the unwinding of a teardown goes through.
pub(crate) fn run_catching<T>(f: impl FnOnce() -> T) -> std::thread::Result<T> {
    let result = catch_unwind(AssertUnwindSafe(f));
    if let Err(payload) = result {
        if payload.is::<Unwind>() {
            resume_unwind(payload);
        }
        if let Some(inside) = inside() {
            note_end(inside, payload.as_ref());
        }
        return Err(payload);
    }
    result
}

/// Ends what is left of the last execution.
pub(crate) fn tear_down(cx: &mut Context) {
    crate::inside::context::enter(cx, teardown::tear_down);
}
