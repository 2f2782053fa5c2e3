//! What a worker has on its own thread: the goroutine that runs, those that are ready to go on, stacks.
//!
//! It is made once a worker and kept for ever. What may run after a goroutine that moves was resumed reads it anew
//! each time, hence `inline(never)`.

use crate::coroutine::YielderPtr;
use crate::sched::alarms::Alarms;
use crate::sched::worker::Worker;
use crate::stack::{self, Stack};
use crate::task::Task;
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Instant;

/// See the module.
pub(crate) struct Local {
    pub worker: &'static Worker,
    current: Cell<*const Task>,
    yielder: Cell<YielderPtr>,
    /// Goroutines that have started here and can go on.
    pub ready: RefCell<VecDeque<Task>>,
    /// Those of them that wait for a point in time.
    pub alarms: Alarms,
    /// The one that was woken last, which runs next.
    pub ready_next: RefCell<Option<Task>>,
    stacks: RefCell<Vec<Stack>>,
    /// While it searches: what it has seen of each other worker.
    pub seen: RefCell<Vec<Seen>>,
    /// How often in a row it was woken for work that was not there any more when it came.
    pub vain: Cell<u32>,
    /// How many goroutines that have started here unwind while they wait.
    pub unwinding: Cell<usize>,
}

/// What a worker that searches has seen of another one.
#[derive(Clone, Default)]
pub(crate) struct Seen {
    /// How many goroutines that one had resumed at the last look.
    pub picks: u64,
    /// Since when something lies in its queue at each look.
    pub queued: Option<Instant>,
    /// Since when something is to run next there, and it has resumed nobody.
    pub next: Option<Instant>,
}

/// How many unused stacks of the usual size a worker keeps to itself.
const STACKS: usize = 64;

/// How many it takes at a time.
const STACKS_AT_ONCE: usize = 16;

thread_local! {
    static LOCAL: Cell<Option<&'static Local>> = const { Cell::new(None) };
    static IDS: Cell<(u64, u64)> = const { Cell::new((0, 0)) };
}

/// This thread's part, if it is a worker.
#[inline(never)]
pub(crate) fn local() -> Option<&'static Local> {
    LOCAL.get()
}

/// Makes the calling thread `worker`.
pub(crate) fn become_worker(worker: &'static Worker) -> &'static Local {
    let local = Box::leak(Box::new(Local {
        worker,
        current: Cell::new(std::ptr::null()),
        yielder: Cell::new(std::ptr::null()),
        ready: RefCell::default(),
        ready_next: RefCell::default(),
        alarms: Alarms::default(),
        stacks: RefCell::default(),
        seen: RefCell::default(),
        vain: Cell::new(0),
        unwinding: Cell::new(0),
    }));
    LOCAL.set(Some(local));
    local
}

/// The goroutine that runs on this thread.
pub(crate) fn current() -> Option<Task> {
    local().and_then(|local| local.running().cloned())
}

/// Its number, 0 if there is none.
pub(crate) fn current_id() -> u64 {
    local().and_then(|local| local.running().map(Task::id)).unwrap_or(0)
}

pub(crate) fn yielder() -> YielderPtr {
    local().map_or(std::ptr::null(), |local| local.yielder.get())
}

pub(crate) fn set_yielder(yielder: YielderPtr) {
    if let Some(local) = local() {
        local.yielder.set(yielder);
    }
}

/// A number that no task had before. A thread takes some at a time.
#[inline(never)]
pub(crate) fn next_id() -> u64 {
    const AT_ONCE: u64 = 16;
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let (mut next, mut end) = IDS.get();
    if next == end {
        next = NEXT.fetch_add(AT_ONCE, Relaxed);
        end = next + AT_ONCE;
    }
    IDS.set((next + 1, end));
    next
}

impl Local {
    /// Whether there is something to pick here.
    pub fn has_work(&self) -> bool {
        self.ready_next.borrow().is_some()
            || !self.ready.borrow().is_empty()
            || self.worker.has_work()
            || self.alarms.is_due()
    }

    /// The goroutine that runs.
    fn running(&self) -> Option<&Task> {
        // SAFETY: null, or set by `during` for as long as it borrows the task; and nobody keeps what this gives.
        unsafe { self.current.get().as_ref() }
    }

    /// Does what runs `task`.
    pub fn during<R>(&self, task: &Task, run: impl FnOnce() -> R) -> R {
        self.current.set(task);
        let result = run();
        self.current.set(std::ptr::null());
        result
    }

    /// A stack of this class.
    pub fn stack(&self, class: u8) -> io::Result<Stack> {
        if class != stack::class_of(stack::DEFAULT_STACK_SIZE) {
            return Stack::new(class, 0, &mut Vec::new());
        }
        let mut stacks = self.stacks.borrow_mut();
        match stacks.pop() {
            Some(stack) => Ok(stack),
            None => Stack::new(class, STACKS_AT_ONCE - 1, &mut stacks),
        }
    }

    /// Keeps a stack for the next goroutine, or gives it to all.
    pub fn keep(&self, stack: Stack) {
        if stack.class() != stack::class_of(stack::DEFAULT_STACK_SIZE) {
            return stack.give_back();
        }
        let mut stacks = self.stacks.borrow_mut();
        if stacks.len() >= STACKS {
            stack::give_back_all(stacks.drain(..STACKS / 2));
        }
        stacks.push(stack);
    }
}
