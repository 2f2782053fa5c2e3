//! Sockets: who waits parks, deadlines end waits, and nothing is lost.

use gorace_goroutines::net::{TcpListener, TcpStream, UdpSocket};
use gorace_goroutines::{go, thread};
use std::io::{ErrorKind, Read, Write};
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

fn listener() -> (TcpListener, std::net::SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

/// A server that gives back what it gets, on each connection until that ends.
fn echo(listener: TcpListener, connections: usize) -> thread::JoinHandle<()> {
    go(move || {
        let serving: Vec<_> = (0..connections)
            .map(|_| {
                let (mut stream, _) = listener.accept().unwrap();
                go(move || {
                    let mut buffer = [0; 1000];
                    loop {
                        match stream.read(&mut buffer).unwrap() {
                            0 => return,
                            count => stream.write_all(&buffer[..count]).unwrap(),
                        }
                    }
                })
            })
            .collect();
        serving.into_iter().for_each(|one| one.join().unwrap());
    })
}

#[test]
fn many_connections_at_once_get_back_what_they_sent() {
    let (listener, address) = listener();
    let server = echo(listener, 200);
    let clients: Vec<_> = (0..200_u32)
        .map(|n| {
            go(move || {
                let mut stream = TcpStream::connect(address).unwrap();
                for round in 0..10_u32 {
                    let sent = (n * 1000 + round).to_be_bytes();
                    stream.write_all(&sent).unwrap();
                    let mut got = [0; 4];
                    stream.read_exact(&mut got).unwrap();
                    assert_eq!(got, sent);
                }
            })
        })
        .collect();
    clients.into_iter().for_each(|client| client.join().unwrap());
    server.join().unwrap();
}

/// More than any buffer holds, so that both ends wait again and again.
#[test]
fn a_large_message_comes_through() {
    let (listener, address) = listener();
    let sent: Vec<u8> = (0..8_000_000_u32).map(|n| (n % 251) as u8).collect();
    let expected = sent.clone();
    let receiver = go(move || {
        let mut got = Vec::new();
        listener.accept().unwrap().0.read_to_end(&mut got).unwrap();
        got
    });
    go(move || TcpStream::connect(address).unwrap().write_all(&sent).unwrap()).join().unwrap();
    assert!(receiver.join().unwrap() == expected);
}

#[test]
fn plain_threads_wait_too() {
    let (listener, address) = listener();
    let server = std::thread::spawn(move || listener.accept().unwrap().0.write_all(b"hello").unwrap());
    let mut text = String::new();
    TcpStream::connect(address).unwrap().read_to_string(&mut text).unwrap();
    assert_eq!(text, "hello");
    server.join().unwrap();
}

/// Workers that are idle look what has happened at sockets; here none is.
#[test]
fn busy_workers_keep_nobody_waiting() {
    let (listener, address) = listener();
    let is_over = Arc::new(AtomicBool::new(false));
    let (started, all_started) = mpsc::channel();
    let workers = gorace_goroutines::runtime::gomaxprocs(0);
    let spinning: Vec<_> = (0..workers)
        .map(|_| {
            let (is_over, started) = (is_over.clone(), started.clone());
            go(move || {
                started.send(()).unwrap();
                while !is_over.load(SeqCst) {
                    std::hint::spin_loop();
                }
            })
        })
        .collect();
    (0..workers).for_each(|_| all_started.recv().unwrap());
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut one = [0];
        while stream.read(&mut one).unwrap() > 0 {
            stream.write_all(&one).unwrap();
        }
    });
    let mut stream = TcpStream::connect(address).unwrap();
    for sent in 0..20 {
        stream.write_all(&[sent]).unwrap();
        let mut got = [0];
        stream.read_exact(&mut got).unwrap();
        assert_eq!(got, [sent]);
    }
    drop(stream);
    server.join().unwrap();
    is_over.store(true, SeqCst);
    spinning.into_iter().for_each(|one| one.join().unwrap());
}

#[test]
fn a_timeout_ends_a_read_and_not_the_connection() {
    let (listener, address) = listener();
    let server = go(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut one = [0];
        stream.read_exact(&mut one).unwrap();
        stream.write_all(&one).unwrap();
    });
    go(move || {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(Duration::from_millis(20)));
        let begun = Instant::now();
        let error = stream.read(&mut [0]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TimedOut);
        assert!(begun.elapsed() >= Duration::from_millis(20));
        stream.set_read_timeout(None);
        stream.write_all(&[7]).unwrap();
        let mut one = [0];
        stream.read_exact(&mut one).unwrap();
        assert_eq!(one, [7]);
    })
    .join()
    .unwrap();
    server.join().unwrap();
}

/// As Go: "A deadline is an absolute time after which I/O operations fail ... applies to all future and pending I/O".
#[test]
fn a_deadline_that_is_set_ends_what_waits_already() {
    let (listener, _) = listener();
    let theirs = listener.clone();
    let accepting = go(move || theirs.accept().map(drop));
    listener.set_deadline(Some(Instant::now()));
    assert_eq!(accepting.join().unwrap().unwrap_err().kind(), ErrorKind::TimedOut);
}

#[test]
fn nobody_listens() {
    let (listener, address) = listener();
    drop(listener);
    let refused = go(move || TcpStream::connect(address).map(drop)).join().unwrap();
    assert_eq!(refused.unwrap_err().kind(), ErrorKind::ConnectionRefused);
}

#[test]
fn datagrams_come_one_by_one() {
    let (a, b) = (UdpSocket::bind("127.0.0.1:0").unwrap(), UdpSocket::bind("127.0.0.1:0").unwrap());
    let (to_a, to_b) = (a.local_addr().unwrap(), b.local_addr().unwrap());
    let answering = go(move || {
        let mut buffer = [0; 16];
        for _ in 0..100 {
            let (count, from) = b.recv_from(&mut buffer).unwrap();
            assert_eq!(from, to_a);
            b.send_to(&buffer[..count], from).unwrap();
        }
    });
    for n in 0..100_u8 {
        a.send_to(&[n; 3], to_b).unwrap();
        let mut buffer = [0; 16];
        assert_eq!(a.recv_from(&mut buffer).unwrap(), (3, to_b));
        assert_eq!(buffer[..3], [n; 3]);
    }
    answering.join().unwrap();
}
