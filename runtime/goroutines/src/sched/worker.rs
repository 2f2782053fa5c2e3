//! A worker: an OS thread that runs goroutines, one after the other.
//!
//! What has not started lies where other workers can take it: in the run-next slot, in the local queue, in the global
//! queue. What has started goes on here: it lies in lists of the worker's own, or in the inbox, where others
//! put whom they woke.

use crate::coroutine::{Back, Switch};
use crate::monitor;
use crate::os;
use crate::sched::global::SCHED;
use crate::sched::inbox::Inbox;
use crate::sched::local::{Local, Seen, become_worker};
use crate::sched::ring::Ring;
use crate::sched::unstarted;
use crate::signal::Signal;
use crate::task::{Goroutine, Inner, NOWHERE, Task};
use std::sync::OnceLock;
use std::sync::atomic::{
    AtomicBool, AtomicPtr, AtomicU64, AtomicUsize,
    Ordering::{Acquire, Relaxed, Release},
};
use std::thread::Thread;
use std::time::{Duration, Instant};

/// Go's number: each so many picks a worker looks at the global queue first.
const FAIRNESS: u64 = 61;

/// How often a worker without work looks around before it sleeps: some ten microseconds in all, so that work which
/// comes again and again need not wake it each time.
const SEARCHES: usize = 16;
const SPINS: usize = 16;

/// For how long it sees work lie in another one's queue before it takes some. Where a goroutine starts is where it stays,
/// and whoever is started in passing is best beside those that it will talk to.
const PATIENCE: Duration = Duration::from_micros(20);

/// As many are shared at once: they are not started in passing.
const MANY: usize = 32;

/// Every how many looks at other workers it looks at the sockets.
const LOOK_EVERY: usize = 4;

/// How long a worker naps that was woken in vain, at first and at the most: whoever starts goroutines and runs each at once
/// need not wake it for each of them, nor have it look on all the time.
const NAP: Duration = Duration::from_micros(50);
const LONGEST_NAP: u32 = 3;

/// What others see of a worker.
pub(crate) struct Worker {
    pub index: usize,
    /// Not started, oldest first.
    pub queue: Ring<Inner, 256>,
    /// Not started, and the next to run here.
    pub next: AtomicPtr<Inner>,
    /// Started here, woken by others.
    pub inbox: Inbox<Inner>,
    sleep: Signal,
    thread: OnceLock<Thread>,
    /// The thread's number, as the kernel knows it.
    kernel_id: OnceLock<i32>,
    /// How many goroutines it has resumed: the monitor looks whether that moves.
    pub picks: AtomicU64,
    /// Whether a goroutine runs on it now, and which one ran last.
    pub is_busy: AtomicBool,
    pub runs: AtomicU64,
    /// How many of its goroutines can go on, but for what others have put into the inbox.
    ready: AtomicUsize,
    /// How many of its goroutines wait for a point in time.
    pub alarms: AtomicUsize,
    /// Whether it takes what has not started. Else it runs on only what has started on it.
    pub is_active: AtomicBool,
    /// How many of its goroutines have locked its thread.
    pub locks: AtomicU64,
}

impl Worker {
    pub fn new(index: usize) -> Self {
        Worker {
            index,
            queue: Ring::new(),
            next: AtomicPtr::default(),
            inbox: Inbox::new(),
            sleep: Signal::new(),
            thread: OnceLock::new(),
            kernel_id: OnceLock::new(),
            picks: AtomicU64::new(0),
            is_busy: AtomicBool::new(false),
            runs: AtomicU64::new(0),
            ready: AtomicUsize::new(0),
            alarms: AtomicUsize::new(0),
            is_active: AtomicBool::new(true),
            locks: AtomicU64::new(0),
        }
    }

    /// Wakes it, if it sleeps.
    pub fn wake(&self) {
        if self.sleep.notify()
            && let Some(thread) = self.thread.get()
        {
            thread.unpark();
        }
    }

    /// Gives it a goroutine that has started here and can go on.
    pub fn deliver(&self, task: Task) {
        // Whoever put the first in tells it of all.
        if unstarted::put(self, task) {
            self.wake();
        }
    }

    /// How many goroutines that have started here could go on now, were it not for the one that runs.
    pub fn mail(&self) -> usize {
        self.ready.load(Relaxed) + self.inbox.len()
    }

