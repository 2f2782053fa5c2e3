//! A task's stack overflow ends that task, and nothing else.
//!
//! The handler for SIGSEGV is installed once, in front of the previous one (std's, which says that the
//! thread overflowed and aborts). A fault in the reserve of the running task's stack opens the reserve: the task goes on
//! to its next operation, which ends it (`stack/reserve.rs`). If the fault lies in the guard page below, the
//! interrupted context is sent back to whoever resumed the task; every other fault goes to the previous handler.
//!
//! In the guard page a task is cut off in the middle of whatever it did, and what it held there it holds for ever, as
//! the allocator's lock, which then stops everybody. The watchdog says so.
//!
//! Linux on x86_64 and aarch64; elsewhere an overflow ends the process as it does without gorace.

/// Installs the handler, the first time.
pub(crate) fn install() {
    #[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
    handler::install();
}

#[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
mod handler {
    use crate::inside::context::note_open_reserve;
    use crate::inside::stack::{escape_overflow, open_reserve};
    use std::mem::MaybeUninit;
    use std::sync::{Once, OnceLock};

    static PREVIOUS: OnceLock<libc::sigaction> = OnceLock::new();

    pub fn install() {
        static INSTALLED: Once = Once::new();
        INSTALLED.call_once(|| {
            // SAFETY: plain calls of sigaction with a handler of the type that SA_SIGINFO wants. The
            // alternative stack is std's, which each of its threads has.
            unsafe {
                let mut previous = MaybeUninit::<libc::sigaction>::zeroed();
                if libc::sigaction(libc::SIGSEGV, std::ptr::null(), previous.as_mut_ptr()) != 0 {
                    return;
                }
                PREVIOUS.get_or_init(|| previous.assume_init());
                let mut action = MaybeUninit::<libc::sigaction>::zeroed().assume_init();
                action.sa_sigaction = on_fault as *const () as usize;
                action.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK;
                libc::sigaction(libc::SIGSEGV, &action, std::ptr::null_mut());
            }
        });
    }

    extern "C" fn on_fault(signal: libc::c_int, info: *mut libc::siginfo_t, context: *mut libc::c_void) {
        // SAFETY: the kernel passes valid pointers to a handler with SA_SIGINFO.
        unsafe {
            let address = (*info).si_addr() as usize;
            let context_ref = &mut *context.cast::<libc::ucontext_t>();
            if open_reserve(address, stack_pointer(context_ref)) {
                note_open_reserve();
                return;
            }
            if let Some(regs) = escape_overflow(address, stack_pointer(context_ref)) {
                set_registers(context_ref, &regs);
                return;
            }
            forward(signal, info, context);
        }
    }

    /// Does what would have been done without us.
    ///
    /// # Safety
    /// The arguments are the ones that the kernel passed.
    unsafe fn forward(signal: libc::c_int, info: *mut libc::siginfo_t, context: *mut libc::c_void) {
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

    #[cfg(target_arch = "x86_64")]
    fn stack_pointer(context: &libc::ucontext_t) -> usize {
        context.uc_mcontext.gregs[libc::REG_RSP as usize] as usize
    }

    #[cfg(all(target_arch = "x86_64", gorace_portable))]
    fn set_registers(context: &mut libc::ucontext_t, regs: &corosensei::trap::TrapHandlerRegs) {
        let gregs = &mut context.uc_mcontext.gregs;
        gregs[libc::REG_RIP as usize] = regs.rip as i64;
        gregs[libc::REG_RSP as usize] = regs.rsp as i64;
        gregs[libc::REG_RBP as usize] = regs.rbp as i64;
        gregs[libc::REG_RDI as usize] = regs.rdi as i64;
        gregs[libc::REG_RSI as usize] = regs.rsi as i64;
    }

    #[cfg(all(target_arch = "x86_64", not(gorace_portable)))]
    fn set_registers(context: &mut libc::ucontext_t, to: &crate::inside::stack::Escape) {
        let gregs = &mut context.uc_mcontext.gregs;
        gregs[libc::REG_RIP as usize] = to.rip as i64;
        gregs[libc::REG_RSP as usize] = to.rsp as i64;
    }

    #[cfg(target_arch = "aarch64")]
    fn stack_pointer(context: &libc::ucontext_t) -> usize {
        context.uc_mcontext.sp as usize
    }

    #[cfg(target_arch = "aarch64")]
    fn set_registers(context: &mut libc::ucontext_t, regs: &corosensei::trap::TrapHandlerRegs) {
        let machine = &mut context.uc_mcontext;
        machine.pc = regs.pc;
        machine.sp = regs.sp;
        machine.regs[0] = regs.x0;
        machine.regs[1] = regs.x1;
        machine.regs[29] = regs.x29;
        machine.regs[30] = regs.lr;
    }
}
