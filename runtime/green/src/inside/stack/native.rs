//! Stacks on x86_64: our own switch, so that the processor still predicts returns after it.
//!
//! A library's switch pairs a `call` with a `ret`, which is right where a coroutine suspends in its own loop. A task
//! suspends some calls deep; then the processor takes the wrong return address twice a switch, and that is ten times
//! the price of the switch. Here both directions are jumps: tasks that suspend equally deep in the same functions
//! return as predicted. Elsewhere all of it is corosensei's (`portable.rs`).
//!
//! A stack runs one task's code after another: between two it waits in [`work`], so that a new task needs nothing but
//! its code. Nothing unwinds out of `work`, and a backtrace ends there.

use super::memory::Memory;
#[cfg(target_os = "linux")]
use super::reserve::Reserve;
use super::what::{Back, Switch};
use crate::inside::code::Code;
use std::arch::asm;
use std::cell::Cell;
use std::mem::ManuallyDrop;
#[cfg(target_os = "linux")]
use std::ops::Range;

thread_local! {
    /// The stack of the task that runs on this OS thread; null outside of tasks.
    static RUNNING: Cell<*const Running> = const { Cell::new(std::ptr::null()) };
}

/// A task's stack with the code that runs on it. Dropped, it is left as it is: somebody may borrow from it.
pub(crate) struct Stack(ManuallyDrop<Box<Running>>);

/// A stack pointer of somebody who does not run.
type Left = Cell<usize>;

struct Running {
    /// Where whoever resumed the task goes on.
    driver: Left,
    /// Where the task goes on.
    task: Left,
    /// What the driver is told at the next switch to it.
    back: Cell<Back>,
    /// What is to be run next.
    code: Cell<Option<Code>>,
    body: fn(Code),
    stack: Memory,
}

/// Stacks that are not in use. They keep their pages, so that the next execution does not fault them in.
#[derive(Default)]
pub(crate) struct StackPool {
    #[allow(clippy::vec_box, reason = "who waits on a stack holds the address of its box")]
    free: Vec<Box<Running>>,
    size: usize,
}

impl StackPool {
    /// A pool of stacks with `size` bytes of address space each.
    pub fn new(size: usize) -> Self {
        StackPool { free: Vec::new(), size }
    }

    /// Prepares `body` to run `code` on a stack of its own.
    pub fn start(&mut self, body: fn(Code), code: Code) -> std::io::Result<Stack> {
        let mut running = match self.free.pop() {
            Some(running) => running,
            None => Running::new(Memory::new(self.size)?, body),
        };
        running.body = body;
        running.code.set(Some(code));
        Ok(Stack(ManuallyDrop::new(running)))
    }
}

impl Running {
    fn new(stack: Memory, body: fn(Code)) -> Box<Self> {
        // As after a call from address 0, where backtraces end; below it is what the first switch jumps to.
        let top = stack.top().cast::<usize>();
        // SAFETY: the two words at the base of a stack that nobody uses; it has a page at the least.
        let first = unsafe {
            top.sub(1).write(0);
            top.sub(2).write(work as *const () as usize);
            top.sub(2)
        };
        Box::new(Running {
            driver: Cell::new(0),
            task: Cell::new(first.addr()),
            back: Cell::new(Back::Returned),
            code: Cell::new(None),
            body,
            stack,
        })
    }
}

/// What runs at the bottom of each stack, which is the running one when it is switched to first.
unsafe extern "C" fn work() -> ! {
    // SAFETY: the box that the stack belongs to lives at least as long as anybody runs on the stack.
    let running = unsafe { &*RUNNING.get() };
    loop {
        while let Some(code) = running.code.take() {
            (running.body)(code);
        }
        running.leave(Back::Returned);
    }
}

impl Running {
    /// Switches to whoever resumed the task; returns when it is resumed.
    #[inline(always)]
    fn leave(&self, back: Back) {
        self.back.set(back);
        // SAFETY: the task runs, so that its driver waits in `resume`, on a stack that lives.
        unsafe { switch(self.task.as_ptr(), self.driver.get()) };
    }
}

/// A stack that is kept elsewhere.
#[derive(Clone, Copy)]
pub(crate) struct Handle(*const Running);

impl Handle {
    /// Runs the task until somebody comes back: this task, or one that it has handed over to.
    ///
    /// # Safety
    /// The stack lives meanwhile, its task is not over, and nobody runs on it.
    #[inline]
    pub unsafe fn resume(self) -> Back {
        // SAFETY: it lives.
        let running = unsafe { &*self.0 };
        let outer = RUNNING.replace(running);
        // SAFETY: the task waits in `leave` or `hand_over`, or has not begun.
        unsafe { switch(running.driver.as_ptr(), running.task.get()) };
        let came_back = RUNNING.replace(outer);
        // SAFETY: whoever has just run, on a stack that its owner has not been able to drop.
        unsafe { &*came_back }.back.get()
    }

    /// Switches from the running task to this one, without its driver; returns when the caller is resumed.
    ///
    /// # Safety
    /// As for [`Handle::resume`]; the caller is a task of the same driver.
    #[inline(always)]
    pub unsafe fn hand_over(self) -> bool {
        // SAFETY: a task runs, and both stacks live.
        let (from, to) = unsafe { (&*RUNNING.get(), &*self.0) };
        to.driver.set(from.driver.get());
        RUNNING.set(to);
        // SAFETY: `to` waits in `leave` or in `hand_over`, or has not begun.
        unsafe { switch(from.task.as_ptr(), to.task.get()) };
        true
    }

