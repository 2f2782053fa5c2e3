//! GR0009: a task that reaches no scheduling point for a long time.
//!
//! One thread a process looks at the heartbeat of each exploration. What stalls cannot be ended from outside
//! (a lock of std's held across a scheduling point, a bare loop, I/O), so the stalled thread is told by a
//! signal to say what it is doing, and the process ends with 66.

use crate::inside::context::inside;
use gorace_analyzer::Place;
use std::fmt::Write as _;
use std::io::Write as _;
use std::marker::PhantomData;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

/// The exit code of a process with a finding.
const FOUND: i32 = 66;

/// What one exploration shows to the watchdog.
#[derive(Debug)]
struct Pulse {
    beats: AtomicU64,
    running: AtomicBool,
    /// A task was cut off wherever it was; see `Heartbeat::note_cut_off`.
    cut_off: AtomicBool,
    limit: Duration,
    title: String,
    #[cfg(target_os = "linux")]
    thread: libc::pthread_t,
}

/// One exploration's side of it: it is watched until this is dropped, by the thread that made it.
#[derive(Debug)]
pub(crate) struct Heartbeat(Arc<Pulse>, StaysOnItsThread);

type StaysOnItsThread = PhantomData<*const ()>;

/// Those of all that are watched.
static PULSES: Mutex<Vec<Arc<Pulse>>> = Mutex::new(Vec::new());

/// Whoever has it keeps the threads that are watched from ending.
type Watched = MutexGuard<'static, Vec<Arc<Pulse>>>;

impl Heartbeat {
    /// Starts to be watched: `limit` without a beat while running is a stall.
    pub fn start(title: &str, limit: Duration) -> Self {
        let pulse = Arc::new(Pulse {
            beats: AtomicU64::new(0),
            running: AtomicBool::new(false),
            cut_off: AtomicBool::new(false),
            limit,
            title: title.to_owned(),
            #[cfg(target_os = "linux")]
            // SAFETY: asks for the caller's own identity.
            thread: unsafe { libc::pthread_self() },
        });
        watched().push(pulse.clone());
        static WATCHDOG: OnceLock<()> = OnceLock::new();
        WATCHDOG.get_or_init(|| {
            signal::install();
            // Without a watchdog a stall is only not reported: nothing else depends on it.
            let _ = std::thread::Builder::new().name("gorace watchdog".to_owned()).spawn(watch);
        });
        Heartbeat(pulse, PhantomData)
    }

    /// A scheduling point was reached.
    #[inline]
    pub fn beat(&self) {
        // One writer: a load and a store are cheaper than an increment.
        self.0.beats.store(self.0.beats.load(Relaxed).wrapping_add(1), Relaxed);
    }

    /// User code begins or ends to run.
    pub fn set_running(&self, running: bool) {
        self.0.running.store(running || self.0.cut_off.load(Relaxed), Relaxed);
        self.beat();
    }

    /// A task's stack was used up within something that was no operation, perhaps within malloc: what it held is held
    /// for ever, and may be what we need ourselves. So from now on our own work is watched like user code.
    pub fn note_cut_off(&self) {
        self.0.cut_off.store(true, Relaxed);
    }

    /// Waits by `f` for other threads, which are watched for themselves.
    pub fn wait<R>(&self, f: impl FnOnce() -> R) -> R {
        let running = self.0.running.swap(false, Relaxed);
        let result = f();
        self.0.running.store(running, Relaxed);
        self.beat();
        result
    }
}

impl Drop for Heartbeat {
    fn drop(&mut self) {
        watched().retain(|pulse| !Arc::ptr_eq(pulse, &self.0));
    }
}

fn watched() -> Watched {
    PULSES.lock().unwrap_or_else(PoisonError::into_inner)
}

fn watch() {
    let mut seen: Vec<(Arc<Pulse>, u64, Instant)> = Vec::new();
    loop {
        std::thread::sleep(Duration::from_millis(50));
        let pulses = watched();
        seen.retain(|(pulse, ..)| pulses.iter().any(|other| Arc::ptr_eq(pulse, other)));
        for pulse in pulses.iter() {
            let beats = pulse.beats.load(Relaxed);
            let Some(entry) = seen.iter_mut().find(|(other, ..)| Arc::ptr_eq(other, pulse)) else {
                seen.push((pulse.clone(), beats, Instant::now()));
                continue;
            };
            if entry.1 != beats || !pulse.running.load(Relaxed) {
                (entry.1, entry.2) = (beats, Instant::now());
            } else if entry.2.elapsed() > pulse.limit {
                report(pulse, &pulses);
            }
        }
    }
}

