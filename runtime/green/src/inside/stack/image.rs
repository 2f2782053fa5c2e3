//! All that decides what a task does next, but what it shares with others and what lies on the heap: its registers and its
//! stack, as words. See [`comings`](crate::inside::comings), which compares them.
//!
//! Where a heap puts something differs from run to run, and nothing may depend on it: pointers there are left out. What is
//! told depends on what the task did alone, as far as what the library's own frames had left was scrubbed before. Where stacks
//! are not ours (`portable.rs`) nothing is told.

/// Where a task has called the library.
pub(crate) struct Here(
    #[cfg(all(target_arch = "x86_64", target_os = "linux", not(gorace_portable)))] [usize; 8],
);

#[cfg(not(all(target_arch = "x86_64", target_os = "linux", not(gorace_portable))))]
impl Here {
    #[inline(always)]
    pub fn now() -> Self {
        Here()
    }

    pub fn image(&self, _words: &mut Vec<usize>) -> Option<[usize; 2]> {
        None
    }

    pub fn scrub(&self, _with_backtraces: bool) {}
}

#[cfg(all(target_arch = "x86_64", target_os = "linux", not(gorace_portable)))]
mod on_x86_64 {
    use super::Here;
    use crate::inside::stack::native;
    use std::arch::asm;

    /// Bytes below a caller of the library that its own frames may have written: some three times what an operation takes, ..
    const SCRUBBED: usize = if cfg!(debug_assertions) { 16 << 10 } else { 4 << 10 };

    /// .. and what a backtrace takes, three times as well.
    const SCRUBBED_AFTER_BACKTRACE: usize = 64 << 10;

    /// Where programs have their memory: numbers as large as these are taken for pointers.
    const LOWEST_POINTER: usize = 1 << 40;
    const HIGHEST_POINTER: usize = (1 << 47) - 1;

    unsafe extern "C" {
        /// Where the program begins, as linkers say it.
        static __executable_start: u8;
        /// Where its code ends.
        static etext: u8;
    }

    impl Here {
        /// The stack pointer, the registers that the caller's caller may keep anything in, and where in the code this is.
        ///
        /// Inlined, so that nothing of the library's own lies in them or above the stack pointer but what is the same
        /// each time.
        #[inline(always)]
        pub fn now() -> Self {
            let mut kept = [0; 8];
            // SAFETY: it writes to the eight words only. That all other registers are declared as changed makes the compiler
            // keep what it still needs in those that are written down, or on the stack.
            unsafe {
                asm!(
                    "mov [{kept}], rsp",
                    "mov [{kept} + 8], rbx",
                    "mov [{kept} + 16], rbp",
                    "mov [{kept} + 24], r12",
                    "mov [{kept} + 32], r13",
                    "mov [{kept} + 40], r14",
                    "mov [{kept} + 48], r15",
                    "lea rax, [rip]",
                    "mov [{kept} + 56], rax",
                    kept = in(reg) kept.as_mut_ptr(),
                    out("rax") _,
                    clobber_abi("sysv64"),
                    options(nostack, preserves_flags),
                );
            }
            Here(kept)
        }

        /// Where the caller stands: how deep its stack is, and where in the code, which loops that were unrolled are at
        /// several places of; and its stack, on which the registers lie by now, word by word, written to `words`. `None`
        /// outside of a task's stack.
        #[inline(never)]
        pub fn image(&self, words: &mut Vec<usize>) -> Option<[usize; 2]> {
            let stack = native::usable()?;
            let from = self.0[0];
            if !stack.contains(&from) {
                return None;
            }
            let code = (&raw const __executable_start).addr()..(&raw const etext).addr();
            // Pointers to code and into the stack by where they point from there, others not at all.
            let known = |word: usize| match word {
                word if stack.contains(&word) => word - stack.start,
                word if code.contains(&word) => word - code.start,
                LOWEST_POINTER..=HIGHEST_POINTER => 0,
                word => word,
            };
            let count = (stack.end - from) / size_of::<usize>();
            let first = std::ptr::with_exposed_provenance::<usize>(from);
            words.clear();
            // SAFETY: these words lie within the running task's stack, which is mapped. They are read as they are: whatever
            // some frame has not written yet is the same number each time, and nobody writes while this reads.
            words.extend((0..count).map(|at| known(unsafe { first.add(at).read_volatile() })));
            Some([stack.end - from, self.0[7]])
        }

        /// Forgets what the library's own frames have left below the caller, so that no frame of the user's takes over
        /// what differs from one time to the next. A backtrace that was taken meanwhile went deeper.
        #[inline(never)]
        pub fn scrub(&self, with_backtraces: bool) {
            let Some(stack) = native::usable() else { return };
            if !stack.contains(&self.0[0]) {
                return;
            }
            let depth = if with_backtraces { SCRUBBED_AFTER_BACKTRACE } else { SCRUBBED };
            let from = self.0[0].saturating_sub(depth).max(stack.start).next_multiple_of(size_of::<usize>());
            // SAFETY: within the running task's stack and below all of its frames, this one's as well: nobody has anything
            // there, since such a block may use the stack itself. What has overflowed is above `from`, or nothing is written.
            unsafe {
                asm!(
                    "mov rcx, rsp",
                    "sub rcx, rdi",
                    "jbe 2f",
                    "shr rcx, 3",
                    "rep stosq",
                    "2:",
                    inout("rdi") from => _,
                    out("rcx") _,
                    in("rax") 0,
                );
            }
        }
    }
}
