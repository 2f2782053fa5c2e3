//! One execution's process, as its server sees it: how it ends, what it leaves.

use super::raw;
use super::state::Runtime;
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicU64, AtomicUsize, Ordering::Relaxed};

/// It ended, and nothing is wrong with it.
pub const CLEAN: i32 = 0;
/// It left its trace.
pub const TRACE: i32 = 1;
/// The runtime could not go on.
pub const INTERNAL: i32 = 70;

/// What is shared between a server and its children.
#[derive(Default)]
pub struct Shared {
    pub steps: AtomicU64,
    pub accesses: AtomicU64,
    pub flags: AtomicU64,
}

/// The flags, by their bits.
pub const THREADED: u64 = 1;
pub const WEAK: u64 = 2;
pub const ORDERED_TIMERS: u64 = 4;
pub const BOUNDED_TIMERS: u64 = 8;
pub const TIMERS: u64 = 16;
pub const SPIN_CUT: u64 = 32;
pub const OUTSIDE: u64 = 64;
pub const TRUNCATED: u64 = 128;
/// What the program did to the world outside, as [`Runtime::deeds`] has it.
pub const FILES: u64 = 256;
pub const SOCKETS: u64 = 512;
pub const PROCESSES: u64 = 1024;

static SHARED: AtomicUsize = AtomicUsize::new(0);
static TRACE_FILE: AtomicI32 = AtomicI32::new(-1);
static WANTED: AtomicBool = AtomicBool::new(false);
/// Threads that are no second one: main, and a test harness's own.
static OWN: AtomicUsize = AtomicUsize::new(1);

/// The page that is shared; made by the server.
pub fn shared() -> &'static Shared {
    let mut at = SHARED.load(Relaxed);
    if at == 0 {
        let flags = (libc::MAP_SHARED | libc::MAP_ANONYMOUS) as usize;
        let access = (libc::PROT_READ | libc::PROT_WRITE) as usize;
        // SAFETY: a new mapping.
        let got = unsafe { raw::call(libc::SYS_mmap, [0, 4096, access, flags, usize::MAX, 0]) };
        if got <= 0 {
            raw::die("cannot share a page of memory");
        }
        at = got as usize;
        SHARED.store(at, Relaxed);
    }
    // SAFETY: the page is never unmapped, and zero is a valid value of it.
    unsafe { &*(at as *const Shared) }
}

/// Where traces go, whether one is wanted in any case, and whether the program is a test harness.
pub fn expect(trace_file: i32, wanted: bool, harness: bool) {
    OWN.store(if harness { 2 } else { 1 }, Relaxed);
    TRACE_FILE.store(trace_file, Relaxed);
    WANTED.store(wanted, Relaxed);
}

/// Whether the trace is wanted in any case.
pub fn is_wanted() -> bool {
    WANTED.load(Relaxed)
}

/// Tells the server what is to be counted.
pub fn report(runtime: &Runtime, truncated: bool) {
    let exec = &runtime.exec;
    let flags = [
        (runtime.threads.len() > OWN.load(Relaxed), THREADED),
        (exec.used_weak_orders(), WEAK),
        (exec.ordered_timers(), ORDERED_TIMERS),
        (exec.bounded_timers(), BOUNDED_TIMERS),
        (runtime.timed, TIMERS),
        (exec.cut_spins(), SPIN_CUT),
        (runtime.used_outside, OUTSIDE),
        (truncated, TRUNCATED),
    ];
    let shared = shared();
    shared.steps.store(exec.steps(), Relaxed);
    shared.accesses.store(runtime.accesses, Relaxed);
    let flags: u64 = flags.iter().filter(|(on, _)| *on).map(|(_, bit)| bit).sum();
    shared.flags.store(flags | runtime.deeds, Relaxed);
}

/// Writes the trace where it is expected.
pub fn leave_trace(text: &[u8]) {
    let fd = TRACE_FILE.load(Relaxed);
    // SAFETY: no pointers.
    unsafe {
        // A limit on files is no bug of the program's: the file is short then, which the command line sees.
        libc::signal(libc::SIGXFSZ, libc::SIG_IGN);
        raw::call(libc::SYS_ftruncate, [fd as usize, 0, 0, 0, 0, 0]);
        raw::call(libc::SYS_lseek, [fd as usize, 0, libc::SEEK_SET as usize, 0, 0, 0]);
    }
    raw::write(fd, text);
}
