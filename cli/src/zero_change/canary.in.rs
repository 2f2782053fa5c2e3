//! Linked into each executable: compiled as the program is, it shows whether the program's accesses are seen.
#![no_std]

unsafe extern "C" {
    fn __gorace_canary(function: usize, now: usize);
    static mut __gorace_now: u64;
}

extern "C" fn sing(words: *mut u64) {
    unsafe { *words.add(1) = (*words).wrapping_add(1) }
}

extern "C" fn register() {
    unsafe { __gorace_canary(sing as extern "C" fn(*mut u64) as usize, &raw mut __gorace_now as usize) }
}

#[used]
#[unsafe(link_section = ".init_array")]
static REGISTER: extern "C" fn() = register;
