//! What can wait and be woken: a goroutine, or a plain OS thread. The one blocking primitive is [`park`].
//!
//! A task has one token for everything inside this crate. Whoever parks looks at a condition of its own before and
//! after, since the token may come from an earlier wait. What users call `park` and `unpark` is a second token on
//! top, which no lock or channel takes.

use crate::coroutine::{self, Body, Switch};
use crate::memory::{Shared, Tasks};
use crate::place::Place;
use crate::reason::Reason;
use crate::registry::Listed;
use crate::sched::{self, Linked, local};
use crate::signal::Signal;
use crate::timers;
use std::cell::OnceCell;
use std::fmt;
use std::panic::Location;
use std::ptr::NonNull;
use std::sync::atomic::{
    AtomicBool, AtomicPtr, AtomicU8, AtomicU32, AtomicU64,
    Ordering::{AcqRel, Acquire, Relaxed, Release},
};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Instant;

/// A handle on a goroutine or on an OS thread.
#[derive(Clone)]
pub struct Task(pub(crate) Shared<Inner, Tasks>);

pub(crate) struct Inner {
    pub id: u64,
    pub name: Option<Box<str>>,
    /// Where it was started.
    pub started: Option<&'static Location<'static>>,
    signal: Signal,
    /// The token of users' `park`.
    token: AtomicBool,
    /// The one under it in its worker's inbox.
    under: AtomicPtr<Inner>,
    /// What it waits for, and where: for dumps.
    reason: AtomicU8,
    place: Place,
    pub kind: Kind,
}

pub(crate) enum Kind {
    Goroutine(Goroutine),
    /// An OS thread.
    Thread(OsThread),
}

/// An OS thread's own part.
#[derive(Default)]
pub(crate) struct OsThread {
    /// Known once it runs.
    thread: OnceLock<std::thread::Thread>,
    /// How often it has parked.
    parks: AtomicU64,
}

impl Linked for Inner {
    fn under(&self) -> &AtomicPtr<Inner> {
        &self.under
    }
}

/// A goroutine's own part.
pub(crate) struct Goroutine {
    pub body: Body,
    /// The size class of its stack.
    pub class: u8,
    /// Whether it may go on on another thread than the one that it started on.
    pub migratable: bool,
    /// The worker that it started on.
    pub home: AtomicU32,
    /// Whether it has started and not ended.
    pub listed: Listed,
    /// Whether it unwound when it parked last.
    pub unwinding: AtomicBool,
}

/// The home of what has not started.
pub(crate) const NOWHERE: u32 = u32::MAX;

thread_local! {
    static THREAD: OnceCell<Known> = const { OnceCell::new() };
}

/// The OS threads that have ever parked and still run.
static THREADS: Mutex<Vec<Task>> = Mutex::new(Vec::new());

/// A thread's own handle on itself, one of [`THREADS`] until the thread ends.
struct Known(Task);

impl Known {
    fn new(task: Task) -> Self {
        threads().push(task.clone());
        Known(task)
    }
}

impl Drop for Known {
    fn drop(&mut self) {
        threads().retain(|thread| !thread.is(&self.0));
    }
}

