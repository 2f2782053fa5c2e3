//! What the program writes: noted where it tells something, and seen by those who wait for it.

use super::child;
use super::futex::outside_changed;
use super::raw;
use super::state::{Runtime, is_controlled, is_programs, with};
use gorace_analyzer_core::ObjIx;
use std::mem::MaybeUninit;

/// How much of what is written to standard error is kept.
const KEPT: usize = 4096;

impl Runtime {
    /// The object that stands for the world outside.
    pub fn outside_word(&mut self) -> ObjIx {
        if let Some(known) = self.outside {
            return known;
        }
        self.addresses.push(0);
        let made = self.exec.register(self.current, 0);
        self.outside = Some(made);
        made
    }

    fn keep_stderr(&mut self, bytes: &[u8]) {
        self.stderr.extend_from_slice(&bytes[bytes.len().saturating_sub(KEPT)..]);
        let excess = self.stderr.len().saturating_sub(KEPT);
        self.stderr.drain(..excess);
    }
}

/// Something was written to a descriptor that is not for what the program says.
fn note_written(fd: i32) {
    with(|runtime| {
        if runtime.descriptors.is_external(fd) {
            runtime.does(kind(fd));
        }
    });
}

/// What it is to write to this: [`child::FILES`], [`child::SOCKETS`], or nothing that has a name.
fn kind(fd: i32) -> u64 {
    let mut about = MaybeUninit::<libc::stat>::zeroed();
    // SAFETY: there is room for what is known of it, and zeros are a value of that.
    let mode = unsafe {
        raw::call(libc::SYS_fstat, [fd as usize, about.as_mut_ptr() as usize, 0, 0, 0, 0]);
        about.assume_init().st_mode
    };
    match mode & libc::S_IFMT {
        libc::S_IFREG => child::FILES,
        libc::S_IFSOCK => child::SOCKETS,
        _ => 0,
    }
}

#[cfg_attr(not(test), unsafe(no_mangle))]
unsafe extern "C" fn write(fd: i32, bytes: *const u8, size: usize) -> isize {
    let controlled = is_controlled();
    if is_programs() && fd == 2 {
        // SAFETY: the program passes so many bytes.
        with(|runtime| runtime.keep_stderr(unsafe { std::slice::from_raw_parts(bytes, size) }));
    }
    // SAFETY: the caller's own call.
    let result = unsafe { raw::call(libc::SYS_write, [fd as usize, bytes as usize, size, 0, 0, 0]) };
    if controlled && fd > 2 {
        note_written(fd);
        outside_changed();
    }
    raw::result(result) as isize
}

#[cfg_attr(not(test), unsafe(no_mangle))]
unsafe extern "C" fn writev(fd: i32, parts: *const libc::iovec, count: i32) -> isize {
    let controlled = is_controlled();
    if is_programs() && fd == 2 {
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
        note_written(fd);
        outside_changed();
    }
    raw::result(result) as isize
}
