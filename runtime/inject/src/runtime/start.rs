//! Main, on a stack at a fixed address, under control if somebody wants that.

use super::threads::Real;
use super::{schedule, server, state};
use std::arch::naked_asm;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

static REAL: Real = Real::new(c"__libc_start_main");
/// The program's main.
static MAIN: AtomicUsize = AtomicUsize::new(0);

type Main = extern "C" fn(i32, usize, usize) -> i32;

/// The C library's function that the program's first instructions call, with the program's main.
#[cfg_attr(not(test), unsafe(no_mangle))]
unsafe extern "C" fn __libc_start_main(
    main: usize,
    argc: i32,
    argv: usize,
    init: usize,
    fini: usize,
    loader_fini: usize,
    stack_end: usize,
) -> i32 {
    MAIN.store(main, Relaxed);
    type Start = unsafe extern "C" fn(Main, i32, usize, usize, usize, usize, usize) -> i32;
    // SAFETY: the C library's function of this name, called with what the program called it with but for main.
    unsafe {
        let real: Start = std::mem::transmute(REAL.address());
        real(begin, argc, argv, init, fini, loader_fini, stack_end)
    }
}

extern "C" fn begin(argc: i32, argv: usize, environment: usize) -> i32 {
    // SAFETY: the program's main.
    let main: Main = unsafe { std::mem::transmute(MAIN.load(Relaxed)) };
    if !server::is_wanted() {
        return main(argc, argv, environment);
    }
    state::prepare();
    let top = server::serve();
    // SAFETY: the stack is a mapping of its own, and main gets its own arguments.
    let code = unsafe { on_stack(argc, argv, environment, top, main) };
    state::with(|runtime| runtime.exit_code = Some(code));
    schedule::leave_main()
}

/// Calls `main` with its three arguments on the stack that ends at `top`.
#[unsafe(naked)]
unsafe extern "C" fn on_stack(argc: i32, argv: usize, environment: usize, top: usize, main: Main) -> i32 {
    naked_asm!("push rbp", "mov rbp, rsp", "mov rsp, rcx", "call r8", "mov rsp, rbp", "pop rbp", "ret")
}