fn threads() -> MutexGuard<'static, Vec<Task>> {
    THREADS.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Task {
    pub(crate) fn new(
        id: u64,
        name: Option<Box<str>>,
        started: Option<&'static Location<'static>>,
        kind: Kind,
    ) -> Task {
        Task(Shared::new_in(Inner {
            id,
            name,
            started,
            signal: Signal::new(),
            token: AtomicBool::new(false),
            under: AtomicPtr::default(),
            reason: AtomicU8::new(Reason::Running as u8),
            place: Place::none(),
            kind,
        }))
    }

    /// The goroutine that calls this, or else its thread.
    #[must_use]
    pub fn current() -> Task {
        local::current().unwrap_or_else(|| THREAD.with(|thread| thread.get_or_init(of_thread).0.clone()))
    }

    /// What tells it from all others of the process.
    #[must_use]
    pub fn id(&self) -> u64 {
        self.0.id
    }

    /// Its name, if it has one.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.0.name.as_deref()
    }

    /// Gives it the token: its current or its next [`park`] returns.
    pub fn unpark(&self) {
        if let Some(woken) = self.wake() {
            sched::ready(woken);
        }
    }

    /// As [`Task::unpark`], but for that a goroutine that slept is given to the caller, who lets it go on.
    pub(crate) fn wake(&self) -> Option<Task> {
        if !self.0.signal.notify() {
            return None;
        }
        match &self.0.kind {
            // SAFETY: it had put itself to sleep, see `sleep`, and the one who is told to wake it takes over.
            Kind::Goroutine(_) => Some(unsafe { Task::from_pointer(self.0.as_pointer()) }),
            Kind::Thread(thread) => {
                if let Some(thread) = thread.thread.get() {
                    thread.unpark();
                }
                None
            }
        }
    }

    /// Gives it the token of users' `park`.
    pub fn give_token(&self) {
        if !self.0.token.swap(true, Release) {
            self.unpark();
        }
    }

    /// Takes the token of users' `park`.
    pub(crate) fn take_token(&self) -> bool {
        self.0.token.swap(false, AcqRel)
    }

    /// Makes the calling thread this task, which was made for it.
    pub(crate) fn become_thread(&self) {
        if let Kind::Thread(thread) = &self.0.kind {
            let _ = thread.thread.set(std::thread::current());
        }
        THREAD.with(|thread| _ = thread.set(Known::new(self.clone())));
    }

    pub(crate) fn goroutine(&self) -> Option<&Goroutine> {
        match &self.0.kind {
            Kind::Goroutine(goroutine) => Some(goroutine),
            Kind::Thread(_) => None,
        }
    }

    /// Has a goroutine that has not started start on the worker of this number.
    pub(crate) fn bind(&self, worker: usize) {
        if let Some(goroutine) = self.goroutine() {
            goroutine.home.store(worker as u32, Release);
        }
    }

    /// Whether two handles are the same task.
    #[must_use]
    pub fn is(&self, other: &Task) -> bool {
        Shared::ptr_eq(&self.0, &other.0)
    }

    /// The pointer that [`Task::from_pointer`] makes a handle of again.
    pub(crate) fn into_pointer(self) -> NonNull<Inner> {
        let pointer = self.0.as_pointer();
        std::mem::forget(self);
        pointer
    }

    /// The handle that [`Task::into_pointer`] was made of.
    ///
    /// # Safety
    /// It was, and that is done once.
    pub(crate) unsafe fn from_pointer(pointer: NonNull<Inner>) -> Task {
        // SAFETY: the caller's promise.
        Task(unsafe { Shared::from_pointer(pointer) })
    }

    /// Puts a goroutine that wants to sleep to sleep; gives it back if it was woken meanwhile. For its worker.
    ///
    /// What sleeps is kept, whoever else has a handle on it or has not: by the worker's own handle, which whoever wakes
    /// it takes over.
    pub(crate) fn sleep(self) -> Option<Task> {
        let pointer = self.into_pointer();
        // SAFETY: the handle is not dropped, and the memory of tasks is theirs for ever: also if another worker runs this one
        // to its end the moment that it sleeps.
        let sleeps = unsafe { (*pointer.as_ptr()).signal.commit() };
        // SAFETY: it does not sleep, and so nobody takes its handle over.
        (!sleeps).then(|| unsafe { Task::from_pointer(pointer) })
    }

    /// What it waits for, and where.
    pub(crate) fn waits(&self) -> (Reason, Option<&'static Location<'static>>) {
        (Reason::of(self.0.reason.load(Relaxed)), self.0.place.get())
    }

    fn set_waits(&self, reason: Reason, place: Option<&'static Location<'static>>) {
        self.0.reason.store(reason as u8, Relaxed);
        if let Some(place) = place {
            self.0.place.set(place);
        }
    }
}

