//! What it does wrong depends on how it is built, on its arguments, and on the folder that it runs in.

use std::path::Path;

static mut COUNT: u64 = 0;

fn count() {
    // SAFETY: there is none, which is the bug.
    unsafe { COUNT += 1 };
}

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let is_wide = cfg!(feature = "wide") && !cfg!(debug_assertions);
    let is_asked = is_wide && args.get(1).is_some_and(|arg| arg == "two words");
    let is_here = args.first().is_some_and(|path| Path::new(path).is_file());
    let other = std::thread::spawn(move || {
        if is_asked && is_here {
            count();
        }
    });
    if args.get(2).is_some_and(|arg| arg == "--crash") && is_asked {
        // SAFETY: there is none, which is the bug.
        unsafe { std::ptr::null_mut::<u8>().write_volatile(1) };
    }
    count();
    other.join().unwrap();
}
