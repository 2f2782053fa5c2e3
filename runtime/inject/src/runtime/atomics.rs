//! What instrumented code calls for each atomic operation: a scheduling point, then the operation itself.
//!
//! The names and the arguments are ThreadSanitizer's. The operations on memory are all `SeqCst`; the order
//! that the program wrote counts for what it orders.

use super::schedule::{is_of_no_interest, visit};
use super::shadow::{ATOMIC, WRITE};
use super::state::{is_on, is_tracking, with};
use gorace_analyzer_core::Order;
use gorace_engine::{Op, Settled, WordOp};
use std::arch::naked_asm;
use std::sync::atomic::{AtomicU8, AtomicU16, AtomicU32, AtomicU64, Ordering::SeqCst};

/// C11's numbers. Rust has no `consume`.
fn order(number: i32) -> Order {
    match number {
        0 => Order::Relaxed,
        1 | 2 => Order::Acquire,
        3 => Order::Release,
        4 => Order::AcqRel,
        _ => Order::SeqCst,
    }
}

/// One operation on the word at `address`: `f` does it, when its turn has come.
pub fn perform<T>(
    (address, size, pc): (usize, usize, usize),
    op: fn(gorace_analyzer_core::ObjIx, Order) -> WordOp,
    order: Order,
    f: impl FnOnce() -> (T, Settled),
) -> T {
    if !is_on() || is_of_no_interest() {
        return f().0;
    }
    let object = with(|runtime| runtime.word(address).object);
    visit(op(object, order).into(), pc);
    let (value, settled) = f();
    with(|runtime| {
        let me = runtime.current;
        runtime.exec.settle_word(me, object, settled);
        let mut clock = std::mem::take(&mut runtime.word(address).clock);
        runtime.threads[me.at()].knows.atomic(&mut clock, order, settled);
        runtime.word(address).clock = clock;
        if is_tracking() {
            let writes = matches!(settled, Settled::Wrote(_) | Settled::Updated(..));
            runtime.access(address, size, ATOMIC | if writes { WRITE } else { 0 }, pc);
        }
        runtime.tick();
    });
    value
}

macro_rules! load_op {
    () => {
        |word, order| WordOp::Load { word, order }
    };
}
macro_rules! update_op {
    () => {
        |word, order| WordOp::Update { word, order }
    };
}

/// For one width: each operation, and the function that instrumented code calls, which adds its return address.
macro_rules! width {
    ($module:ident $bits:literal $ty:ty, $atomic:ty; $load:ident $store:ident $cas:ident; $($rmw:ident $exported:ident $method:ident;)*) => {
        mod $module {
            use super::*;
            const SIZE: usize = $bits / 8;

            pub unsafe extern "C" fn load(word: *mut $ty, o: i32, _: usize, _: usize, _: usize, pc: usize) -> $ty {
                perform((word as usize, SIZE, pc), load_op!(), order(o), || {
                    // SAFETY: the program's own operation on its own word.
                    let value = unsafe { &*(word as *const $atomic) }.load(SeqCst);
                    (value, Settled::Read(u64::from(value)))
                })
            }

            pub unsafe extern "C" fn store(word: *mut $ty, value: $ty, o: i32, _: usize, _: usize, pc: usize) {
                perform((word as usize, SIZE, pc), |word, order| WordOp::Store { word, order }, order(o), || {
                    // SAFETY: the program's own operation on its own word.
                    unsafe { &*(word as *const $atomic) }.store(value, SeqCst);
                    ((), Settled::Wrote(u64::from(value)))
                })
            }

            pub unsafe extern "C" fn cas(word: *mut $ty, expected: $ty, new: $ty, o: i32, failure: i32, pc: usize) -> $ty {
                perform((word as usize, SIZE, pc), update_op!(), order(o), || {
                    // SAFETY: the program's own operation on its own word.
                    match unsafe { &*(word as *const $atomic) }.compare_exchange(expected, new, SeqCst, SeqCst) {
                        Ok(seen) => (seen, Settled::Updated(u64::from(seen), u64::from(new))),
                        Err(seen) => (seen, Settled::Failed(u64::from(seen), order(failure))),
                    }
                })
            }

            $(pub unsafe extern "C" fn $rmw(word: *mut $ty, operand: $ty, o: i32, _: usize, _: usize, pc: usize) -> $ty {
                perform((word as usize, SIZE, pc), update_op!(), order(o), || {
                    // SAFETY: the program's own operation on its own word; nobody else runs in between.
                    let atomic = unsafe { &*(word as *const $atomic) };
                    let seen = atomic.$method(operand, SeqCst);
                    (seen, Settled::Updated(u64::from(seen), u64::from(atomic.load(SeqCst))))
                })
            })*
        }

        exported! { $load $module::load; $store $module::store; $cas $module::cas; $($exported $module::$rmw;)* }
    };
}

