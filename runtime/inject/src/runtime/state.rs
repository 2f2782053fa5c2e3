//! All that the runtime knows, and the one way to it.

use super::clocks::{Clock, Knowledge};
use super::contexts::{Calls, Contexts};
use super::descriptors::Descriptors;
use super::driven::Driven;
pub use super::shadow::is_tracking;
use super::shadow::{self, Shadow};
use super::stacks::{Stack, Stacks};
use super::words::{Word, Words};
use super::{base, heap};
use crate::wire::{Access, Owner, Panic, Target};
use gorace_analyzer_core::finding::{FNV_START, fnv};
use gorace_analyzer_core::{ObjIx, Place, TaskIx};
use gorace_engine::SplitMix64;
use std::cell::UnsafeCell;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};

/// Whether the program is under control: one thread at a time.
static ON: AtomicBool = AtomicBool::new(false);
/// Whether there ever was a second thread: before that nothing needs to be tracked, since starting one orders
/// everything before it.
static MANY: AtomicBool = AtomicBool::new(false);
/// Whether some thread is in the runtime.
static INSIDE: AtomicBool = AtomicBool::new(false);
/// The stack of the thread that runs: calls from anywhere else are of threads that are just ending.
static STACK: [AtomicUsize; 2] = [const { AtomicUsize::new(0) }; 2];

/// One thread of the program.
#[derive(Debug, Default)]
pub struct Thread {
    pub stack: Stack,
    /// `pthread_t`; 0 for main.
    pub handle: usize,
    pub start: usize,
    pub argument: usize,
    pub knows: Knowledge,
    pub calls: Calls,
    /// As it named itself.
    pub name: Option<String>,
    pub joined: bool,
    /// Where its random numbers come from, once it has asked for one.
    pub random: Option<SplitMix64>,
    /// How often its destructors for thread-specific values have run.
    pub rounds: u32,
    /// The panic that it unwinds from, or did last.
    pub panic: Option<Panic>,
}

/// See the module.
pub struct Runtime {
    pub exec: Driven,
    pub current: TaskIx,
    pub threads: Vec<Thread>,
    pub contexts: Contexts,
    pub shadow: Shadow,
    pub words: Words,
    pub stacks: Stacks,
    pub races: Vec<(Access, Access)>,
    /// For each object of the engine, the address of its word.
    pub addresses: Vec<usize>,
    /// The object that stands for the world outside, once somebody waits for it.
    pub outside: Option<ObjIx>,
    pub descriptors: Descriptors,
    pub accesses: u64,
    /// The last that was written to standard error.
    pub stderr: Vec<u8>,
    pub exit_code: Option<i32>,
    pub ended_by: Option<&'static str>,
    /// Panics whose tasks have ended, or that ended the program.
    pub panics: Vec<Panic>,
    pub used_outside: bool,
    /// What was done to the world outside, by the flags of [`super::child`].
    pub deeds: u64,
    /// Whether a timer was started.
    pub timed: bool,
    pub main_done: bool,
    /// Events that an execution may have.
    pub max_steps: u64,
}

struct Slot(UnsafeCell<Option<Runtime>>);

// SAFETY: only the thread that runs uses it, see `with`.
unsafe impl Sync for Slot {}

static RUNTIME: Slot = Slot(UnsafeCell::new(None));

/// Makes the state, before the program runs.
pub fn prepare() {
    let runtime = Runtime {
        exec: Driven::default(),
        current: TaskIx(0),
        threads: Vec::new(),
        contexts: Contexts::default(),
        shadow: Shadow::new(),
        words: Words::default(),
        stacks: Stacks::default(),
        races: Vec::new(),
        addresses: Vec::new(),
        outside: None,
        descriptors: Descriptors::default(),
        accesses: 0,
        stderr: Vec::new(),
        exit_code: None,
        ended_by: None,
        panics: Vec::new(),
        used_outside: false,
        deeds: 0,
        timed: false,
        main_done: false,
        max_steps: u64::MAX,
    };
    // SAFETY: the program has not begun, so that there is one thread.
    unsafe { *RUNTIME.0.get() = Some(runtime) };
}

/// Calls `f` with the state. `f` must not come back here, and switches no tasks.
pub fn with<R>(f: impl FnOnce(&mut Runtime) -> R) -> R {
    INSIDE.store(true, Relaxed);
    // SAFETY: one thread of the program runs at a time, and `f` does not come back here, so that this is the only
    // reference.
    let runtime = unsafe { &mut *RUNTIME.0.get() };
    let Some(runtime) = runtime else { super::raw::die("used before it was made") };
    let result = f(runtime);
    INSIDE.store(false, Relaxed);
    result
}

/// Begins to control, or ends it.
pub fn control(on: bool) {
    ON.store(on, Relaxed);
}