    /// As [`Handle::hand_over`], from a task that is over; its stack may have become this one's, which then goes on
    /// once the caller returns.
    ///
    /// # Safety
    /// As for [`Handle::hand_over`]; the caller's stack is in the pool, or is this one.
    pub unsafe fn hand_over_at_end(self) {
        if RUNNING.get() != self.0 {
            // SAFETY: the caller's promise.
            unsafe { self.hand_over() };
        }
    }
}

impl Stack {
    /// Whether a task can be switched to without its driver.
    pub const HANDS_OVER: bool = true;

    /// The stack, wherever it is moved to.
    #[inline]
    pub fn handle(&mut self) -> Handle {
        Handle(&raw const **self.0)
    }

    /// Gives the stack back once its code is over.
    pub fn recycle(self, pool: &mut StackPool) {
        if self.0.back.get() == Back::Returned {
            pool.free.push(ManuallyDrop::into_inner(self.0));
        }
    }

    /// Gives the stack back, on which the caller runs, once all that is left to do is to hand over.
    pub fn recycle_running(self, pool: &mut StackPool) {
        pool.free.push(ManuallyDrop::into_inner(self.0));
    }

    /// Leaves the stack as it is for ever: somebody may still borrow from it.
    pub fn abandon(self) {}
}

/// Suspends the running task; returns when it is resumed.
#[inline(always)]
pub(crate) fn suspend(switch: Switch) {
    let running = RUNNING.get();
    debug_assert!(!running.is_null(), "only a task can be suspended");
    // SAFETY: set by `resume`, which borrows it while the task runs.
    unsafe { &*running }.leave(Back::Suspended(switch));
}

/// Keeps in `from` where the caller is, and goes on where `to` was kept.
///
/// # Safety
/// `to` was kept by a `switch` that nobody has gone back to, or is a new stack's; its stack lives and is this
/// thread's to use.
#[inline(always)]
unsafe fn switch(from: *mut usize, to: usize) {
    // SAFETY: all registers are declared as changed but for those that the compiler keeps to itself, which are kept
    // on the stack. The stack pointer is as it was once somebody has jumped to the label.
    unsafe {
        asm!(
            "push rbp",
            "push rbx",
            "lea rax, [rip + 2f]",
            "push rax",
            "mov [rdi], rsp",
            "mov rsp, rsi",
            "pop rax",
            "jmp rax",
            "2:",
            "pop rbx",
            "pop rbp",
            inlateout("rdi") from => _,
            inlateout("rsi") to => _,
            lateout("r12") _,
            lateout("r13") _,
            lateout("r14") _,
            lateout("r15") _,
            clobber_abi("sysv64"),
        );
    }
}

/// The addresses of the running task's stack, without the reserve; `None` outside of tasks.
#[cfg(target_os = "linux")]
pub(super) fn usable() -> Option<Range<usize>> {
    // SAFETY: null, or set by `resume`, which borrows it while the task runs.
    let stack = &unsafe { RUNNING.get().as_ref() }?.stack;
    Some(stack.reserve.start() + Reserve::SIZE..stack.top().expose_provenance())
}

/// Ends the running task if its frames have come into the reserve.
#[cold]
#[inline(never)]
pub(crate) fn end_overflowed() {
    // SAFETY: null, or set by `resume`, which borrows it while the task runs.
    let Some(running) = (unsafe { RUNNING.get().as_ref() }) else { return };
    let here = 0_u8;
    if running.stack.reserve.is_overflow((&raw const here).addr()) {
        running.leave(Back::Overflowed);
        unreachable!("a task that overflowed is not resumed");
    }
}

/// Whether the fault at `address` was one in the running task's reserve, which is open now.
///
/// To be called from a signal handler; the stack pointer of the interrupted context is `stack_pointer`.
pub(crate) fn open_reserve(address: usize, stack_pointer: usize) -> bool {
    // SAFETY: null, or set by `resume`, which borrows it while the task runs.
    let running = unsafe { RUNNING.get().as_ref() };
    running
        .is_some_and(|running| running.stack.contains(stack_pointer) && running.stack.reserve.open(address))
}

/// The registers that end a task whose stack has overflowed.
pub(crate) struct Escape {
    pub rip: usize,
    pub rsp: usize,
}

/// If the fault at `address` lies below the running task's stack and reserve: the registers that end the task.
///
/// # Safety
/// To be called from a signal handler that then puts the registers into the interrupted context, whose stack
/// pointer is `stack_pointer`. Nothing on the task's stack is dropped.
pub(crate) unsafe fn escape_overflow(address: usize, stack_pointer: usize) -> Option<Escape> {
    // SAFETY: null, or set by `resume`, which borrows it while the task runs.
    let running = unsafe { RUNNING.get().as_ref() }?;
    if !running.stack.is_in_guard(address) || !running.stack.contains(stack_pointer) {
        return None;
    }
    running.back.set(Back::CutOff);
    // What `switch` does: the driver's place to go on lies on top of its stack.
    let driver = running.driver.get() as *const usize;
    // SAFETY: the driver waits in `resume`, on a stack that lives.
    Some(Escape { rip: unsafe { driver.read() }, rsp: driver.addr() + size_of::<usize>() })
}
