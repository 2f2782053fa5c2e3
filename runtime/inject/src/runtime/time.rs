//! Virtual time and fixed randomness: what would make two executions of one schedule differ.

use super::raw;
use super::schedule::step;
use super::state::{is_controlled, with};
use gorace_analyzer_core::finding::{FNV_START, fnv};
use gorace_engine::{Op, Reply, SplitMix64, TimerOp};

const SECOND: u64 = 1_000_000_000;
/// When executions begin: the first second of 2026, and so long after the machine's start.
const EPOCH: u64 = 1_767_225_600 * SECOND;
const UPTIME: u64 = 1_000 * SECOND;

/// A time as nanoseconds.
pub fn nanos_of(time: libc::timespec) -> u64 {
    (time.tv_sec.max(0) as u64).saturating_mul(SECOND).saturating_add(time.tv_nsec.max(0) as u64)
}

fn since(real: bool) -> u64 {
    if real { EPOCH } else { UPTIME }
}

/// Nanoseconds since the execution's start.
pub fn now() -> u64 {
    match step(TimerOp::Now.into(), 0) {
        Reply::Value(now) => now,
        _ => 0,
    }
}

/// How long it is until a moment of one of the two clocks.
pub fn until(at: u64, real: bool) -> u64 {
    at.saturating_sub(since(real)).saturating_sub(now())
}

/// The same, seen from a moment that is known.
pub fn until_from(at: u64, real: bool, now: u64) -> u64 {
    at.saturating_sub(since(real)).saturating_sub(now)
}

/// The running thread yields.
pub fn step_back() {
    step(Op::Yield, 0);
}

/// The running thread sleeps.
pub fn sleep(nanos: u64) {
    step(TimerOp::Sleep { nanos }.into(), 0);
    with(|runtime| runtime.timed = true);
}

/// Fills `bytes` with numbers that are the same in every execution, whatever the other threads ask for.
pub fn fill_random(bytes: &mut [u8]) {
    with(|runtime| {
        let path = runtime.exec.task_path(runtime.current).ordinals().iter();
        let seed = path.fold(FNV_START, |hash, ordinal| fnv(hash, &ordinal.to_le_bytes()));
        let random = runtime.thread().random.get_or_insert_with(|| SplitMix64::new(seed));
        bytes.iter_mut().for_each(|byte| *byte = random.next_u64() as u8);
    });
}

/// Whether a clock tells the time of day.
pub fn is_real(clock: i32) -> bool {
    matches!(clock, libc::CLOCK_REALTIME | libc::CLOCK_REALTIME_COARSE | libc::CLOCK_TAI)
}

fn timespec(nanos: u64) -> libc::timespec {
    libc::timespec { tv_sec: (nanos / SECOND) as i64, tv_nsec: (nanos % SECOND) as i64 }
}

#[cfg_attr(not(test), unsafe(no_mangle))]
unsafe extern "C" fn clock_gettime(clock: i32, time: *mut libc::timespec) -> i32 {
    if is_controlled() {
        let now = since(is_real(clock)) + now();
        // SAFETY: the program passes room for a time.
        unsafe { *time = timespec(now) };
        return 0;
    }
    // SAFETY: the caller's own call.
    raw::result(unsafe { raw::call(libc::SYS_clock_gettime, [clock as usize, time as usize, 0, 0, 0, 0]) })
        as i32
}

#[cfg_attr(not(test), unsafe(no_mangle))]
unsafe extern "C" fn gettimeofday(time: *mut libc::timeval, zone: usize) -> i32 {
    if is_controlled() {
        let now = since(true) + now();
        // SAFETY: the program passes room for a time.
        unsafe {
            *time = libc::timeval { tv_sec: (now / SECOND) as i64, tv_usec: (now % SECOND / 1_000) as i64 }
        };
        return 0;
    }
    // SAFETY: the caller's own call.
    raw::result(unsafe { raw::call(libc::SYS_gettimeofday, [time as usize, zone, 0, 0, 0, 0]) }) as i32
}

#[cfg_attr(not(test), unsafe(no_mangle))]
unsafe extern "C" fn nanosleep(time: *const libc::timespec, left: usize) -> i32 {
    if is_controlled() {
        // SAFETY: the program passes a time.
        sleep(nanos_of(unsafe { *time }));
        return 0;
    }
    // SAFETY: the caller's own call.
    raw::result(unsafe { raw::call(libc::SYS_nanosleep, [time as usize, left, 0, 0, 0, 0]) }) as i32
}

#[cfg_attr(not(test), unsafe(no_mangle))]
unsafe extern "C" fn clock_nanosleep(
    clock: i32,
    flags: i32,
    time: *const libc::timespec,
    left: usize,
) -> i32 {
    if is_controlled() {
        // SAFETY: the program passes a time.
        let given = nanos_of(unsafe { *time });
        sleep(if flags & libc::TIMER_ABSTIME != 0 { until(given, is_real(clock)) } else { given });
        return 0;
    }
    let args = [clock as usize, flags as usize, time as usize, left, 0, 0];
    // SAFETY: the caller's own call. This function gives the error number itself.
    -unsafe { raw::call(libc::SYS_clock_nanosleep, args) } as i32
}

#[cfg_attr(not(test), unsafe(no_mangle))]
extern "C" fn sched_yield() -> i32 {
    if is_controlled() {
        step_back();
        return 0;
    }
    // SAFETY: no pointers.
    raw::result(unsafe { raw::call(libc::SYS_sched_yield, [0; 6]) }) as i32
}

#[cfg_attr(not(test), unsafe(no_mangle))]
unsafe extern "C" fn getrandom(bytes: *mut u8, size: usize, flags: u32) -> isize {
    if is_controlled() {
        // SAFETY: the program passes room for so many bytes.
        fill_random(unsafe { std::slice::from_raw_parts_mut(bytes, size) });
        return size as isize;
    }
    // SAFETY: the caller's own call.
    raw::result(unsafe { raw::call(libc::SYS_getrandom, [bytes as usize, size, flags as usize, 0, 0, 0]) })
        as isize
}
