//! The rows of the table, with gorace's names: goroutines with the feature `goroutines`, OS threads without.
//!
//! `rows NAME N` prints nanoseconds for each of N pieces, or bytes. `rows.go` and `rows_tokio.rs` do the same.

use gorace::go::{Mutex, WaitGroup};
use gorace::time::{Duration, now, sleep};
use gorace::{Chan, chan, go, select};
use std::io::{Read as _, Write as _};

#[cfg(feature = "goroutines")]
use gorace::net::{TcpListener, TcpStream};
#[cfg(not(feature = "goroutines"))]
use std::net::{TcpListener, TcpStream};

fn spawn_join(n: usize) {
    for _ in 0..n {
        let (done, ended) = chan::<()>(0);
        go!({ done.close() });
        ended.recv();
    }
}

fn spawn_many(n: usize) {
    let all = WaitGroup::new();
    for _ in 0..n {
        all.go(|| ());
    }
    all.wait();
}

fn ping_pong(n: usize, room: usize) {
    let (ping, pong) = (Chan::new(room), Chan::new(room));
    let (from, to) = (ping.clone(), pong.clone());
    go!({
        while let Some(ball) = from.recv() {
            to.send(ball);
        }
    });
    for ball in 0..n {
        ping.send(ball);
        pong.recv();
    }
    ping.close();
}

fn stream(n: usize) {
    let (give, get) = chan(128);
    go!({
        (0..n).for_each(|i| give.send(i));
        give.close();
    });
    assert_eq!(get.into_iter().count(), n);
}

fn fan_in(n: usize) {
    let (give, get) = chan(0);
    for _ in 0..8 {
        let give = give.clone();
        go!({ (0..n / 8).for_each(|i| give.send(i)) });
    }
    (0..n / 8 * 8).for_each(|_| _ = get.recv());
}

fn mutex(n: usize) {
    let (lock, all) = (Mutex::new(), WaitGroup::new());
    for _ in 0..8 {
        let lock = lock.clone();
        all.go(move || {
            for _ in 0..n / 8 {
                lock.lock();
                std::hint::black_box(());
                lock.unlock();
            }
        });
    }
    all.wait();
}

fn select_four(n: usize) {
    let channels: Vec<Chan<usize>> = (0..4).map(|_| Chan::new(0)).collect();
    for channel in &channels {
        let channel = channel.clone();
        go!({ (0..n / 4).for_each(|i| channel.send(i)) });
    }
    let [a, b, c, d] = &channels[..] else { unreachable!("four were made") };
    for _ in 0..n / 4 * 4 {
        select! {
            recv(a) -> _ => {}
            recv(b) -> _ => {}
            recv(c) -> _ => {}
            recv(d) -> _ => {}
        }
    }
}

fn sleeping(n: usize) {
    let all = WaitGroup::new();
    for _ in 0..n {
        all.go(|| sleep(Duration::from_millis(100)));
    }
    all.wait();
}

/// A server and `n` that ask it, each over a connection of its own; a hundred at a time, since std lets 128 wait for
/// the server, and the kernel makes whoever comes then wait for a second.
fn scraper(n: usize) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("it is bound");
    go!({
        for _ in 0..n {
            let (mut stream, _) = listener.accept().expect("a connection");
            go!({
                let mut number = [0; 8];
                stream.read_exact(&mut number).expect("a question");
                stream.write_all(&number).expect("an answer");
            });
        }
    });
    let (slots, all) = (Chan::new(100), WaitGroup::new());
    for i in 0..n {
        slots.send(());
        let slots = slots.clone();
        all.go(move || {
            let mut stream = TcpStream::connect(address).expect("a connection");
            stream.write_all(&i.to_be_bytes()).expect("a question");
            let mut answer = [0; 8];
            stream.read_exact(&mut answer).expect("an answer");
            assert_eq!(answer, i.to_be_bytes());
            drop(stream);
            slots.recv();
        });
    }
    all.wait();
}

fn resident() -> usize {
    let text = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    text.split(' ').nth(1).and_then(|pages| pages.parse::<usize>().ok()).unwrap_or(0) * 4096
}

fn idle_bytes(n: usize) -> usize {
    let before = resident();
    let ready = WaitGroup::new();
    let (gate, at_gate) = chan::<()>(0);
    ready.add(n as isize);
    for _ in 0..n {
        let (ready, at_gate) = (ready.clone(), at_gate.clone());
        go!({
            ready.done();
            at_gate.recv();
        });
    }
    ready.wait();
    let each = (resident() - before) / n;
    drop(gate);
    each
}

#[gorace::main]
fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let n = arguments[2].parse().expect("a number");
    // What is started once in a process is no row's.
    spawn_many(100);
    let begun = now();
    match arguments[1].as_str() {
        "spawn_join" => spawn_join(n),
        "spawn_many" => spawn_many(n),
        "ping_pong" => ping_pong(n, 0),
        "ping_pong_buffered" => ping_pong(n, 1),
        "stream" => stream(n),
        "fan_in" => fan_in(n),
        "mutex" => mutex(n),
        "select" => select_four(n),
        "sleeping" => sleeping(n),
        "scraper" => scraper(n),
        "idle_bytes" => return println!("{}", idle_bytes(n)),
        other => panic!("no row is called {other}"),
    }
    println!("{}", begun.elapsed().as_nanos() / n as u128);
}
