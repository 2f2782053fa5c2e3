//! The scheduler as a whole: all workers, the global queue, who sleeps.

use crate::monitor;
use crate::sched::local::local;
use crate::sched::sleepers::Sleepers;
use crate::sched::unstarted;
use crate::sched::worker::{Worker, work};
use crate::service;
use crate::signals;
use crate::task::{NOWHERE, Task};
use std::collections::VecDeque;
use std::io;
use std::sync::atomic::{
    AtomicUsize,
    Ordering::{Acquire, Relaxed, Release, SeqCst},
};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError, mpsc};

/// As many workers as there can ever be, spare ones included.
pub(crate) const MOST_WORKERS: usize = 1024;

/// The scheduler of the process.
pub(crate) static SCHED: Sched = Sched::new();

/// See the module.
pub(crate) struct Sched {
    workers: [OnceLock<&'static Worker>; MOST_WORKERS],
    count: AtomicUsize,
    global: Mutex<VecDeque<Task>>,
    global_len: AtomicUsize,
    pub sleepers: Sleepers,
    /// How many workers are to run goroutines at once; 0: not decided yet.
    limit: AtomicUsize,
    started: OnceLock<Result<(), String>>,
    look: OnceLock<fn(bool) -> bool>,
    adding: Mutex<()>,
}

impl Sched {
    const fn new() -> Self {
        Sched {
            workers: [const { OnceLock::new() }; MOST_WORKERS],
            count: AtomicUsize::new(0),
            global: Mutex::new(VecDeque::new()),
            global_len: AtomicUsize::new(0),
            sleepers: Sleepers::new(),
            limit: AtomicUsize::new(0),
            started: OnceLock::new(),
            look: OnceLock::new(),
            adding: Mutex::new(()),
        }
    }

    /// All workers, in the order of their numbers.
    pub fn workers(&self) -> impl Iterator<Item = &'static Worker> + Clone {
        self.workers[..self.count.load(Acquire)].iter().filter_map(|worker| worker.get().copied())
    }

    /// Lets a worker that finds nothing to run call `look`, and again right before it sleeps, which it is told. It
    /// says whether it has woken somebody.
    pub fn look_when_idle(&self, look: fn(bool) -> bool) {
        let _ = self.look.set(look);
    }

    /// Whether a look has woken somebody; `sleeps`: the caller is about to sleep.
    pub fn look(&self, sleeps: bool) -> bool {
        self.look.get().is_some_and(|look| look(sleeps))
    }

