fn main() {
    std::thread::spawn(|| std::process::exit(3)).join().unwrap();
}
