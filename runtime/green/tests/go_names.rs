//! Every name in the API page's block of Go-shaped code, by its signature: a name that is missing, or asks for
//! something else, does not compile.
#![cfg(feature = "check")]
#![allow(clippy::type_complexity, reason = "whole signatures are what is tested")]

use gorace::collections::Map;
use gorace::context::{self, Cancel, CancelCause, Ctx, Stop};
use gorace::go::errgroup::Group;
use gorace::go::{self, Cond, Mutex, Once, Pool, RwMutex, WaitGroup};
use gorace::time::{self, Duration, Instant, Ticker, Timer};
use gorace::{Chan, Receiver, Sender, chan, runtime, thread};
use std::sync::Arc;

/// Each name has this type.
macro_rules! has {
    ($($name:path: $ty:ty,)*) => { $(let _: $ty = $name;)* };
}

type Cause = Arc<dyn std::error::Error + Send + Sync>;

/// "Every handle is `Clone + Send + Sync`".
#[test]
fn handles_are_cloned_sent_and_shared() {
    fn handle<T: Clone + Send + Sync + 'static>() {}
    handle::<Chan<u8>>();
    handle::<(Sender<u8>, Receiver<u8>)>();
    handle::<(Mutex, RwMutex, Cond, Once, WaitGroup)>();
    handle::<Pool<std::cell::Cell<u8>>>();
    handle::<(Group, Ctx, Cancel, CancelCause, Stop)>();
    handle::<(Timer, Ticker)>();
    handle::<Map<u8, u8>>();
    let _: gorace::sync::WaitGroup = WaitGroup::new();
}

#[test]
fn goroutines_and_channels() {
    has! {
        gorace::go: fn(fn() -> u8) -> thread::JoinHandle<u8>,
        gorace::go_named: fn(&str, fn() -> u8) -> thread::JoinHandle<u8>,
        chan::<u8>: fn(usize) -> (Sender<u8>, Receiver<u8>),
        Chan::<u8>::new: fn(usize) -> Chan<u8>,
        Chan::<u8>::nil: fn() -> Chan<u8>,
        Chan::<u8>::is_nil: fn(&Chan<u8>) -> bool,
        Chan::<u8>::sender: fn(&Chan<u8>) -> Sender<u8>,
        Chan::<u8>::receiver: fn(&Chan<u8>) -> Receiver<u8>,
        Chan::<u8>::send: fn(&Chan<u8>, u8),
        Chan::<u8>::recv: fn(&Chan<u8>) -> Option<u8>,
        Sender::<u8>::nil: fn() -> Sender<u8>,
        Sender::<u8>::send: fn(&Sender<u8>, u8),
        Sender::<u8>::try_send: fn(&Sender<u8>, u8) -> Result<(), gorace::chan::TrySendError<u8>>,
        Sender::<u8>::close: fn(&Sender<u8>),
        Sender::<u8>::len: fn(&Sender<u8>) -> usize,
        Sender::<u8>::cap: fn(&Sender<u8>) -> usize,
        Sender::<u8>::is_empty: fn(&Sender<u8>) -> bool,
        Receiver::<u8>::nil: fn() -> Receiver<u8>,
        Receiver::<u8>::recv: fn(&Receiver<u8>) -> Option<u8>,
        Receiver::<u8>::try_recv: fn(&Receiver<u8>) -> Result<u8, gorace::chan::TryRecvError>,
        Receiver::<u8>::close: fn(&Receiver<u8>),
    }
    let (a, b, c) = (1, 2, 3);
    let handles = [gorace::go!({ a }), gorace::go!(b), gorace::go!("named", { c })];
    assert_eq!(handles.map(|handle| handle.join().unwrap()), [1, 2, 3]);
}

#[test]
fn sync() {
    has! {
        Mutex::new: fn() -> Mutex,
        Mutex::lock: fn(&Mutex),
        Mutex::try_lock: fn(&Mutex) -> bool,
        Mutex::unlock: fn(&Mutex),
        RwMutex::new: fn() -> RwMutex,
        RwMutex::lock: fn(&RwMutex),
        RwMutex::try_lock: fn(&RwMutex) -> bool,
        RwMutex::unlock: fn(&RwMutex),
        RwMutex::rlock: fn(&RwMutex),
        RwMutex::try_rlock: fn(&RwMutex) -> bool,
        RwMutex::runlock: fn(&RwMutex),
        Cond::new: fn(&Mutex) -> Cond,
        Cond::wait: fn(&Cond),
        Cond::signal: fn(&Cond),
        Cond::broadcast: fn(&Cond),
        Once::new: fn() -> Once,
        Pool::<u8>::get: fn(&Pool<u8>) -> u8,
        Pool::<u8>::put: fn(&Pool<u8>, u8),
        WaitGroup::new: fn() -> WaitGroup,
        WaitGroup::add: fn(&WaitGroup, isize),
        WaitGroup::done: fn(&WaitGroup),
        WaitGroup::wait: fn(&WaitGroup),
        go::errgroup::Group::new: fn() -> Group,
        Group::with_context: fn(&Ctx) -> (Group, Ctx),
        Group::wait: fn(&Group) -> Result<(), Cause>,
        Group::set_limit: fn(&Group, isize),
    }
    let cond = Cond::new(&Mutex::new());
    cond.l.lock();
    Once::new().call_once(|| ());
    assert_eq!(Pool::new(|| 1).get(), 1);
    WaitGroup::new().go(|| ()).join().unwrap();
}