fn of_thread() -> Known {
    let thread = std::thread::current();
    let name = thread.name().map(Box::from);
    let own = OsThread { thread: thread.into(), ..OsThread::default() };
    Known::new(Task::new(local::next_id(), name, None, Kind::Thread(own)))
}

/// How many OS threads are parked here, and a number that changes whenever one parks.
pub(crate) fn parked_threads() -> (usize, u64) {
    let threads = threads();
    let waiting = threads.iter().filter(|thread| thread.0.signal.is_waiting());
    let parks = waiting.filter_map(|thread| match &thread.0.kind {
        Kind::Thread(thread) => Some(thread.parks.load(Acquire)),
        Kind::Goroutine(_) => None,
    });
    parks.fold((0, 0), |(count, sum), parks| (count + 1, sum + parks))
}

/// The OS threads that are parked here, for dumps.
pub(crate) fn waiting_threads() -> Vec<Task> {
    threads().iter().filter(|thread| thread.0.signal.is_waiting()).cloned().collect()
}

/// Waits until somebody gives the calling task its token by [`Task::unpark`], and takes it.
#[track_caller]
pub fn park(reason: Reason) {
    park_as(&Task::current(), reason);
}

/// As [`park`], for a caller that has its own handle.
#[track_caller]
pub fn park_as(me: &Task, reason: Reason) {
    if me.0.signal.take() {
        return;
    }
    me.set_waits(reason, Some(Location::caller()));
    match &me.0.kind {
        Kind::Goroutine(_) => coroutine::suspend(Switch::Park),
        Kind::Thread(own) => park_thread(&me.0, own, None),
    }
    me.set_waits(Reason::Running, None);
}

/// As [`park`], until `deadline` at the latest.
#[track_caller]
pub fn park_until(me: &Task, reason: Reason, deadline: Instant) {
    if me.0.signal.take() {
        return;
    }
    me.set_waits(reason, Some(Location::caller()));
    match &me.0.kind {
        Kind::Goroutine(goroutine) => match local::local().filter(|_| !goroutine.migratable) {
            Some(local) => {
                let alarm = local.alarms.set(deadline, me.clone(), &local.worker.alarms);
                coroutine::suspend(Switch::Park);
                local.alarms.take_back(alarm, &local.worker.alarms);
            }
            None => {
                let alarm = timers::wake_at(deadline, me.clone());
                coroutine::suspend(Switch::Park);
                timers::take_back(alarm);
            }
        },
        Kind::Thread(own) => park_thread(&me.0, own, Some(deadline)),
    }
    me.set_waits(Reason::Running, None);
}

fn park_thread(me: &Inner, own: &OsThread, deadline: Option<Instant>) {
    own.parks.fetch_add(1, Release);
    if !me.signal.commit() {
        return;
    }
    // The thread's own token may be somebody else's, who called std's `unpark`: then it is given back.
    let mut strange = false;
    let _timed = deadline.map(|_| timers::Waiting::new());
    while me.signal.is_waiting() {
        match deadline.map(|deadline| deadline.saturating_duration_since(Instant::now())) {
            Some(left) if left.is_zero() => {
                me.signal.withdraw();
                break;
            }
            Some(left) => std::thread::park_timeout(left),
            None => std::thread::park(),
        }
        strange |= me.signal.is_waiting() && deadline.is_none();
    }
    if strange {
        std::thread::current().unpark();
    }
}

/// The number of the goroutine that runs; 0 on a plain thread.
#[must_use]
pub fn goroutine_id() -> u64 {
    local::current_id()
}

/// Steps back for others that can run.
pub fn yield_now() {
    if local::current().is_some() {
        coroutine::suspend(Switch::Yield);
    } else {
        std::thread::yield_now();
    }
}

impl fmt::Debug for Task {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Task").field("id", &self.id()).field("name", &self.name()).finish_non_exhaustive()
    }
}
