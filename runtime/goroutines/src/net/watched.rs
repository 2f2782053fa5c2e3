//! A socket that does not block, with its registration: the one file of sockets with `unsafe`.

use super::poller::{Direction, Watch};
use crate::thread::after;
use polling::AsSource;
use std::io;
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

static IS_REFUSED: OnceLock<fn() -> bool> = OnceLock::new();

/// Refuses sockets wherever `is_refused` says so: inside executions of a check.
pub fn refuse_where(is_refused: fn() -> bool) {
    let _ = IS_REFUSED.set(is_refused);
}

/// # Panics
/// Where sockets are refused.
#[track_caller]
fn refuse() {
    let refused = IS_REFUSED.get().is_some_and(|is_refused| is_refused());
    assert!(
        !refused,
        "gorace::net cannot take part in a check: what the network does cannot be replayed; put a channel in its place"
    );
}

/// See the module.
pub(super) struct Watched<S: AsSource> {
    socket: S,
    watch: Watch,
    /// How long one read, one write may take.
    timeouts: Mutex<[Option<Duration>; 2]>,
}

impl<S: AsSource> Watched<S> {
    /// Watches a socket that does not block.
    ///
    /// # Errors
    /// If the system cannot.
    ///
    /// # Panics
    /// Inside an execution of a check.
    #[track_caller]
    pub fn new(socket: S) -> io::Result<Self> {
        refuse();
        // SAFETY: dropping this ends the watch, and only then drops the socket.
        let watch = unsafe { Watch::new(&socket) }?;
        Ok(Watched { socket, watch, timeouts: Mutex::new([None; 2]) })
    }

    /// The socket.
    pub fn get(&self) -> &S {
        &self.socket
    }

    /// Tries until `attempt` does not say that it would have to wait.
    ///
    /// # Errors
    /// What `attempt` gives; `TimedOut` behind a deadline.
    #[track_caller]
    pub fn wait_for<T>(
        &self,
        direction: Direction,
        mut attempt: impl FnMut(&S) -> io::Result<T>,
    ) -> io::Result<T> {
        refuse();
        let timeout = self.timeout(direction).map(after);
        self.watch.ready.wait_for(direction, timeout, || attempt(&self.socket))
    }

    pub fn timeout(&self, direction: Direction) -> Option<Duration> {
        self.timeouts.lock().unwrap_or_else(PoisonError::into_inner)[direction as usize]
    }

    pub fn set_timeout(&self, direction: Direction, timeout: Option<Duration>) {
        self.timeouts.lock().unwrap_or_else(PoisonError::into_inner)[direction as usize] = timeout;
    }

    pub fn set_deadline(&self, direction: Direction, deadline: Option<Instant>) {
        self.watch.ready.set_deadline(direction, deadline);
    }
}

impl<S: AsSource> Drop for Watched<S> {
    fn drop(&mut self) {
        self.watch.end(&self.socket);
    }
}
