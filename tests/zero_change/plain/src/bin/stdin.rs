use std::io::Read as _;

fn main() {
    let reader = std::thread::spawn(|| std::io::stdin().read_to_end(&mut Vec::new()).unwrap());
    assert_eq!(reader.join().unwrap(), 0);
}
