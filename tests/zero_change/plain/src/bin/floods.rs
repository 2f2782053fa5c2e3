//! Two threads that print more than a pipe holds, to both outputs.
use std::thread;

fn main() {
    let print = || {
        let line = "x".repeat(1023);
        for _ in 0..512 {
            println!("{line}");
            eprintln!("{line}");
        }
    };
    let other = thread::spawn(print);
    print();
    other.join().unwrap();
}
