fn main() {
    std::thread::spawn(|| println!("printed")).join().unwrap();
}
