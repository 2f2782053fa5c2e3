//! Whose turn it is to look what has happened at the sockets: an idle worker's, else that of a thread of its own.
//!
//! A worker that finds nothing to run looks itself, again and again until it sleeps, which costs no switch between threads.
//! The thread looks when nobody else does: it waits in the kernel for as long as all workers sleep, and lets those that are awake
//! have the next turn. It steps aside for [`STEP_ASIDE`] at the most, so that workers that are busy for long keep
//! nobody waiting, and no wake-up depends on who looks.

use super::poller::{poller, registered, waiting_for_sockets};
use crate::sched::SCHED;
use crate::service;
use polling::{Events, Poller};
use std::io;
use std::sync::{Mutex, OnceLock, PoisonError, TryLockError};
use std::thread::Thread;
use std::time::Duration;

/// How long the thread leaves the sockets to workers that are awake.
const STEP_ASIDE: Duration = Duration::from_millis(1);

/// The turn: held by the one that looks.
static TURN: Mutex<Option<Events>> = Mutex::new(None);
static THREAD: OnceLock<Thread> = OnceLock::new();

/// Starts the thread, and lets idle workers look from now on.
///
/// # Errors
/// If the OS cannot start one.
pub(super) fn start() -> io::Result<()> {
    service::start("gorace poller", || {
        let _ = THREAD.set(std::thread::current());
        look_for_ever();
    })?;
    SCHED.look_when_idle(look);
    Ok(())
}

fn look_for_ever() {
    let Ok(poller) = poller() else { return };
    loop {
        let mut turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        tell(poller, turn.get_or_insert_default(), None);
        drop(turn);
        // Among these is whoever has just been woken.
        if SCHED.workers().any(|worker| !worker.is_asleep()) {
            std::thread::park_timeout(STEP_ASIDE);
        }
    }
}

/// Looks without waiting, if it is nobody else's turn: whether something had happened. A caller that `sleeps` if not gives
/// the turn back to the thread.
fn look(sleeps: bool) -> bool {
    if waiting_for_sockets() == 0 {
        return false;
    }
    let Ok(poller) = poller() else { return false };
    let mut turn = match TURN.try_lock() {
        Ok(turn) => turn,
        Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
        Err(TryLockError::WouldBlock) => return false,
    };
    let found = tell(poller, turn.get_or_insert_default(), Some(Duration::ZERO));
    drop(turn);
    if !found
        && sleeps
        && let Some(thread) = THREAD.get()
    {
        thread.unpark();
    }
    found
}

/// Tells those who wait what has happened, and whether anything had.
fn tell(poller: &Poller, events: &mut Events, timeout: Option<Duration>) -> bool {
    events.clear();
    // Interrupted, which is all that can be wrong here.
    let count = poller.wait(events, timeout).unwrap_or(0);
    for event in events.iter() {
        if let Some(ready) = registered(event.key) {
            ready.tell(event);
        }
    }
    count > 0
}
