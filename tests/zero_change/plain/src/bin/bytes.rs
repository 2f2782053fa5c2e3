//! Two threads that write, thousands of times, and read to the end, bytes of one block: `bytes SIZE OFFSET`, where main has
//! the first `SIZE` bytes behind `OFFSET`, and the other one the next ones; `bytes SIZE OFFSET race`: the last of main's.
use std::hint::black_box;
use std::thread;

fn write(at: usize, size: usize) {
    // SAFETY: the block is never freed, and larger.
    unsafe {
        match size {
            1 => black_box(at as *mut u8).write(1),
            2 => black_box(at as *mut u16).write_unaligned(1),
            4 => black_box(at as *mut u32).write_unaligned(1),
            _ => black_box(at as *mut u64).write_unaligned(1),
        }
    }
}

fn read(at: usize, size: usize) -> u64 {
    // SAFETY: as above.
    unsafe {
        match size {
            1 => black_box(at as *const u8).read().into(),
            2 => black_box(at as *const u16).read_unaligned().into(),
            4 => black_box(at as *const u32).read_unaligned().into(),
            _ => black_box(at as *const u64).read_unaligned(),
        }
    }
}

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let number = |at: usize| args[at].parse::<usize>().unwrap();
    let (size, offset, is_race) = (number(0), number(1), args.len() > 2);
    let block = Vec::leak(vec![0_u64; 8]).as_mut_ptr() as usize + offset;
    let work = move |at: usize| {
        (0..5_000)
            .map(|_| {
                write(at, size);
                read(at, size)
            })
            .sum::<u64>()
    };
    let other = thread::spawn(move || {
        let sum = work(block + size);
        if is_race { sum + read(block + size - 1, 1) } else { sum }
    });
    let sum = work(block) + other.join().unwrap();
    assert!(sum > 0);
}
