//! The sockets that are watched, and what those who wait are told.
//!
//! Each socket is registered once, for edges in both directions: an edge sets a mark and wakes who waits. Whoever waits
//! has cleared the mark before it tried in vain, so that an edge in between is not lost.

use super::turn;
use crate::reason::Reason;
use crate::sync::Line;
use polling::{AsSource, Event, PollMode, Poller};
use slab::Slab;
use std::io;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Instant;

static POLLER: OnceLock<Result<Poller, String>> = OnceLock::new();
static WATCHED: Mutex<Slab<Arc<Ready>>> = Mutex::new(Slab::new());
static WAITING: AtomicUsize = AtomicUsize::new(0);

/// How many goroutines and threads wait for a socket.
pub fn waiting_for_sockets() -> usize {
    WAITING.load(SeqCst)
}

/// A direction of a socket.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Direction {
    Read,
    Write,
}

/// What is known of a socket.
pub(super) struct Ready {
    read: Side,
    write: Side,
}

struct Side {
    /// Something has changed since it was tried.
    changed: AtomicBool,
    line: Line,
    deadline: Mutex<Option<Instant>>,
}

impl Side {
    const fn new() -> Self {
        Side { changed: AtomicBool::new(false), line: Line::new(), deadline: Mutex::new(None) }
    }

    fn change(&self) {
        self.changed.store(true, SeqCst);
        if !self.line.is_empty() {
            self.line.wake_all();
        }
    }

    fn deadline(&self) -> MutexGuard<'_, Option<Instant>> {
        self.deadline.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A registration; ends with it.
pub(super) struct Watch {
    key: usize,
    pub ready: Arc<Ready>,
}

fn watched() -> MutexGuard<'static, Slab<Arc<Ready>>> {
    WATCHED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The one of the process; made, and looked after, from the first call on.
///
/// # Errors
/// If the system has none.
pub(super) fn poller() -> io::Result<&'static Poller> {
    let poller = POLLER.get_or_init(|| {
        let poller = Poller::new().map_err(|error| error.to_string())?;
        if !poller.supports_edge() {
            return Err("sockets need a system that tells edges: epoll or kqueue".to_owned());
        }
        turn::start().map_err(|error| error.to_string())?;
        Ok(poller)
    });
    poller.as_ref().map_err(|error| io::Error::other(error.clone()))
}

/// What is known of the socket with this key, if it is still watched.
pub(super) fn registered(key: usize) -> Option<Arc<Ready>> {
    watched().get(key).cloned()
}

impl Watch {
    /// Watches `socket` from now on.
    ///
    /// # Errors
    /// If the system cannot.
    ///
    /// # Safety
    /// [`Watch::end`] is called before the socket is closed.
    pub unsafe fn new(socket: impl AsSource) -> io::Result<Watch> {
        let poller = poller()?;
        let ready = Arc::new(Ready { read: Side::new(), write: Side::new() });
        let key = watched().insert(ready.clone());
        // SAFETY: the caller's promise.
        let added = unsafe { poller.add_with_mode(&socket.source(), Event::all(key), PollMode::Edge) };
        if let Err(error) = added {
            watched().try_remove(key);
            return Err(error);
        }
        Ok(Watch { key, ready })
    }

    /// Watches it no more.
    pub fn end(&self, socket: impl AsSource) {
        if let Ok(poller) = poller() {
            let _ = poller.delete(socket);
        }
        watched().try_remove(self.key);
    }
}

impl Ready {
    /// Wakes whoever waits for what has happened.
    pub fn tell(&self, event: Event) {
        if event.readable {
            self.read.change();
        }
        if event.writable {
            self.write.change();
        }
    }

    fn side(&self, direction: Direction) -> &Side {
        match direction {
            Direction::Read => &self.read,
            Direction::Write => &self.write,
        }
    }

    /// Tries until `attempt` does not say that it would have to wait.
    ///
    /// # Errors
    /// What `attempt` gives; `TimedOut` behind `timeout`, if there is one, and behind the direction's deadline.
    #[track_caller]
    pub fn wait_for<T>(
        &self,
        direction: Direction,
        timeout: Option<Instant>,
        mut attempt: impl FnMut() -> io::Result<T>,
    ) -> io::Result<T> {
        let side = self.side(direction);
        loop {
            let deadline = [timeout, *side.deadline()].into_iter().flatten().min();
            if deadline.is_some_and(|deadline| deadline <= Instant::now()) {
                return Err(io::Error::new(io::ErrorKind::TimedOut, "the socket's time is over"));
            }
            side.changed.store(false, SeqCst);
            match attempt() {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                result => {
                    // There may be more, and no further edge tells of it.
                    if !side.line.is_empty() {
                        side.change();
                    }
                    return result;
                }
            }
            let waiter = side.line.enter(());
            if side.changed.load(SeqCst) {
                side.line.leave(&waiter);
                continue;
            }
            WAITING.fetch_add(1, SeqCst);
            match deadline {
                None => waiter.wait(Reason::Io),
                Some(deadline) => {
                    if !waiter.wait_until(Reason::Io, deadline) {
                        side.line.leave(&waiter);
                    }
                }
            }
            WAITING.fetch_sub(1, SeqCst);
        }
    }

    /// Sets until when a direction may be waited for; who waits now is told.
    pub fn set_deadline(&self, direction: Direction, deadline: Option<Instant>) {
        let side = self.side(direction);
        *side.deadline() = deadline;
        side.change();
    }
}
