//! The world outside: descriptors, and who waits for them.
//!
//! A call that would wait is tried without waiting; if it is not ready, the others run first, and it is tried again
//! whenever the program has written somewhere. If nobody else can run, it waits for real, and the report says that the
//! run depends on the outside.

use super::futex::{outside_changed, wait_for_outside};
use super::raw;
use super::state::{Runtime, is_controlled, with};
use gorace_analyzer_core::{ObjIx, ObjectKind, Place};
use gorace_engine::ObjectSpec;

/// How much of what is written to standard error is kept.
const KEPT: usize = 4096;

impl Runtime {
    /// The object that stands for the world outside.
    pub fn outside_word(&mut self) -> ObjIx {
        if let Some(known) = self.outside {
            return known;
        }
        let spec = ObjectSpec {
            kind: ObjectKind::Word,
            made: Place::Unknown,
            name: Some("the world outside"),
            type_name: || "",
            initial: 0,
        };
        self.addresses.push(0);
        let made = self.exec.register(self.current, spec);
        self.outside = Some(made);
        made
    }

    fn keep_stderr(&mut self, bytes: &[u8]) {
        self.stderr.extend_from_slice(&bytes[bytes.len().saturating_sub(KEPT)..]);
        let excess = self.stderr.len().saturating_sub(KEPT);
        self.stderr.drain(..excess);
    }
}

#[cfg_attr(not(test), unsafe(no_mangle))]
unsafe extern "C" fn write(fd: i32, bytes: *const u8, size: usize) -> isize {
    let controlled = is_controlled();
    if controlled && fd == 2 {
        // SAFETY: the program passes so many bytes.
        with(|runtime| runtime.keep_stderr(unsafe { std::slice::from_raw_parts(bytes, size) }));
    }
    // SAFETY: the caller's own call.
    let result = unsafe { raw::call(libc::SYS_write, [fd as usize, bytes as usize, size, 0, 0, 0]) };
    if controlled && fd > 2 {
        with(|runtime| runtime.used_outside = true);
        outside_changed();
    }
    raw::result(result) as isize
}

#[cfg_attr(not(test), unsafe(no_mangle))]
unsafe extern "C" fn writev(fd: i32, parts: *const libc::iovec, count: i32) -> isize {
    let controlled = is_controlled();
    if controlled && fd == 2 {
        for i in 0..count as usize {
            // SAFETY: the program passes so many parts, each with its bytes.
            let part = unsafe {
                let part = &*parts.add(i);
                std::slice::from_raw_parts(part.iov_base as *const u8, part.iov_len)
            };
            with(|runtime| runtime.keep_stderr(part));
        }
    }
    // SAFETY: the caller's own call.
    let result =
        unsafe { raw::call(libc::SYS_writev, [fd as usize, parts as usize, count as usize, 0, 0, 0]) };
    if controlled && fd > 2 {
        with(|runtime| runtime.used_outside = true);
        outside_changed();
    }
    raw::result(result) as isize
}

/// Waits until `attempt`, which does not wait, gives something, or for so many milliseconds (negative: for ever).
fn wait_until(milliseconds: i32, attempt: impl Fn() -> isize) -> isize {
    loop {
        let result = attempt();
        if result != 0 || milliseconds == 0 {
            return result;
        }
        let nanos = u64::try_from(milliseconds).ok().map(|ms| ms * 1_000_000);
        if wait_for_outside(nanos) {
            return attempt();
        }
    }
}

#[cfg_attr(not(test), unsafe(no_mangle))]
unsafe extern "C" fn epoll_wait(fd: i32, events: usize, most: i32, milliseconds: i32) -> i32 {
    let attempt = |milliseconds: i32| {
        let args = [fd as usize, events, most as usize, milliseconds as usize, 0, 8];
        // SAFETY: the caller's own call.
        unsafe { raw::call(libc::SYS_epoll_pwait, args) }
    };
    let controlled = is_controlled();
    raw::result(if controlled { wait_until(milliseconds, || attempt(0)) } else { attempt(milliseconds) })
        as i32
}

#[cfg_attr(not(test), unsafe(no_mangle))]
unsafe extern "C" fn poll(fds: usize, count: usize, milliseconds: i32) -> i32 {
    let attempt = |milliseconds: i32| {
        // SAFETY: the caller's own call.
        unsafe { raw::call(libc::SYS_poll, [fds, count, milliseconds as usize, 0, 0, 0]) }
    };
    let controlled = is_controlled();
    raw::result(if controlled { wait_until(milliseconds, || attempt(0)) } else { attempt(milliseconds) })
        as i32
}
