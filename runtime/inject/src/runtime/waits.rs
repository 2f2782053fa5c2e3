//! Calls that wait for descriptors.
//!
//! A call that would wait is tried without waiting. If it is not ready, the others run first, and it is tried again
//! whenever the program has done something outside, or a timer is due. If somebody outside may make it ready and nobody
//! else can run, it waits for real, a while at a time; whatever takes too long is ended by the server.

use super::child;
use super::descriptors::{fire_due_timers, set_timer};
use super::futex::{outside_changed, wait_for_outside};
use super::raw;
use super::state::{is_controlled, with};
use super::threads::Real;
use super::time;

/// How long it waits for real at a time, in milliseconds; as much virtual time passes.
const WHILE: i32 = 50;
const MILLISECOND: u64 = 1_000_000;

/// Waits until `attempt`, which waits for so many milliseconds of real time, gives something; for so many nanoseconds of
/// virtual time at the most.
fn wait_until(nanos: Option<u64>, is_external: bool, attempt: impl Fn(i32) -> isize) -> isize {
    let mut now = time::now();
    let deadline = nanos.map(|nanos| now.saturating_add(nanos));
    loop {
        fire_due_timers(now);
        let result = attempt(0);
        if result != 0 || deadline.is_some_and(|deadline| now >= deadline) {
            return result;
        }
        // After main's end nobody waits for the world any more.
        let is_external = is_external && !with(|runtime| runtime.main_done);
        let look_again = is_external.then(|| now + WHILE as u64 * MILLISECOND);
        let due = with(|runtime| runtime.descriptors.next_deadline());
        let until = [deadline, look_again, due].into_iter().flatten().min();
        let is_time = wait_for_outside(until.map(|until| until.saturating_sub(now)));
        now = time::now();
        if is_time && is_external && look_again.is_some_and(|at| now >= at) {
            with(|runtime| runtime.used_outside = true);
            let result = attempt(WHILE);
            if result != 0 {
                return result;
            }
        }
    }
}

/// Waits until one descriptor is ready.
fn wait_for(fd: i32, events: i16) {
    let is_external = with(|runtime| runtime.descriptors.is_external(fd));
    wait_until(None, is_external, |milliseconds| {
        let mut one = libc::pollfd { fd, events, revents: 0 };
        // SAFETY: one descriptor to look at.
        unsafe { raw::call(libc::SYS_poll, [&raw mut one as usize, 1, milliseconds as usize, 0, 0, 0]) }
    });
}

fn is_nonblocking(fd: i32) -> bool {
    // SAFETY: no pointers.
    let flags = unsafe { raw::call(libc::SYS_fcntl, [fd as usize, libc::F_GETFL as usize, 0, 0, 0, 0]) };
    flags >= 0 && flags as i32 & libc::O_NONBLOCK != 0
}

/// Before a call that may wait to read.
fn before_reading(fd: i32) {
    if is_controlled() && !is_nonblocking(fd) {
        wait_for(fd, libc::POLLIN);
    }
}

fn of_milliseconds(milliseconds: i32) -> Option<u64> {
    u64::try_from(milliseconds).ok().map(|ms| ms * MILLISECOND)
}

fn epoll(fd: i32, events: usize, most: i32, nanos: Option<u64>) -> isize {
    let is_external = with(|runtime| runtime.descriptors.is_external(fd));
    wait_until(nanos, is_external, |milliseconds| {
        // SAFETY: the caller's own call, with another time.
        unsafe {
            raw::call(
                libc::SYS_epoll_pwait,
                [fd as usize, events, most as usize, milliseconds as usize, 0, 8],
            )
        }
    })
}

#[cfg_attr(not(test), unsafe(no_mangle))]
unsafe extern "C" fn epoll_wait(fd: i32, events: usize, most: i32, milliseconds: i32) -> i32 {
    if is_controlled() {
        return raw::result(epoll(fd, events, most, of_milliseconds(milliseconds))) as i32;
    }
    let args = [fd as usize, events, most as usize, milliseconds as usize, 0, 8];
    // SAFETY: the caller's own call.
    raw::result(unsafe { raw::call(libc::SYS_epoll_pwait, args) }) as i32
}

