use std::sync::{Arc, Mutex};
use std::thread;

#[test]
fn taken_in_one_order() {
    let locks = Arc::new((Mutex::new(0), Mutex::new(0)));
    let theirs = locks.clone();
    let both = |locks: &(Mutex<i32>, Mutex<i32>)| {
        let (mut a, mut b) = (locks.0.lock().unwrap(), locks.1.lock().unwrap());
        (*a, *b) = (*a + 1, *b - 1);
    };
    let other = thread::spawn(move || both(&theirs));
    both(&locks);
    other.join().unwrap();
    assert_eq!(*locks.0.lock().unwrap(), 2);
}
