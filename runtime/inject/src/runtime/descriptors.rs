//! What the program's descriptors are: whether only the program itself can make them ready, and which timers are behind
//! them.
//!
//! Timers that are descriptors are virtual: the system's own is started, to be ready at once, when virtual time says so.

use super::raw;
use super::state::with;
use super::time;

/// What is known.
#[derive(Debug, Default)]
pub struct Descriptors {
    /// Pipes, events, timers: nobody outside can make them ready.
    internal: Vec<i32>,
    /// The descriptors that each `epoll` looks at.
    sets: Vec<(i32, Vec<i32>)>,
    timers: Vec<Timer>,
    /// Whether another process may have them too.
    shared: bool,
}

#[derive(Clone, Copy, Debug)]
struct Timer {
    fd: i32,
    /// In nanoseconds since the execution's start; `None` while it is not running.
    deadline: Option<u64>,
    period: u64,
}

impl Descriptors {
    /// The program has made descriptors that only it can make ready.
    pub fn add_internal(&mut self, fds: &[i32]) {
        self.internal.extend(fds.iter().filter(|fd| **fd >= 0));
    }

    /// The program has started another process, which may have any of them.
    pub fn share(&mut self) {
        self.shared = true;
    }

    /// The program has closed a descriptor.
    pub fn forget(&mut self, fd: i32) {
        self.internal.retain(|known| *known != fd);
        self.sets.retain(|(set, _)| *set != fd);
        self.sets.iter_mut().for_each(|(_, fds)| fds.retain(|known| *known != fd));
        self.timers.retain(|timer| timer.fd != fd);
    }

    /// Somebody outside may make this descriptor ready.
    pub fn is_external(&self, fd: i32) -> bool {
        match self.sets.iter().find(|(set, _)| *set == fd) {
            Some((_, fds)) => fds.iter().any(|fd| self.is_external(*fd)),
            None => self.shared || !self.internal.contains(&fd),
        }
    }

    /// An `epoll` looks at a descriptor from now on, or no more.
    pub fn control(&mut self, set: i32, operation: i32, fd: i32) {
        if self.sets.iter().all(|(known, _)| *known != set) {
            self.sets.push((set, Vec::new()));
        }
        let Some((_, fds)) = self.sets.iter_mut().find(|(known, _)| *known == set) else { return };
        match operation {
            libc::EPOLL_CTL_ADD => fds.push(fd),
            libc::EPOLL_CTL_DEL => fds.retain(|known| *known != fd),
            _ => {}
        }
    }

    /// When the next timer is due.
    pub fn next_deadline(&self) -> Option<u64> {
        self.timers.iter().filter_map(|timer| timer.deadline).min()
    }

    /// Those that are due, which are then started anew if they are periodic.
    fn due(&mut self, now: u64) -> Vec<i32> {
        let mut due = Vec::new();
        for timer in &mut self.timers {
            if timer.deadline.is_some_and(|deadline| deadline <= now) {
                due.push(timer.fd);
                timer.deadline = (timer.period > 0).then(|| now + timer.period);
            }
        }
        due
    }
}

/// Makes those timers ready whose time has come.
pub fn fire_due_timers(now: u64) {
    let soon = libc::timespec { tv_sec: 0, tv_nsec: 1 };
    let never = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    for fd in with(|runtime| runtime.descriptors.due(now)) {
        let at_once = libc::itimerspec { it_interval: never, it_value: soon };
        let mut ready = libc::pollfd { fd, events: libc::POLLIN, revents: 0 };
        // SAFETY: the time is readable, and so is what to look at. It is ready within a microsecond.
        unsafe {
            raw::call(libc::SYS_timerfd_settime, [fd as usize, 0, &raw const at_once as usize, 0, 0, 0]);
            raw::call(libc::SYS_poll, [&raw mut ready as usize, 1, 1_000, 0, 0, 0]);
        }
    }
}

/// Starts or stops the timer behind `fd`.
pub fn set_timer(fd: i32, flags: i32, new: libc::itimerspec, is_real: bool) {
    let (value, period) = (time::nanos_of(new.it_value), time::nanos_of(new.it_interval));
    let never = libc::itimerspec {
        it_interval: libc::timespec { tv_sec: 0, tv_nsec: 0 },
        it_value: libc::timespec { tv_sec: 0, tv_nsec: 0 },
    };
    // SAFETY: the time is readable. What was due before is forgotten.
    unsafe { raw::call(libc::SYS_timerfd_settime, [fd as usize, 0, &raw const never as usize, 0, 0, 0]) };
    let now = time::now();
    let after =
        if flags & libc::TFD_TIMER_ABSTIME != 0 { time::until_from(value, is_real, now) } else { value };
    let deadline = (value > 0).then(|| now + after);
    with(|runtime| {
        let timers = &mut runtime.descriptors.timers;
        timers.retain(|timer| timer.fd != fd);
        timers.push(Timer { fd, deadline, period });
    });
}
