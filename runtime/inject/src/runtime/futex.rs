//! Futexes: std's locks, parking and condition variables wait by the C library's function `syscall`.

use super::raw;
use super::schedule::{go_on, step};
use super::state::{Runtime, is_controlled, with};
use super::time;
use gorace_engine::{Reply, WordOp};
use std::arch::naked_asm;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering::SeqCst};

/// All bits: any waker.
pub const ANY: u32 = u32::MAX;

/// Waits while the word has this value.
fn wait(address: usize, expected: u32, bits: u32, nanos: Option<u64>, pc: usize) -> isize {
    let word = with(|runtime| runtime.word(address).object);
    step(WordOp::Wait { word }.into(), pc);
    // SAFETY: the program passes a word of its own.
    let value = unsafe { &*(address as *const AtomicU32) }.load(SeqCst);
    if value != expected {
        return -(libc::EAGAIN as isize);
    }
    let me = with(|runtime| {
        let me = runtime.current;
        runtime.timed |= nanos.is_some();
        runtime.exec.wait_on(me, word, bits, nanos);
        me
    });
    go_on(me);
    match with(|runtime| runtime.exec.reply(me)) {
        Reply::Flag(true) => -(libc::ETIMEDOUT as isize),
        _ => 0,
    }
}

fn wake(address: usize, most: u32, bits: u32, pc: usize) -> isize {
    let word = with(|runtime| runtime.word(address).object);
    match step(WordOp::Wake { word, most, bits }.into(), pc) {
        Reply::Value(woken) => woken as isize,
        _ => 0,
    }
}

/// Waits until the world outside is said to have changed, or for so long; whether time was up.
pub fn wait_for_outside(nanos: Option<u64>) -> bool {
    let word = with(Runtime::outside_word);
    step(WordOp::Wait { word }.into(), 0);
    let me = with(|runtime| {
        let me = runtime.current;
        runtime.timed |= nanos.is_some();
        runtime.exec.wait_on(me, word, ANY, nanos);
        me
    });
    go_on(me);
    with(|runtime| runtime.exec.reply(me)) == Reply::Flag(true)
}

/// The program has done something that those may see who wait for the world outside.
pub fn outside_changed() {
    let awaited = with(|runtime| runtime.outside.is_some_and(|word| runtime.exec.is_awaited(word)));
    if awaited {
        let word = with(Runtime::outside_word);
        step(WordOp::Wake { word, most: u32::MAX, bits: ANY }.into(), 0);
    }
}

fn futex(
    address: usize,
    operation: i32,
    value: u32,
    timeout: *const libc::timespec,
    bits: u32,
    pc: usize,
) -> isize {
    let command = operation & !(libc::FUTEX_PRIVATE_FLAG | libc::FUTEX_CLOCK_REALTIME);
    let real_time = operation & libc::FUTEX_CLOCK_REALTIME != 0;
    // SAFETY: the program passes a time, or nothing.
    let given = || (!timeout.is_null()).then(|| time::nanos_of(unsafe { *timeout }));
    match command {
        libc::FUTEX_WAIT => wait(address, value, ANY, given(), pc),
        libc::FUTEX_WAIT_BITSET => {
            wait(address, value, bits, given().map(|at| time::until(at, real_time)), pc)
        }
        libc::FUTEX_WAKE => wake(address, value, ANY, pc),
        libc::FUTEX_WAKE_BITSET => wake(address, value, bits, pc),
        _ => -(libc::ENOSYS as isize),
    }
}

/// Where the last call of `syscall` returns to. One thread of the program runs at a time.
static CALLER: AtomicUsize = AtomicUsize::new(0);

/// The C library's function, which notes its caller: that is where the program waits or wakes.
#[unsafe(naked)]
#[cfg_attr(not(test), unsafe(no_mangle))]
unsafe extern "C" fn syscall() {
    naked_asm!("mov rax, [rsp]", "mov [rip + {caller}], rax", "jmp {to}", caller = sym CALLER, to = sym system_call)
}

unsafe extern "C" fn system_call(
    number: i64,
    a: usize,
    b: usize,
    c: usize,
    d: usize,
    e: usize,
    f: usize,
) -> i64 {
    if is_controlled() {
        let pc = CALLER.load(SeqCst);
        match number {
            libc::SYS_futex => {
                return raw::result(futex(a, b as i32, c as u32, d as *const libc::timespec, f as u32, pc));
            }
            libc::SYS_getrandom => {
                // SAFETY: the program passes room for so many bytes.
                time::fill_random(unsafe { std::slice::from_raw_parts_mut(a as *mut u8, b) });
                return b as i64;
            }
            libc::SYS_sched_yield => {
                time::step_back();
                return 0;
            }
            _ => {}
        }
    }
    // SAFETY: the caller's own call.
    raw::result(unsafe { raw::call(number, [a, b, c, d, e, f]) })
}
