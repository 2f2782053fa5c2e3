//! A wait for a plain variable: a race, and without end if the other one does not run.

static mut READY: bool = false;

fn main() {
    // SAFETY: there is none, which is the bug.
    let other = std::thread::spawn(|| unsafe { READY = true });
    println!("waiting");
    while !unsafe { (&raw const READY).read() } {
        std::hint::spin_loop();
    }
    other.join().unwrap();
}
