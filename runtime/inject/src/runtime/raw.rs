//! System calls, made directly: the C library's own wrappers are among what this library replaces.

use std::arch::asm;

/// A system call; a negative result is an error number.
///
/// # Safety
/// As the call itself: pointers among the arguments must be what the kernel expects.
pub unsafe fn call(number: i64, args: [usize; 6]) -> isize {
    let [a, b, c, d, e, f] = args;
    let result: isize;
    // SAFETY: the kernel's convention; it changes rax, rcx and r11 alone. The rest is the caller's promise.
    unsafe {
        asm!("syscall", inlateout("rax") number as isize => result, in("rdi") a, in("rsi") b, in("rdx") c,
            in("r10") d, in("r8") e, in("r9") f, lateout("rcx") _, lateout("r11") _, options(nostack));
    }
    result
}

/// Ends the process, at once.
pub fn exit(code: i32) -> ! {
    loop {
        // SAFETY: no pointers.
        unsafe { call(libc::SYS_exit_group, [code as usize, 0, 0, 0, 0, 0]) };
    }
}

/// Writes to a descriptor; what cannot be written is lost.
pub fn write(fd: i32, mut bytes: &[u8]) {
    while !bytes.is_empty() {
        let (at, len) = (bytes.as_ptr() as usize, bytes.len());
        // SAFETY: the bytes are readable.
        let n = unsafe { call(libc::SYS_write, [fd as usize, at, len, 0, 0, 0]) };
        match n {
            n if n > 0 => bytes = &bytes[n as usize..],
            n if n == -(libc::EINTR as isize) => {}
            _ => return,
        }
    }
}

/// Memory that is zero and takes no room until it is touched: at `at` if that is not 0.
pub fn reserve(at: usize, size: usize) -> Option<usize> {
    let fixed = if at == 0 { 0 } else { libc::MAP_FIXED_NOREPLACE };
    let flags = (libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE | fixed) as usize;
    let access = (libc::PROT_READ | libc::PROT_WRITE) as usize;
    // SAFETY: a new mapping, which replaces none.
    let got = unsafe { call(libc::SYS_mmap, [at, size, access, flags, usize::MAX, 0]) };
    (got > 0 && (at == 0 || got as usize == at)).then_some(got as usize)
}

/// Says why the runtime cannot go on, and ends the process.
pub fn die(why: &str) -> ! {
    write(2, b"gorace: internal error in the program's runtime: ");
    write(2, why.as_bytes());
    write(2, b"\n");
    exit(super::child::INTERNAL)
}

/// Sets `errno` from a system call's result, as the C library does.
pub fn result(result: isize) -> i64 {
    if (-4095..0).contains(&result) {
        set_errno(-result as i32);
        -1
    } else {
        result as i64
    }
}

/// Sets `errno`.
pub fn set_errno(number: i32) {
    // SAFETY: the C library's own, of this thread.
    unsafe { *libc::__errno_location() = number };
}
