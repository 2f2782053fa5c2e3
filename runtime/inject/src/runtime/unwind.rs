//! Panics: where they are raised, and how far they unwind.
//!
//! A landing pad ends in `_Unwind_Resume` unless it is the one that catches. So whoever catches a panic is on the stack
//! that was there when that function was last called.

use super::raw;
use super::stacks::DEFAULT;
use super::state::{is_controlled, is_programs, with};
use super::threads::Real;
use crate::wire::Panic;
use std::arch::naked_asm;

static RAISE: Real = Real::new(c"_Unwind_RaiseException");
static RESUME: Real = Real::new(c"_Unwind_Resume");

/// Notes that a panic is raised; gives the function that raises it.
extern "C" fn raised() -> usize {
    if is_controlled() {
        note_panic();
    }
    RAISE.address()
}

/// The running task panics here.
pub fn note_panic() {
    with(|runtime| {
        let current = runtime.current;
        let node = runtime.threads[current.at()].calls.node(&mut runtime.contexts);
        let raised = runtime.contexts.keep(node, 0);
        let said = String::from_utf8_lossy(&runtime.stderr).into_owned();
        let panic = Panic { task: current.0, raised, unwound: raised, said, joined: false };
        runtime.thread().panic = Some(panic);
    });
}

extern "C" fn resumed() -> usize {
    if is_controlled() {
        with(|runtime| {
            let current = runtime.current.at();
            let node = runtime.threads[current].calls.node(&mut runtime.contexts);
            let unwound = runtime.contexts.keep(node, 0);
            if let Some(panic) = &mut runtime.threads[current].panic {
                panic.unwound = unwound;
            }
        });
    }
    RESUME.address()
}

/// Goes on to the real function, as if its caller had called it: the unwinder begins at the caller's frame.
macro_rules! before {
    ($($name:ident $first:ident;)*) => {
        $(
            #[unsafe(naked)]
            #[allow(non_snake_case, reason = "the unwinder's name")]
            #[cfg_attr(not(test), unsafe(no_mangle))]
            unsafe extern "C" fn $name() {
                naked_asm!("push rdi", "call {first}", "pop rdi", "jmp rax", first = sym $first)
            }
        )*
    };
}

before! { _Unwind_RaiseException raised; _Unwind_Resume resumed; }

/// The program ends itself by `abort`: after a panic if its profile says so, or in a handler after a stack overflow.
#[cfg_attr(not(test), unsafe(no_mangle))]
extern "C" fn abort() -> ! {
    if is_programs() {
        // A handler's stack is small.
        let stack = raw::reserve(0, DEFAULT).unwrap_or_else(|| raw::die("no memory for a stack"));
        // SAFETY: a new stack, and a function that does not return.
        unsafe { on_stack(stack + DEFAULT) }
    }
    // SAFETY: no pointers; the default action ends the process.
    unsafe {
        let process = raw::call(libc::SYS_getpid, [0; 6]) as usize;
        raw::call(libc::SYS_kill, [process, libc::SIGABRT as usize, 0, 0, 0, 0]);
    }
    raw::exit(134)
}

/// Goes on in [`aborted`] on the stack that ends at `top`.
#[unsafe(naked)]
unsafe extern "C" fn on_stack(_top: usize) -> ! {
    naked_asm!("mov rsp, rdi", "xor ebp, ebp", "call {to}", "ud2", to = sym aborted)
}

extern "C" fn aborted() -> ! {
    note_panic();
    super::finish::end_program("abort", None)
}