/// There is a second thread.
pub fn track() {
    MANY.store(true, Relaxed);
    with(|runtime| runtime.note_now());
}

/// Nothing is tracked any more.
pub fn untrack() {
    MANY.store(false, Relaxed);
    shadow::set_now(None);
}

/// Whether calls of functions are followed.
#[inline(always)]
pub fn is_on() -> bool {
    ON.load(Relaxed)
}

/// Whether this call comes from the program, under control: not from the runtime, nor from a thread that is ending.
#[inline]
pub fn is_controlled() -> bool {
    let here = 0_u8;
    let at = &raw const here as usize;
    ON.load(Relaxed)
        && !INSIDE.load(Relaxed)
        && (STACK[0].load(Relaxed)..STACK[1].load(Relaxed)).contains(&at)
}

/// Whether this call comes from the program, under control, on whatever stack: also from a signal handler.
pub fn is_programs() -> bool {
    ON.load(Relaxed) && !INSIDE.load(Relaxed)
}

/// Whether this call comes from a thread of the program that is ending, or from one that does not run.
pub fn is_stray() -> bool {
    let here = 0_u8;
    let at = &raw const here as usize;
    ON.load(Relaxed) && !(STACK[0].load(Relaxed)..STACK[1].load(Relaxed)).contains(&at)
}

impl Runtime {
    /// `task` is the one that runs.
    pub fn set_current(&mut self, task: TaskIx) {
        self.current = task;
        let stack = self.threads[task.at()].stack;
        STACK[0].store(stack.low, Relaxed);
        STACK[1].store(stack.low + stack.size, Relaxed);
        self.note_now();
    }

    /// Tells who runs, and how many events it had, to where accesses are compared with earlier ones.
    fn note_now(&mut self) {
        let current = self.current;
        let count = self.threads[current.at()].knows.now.get(current.0);
        shadow::set_now(MANY.load(Relaxed).then_some((current.0 as u16, count)));
    }

    /// The thread that runs.
    pub fn thread(&mut self) -> &mut Thread {
        let current = self.current.at();
        &mut self.threads[current]
    }

    /// The stack as it is, at `pc` in the last function.
    pub fn place(&mut self, pc: usize) -> Place {
        let current = self.current.at();
        let node = self.threads[current].calls.node(&mut self.contexts);
        Place::Stack(self.contexts.keep(node, pc as u64) as usize)
    }

    /// The word at `address`.
    pub fn word(&mut self, address: usize) -> &mut Word {
        let Runtime { exec, words, shadow, addresses, current, contexts, threads, .. } = self;
        words.at(address, shadow, || {
            addresses.push(address);
            exec.register(*current, made(address, contexts, threads))
        })
    }

    /// Whose memory `address` is.
    pub fn target(&mut self, address: usize) -> Target {
        let owner = if base::is_static(address) {
            Owner::Static((address - base::base()) as u64)
        } else if let Some(block) = heap::with(|heap| heap.block(address)) {
            let stack = self.contexts.keep(block.node, u64::from(block.pc) + base::base() as u64);
            Owner::Heap { offset: (address - block.start) as u64, stack }
        } else {
            let thread = self.threads.iter().position(|thread| thread.stack.holds(address));
            thread.map_or(Owner::Unknown, |task| Owner::Stack(TaskIx(task as u32)))
        };
        Target { address: address as u64, owner }
    }

    /// The program does something to the world outside, which each execution does again.
    pub fn does(&mut self, deed: u64) {
        self.used_outside = true;
        self.deeds |= deed;
    }

    /// The running task had an event.
    pub fn tick(&mut self) {
        let current = self.current;
        self.threads[current.at()].knows.tick(current.0);
        self.note_now();
    }

    /// `task` learns what `clock` covers.
    pub fn learn(&mut self, task: TaskIx, clock: &Clock) {
        self.threads[task.at()].knows.now.join(clock);
    }
}

/// What words of one place have in common, in all executions: a static, the calls that allocated a block, a thread's
/// stack; and how far into it they are.
fn made(address: usize, contexts: &Contexts, threads: &[Thread]) -> u32 {
    let hash = |parts: &mut dyn Iterator<Item = u64>| {
        let hash = parts.fold(FNV_START, |hash, part| fnv(hash, &part.to_le_bytes()));
        (hash ^ hash >> 32) as u32
    };
    if let Some(block) = heap::with(|heap| heap.block(address)) {
        let calls = contexts.calls(block.node).filter(|pc| base::is_static(*pc as usize));
        return hash(&mut calls.chain([(address - block.start) as u64]));
    }
    match threads.iter().position(|thread| thread.stack.holds(address)) {
        Some(task) => hash(&mut [task as u64, (address - threads[task].stack.low) as u64].into_iter()),
        None => hash(&mut [address as u64].into_iter()),
    }
}