    /// Whether it is asleep.
    pub fn is_asleep(&self) -> bool {
        self.sleep.is_waiting()
    }

    /// Whether something lies here for it to run.
    pub fn has_work(&self) -> bool {
        !self.inbox.is_empty() || !self.queue.is_empty() || !self.next.load(Acquire).is_null()
    }

    /// Whether its thread blocks in a call to the kernel, or waits for a page.
    pub fn blocks(&self) -> bool {
        self.kernel_id.get().is_none_or(|id| !os::is_running(*id))
    }

    fn take_active(&self) -> bool {
        self.is_active.load(Relaxed)
    }
}

/// Runs goroutines on the calling thread until `is_over`, for ever if it never is.
pub(crate) fn work(worker: &'static Worker, is_over: impl Fn() -> bool) {
    let local = become_worker(worker);
    let _ = worker.thread.set(std::thread::current());
    let _ = worker.kernel_id.set(os::thread_id());
    while !is_over() {
        match pick(local) {
            Some(task) => run(local, task),
            None if SCHED.look(false) => {}
            None => search_or_sleep(local),
        }
    }
}

/// The next goroutine, if there is one here.
fn pick(local: &Local) -> Option<Task> {
    let worker = local.worker;
    let picks = worker.picks.load(Relaxed) + 1;
    worker.picks.store(picks, Relaxed);
    if !worker.inbox.is_empty() {
        let mut ready = local.ready.borrow_mut();
        unstarted::take_all(worker, |task| ready.push_back(task));
    }
    if local.alarms.is_due() {
        let mut ready = local.ready.borrow_mut();
        local.alarms.ring(&worker.alarms, |task| ready.push_back(task));
    }
    let fair = picks.is_multiple_of(FAIRNESS);
    // One alone: its queue may be full.
    if fair && let Some(task) = one_from_global(local).or_else(|| unstarted::pop(worker)) {
        return Some(task);
    }
    if !fair {
        if let Some(task) = local.ready_next.borrow_mut().take() {
            return Some(task);
        }
        if let Some(task) = from_next(worker) {
            return Some(task);
        }
    }
    // What is ready and what has not started take turns.
    if picks.is_multiple_of(2)
        && let Some(task) = unstarted::pop(worker)
    {
        return Some(task);
    }
    let ready = local.ready.borrow_mut().pop_front();
    ready
        .or_else(|| unstarted::pop(worker))
        .or_else(|| local.ready_next.borrow_mut().take())
        .or_else(|| from_next(worker))
        .or_else(|| from_global(local))
}

fn from_next(worker: &Worker) -> Option<Task> {
    if worker.next.load(Relaxed).is_null() { None } else { unstarted::take_next(worker) }
}

fn from_global(local: &Local) -> Option<Task> {
    if local.worker.take_active() { SCHED.take_global(local.worker) } else { None }
}

fn one_from_global(local: &Local) -> Option<Task> {
    if local.worker.take_active() { SCHED.take_one_global() } else { None }
}

fn run(local: &'static Local, task: Task) {
    let worker = local.worker;
    let Some(goroutine) = task.goroutine() else { return };
    if goroutine.home.load(Relaxed) == NOWHERE || goroutine.migratable {
        goroutine.home.store(worker.index as u32, Release);
    }
    if goroutine.unwinding.load(Relaxed) {
        goroutine.unwinding.store(false, Relaxed);
        local.unwinding.set(local.unwinding.get() - 1);
    }
    worker.runs.store(task.id(), Relaxed);
    worker.ready.store(local.ready.borrow().len(), Relaxed);
    worker.is_busy.store(true, Release);
    // SAFETY: a goroutine is in one queue at a time, so that nobody else runs it, and one that has started comes
    // back to its worker's lists only, unless it may move.
    let back = local.during(&task, || unsafe { goroutine.body.resume(|| local.stack(goroutine.class)) });
    worker.is_busy.store(false, Release);
    match back {
        Ok(Back::Suspended(Switch::Park)) => {
            note_unwinding(local, goroutine);
            if let Some(task) = task.sleep() {
                local.ready.borrow_mut().push_back(task);
            }
        }
        Ok(Back::Suspended(Switch::Yield)) => {
            note_unwinding(local, goroutine);
            if goroutine.migratable {
                SCHED.put_global(task);
            } else {
                local.ready.borrow_mut().push_back(task);
            }
        }
        Ok(Back::Over(stack)) => local.keep(stack),
        Err(error) => crate::fatal::out_of_stacks(&task, &error),
    }
}

