//! Threads on `env_logger`, used as it is meant.

use std::thread;

fn main() {
    env_logger::Builder::new().filter_level(log::LevelFilter::Info).init();
    let workers: Vec<_> = (0..3).map(|i| thread::spawn(move || log::info!("hello {i}"))).collect();
    workers.into_iter().for_each(|worker| worker.join().unwrap());
}
