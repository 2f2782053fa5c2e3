//! Stacks where there is no switch of our own: coroutines of corosensei's.

use super::reserve::Reserve;
use super::what::{Back, Switch};
use crate::inside::code::Code;
use corosensei::stack::{DefaultStack, Stack as _};
use corosensei::trap::{CoroutineTrapHandler, TrapHandlerRegs};
use corosensei::{Coroutine, CoroutineResult, Yielder};
use std::cell::Cell;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Ending {
    Returned,
    CutOff,
}

/// Where a task's yielder lies; null outside of tasks.
pub(crate) type YielderPtr = *const Yielder<(), Back>;

/// What there is for a task whose stack is used up.
struct Below {
    reserve: Reserve,
    /// How to get out of the task.
    trap: CoroutineTrapHandler<Ending>,
}

thread_local! {
    /// The yielder of the task that runs on this OS thread.
    static YIELDER: Cell<YielderPtr> = const { Cell::new(std::ptr::null()) };
    /// What lies below the stack of the task that runs on this OS thread; null outside of tasks.
    static BELOW: Cell<*const Below> = const { Cell::new(std::ptr::null()) };
}

/// A task's stack with the code that runs on it. In a box: it is taken out of its slot and put back at each switch.
pub(crate) struct Stack(Box<Option<Running>>);

struct Running {
    coroutine: Coroutine<(), Back, Ending, DefaultStack>,
    below: Below,
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
            None => new_stack(self.size)?,
        };
        let reserve = reserve_of(&stack);
        let coroutine = Coroutine::with_stack(stack, move |yielder: &Yielder<(), Back>, ()| {
            YIELDER.set(yielder);
            body(code);
            Ending::Returned
        });
        let below = Below { reserve, trap: coroutine.trap_handler() };
        let mut place = self.boxes.pop().unwrap_or_default();
        *place = Some(Running { coroutine, below, yielder: std::ptr::null() });
        Ok(Stack(place))
    }
}

/// A stack of `size` bytes above its reserve, which nobody may touch yet.
fn new_stack(size: usize) -> std::io::Result<DefaultStack> {
    let too_large = || std::io::Error::from(std::io::ErrorKind::OutOfMemory);
    let stack = DefaultStack::new(size.checked_add(Reserve::SIZE).ok_or_else(too_large)?)?;
    reserve_of(&stack).close()?;
    Ok(stack)
}

/// The reserve of a stack: what follows its guard, which is a page.
fn reserve_of(stack: &DefaultStack) -> Reserve {
    Reserve::at((stack.limit().get() + page_size()) as *mut u8)
}

#[cfg(unix)]
fn page_size() -> usize {
    // SAFETY: asks for a constant of the system.
    unsafe { libc::sysconf(libc::_SC_PAGESIZE) as usize }
}

#[cfg(not(unix))]
fn page_size() -> usize {
    4096
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
        let Some(Running { coroutine, below, yielder }) = running else { return Back::Returned };
        YIELDER.set(*yielder);
        let outer = BELOW.replace(below);
        let result = coroutine.resume(());
        BELOW.set(outer);
        match result {
            CoroutineResult::Yield(back) => {
                *yielder = YIELDER.get();
                back
            }
            CoroutineResult::Return(Ending::Returned) => Back::Returned,
            CoroutineResult::Return(Ending::CutOff) => Back::CutOff,
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
    leave(Back::Suspended(switch));
}

/// Switches to whoever resumed the task; returns when it is resumed.
fn leave(back: Back) {
    let yielder = YIELDER.get();
    debug_assert!(!yielder.is_null(), "only a task can be suspended");
    // SAFETY: the pointer was set by this task's own coroutine, or restored by `resume` from what that
    // coroutine had set, and the yielder lives at the bottom of the very stack that we run on.
    unsafe { (*yielder).suspend(back) };
}

/// Ends the running task if its frames have come into the reserve.
#[cold]
#[inline(never)]
pub(crate) fn end_overflowed() {
    // SAFETY: null, or of the coroutine that runs: it is set only around `resume`, which borrows it.
    let Some(below) = (unsafe { BELOW.get().as_ref() }) else { return };
    let here = 0_u8;
    if below.reserve.is_overflow((&raw const here).addr()) {
        leave(Back::Overflowed);
        unreachable!("a task that overflowed is not resumed");
    }
}

/// Whether the fault at `address` was one in the running task's reserve, which is open now.
///
/// To be called from a signal handler; the stack pointer of the interrupted context is `stack_pointer`.
pub(crate) fn open_reserve(address: usize, stack_pointer: usize) -> bool {
    // SAFETY: as in `end_overflowed`.
    let below = unsafe { BELOW.get().as_ref() };
    below.is_some_and(|below| below.trap.stack_ptr_in_bounds(stack_pointer) && below.reserve.open(address))
}

/// If the fault at `address` lies below the running task's stack and reserve: the registers that end the task.
///
/// # Safety
/// To be called from a signal handler that then puts the registers into the interrupted context, whose stack
/// pointer is `stack_pointer`. Nothing on the task's stack is dropped.
pub(crate) unsafe fn escape_overflow(address: usize, stack_pointer: usize) -> Option<TrapHandlerRegs> {
    // SAFETY: as in `end_overflowed`.
    let Below { reserve, trap } = unsafe { BELOW.get().as_ref() }?;
    let in_guard = trap.stack_ptr_in_bounds(address) && address < reserve.start();
    if !in_guard || !trap.stack_ptr_in_bounds(stack_pointer) {
        return None;
    }
    // SAFETY: the coroutine is running (it is set only around `resume`) and the pointer is in its bounds.
    Some(unsafe { trap.setup_trap_handler(|| Ending::CutOff) })
}