#[cfg_attr(not(test), unsafe(no_mangle))]
unsafe extern "C" fn epoll_pwait(fd: i32, events: usize, most: i32, milliseconds: i32, mask: usize) -> i32 {
    if is_controlled() {
        return raw::result(epoll(fd, events, most, of_milliseconds(milliseconds))) as i32;
    }
    let args = [fd as usize, events, most as usize, milliseconds as usize, mask, 8];
    // SAFETY: the caller's own call.
    raw::result(unsafe { raw::call(libc::SYS_epoll_pwait, args) }) as i32
}

#[cfg_attr(not(test), unsafe(no_mangle))]
unsafe extern "C" fn epoll_pwait2(
    fd: i32,
    events: usize,
    most: i32,
    timeout: *const libc::timespec,
    mask: usize,
) -> i32 {
    if is_controlled() {
        // SAFETY: the program passes a time, or nothing.
        let nanos = (!timeout.is_null()).then(|| time::nanos_of(unsafe { *timeout }));
        return raw::result(epoll(fd, events, most, nanos)) as i32;
    }
    let args = [fd as usize, events, most as usize, timeout as usize, mask, 8];
    // SAFETY: the caller's own call.
    raw::result(unsafe { raw::call(libc::SYS_epoll_pwait2, args) }) as i32
}

#[cfg_attr(not(test), unsafe(no_mangle))]
unsafe extern "C" fn poll(fds: *mut libc::pollfd, count: usize, milliseconds: i32) -> i32 {
    let attempt = |milliseconds: i32| {
        // SAFETY: the caller's own call.
        unsafe { raw::call(libc::SYS_poll, [fds as usize, count, milliseconds as usize, 0, 0, 0]) }
    };
    if !is_controlled() {
        return raw::result(attempt(milliseconds)) as i32;
    }
    let is_external = (0..count).any(|at| {
        // SAFETY: the program passes so many descriptors.
        let fd = unsafe { (*fds.add(at)).fd };
        fd >= 0 && with(|runtime| runtime.descriptors.is_external(fd))
    });
    raw::result(wait_until(of_milliseconds(milliseconds), is_external, attempt)) as i32
}

#[cfg_attr(not(test), unsafe(no_mangle))]
unsafe extern "C" fn read(fd: i32, bytes: usize, size: usize) -> isize {
    before_reading(fd);
    // SAFETY: the caller's own call.
    raw::result(unsafe { raw::call(libc::SYS_read, [fd as usize, bytes, size, 0, 0, 0]) }) as isize
}

#[cfg_attr(not(test), unsafe(no_mangle))]
unsafe extern "C" fn recv(fd: i32, bytes: usize, size: usize, flags: i32) -> isize {
    before_reading(fd);
    // SAFETY: the caller's own call.
    raw::result(unsafe { raw::call(libc::SYS_recvfrom, [fd as usize, bytes, size, flags as usize, 0, 0]) })
        as isize
}

#[cfg_attr(not(test), unsafe(no_mangle))]
unsafe extern "C" fn recvfrom(
    fd: i32,
    bytes: usize,
    size: usize,
    flags: i32,
    from: usize,
    length: usize,
) -> isize {
    before_reading(fd);
    // SAFETY: the caller's own call.
    raw::result(unsafe {
        raw::call(libc::SYS_recvfrom, [fd as usize, bytes, size, flags as usize, from, length])
    }) as isize
}

#[cfg_attr(not(test), unsafe(no_mangle))]
unsafe extern "C" fn accept4(fd: i32, address: usize, length: usize, flags: i32) -> i32 {
    before_reading(fd);
    // SAFETY: the caller's own call.
    raw::result(unsafe { raw::call(libc::SYS_accept4, [fd as usize, address, length, flags as usize, 0, 0]) })
        as i32
}

#[cfg_attr(not(test), unsafe(no_mangle))]
unsafe extern "C" fn connect(fd: i32, address: usize, length: u32) -> i32 {
    // SAFETY: the caller's own call. On loopback it does not wait; elsewhere it does so for real.
    let result = unsafe { raw::call(libc::SYS_connect, [fd as usize, address, length as usize, 0, 0, 0]) };
    if is_controlled() {
        with(|runtime| runtime.does(child::SOCKETS));
        outside_changed();
    }
    raw::result(result) as i32
}

#[cfg_attr(not(test), unsafe(no_mangle))]
unsafe extern "C" fn send(fd: i32, bytes: usize, size: usize, flags: i32) -> isize {
    // SAFETY: the caller's own call.
    let result = unsafe { raw::call(libc::SYS_sendto, [fd as usize, bytes, size, flags as usize, 0, 0]) };
    if is_controlled() {
        with(|runtime| runtime.does(child::SOCKETS));
        outside_changed();
    }
    raw::result(result) as isize
}