/// Std counts panics by thread: while a goroutine that unwinds waits, the count is not that of the one that runs.
fn note_unwinding(local: &Local, goroutine: &Goroutine) {
    if std::thread::panicking() && local.unwinding.get() == 0 {
        goroutine.unwinding.store(true, Relaxed);
        local.unwinding.set(1);
    }
}

/// Looks for work elsewhere; sleeps until there is some. Comes back when something is to be picked up here.
fn search_or_sleep(local: &'static Local) {
    let worker = local.worker;
    if !worker.take_active() {
        return sleep(local, None);
    }
    SCHED.sleepers.search();
    local.seen.borrow_mut().iter_mut().for_each(|seen| *seen = Seen::default());
    let mut was_woken = false;
    loop {
        for round in 0..SEARCHES {
            if round % LOOK_EVERY == LOOK_EVERY - 1 {
                SCHED.look(false);
            }
            if local.has_work() {
                return stop_searching();
            }
            if let Some(task) = steal(local) {
                local.vain.set(0);
                stop_searching();
                return run(local, task);
            }
            (0..SPINS).for_each(|_| std::hint::spin_loop());
            std::thread::yield_now();
        }
        if was_woken {
            let vain = local.vain.get();
            local.vain.set(vain.saturating_add(1));
            SCHED.sleepers.nap();
            sleep(local, Some(Instant::now() + NAP * (1 << vain.min(LONGEST_NAP))));
            SCHED.sleepers.search();
            was_woken = false;
            continue;
        }
        SCHED.sleepers.stand_in_line(worker.index);
        if !SCHED.has_unstarted() {
            sleep(local, None);
        }
        // Whoever takes it out of the line, it counts as searching from then on.
        was_woken = !SCHED.sleepers.leave_line(worker.index);
        if !worker.take_active() {
            return stop_searching();
        }
    }
}

fn stop_searching() {
    if SCHED.sleepers.found() && SCHED.has_unstarted() {
        SCHED.wake_one();
    }
}

/// Until somebody wakes it, or an alarm is due, or it is `until`; not at all if there is something to pick.
fn sleep(local: &Local, until: Option<Instant>) {
    let signal = &local.worker.sleep;
    // What it wakes is to be picked here.
    SCHED.look(true);
    if !local.has_work() && signal.commit() {
        while signal.is_waiting() {
            let first = local.alarms.first().into_iter().chain(until).min();
            match first.map(|first| first.saturating_duration_since(Instant::now())) {
                None => std::thread::park(),
                Some(Duration::ZERO) => _ = signal.withdraw(),
                Some(left) => std::thread::park_timeout(left),
            }
        }
        monitor::work_goes_on();
    }
}

/// Whether what `is` so now has been so for [`PATIENCE`], at each look.
fn has_lasted(since: &mut Option<Instant>, is: bool) -> bool {
    if !is {
        *since = None;
        return false;
    }
    since.get_or_insert_with(Instant::now).elapsed() >= PATIENCE
}

/// Takes what has not started from the global queue or from other workers. What is to run next there is left to its
/// worker, which is about to run it, unless that has not come to it for a while.
fn steal(local: &Local) -> Option<Task> {
    let worker = local.worker;
    if let Some(task) = SCHED.take_global(worker) {
        return Some(task);
    }
    let mut seen = local.seen.borrow_mut();
    // One look at who there is: another worker may become known meanwhile.
    let workers = SCHED.workers();
    let count = workers.clone().count();
    seen.resize(count, Seen::default());
    let others = workers.cycle().skip(worker.index + 1).take(count.saturating_sub(1));
    for other in others {
        let seen = &mut seen[other.index];
        let lie = other.queue.len();
        if (lie >= MANY || has_lasted(&mut seen.queued, lie > 0))
            && let Some(task) = unstarted::steal(other, worker)
        {
            return Some(task);
        }
        // It is about to run it, unless it comes to nothing new.
        let picks = other.picks.load(Relaxed);
        if picks != std::mem::replace(&mut seen.picks, picks) {
            seen.next = None;
        }
        if has_lasted(&mut seen.next, !other.next.load(Relaxed).is_null())
            && let Some(task) = from_next(other)
        {
            return Some(task);
        }
    }
    None
}