    /// How many workers run goroutines at once: what was set, else `GOMAXPROCS`, else the number of processors.
    pub fn limit(&self) -> usize {
        match self.limit.load(Relaxed) {
            0 => {
                let of_environment = std::env::var("GOMAXPROCS").ok().and_then(|n| n.parse().ok());
                let limit = of_environment
                    .filter(|n| *n > 0)
                    .unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from));
                // Another thread may have decided meanwhile.
                let limit = limit.min(MOST_WORKERS / 2);
                let _ = self.limit.compare_exchange(0, limit, SeqCst, SeqCst);
                self.limit.load(Relaxed)
            }
            limit => limit,
        }
    }

    /// Sets how many workers run goroutines at once. Those above it end what has started on them.
    pub fn set_limit(&self, limit: usize) {
        self.limit.store(limit.clamp(1, MOST_WORKERS / 2), SeqCst);
        if self.started.get().is_some() {
            monitor::adjust();
        }
    }

    /// Makes sure that there are workers.
    ///
    /// # Errors
    /// If not one could be started.
    pub fn start(&self) -> io::Result<()> {
        let started = self.started.get_or_init(|| {
            signals::tell_overflows();
            let missing = self.limit().saturating_sub(self.count.load(Acquire));
            for _ in 0..missing {
                if let Err(error) = self.add_worker()
                    && self.count.load(Acquire) == 0
                {
                    return Err(error.to_string());
                }
            }
            monitor::start().map_err(|error| error.to_string())
        });
        started.clone().map_err(io::Error::other)
    }

    /// One worker more, on a thread of its own.
    ///
    /// # Errors
    /// If the OS cannot start a thread, or there are too many.
    pub fn add_worker(&self) -> io::Result<&'static Worker> {
        let _adding = lock(&self.adding);
        let index = self.count.load(Acquire);
        if index >= MOST_WORKERS {
            return Err(io::Error::other("no more than 1024 workers"));
        }
        let worker: &'static Worker = Box::leak(Box::new(Worker::new(index)));
        let builder = std::thread::Builder::new().name(format!("gorace worker {index}"));
        // What has started there is woken there: it must be known before it starts anything.
        let (known, is_known) = mpsc::channel();
        builder.spawn(move || {
            if is_known.recv().is_ok() {
                service::essential(|| work(worker, || false));
            }
        })?;
        self.make_known(worker);
        let _ = known.send(());
        Ok(worker)
    }

    /// Makes the calling thread a worker, before there are others. `None`: there are.
    pub fn claim_first(&self) -> Option<&'static Worker> {
        let _adding = lock(&self.adding);
        if self.count.load(Acquire) > 0 {
            return None;
        }
        let worker: &'static Worker = Box::leak(Box::new(Worker::new(0)));
        self.make_known(worker);
        Some(worker)
    }

    fn make_known(&self, worker: &'static Worker) {
        let _ = self.workers[worker.index].set(worker);
        self.count.store(worker.index + 1, Release);
    }

    /// There is work that anybody may take: wakes a worker for it, if one sleeps and none searches.
    pub fn wake_one(&self) {
        if let Some(index) = self.sleepers.wake_one()
            && let Some(worker) = self.workers[index].get()
        {
            worker.wake();
        }
    }

    /// Puts a goroutine behind all others.
    pub fn put_global(&self, task: Task) {
        self.put_all_global(std::iter::once(task));
        self.wake_one();
    }

    /// Puts goroutines behind all others, and wakes nobody.
    pub fn put_all_global(&self, tasks: impl Iterator<Item = Task>) {
        // Taken out of where they are before the lock is held.
        let tasks: Vec<Task> = tasks.collect();
        let mut global = lock(&self.global);
        global.extend(tasks);
        self.global_len.store(global.len(), SeqCst);
    }

    /// Takes the oldest of the global queue.
    pub fn take_one_global(&self) -> Option<Task> {
        if self.global_len.load(SeqCst) == 0 {
            return None;
        }
        let mut global = lock(&self.global);
        let first = global.pop_front();
        self.global_len.store(global.len(), SeqCst);
        first
    }

    /// Takes the oldest of the global queue, and `worker`'s share of the others into its queue, which is empty: the
    /// caller is `worker`.
    pub fn take_global(&self, worker: &Worker) -> Option<Task> {
        if self.global_len.load(SeqCst) == 0 {
            return None;
        }
        let mut global = lock(&self.global);
        let share = (global.len() / self.limit() + 1).min(128).min(global.len());
        let taken: Vec<Task> = global.drain(..share).collect();
        self.global_len.store(global.len(), SeqCst);
        drop(global);
        let mut taken = taken.into_iter();
        let first = taken.next();
        taken.for_each(|task| unstarted::push(worker, task));
        first
    }

    /// Whether there is anything that an idle worker could take.
    pub fn has_unstarted(&self) -> bool {
        self.global_len.load(SeqCst) > 0
            || self.workers().any(|worker| !worker.queue.is_empty() || !worker.next.load(SeqCst).is_null())
    }
}

/// A goroutine that has not started may run.
pub(crate) fn submit(task: Task) {
    match local().filter(|local| local.worker.is_active.load(Relaxed)) {
        Some(local) => {
            // Go has one slot for what runs next; what was there goes behind.
            if let Some(before) = local.ready_next.borrow_mut().take() {
                local.ready.borrow_mut().push_back(before);
            }
            unstarted::push_next(local.worker, task);
            SCHED.wake_one();
        }
        None => SCHED.put_global(task),
    }
}

/// A goroutine that slept may go on, where it started.
pub(crate) fn ready(task: Task) {
    let Some(goroutine) = task.goroutine() else { return };
    let home = goroutine.home.load(Acquire);
    if goroutine.migratable || home == NOWHERE {
        return submit(task);
    }
    match (local().filter(|local| local.worker.index as u32 == home), SCHED.workers[home as usize].get()) {
        (Some(local), _) => {
            let before = local.ready_next.borrow_mut().replace(task);
            if let Some(before) = before {
                local.ready.borrow_mut().push_back(before);
            }
            if let Some(unstarted) = unstarted::take_next(local.worker) {
                unstarted::push(local.worker, unstarted);
            }
        }
        (None, Some(worker)) => worker.deliver(task),
        (None, None) => unreachable!("a worker is known before it starts anything"),
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