#[cfg_attr(not(test), unsafe(no_mangle))]
unsafe extern "C" fn close(fd: i32) -> i32 {
    let controlled = is_controlled();
    // SAFETY: the caller's own call.
    let result = unsafe { raw::call(libc::SYS_close, [fd as usize, 0, 0, 0, 0, 0]) };
    if controlled {
        with(|runtime| runtime.descriptors.forget(fd));
        outside_changed();
    }
    raw::result(result) as i32
}

#[cfg_attr(not(test), unsafe(no_mangle))]
unsafe extern "C" fn epoll_ctl(set: i32, operation: i32, fd: i32, event: usize) -> i32 {
    // SAFETY: the caller's own call.
    let args = [set as usize, operation as usize, fd as usize, event, 0, 0];
    // SAFETY: the caller's own call.
    let result = unsafe { raw::call(libc::SYS_epoll_ctl, args) };
    if is_controlled() {
        if result == 0 {
            with(|runtime| runtime.descriptors.control(set, operation, fd));
        }
        // Whoever waits on it sees that.
        outside_changed();
    }
    raw::result(result) as i32
}

/// Calls that make descriptors which only the program makes ready.
fn made(result: isize) -> i32 {
    if is_controlled() {
        with(|runtime| runtime.descriptors.add_internal(&[result as i32]));
    }
    raw::result(result) as i32
}

fn made_two(result: isize, two: *const i32) -> i32 {
    if is_controlled() && result == 0 {
        // SAFETY: the call has written two descriptors there.
        let two = unsafe { [*two, *two.add(1)] };
        with(|runtime| runtime.descriptors.add_internal(&two));
    }
    raw::result(result) as i32
}

#[cfg_attr(not(test), unsafe(no_mangle))]
extern "C" fn eventfd(value: u32, flags: i32) -> i32 {
    // SAFETY: no pointers.
    made(unsafe { raw::call(libc::SYS_eventfd2, [value as usize, flags as usize, 0, 0, 0, 0]) })
}

#[cfg_attr(not(test), unsafe(no_mangle))]
unsafe extern "C" fn pipe2(two: *mut i32, flags: i32) -> i32 {
    // SAFETY: the caller's own call.
    made_two(unsafe { raw::call(libc::SYS_pipe2, [two as usize, flags as usize, 0, 0, 0, 0]) }, two)
}

#[cfg_attr(not(test), unsafe(no_mangle))]
unsafe extern "C" fn pipe(two: *mut i32) -> i32 {
    // SAFETY: the caller's own call.
    made_two(unsafe { raw::call(libc::SYS_pipe2, [two as usize, 0, 0, 0, 0, 0]) }, two)
}

#[cfg_attr(not(test), unsafe(no_mangle))]
unsafe extern "C" fn socketpair(domain: i32, kind: i32, protocol: i32, two: *mut i32) -> i32 {
    let args = [domain as usize, kind as usize, protocol as usize, two as usize, 0, 0];
    // SAFETY: the caller's own call.
    made_two(unsafe { raw::call(libc::SYS_socketpair, args) }, two)
}

#[cfg_attr(not(test), unsafe(no_mangle))]
extern "C" fn timerfd_create(clock: i32, flags: i32) -> i32 {
    // SAFETY: no pointers.
    made(unsafe { raw::call(libc::SYS_timerfd_create, [clock as usize, flags as usize, 0, 0, 0, 0]) })
}

static SET_TIME: Real = Real::new(c"timerfd_settime");

#[cfg_attr(not(test), unsafe(no_mangle))]
unsafe extern "C" fn timerfd_settime(
    fd: i32,
    flags: i32,
    new: *const libc::itimerspec,
    old: *mut libc::itimerspec,
) -> i32 {
    if is_controlled() {
        // SAFETY: the program passes a time.
        set_timer(fd, flags, unsafe { *new }, false);
        // Whoever waits on it has to wait for another time.
        outside_changed();
        return 0;
    }
    // SAFETY: the C library's function of this name, and the caller's own call.
    unsafe {
        let real: unsafe extern "C" fn(i32, i32, *const libc::itimerspec, *mut libc::itimerspec) -> i32 =
            std::mem::transmute(SET_TIME.address());
        real(fd, flags, new, old)
    }
}