macro_rules! exported {
    ($($name:ident $to:path;)*) => {
        $(
            #[unsafe(naked)]
            #[unsafe(no_mangle)]
            unsafe extern "C" fn $name() {
                naked_asm!("mov r9, [rsp]", "jmp {to}", to = sym $to)
            }
        )*
    };
}

width! { of8 8 u8, AtomicU8;
__tsan_atomic8_load __tsan_atomic8_store __tsan_atomic8_compare_exchange_val;
swap __tsan_atomic8_exchange swap; add __tsan_atomic8_fetch_add fetch_add; sub __tsan_atomic8_fetch_sub fetch_sub;
and __tsan_atomic8_fetch_and fetch_and; or __tsan_atomic8_fetch_or fetch_or; xor __tsan_atomic8_fetch_xor fetch_xor;
nand __tsan_atomic8_fetch_nand fetch_nand; }
width! { of16 16 u16, AtomicU16;
__tsan_atomic16_load __tsan_atomic16_store __tsan_atomic16_compare_exchange_val;
swap __tsan_atomic16_exchange swap; add __tsan_atomic16_fetch_add fetch_add; sub __tsan_atomic16_fetch_sub fetch_sub;
and __tsan_atomic16_fetch_and fetch_and; or __tsan_atomic16_fetch_or fetch_or; xor __tsan_atomic16_fetch_xor fetch_xor;
nand __tsan_atomic16_fetch_nand fetch_nand; }
width! { of32 32 u32, AtomicU32;
__tsan_atomic32_load __tsan_atomic32_store __tsan_atomic32_compare_exchange_val;
swap __tsan_atomic32_exchange swap; add __tsan_atomic32_fetch_add fetch_add; sub __tsan_atomic32_fetch_sub fetch_sub;
and __tsan_atomic32_fetch_and fetch_and; or __tsan_atomic32_fetch_or fetch_or; xor __tsan_atomic32_fetch_xor fetch_xor;
nand __tsan_atomic32_fetch_nand fetch_nand; }
width! { of64 64 u64, AtomicU64;
__tsan_atomic64_load __tsan_atomic64_store __tsan_atomic64_compare_exchange_val;
swap __tsan_atomic64_exchange swap; add __tsan_atomic64_fetch_add fetch_add; sub __tsan_atomic64_fetch_sub fetch_sub;
and __tsan_atomic64_fetch_and fetch_and; or __tsan_atomic64_fetch_or fetch_or; xor __tsan_atomic64_fetch_xor fetch_xor;
nand __tsan_atomic64_fetch_nand fetch_nand; }

exported! { __tsan_atomic_thread_fence fence; }

unsafe extern "C" fn fence(number: i32, _: usize, _: usize, _: usize, _: usize, pc: usize) {
    std::sync::atomic::fence(SeqCst);
    if !is_on() || is_of_no_interest() {
        return;
    }
    visit(Op::Fence { order: order(number) }, pc);
    with(|runtime| {
        runtime.thread().knows.fence(order(number));
        runtime.tick();
    });
}

#[unsafe(no_mangle)]
extern "C" fn __tsan_atomic_signal_fence(_order: i32) {}
