//! Runs an async test's future inside an execution: polls it, and waits for its waker in between.

use crate::Named;
use crate::sync::{Arc, Condvar, Mutex};
use std::future::Future;
use std::pin::pin;
use std::sync::PoisonError;
use std::task::{Context, Poll, Wake, Waker};

struct Signal {
    woken: Mutex<bool>,
    changed: Condvar,
}

impl Wake for Signal {
    fn wake(self: Arc<Self>) {
        *self.woken.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.changed.notify_one();
    }
}

/// Runs `future` to its end on the calling task.
pub(crate) fn block_on<F: Future>(future: F) -> F::Output {
    let signal =
        Arc::new(Signal { woken: Mutex::new(false).named("woken"), changed: Condvar::new().named("waker") });
    let waker = Waker::from(signal.clone());
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return output;
        }
        let mut woken = signal.woken.lock().unwrap_or_else(PoisonError::into_inner);
        while !*woken {
            woken = signal.changed.wait(woken).unwrap_or_else(PoisonError::into_inner);
        }
        *woken = false;
    }
}
