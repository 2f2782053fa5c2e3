//! A goroutine's code on its stack, and the switch in and out: the one file that knows corosensei.
//!
//! A goroutine runs on one OS thread from its first step to its last, unless it said that it may move. Its body is
//! touched by whoever runs it, and by nobody else: that is the holder of the one [`Task`](crate::task::Task) that
//! is out of all queues.

use crate::fiber::Fiber;
use crate::memory::Code;
use crate::sched::local;
use crate::span::Span;
use crate::stack::Stack;
use corosensei::{Coroutine, CoroutineResult, Yielder};
use std::cell::UnsafeCell;
use std::io;

/// What a goroutine wants of its worker.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Switch {
    /// To sleep until it is woken.
    Park,
    /// To run again behind the others.
    Yield,
}

/// How a goroutine came back.
pub(crate) enum Back {
    /// It is suspended.
    Suspended(Switch),
    /// Its code is over.
    Over(Stack),
}

/// Where the running goroutine's yielder lies.
pub(crate) type YielderPtr = *const Yielder<(), Switch>;

enum State {
    Unstarted(Code, Span),
    Started(Coroutine<(), Switch, (), Stack>, Fiber, Span),
    Over,
}

/// A goroutine's code, before, while and after it runs.
pub(crate) struct Body(UnsafeCell<State>);

// SAFETY: code is handed in as `Send` by whoever starts a goroutine, and is touched by one thread at a time: see the
// module.
unsafe impl Send for Body {}
// SAFETY: as above; a shared reference gives no access but by `resume`.
unsafe impl Sync for Body {}

impl Body {
    /// Code that has not started.
    ///
    /// # Safety
    /// Whatever `code` holds may be sent to another thread, and lives until the code is over.
    pub unsafe fn new(code: impl FnOnce(), span: Span) -> Body {
        // SAFETY: the caller's promise.
        let code = unsafe { Code::new(code) };
        Body(UnsafeCell::new(State::Unstarted(code, span)))
    }

    /// Runs the code on until it suspends or ends; the first time on a stack that `stack` gives.
    ///
    /// # Errors
    /// If there is no stack. The code is as it was.
    ///
    /// # Safety
    /// The caller is the only one that runs this body, and if it has started, the OS thread is the one that it
    /// started on, or the goroutine may move.
    pub unsafe fn resume(&self, stack: impl FnOnce() -> io::Result<Stack>) -> io::Result<Back> {
        // SAFETY: nobody else has a reference: the caller's promise.
        let state = unsafe { &mut *self.0.get() };
        if matches!(state, State::Unstarted(..)) {
            let stack = stack()?;
            if let State::Unstarted(code, span) = std::mem::replace(state, State::Over) {
                *state = State::Started(start(code, stack), Fiber::new(), span);
            }
        }
        let State::Started(coroutine, fiber, span) = state else {
            unreachable!("a goroutine that is over is in no queue");
        };
        match span.during(|| fiber.during(|| coroutine.resume(()))) {
            CoroutineResult::Yield(switch) => Ok(Back::Suspended(switch)),
            CoroutineResult::Return(()) => match std::mem::replace(state, State::Over) {
                State::Started(coroutine, ..) => Ok(Back::Over(coroutine.into_stack())),
                _ => unreachable!("it has just returned"),
            },
        }
    }
}

fn start(code: Code, stack: Stack) -> Coroutine<(), Switch, (), Stack> {
    Coroutine::with_stack(stack, move |yielder: &Yielder<(), Switch>, ()| {
        local::set_yielder(yielder);
        code.call();
    })
}

/// Suspends the running goroutine; returns when it is resumed. Must be called on a goroutine's stack.
pub(crate) fn suspend(switch: Switch) {
    let yielder = local::yielder();
    assert!(!yielder.is_null(), "only a goroutine can be suspended");
    // SAFETY: the pointer is this goroutine's: its own start set it, or the lines below after it was resumed. The
    // yielder lies at the bottom of the very stack that we run on.
    unsafe { (*yielder).suspend(switch) };
    // Another goroutine may have run on this thread meanwhile, and if this one may move, it is another thread.
    local::set_yielder(yielder);
}
