//! Stacks where there is no switch of our own: coroutines of corosensei's.

use super::what::{Back, Switch};
use crate::inside::code::Code;
use corosensei::stack::DefaultStack;
use corosensei::trap::{CoroutineTrapHandler, TrapHandlerRegs};
use corosensei::{Coroutine, CoroutineResult, Yielder};
use std::cell::Cell;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Ending {
    Returned,
    Overflowed,
}

/// Where a task's yielder lies; null outside of tasks.
pub(crate) type YielderPtr = *const Yielder<(), Switch>;

thread_local! {
    /// The yielder of the task that runs on this OS thread.
    static YIELDER: Cell<YielderPtr> = const { Cell::new(std::ptr::null()) };
    /// How to get out of the task that runs on this OS thread if its stack overflows; null outside of tasks.
    static TRAP: Cell<*const CoroutineTrapHandler<Ending>> = const { Cell::new(std::ptr::null()) };
}

/// A task's stack with the code that runs on it. In a box: it is taken out of its slot and put back at each switch.
pub(crate) struct Stack(Box<Option<Running>>);

struct Running {
    coroutine: Coroutine<(), Switch, Ending, DefaultStack>,
    trap: CoroutineTrapHandler<Ending>,
    yielder: YielderPtr,
}

/// Stacks that are not in use. They keep their pages, so that the next execution does not fault them in.
#[derive(Default)]
pub(crate) struct StackPool {
    free: Vec<DefaultStack>,
    /// Boxes that stacks were in, now empty.
    #[allow(clippy::vec_box, reason = "the boxes themselves are what is kept")]
    boxes: Vec<Box<Option<Running>>>,
    size: usize,
}

impl StackPool {
    /// A pool of stacks with `size` bytes of address space each.
    pub fn new(size: usize) -> Self {
        StackPool { free: Vec::new(), boxes: Vec::new(), size }
    }

    /// Prepares `body` to run `code` on a stack of its own.
    pub fn start(&mut self, body: fn(Code), code: Code) -> std::io::Result<Stack> {
        let stack = match self.free.pop() {
            Some(stack) => stack,
            None => DefaultStack::new(self.size)?,
        };
        let coroutine = Coroutine::with_stack(stack, move |yielder: &Yielder<(), Switch>, ()| {
            YIELDER.set(yielder);
            body(code);
            Ending::Returned
        });
        let trap = coroutine.trap_handler();
        let mut place = self.boxes.pop().unwrap_or_default();
        *place = Some(Running { coroutine, trap, yielder: std::ptr::null() });
        Ok(Stack(place))
    }
}

/// A stack that is kept elsewhere.
#[derive(Clone, Copy)]
pub(crate) struct Handle(*mut Option<Running>);

impl Handle {
    /// Runs the task until it suspends or ends.
    ///
    /// # Safety
    /// The stack lives meanwhile, its task is not over, and nobody runs on it.
    pub unsafe fn resume(self) -> Back {
        // SAFETY: it lives, and nobody else uses it while its task runs.
        let running = unsafe { &mut *self.0 };
        let Some(Running { coroutine, trap, yielder }) = running else { return Back::Returned };
        YIELDER.set(*yielder);
        let outer = TRAP.replace(trap);
        let result = coroutine.resume(());
        TRAP.set(outer);
        match result {
            CoroutineResult::Yield(switch) => {
                *yielder = YIELDER.get();
                Back::Suspended(switch)
            }
            CoroutineResult::Return(Ending::Returned) => Back::Returned,
            CoroutineResult::Return(Ending::Overflowed) => Back::Overflowed,
        }
    }

    /// Would switch from the running task to this one; here only the driver can.
    ///
    /// # Safety
    /// As for [`Handle::resume`].
    pub unsafe fn hand_over(self) -> bool {
        false
    }

    /// As [`Handle::hand_over`], from a task that is over; never called.
    ///
    /// # Safety
    /// As for [`Handle::resume`].
    pub unsafe fn hand_over_at_end(self) {}
}

impl Stack {
    /// Whether a task can be switched to without its driver.
    pub const HANDS_OVER: bool = false;

    /// The stack, wherever it is moved to.
    pub fn handle(&mut self) -> Handle {
        Handle(&raw mut *self.0)
    }

    /// Gives the stack back once its code is over.
    pub fn recycle(mut self, pool: &mut StackPool) {
        if let Some(Running { coroutine, .. }) = self.0.take_if(|running| running.coroutine.done()) {
            pool.free.push(coroutine.into_stack());
            pool.boxes.push(self.0);
        }
    }

    /// Would give the stack back on which the caller runs; here it goes back once its coroutine is done.
    pub fn recycle_running(self, _pool: &mut StackPool) {
        self.abandon();
    }

    /// Leaves the stack as it is for ever: somebody may still borrow from it.
    pub fn abandon(self) {
        std::mem::forget(self);
    }
}

/// Suspends the running task; returns when it is resumed.
pub(crate) fn suspend(switch: Switch) {
    let yielder = YIELDER.get();
    debug_assert!(!yielder.is_null(), "only a task can be suspended");
    // SAFETY: the pointer was set by this task's own coroutine, or restored by `resume` from what that
    // coroutine had set, and the yielder lives at the bottom of the very stack that we run on.
    unsafe { (*yielder).suspend(switch) };
}

/// If the fault at `address` is an overflow of the running task's stack: the registers that end the task.
///
/// # Safety
/// To be called from a signal handler that then puts the registers into the interrupted context, whose stack
/// pointer is `stack_pointer`. Nothing on the task's stack is dropped.
pub(crate) unsafe fn escape_overflow(address: usize, stack_pointer: usize) -> Option<TrapHandlerRegs> {
    /// The lowest page of a stack is its guard, whatever the machine's page size.
    const PAGE: usize = 4096;
    // SAFETY: null, or the handler of the coroutine that runs: it is set only around `resume`, which borrows it.
    let handler = unsafe { TRAP.get().as_ref() }?;
    let in_guard =
        handler.stack_ptr_in_bounds(address) && !handler.stack_ptr_in_bounds(address.wrapping_sub(PAGE));
    if !in_guard || !handler.stack_ptr_in_bounds(stack_pointer) {
        return None;
    }
    // SAFETY: the coroutine is running (TRAP is set only around `resume`) and the pointer is in its bounds.
    Some(unsafe { handler.setup_trap_handler(|| Ending::Overflowed) })
}
