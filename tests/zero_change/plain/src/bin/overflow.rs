fn deeper(n: u64) -> u64 {
    let room = std::hint::black_box([n; 64]);
    if room[0] == 0 { 0 } else { deeper(n + 1) + room[1] }
}

fn main() {
    std::thread::spawn(|| deeper(1)).join().unwrap();
}
