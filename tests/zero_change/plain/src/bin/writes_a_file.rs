//! Two threads that append to a file: `writes_a_file PATH`.
use std::fs::OpenOptions;
use std::io::Write as _;
use std::thread;

fn main() {
    let path = std::env::args().nth(1).unwrap();
    let append = move || {
        let mut file = OpenOptions::new().create(true).append(true).open(&path).unwrap();
        file.write_all(b"a line\n").unwrap();
    };
    let other = thread::spawn(append.clone());
    append();
    other.join().unwrap();
}
