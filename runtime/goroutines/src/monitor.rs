//! The monitor: one thread that looks every ten milliseconds whether a worker is stuck, whether memory lies idle,
//! and whether nothing can ever run again.
//!
//! A worker is stuck if one goroutine has run on it from one look to the next. If then something waits that has not
//! started, another worker takes its place: at once if the stuck one's thread blocks in a call, and if it computes
//! only when all others are stuck too, since it uses its processor. What has started on the stuck one waits for it.
//! While everything sleeps the monitor rests too.

use crate::end;
use crate::fatal;
use crate::sched::{SCHED, Worker};
use crate::service;
use crate::stack;
use std::collections::HashMap;
use std::io;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed, Ordering::SeqCst};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::thread::Thread;
use std::time::{Duration, Instant};

/// Between two looks.
const TICK: Duration = Duration::from_millis(10);

/// The longest rest.
const REST: Duration = Duration::from_secs(1);

/// How many looks between two times that unused stacks are given back.
const STACKS_EVERY: u64 = 50;

static MONITOR: OnceLock<Thread> = OnceLock::new();
static RESTS: AtomicBool = AtomicBool::new(false);
static BALANCING: Mutex<()> = Mutex::new(());
static REPLACED: AtomicU64 = AtomicU64::new(0);

/// Starts it.
///
/// # Errors
/// If the OS cannot start a thread.
pub(crate) fn start() -> io::Result<()> {
    service::start("gorace monitor", watch)
}

/// A worker has woken: the monitor works too.
pub(crate) fn work_goes_on() {
    if RESTS.load(Relaxed)
        && RESTS.swap(false, SeqCst)
        && let Some(monitor) = MONITOR.get()
    {
        monitor.unpark();
    }
}

/// How often a stuck worker was replaced.
pub(crate) fn replaced() -> u64 {
    REPLACED.load(Relaxed)
}

/// After how long a goroutine that keeps others waiting is named: `GORACE_STALL`, else ten seconds.
fn patience() -> Duration {
    let of_environment = std::env::var("GORACE_STALL").ok();
    let text = of_environment.as_deref().unwrap_or("10s");
    let millis = text.strip_suffix("ms").and_then(|n| n.parse().ok()).map(Duration::from_millis);
    let seconds = text.strip_suffix('s').and_then(|n| n.parse().ok()).map(Duration::from_secs);
    millis.or(seconds).unwrap_or(Duration::from_secs(10))
}

/// A worker that was stuck at the last look.
struct Stuck {
    picks: u64,
    since: Instant,
    is_named: bool,
}

impl Stuck {
    /// Says once who keeps others waiting.
    fn name_it(&mut self, worker: &Worker, patience: Duration) {
        let waiting = worker.mail();
        if self.is_named || waiting == 0 || self.since.elapsed() < patience {
            return;
        }
        self.is_named = true;
        let id = worker.runs.load(Relaxed);
        let plural = if waiting == 1 {
            "goroutine that started on its thread waits"
        } else {
            "goroutines that started on its thread wait"
        };
        eprintln!(
            "gorace: {} has run for {} ms without stepping aside, and {waiting} {plural}: `gosched` lets them run, \
             `blocking` makes calls elsewhere",
            fatal::called_by(id),
            patience.as_millis(),
        );
    }
}

fn watch() {
    let _ = MONITOR.set(std::thread::current());
    let mut seen: HashMap<usize, Stuck> = HashMap::new();
    let patience = patience();
    let mut rest = TICK;
    for look in 0_u64.. {
        if look % STACKS_EVERY == 0 {
            stack::give_back_idle();
        }
        if SCHED.workers().all(Worker::is_asleep) {
            end::look();
            // What was used a while ago is idle now.
            if rest >= REST {
                stack::give_back_idle();
            }
            RESTS.store(true, SeqCst);
            if SCHED.workers().all(Worker::is_asleep) {
                std::thread::park_timeout(rest);
                rest = (rest * 2).min(REST);
            }
            RESTS.store(false, SeqCst);
            continue;
        }
        rest = TICK;
        std::thread::park_timeout(TICK);
        let stuck: Vec<&'static Worker> = SCHED
            .workers()
            .filter(|worker| {
                let picks = worker.picks.load(Relaxed);
                match seen.get_mut(&worker.index).filter(|before| before.picks == picks) {
                    Some(before) if worker.is_busy.load(Relaxed) => {
                        before.name_it(worker, patience);
                        true
                    }
                    _ => {
                        let now = Stuck { picks, since: Instant::now(), is_named: false };
                        seen.insert(worker.index, now);
                        false
                    }
                }
            })
            .collect();
        if !stuck.is_empty() && SCHED.has_unstarted() {
            let is_stuck = |worker: &Worker| stuck.iter().any(|other| other.index == worker.index);
            let all = SCHED.workers().all(|worker| !worker.is_active.load(Relaxed) || is_stuck(worker));
            let (blocked, computing): (Vec<_>, Vec<_>) =
                stuck.into_iter().partition(|worker| worker.blocks());
            replace(&blocked);
            if all {
                replace(&computing);
            }
        }
    }
}

/// Has others take what has not started, in the place of workers that are stuck.
fn replace(stuck: &[&'static Worker]) {
    if stuck.is_empty() {
        return;
    }
    for worker in stuck {
        if worker.is_active.swap(false, SeqCst) {
            REPLACED.fetch_add(1, Relaxed);
        }
    }
    balance(stuck);
}

/// Makes as many workers active as the limit says.
pub(crate) fn adjust() {
    balance(&[]);
}

fn balance(stuck: &[&'static Worker]) {
    let _balancing = BALANCING.lock().unwrap_or_else(PoisonError::into_inner);
    let limit = SCHED.limit();
    let is_stuck = |worker: &Worker| stuck.iter().any(|other| other.index == worker.index);
    let mut active = SCHED.workers().filter(|worker| worker.is_active.load(SeqCst)).count();
    for worker in SCHED.workers() {
        let can_be = worker.locks.load(SeqCst) == 0 && !is_stuck(worker);
        if active < limit && can_be && !worker.is_active.swap(true, SeqCst) {
            active += 1;
            worker.wake();
        }
    }
    // If the OS gives no thread, what there is has to do.
    while active < limit && SCHED.add_worker().is_ok() {
        active += 1;
    }
    let workers: Vec<_> = SCHED.workers().collect();
    for worker in workers.into_iter().rev() {
        if active > limit && worker.is_active.swap(false, SeqCst) {
            active -= 1;
            worker.wake();
        }
    }
    SCHED.wake_one();
}
