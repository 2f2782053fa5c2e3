//! Two threads that print more than a pipe holds, to both outputs: a megabyte; with an argument, so many times, one a
//! second.
use std::thread;
use std::time::Duration;

fn main() {
    let seconds = std::env::args().nth(1).map_or(0, |times| times.parse().unwrap());
    let print = move || {
        let line = "x".repeat(1023);
        for second in 0..seconds.max(1) {
            if second > 0 {
                thread::sleep(Duration::from_secs(1));
            }
            for _ in 0..512 {
                println!("{line}");
                eprintln!("{line}");
            }
        }
    };
    let other = thread::spawn(print);
    print();
    other.join().unwrap();
}