/// Ends the process. Nobody stops to be watched meanwhile.
fn report(pulse: &Pulse, watched: &Watched) -> ! {
    let seconds = pulse.limit.as_secs_f64();
    // Not `eprintln!`: libtest captures that, and the process is about to end.
    let _ = writeln!(
        std::io::stderr(),
        "error[GR0009]: `{}` stalled: no scheduling point for {seconds} s",
        pulse.title
    );
    if pulse.cut_off.load(Relaxed) {
        let _ = writeln!(
            std::io::stderr(),
            "  before that, a task's stack overflowed in the middle of something: what it held, such as the allocator's \
             lock, is held for ever\n  help: end the recursion; GORACE_STACK_SIZE=8M gives each task more"
        );
    }
    signal::ask(pulse, watched);
    std::thread::sleep(Duration::from_secs(3));
    let _ = writeln!(std::io::stderr(), "the stalled thread does not answer");
    std::process::exit(FOUND)
}

/// What the stalled thread says, on its own stack.
fn confess() {
    let mut text = String::new();
    if let Some(inside) = inside() {
        inside.with(|cx| {
            let task = cx.current;
            let name = cx
                .exec
                .task_name(task)
                .map_or_else(|| format!("T{}", task.0), |name| format!("`{name}` (T{})", task.0));
            let (op, place) = cx.exec.doing(task);
            let last = if cx.exec.has_arrived(task) { op.word() } else { "none yet" };
            let _ = write!(text, "  task {name}; its last operation: {last}");
            if let Place::Code(at) = place {
                let _ = write!(text, " at {}:{}:{}", at.file(), at.line(), at.column());
            }
        });
    }
    let backtrace = std::backtrace::Backtrace::force_capture().to_string();
    let _ = writeln!(
        std::io::stderr(),
        "{text}\n  it may hold a lock that is not gorace's across a scheduling point, loop without one, or wait for \
         real I/O\n  help: use gorace's types inside checked code; GORACE_STALL=60s raises the limit\n\
         backtrace of the stalled task:\n{backtrace}\n  = explain: gorace explain GR0009"
    );
    std::process::exit(FOUND)
}

#[cfg(target_os = "linux")]
mod signal {
    use super::{Pulse, Watched, confess};

    /// A real-time signal that nothing else is likely to use.
    fn number() -> libc::c_int {
        libc::SIGRTMIN() + 9
    }

    extern "C" fn on_signal(_signal: libc::c_int) {
        // Allocates and locks, which a handler must not do: the process ends here either way, and the
        // watchdog ends it if this gets stuck.
        confess();
    }

    pub fn install() {
        // SAFETY: a handler of the plain type, for a signal of our own. It runs on the interrupted stack,
        // since that is the one whose backtrace is wanted.
        unsafe {
            let mut action = std::mem::MaybeUninit::<libc::sigaction>::zeroed().assume_init();
            action.sa_sigaction = on_signal as *const () as usize;
            action.sa_flags = libc::SA_RESTART;
            libc::sigaction(number(), &action, std::ptr::null_mut());
        }
    }

    /// Asks one of those that are watched.
    pub fn ask(pulse: &Pulse, _watched: &Watched) {
        // SAFETY: the thread is alive: its pulse is registered, and to end it has to wait for the lock.
        unsafe { libc::pthread_kill(pulse.thread, number()) };
    }
}

#[cfg(not(target_os = "linux"))]
mod signal {
    use super::{Pulse, Watched, confess};

    pub fn install() {
        let _ = confess as fn();
    }

    pub fn ask(_pulse: &Pulse, _watched: &Watched) {}
}

#[cfg(test)]
mod tests {
    use super::{Heartbeat, watched};
    use std::time::Duration;

    fn is_watched(title: &str) -> bool {
        watched().iter().any(|pulse| pulse.title == title)
    }

    #[test]
    fn a_thread_is_watched_as_long_as_it_has_a_heartbeat() {
        let ends = |title, panics: bool| {
            let thread = std::thread::spawn(move || {
                let heart = Heartbeat::start(title, Duration::MAX);
                heart.set_running(true);
                assert!(is_watched(title));
                assert!(!panics, "while it is watched");
            });
            assert_eq!(thread.join().is_err(), panics);
            assert!(!is_watched(title));
        };
        ends("one that returns", false);
        ends("one that panics", true);
    }
}