#[test]
fn contexts() {
    has! {
        Ctx::done: fn(&Ctx) -> Receiver<()>,
        Ctx::err: fn(&Ctx) -> Option<context::Error>,
        Ctx::cause: fn(&Ctx) -> Option<Cause>,
        Ctx::deadline: fn(&Ctx) -> Option<Instant>,
        Ctx::value::<u8>: fn(&Ctx, &str) -> Option<Arc<u8>>,
        Cancel::cancel: fn(&Cancel),
        context::background: fn() -> Ctx,
        context::todo: fn() -> Ctx,
        context::with_cancel: fn(&Ctx) -> (Ctx, Cancel),
        context::with_cancel_cause: fn(&Ctx) -> (Ctx, CancelCause),
        context::with_timeout: fn(&Ctx, Duration) -> (Ctx, Cancel),
        context::with_deadline: fn(&Ctx, Instant) -> (Ctx, Cancel),
        context::with_value: fn(&Ctx, &'static str, u8) -> Ctx,
        context::without_cancel: fn(&Ctx) -> Ctx,
    }
    let (ctx, cancel) = context::with_cancel_cause(&context::background());
    let stop: Stop = context::after_func(&ctx, || ());
    assert!(stop.stop());
    cancel.cancel("why");
    // The texts of Go's `context.Canceled` and `context.DeadlineExceeded`.
    assert_eq!(context::Error::Canceled.to_string(), "context canceled");
    assert_eq!(context::Error::DeadlineExceeded.to_string(), "context deadline exceeded");
}

#[test]
fn time_collections_and_runtime() {
    has! {
        time::sleep: fn(Duration),
        time::after: fn(Duration) -> Receiver<Instant>,
        time::now: fn() -> Instant,
        time::after_func: fn(Duration, fn()) -> Timer,
        Timer::new: fn(Duration) -> Timer,
        Timer::stop: fn(&Timer) -> bool,
        Timer::reset: fn(&Timer, Duration) -> bool,
        Ticker::new: fn(Duration) -> Ticker,
        Ticker::stop: fn(&Ticker),
        Ticker::reset: fn(&Ticker, Duration),
        Map::<u8, u8>::new: fn() -> Map<u8, u8>,
        Map::<u8, u8>::get: fn(&Map<u8, u8>, &u8) -> Option<u8>,
        Map::<u8, u8>::insert: fn(&Map<u8, u8>, u8, u8) -> Option<u8>,
        Map::<u8, u8>::remove: fn(&Map<u8, u8>, &u8) -> Option<u8>,
        Map::<u8, u8>::contains_key: fn(&Map<u8, u8>, &u8) -> bool,
        Map::<u8, u8>::len: fn(&Map<u8, u8>) -> usize,
        Map::<u8, u8>::is_empty: fn(&Map<u8, u8>) -> bool,
        Map::<u8, u8>::keys: fn(&Map<u8, u8>) -> Vec<u8>,
        Map::<u8, u8>::clear: fn(&Map<u8, u8>),
        runtime::gosched: fn(),
        runtime::goexit: fn() -> !,
        runtime::num_goroutine: fn() -> usize,
        runtime::gomaxprocs: fn(usize) -> usize,
        runtime::lock_os_thread: fn(),
        runtime::unlock_os_thread: fn(),
    }
    let ticks: fn(&Timer) -> &Receiver<Instant> = |timer| &timer.c;
    let more: fn(&Ticker) -> &Receiver<Instant> = |ticker| &ticker.c;
    let timer = Timer::new(Duration::from_secs(3600));
    assert!(!ticks(&timer).is_nil() && timer.stop());
    let ticker = Ticker::new(Duration::from_secs(3600));
    assert!(!more(&ticker).is_nil());
    ticker.stop();
    let map = Map::new();
    map.insert(1, 2);
    map.for_each(|key, value| assert_eq!((*key, *value), (1, 2)));
}
