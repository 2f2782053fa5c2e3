fn main() {
    std::thread::spawn(|| unsafe { *std::ptr::without_provenance_mut::<u32>(8) = 1 }).join().unwrap()
}
