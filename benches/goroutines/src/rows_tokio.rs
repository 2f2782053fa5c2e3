//! The rows of the table with tokio's tasks on its multi-threaded runtime: see `rows.rs`.

use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Barrier, Mutex, Semaphore, mpsc, oneshot};

async fn spawn_join(n: usize) {
    for _ in 0..n {
        let (done, ended) = oneshot::channel::<()>();
        tokio::spawn(async move { drop(done) });
        let _ = ended.await;
    }
}

async fn spawn_many(n: usize) {
    let all: Vec<_> = (0..n).map(|_| tokio::spawn(async {})).collect();
    for one in all {
        one.await.expect("no task panics");
    }
}

/// Tokio's channels have room for one at the least.
async fn ping_pong(n: usize) {
    let (ping, mut from) = mpsc::channel(1);
    let (to, mut pong) = mpsc::channel(1);
    tokio::spawn(async move {
        while let Some(ball) = from.recv().await {
            let _ = to.send(ball).await;
        }
    });
    for ball in 0..n {
        let _ = ping.send(ball).await;
        pong.recv().await;
    }
}

async fn stream(n: usize) {
    let (give, mut get) = mpsc::channel(128);
    tokio::spawn(async move {
        for i in 0..n {
            let _ = give.send(i).await;
        }
    });
    while get.recv().await.is_some() {}
}

async fn fan_in(n: usize) {
    let (give, mut get) = mpsc::channel(1);
    for _ in 0..8 {
        let give = give.clone();
        tokio::spawn(async move {
            for i in 0..n / 8 {
                let _ = give.send(i).await;
            }
        });
    }
    for _ in 0..n / 8 * 8 {
        get.recv().await;
    }
}

async fn mutex(n: usize) {
    let lock = Arc::new(Mutex::new(()));
    let all: Vec<_> = (0..8)
        .map(|_| {
            let lock = lock.clone();
            tokio::spawn(async move {
                for _ in 0..n / 8 {
                    drop(lock.lock().await);
                }
            })
        })
        .collect();
    for one in all {
        one.await.expect("no task panics");
    }
}

async fn select_four(n: usize) {
    let mut gets = Vec::new();
    for _ in 0..4 {
        let (give, get) = mpsc::channel(1);
        gets.push(get);
        tokio::spawn(async move {
            for i in 0..n / 4 {
                let _ = give.send(i).await;
            }
            std::future::pending::<()>().await;
        });
    }
    let [a, b, c, d] = &mut gets[..] else { unreachable!("four were made") };
    for _ in 0..n / 4 * 4 {
        tokio::select! {
            _ = a.recv() => {}
            _ = b.recv() => {}
            _ = c.recv() => {}
            _ = d.recv() => {}
        }
    }
}

async fn sleeping(n: usize) {
    let all: Vec<_> = (0..n).map(|_| tokio::spawn(tokio::time::sleep(Duration::from_millis(100)))).collect();
    for one in all {
        one.await.expect("no task panics");
    }
}

async fn scraper(n: usize) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("it is bound");
    tokio::spawn(async move {
        for _ in 0..n {
            let (mut stream, _) = listener.accept().await.expect("a connection");
            tokio::spawn(async move {
                let mut number = [0; 8];
                stream.read_exact(&mut number).await.expect("a question");
                stream.write_all(&number).await.expect("an answer");
            });
        }
    });
    let slots = Arc::new(Semaphore::new(100));
    let mut all = Vec::with_capacity(n);
    for i in 0..n {
        let slot = slots.clone().acquire_owned().await.expect("it is never closed");
        all.push(tokio::spawn(async move {
            let mut stream = TcpStream::connect(address).await.expect("a connection");
            stream.write_all(&i.to_be_bytes()).await.expect("a question");
            let mut answer = [0; 8];
            stream.read_exact(&mut answer).await.expect("an answer");
            assert_eq!(answer, i.to_be_bytes());
            drop((stream, slot));
        }));
    }
    for one in all {
        one.await.expect("no task panics");
    }
}

fn resident() -> usize {
    let text = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    text.split(' ').nth(1).and_then(|pages| pages.parse::<usize>().ok()).unwrap_or(0) * 4096
}

async fn idle_bytes(n: usize) -> usize {
    let before = resident();
    let gate = Arc::new(Barrier::new(n + 1));
    for _ in 0..n {
        let gate = gate.clone();
        tokio::spawn(async move {
            gate.wait().await;
        });
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    (resident() - before) / n
}

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let n = arguments[2].parse().expect("a number");
    spawn_many(100).await;
    let begun = Instant::now();
    let row = arguments[1].clone();
    // As a task, so that it is a worker's.
    let task = tokio::spawn(async move {
        match row.as_str() {
            "spawn_join" => spawn_join(n).await,
            "spawn_many" => spawn_many(n).await,
            "ping_pong" | "ping_pong_buffered" => ping_pong(n).await,
            "stream" => stream(n).await,
            "fan_in" => fan_in(n).await,
            "mutex" => mutex(n).await,
            "select" => select_four(n).await,
            "sleeping" => sleeping(n).await,
            "scraper" => scraper(n).await,
            "idle_bytes" => {
                println!("{}", idle_bytes(n).await);
                std::process::exit(0);
            }
            other => panic!("no row is called {other}"),
        }
    });
    task.await.expect("no row panics");
    println!("{}", begun.elapsed().as_nanos() / n as u128);
}
