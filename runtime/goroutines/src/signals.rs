//! Signals: SIGQUIT asks for a dump of the goroutines, SIGSEGV in a guard is a stack overflow.

use crate::fatal;
use crate::service;
use crate::stack::guard_of;
use crate::task::Task;
use std::fmt::Write as _;
use std::io::Read as _;
use std::mem::MaybeUninit;
use std::os::fd::AsRawFd as _;
use std::sync::atomic::{AtomicI32, Ordering::Relaxed};
use std::sync::{Once, OnceLock};

static QUIT_PIPE: AtomicI32 = AtomicI32::new(-1);
static PREVIOUS: OnceLock<libc::sigaction> = OnceLock::new();

/// Has SIGQUIT print a dump and end the process, from now on.
pub(crate) fn dump_on_quit() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        let Ok((mut read, write)) = std::io::pipe() else { return };
        QUIT_PIPE.store(write.as_raw_fd(), Relaxed);
        // It is written to for as long as the process lives.
        std::mem::forget(write);
        let wait = move || {
            if read.read(&mut [0]).is_ok_and(|count| count > 0) {
                fatal::quit();
            }
        };
        if service::start("gorace signals", wait).is_ok() {
            install(libc::SIGQUIT, on_quit as *const () as usize, libc::SA_RESTART);
        }
    });
}

/// Has an overflow of a goroutine's stack say so, and end the process.
pub(crate) fn tell_overflows() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        let mut previous = MaybeUninit::<libc::sigaction>::zeroed();
        // SAFETY: asks what is installed.
        if unsafe { libc::sigaction(libc::SIGSEGV, std::ptr::null(), previous.as_mut_ptr()) } != 0 {
            return;
        }
        // SAFETY: sigaction has written it, and all bytes of it were zeros before.
        PREVIOUS.get_or_init(|| unsafe { previous.assume_init() });
        let flags = libc::SA_SIGINFO | libc::SA_ONSTACK;
        install(libc::SIGSEGV, on_fault as *const () as usize, flags);
        // Where a guard is a page without rights, some systems send this instead.
        install(libc::SIGBUS, on_fault as *const () as usize, flags);
    });
}

fn install(signal: libc::c_int, handler: usize, flags: libc::c_int) {
    // SAFETY: plain calls of sigaction with a handler of the type that the flags want. The alternative stack is
    // std's, which each of its threads has.
    unsafe {
        let mut action = MaybeUninit::<libc::sigaction>::zeroed().assume_init();
        action.sa_sigaction = handler;
        action.sa_flags = flags;
        libc::sigaction(signal, &action, std::ptr::null_mut());
    }
}

extern "C" fn on_quit(_signal: libc::c_int) {
    // SAFETY: writes one byte to a pipe that is never closed; a handler may do that.
    unsafe { libc::write(QUIT_PIPE.load(Relaxed), [0_u8].as_ptr().cast(), 1) };
}

/// A line that is put together without memory from the heap.
struct Line {
    text: [u8; 256],
    len: usize,
}

impl std::fmt::Write for Line {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        let room = &mut self.text[self.len..];
        let count = text.len().min(room.len());
        room[..count].copy_from_slice(&text.as_bytes()[..count]);
        self.len += count;
        Ok(())
    }
}

extern "C" fn on_fault(signal: libc::c_int, info: *mut libc::siginfo_t, context: *mut libc::c_void) {
    // SAFETY: the kernel passes valid pointers to a handler with SA_SIGINFO.
    let address = unsafe { (*info).si_addr() }.addr();
    let Some(size) = guard_of(address) else { return forward(signal, info, context) };
    let task = crate::sched::local::current();
    let mut line = Line { text: [0; 256], len: 0 };
    let (id, name) = task.as_ref().map_or((0, None), |task: &Task| (task.id(), task.name()));
    let _ = write!(
        line,
        "runtime: goroutine stack exceeds {size}-byte limit\nfatal error: stack overflow\n\ngoroutine {id} \
         [running]:\n{}\nexit status 2\n",
        name.unwrap_or("(no name)"),
    );
    // SAFETY: writes what was put together, and ends the process without anything that a handler must not do.
    unsafe {
        libc::write(2, line.text.as_ptr().cast(), line.len);
        libc::_exit(2);
    }
}

/// Does what would have been done without us.
fn forward(signal: libc::c_int, info: *mut libc::siginfo_t, context: *mut libc::c_void) {
    let Some(previous) = PREVIOUS.get() else { return };
    let handler = previous.sa_sigaction;
    if handler == libc::SIG_DFL || handler == libc::SIG_IGN || previous.sa_flags & libc::SA_SIGINFO == 0 {
        // SAFETY: restores what was there; the faulting instruction then faults again.
        unsafe { libc::sigaction(signal, previous, std::ptr::null_mut()) };
        return;
    }
    // SAFETY: with SA_SIGINFO the field holds a function of this type.
    let handler = unsafe {
        std::mem::transmute::<usize, extern "C" fn(libc::c_int, *mut libc::siginfo_t, *mut libc::c_void)>(
            handler,
        )
    };
    handler(signal, info, context);
}
