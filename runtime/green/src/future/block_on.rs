//! `block_on`: runs a future to its end on the calling thread or task.

use crate::future::thread_waker::ThreadWaker;
#[cfg(feature = "check")]
use crate::future::token::Token;
#[cfg(feature = "check")]
use crate::inside::context::{Inside, inside};
#[cfg(feature = "check")]
use std::future::Future;
#[cfg(feature = "check")]
use std::panic::Location;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};

/// Runs `future` to its end on the calling thread, or task, which waits while the future is pending.
///
/// A waker that is called any number of times before the next poll makes it one poll. Inside an execution a future
/// whose last waker was dropped can never go on, and its task is reported as any other that is blocked for ever.
///
/// ```
/// let answer = gorace::future::block_on(async { 6 * 7 });
/// assert_eq!(answer, 42);
/// ```
#[track_caller]
#[inline]
pub fn block_on<F: Future>(future: F) -> F::Output {
    #[cfg(feature = "check")]
    if let Some(inside) = inside() {
        return on_task(inside, pin!(future), Location::caller());
    }
    on_thread(pin!(future))
}

/// This file, whose places are not the user's.
#[cfg(feature = "check")]
pub(super) const FILE: &str = file!();

/// As [`block_on`], waiting at `at` inside an execution.
#[cfg(feature = "check")]
#[inline]
pub(crate) fn block_on_at<F: Future>(future: F, at: &'static Location<'static>) -> F::Output {
    match inside() {
        Some(inside) => on_task(inside, pin!(future), at),
        None => on_thread(pin!(future)),
    }
}

#[inline]
fn on_thread<F: Future>(mut future: Pin<&mut F>) -> F::Output {
    let (waker, parked) = ThreadWaker::of_current();
    loop {
        match future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(output) => return output,
            Poll::Pending => parked.wait(),
        }
    }
}

#[cfg(feature = "check")]
#[inline]
fn on_task<F: Future>(inside: Inside, mut future: Pin<&mut F>, at: &'static Location<'static>) -> F::Output {
    let mut token = Token::new(inside, at);
    loop {
        let waker = token.waker();
        match future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(output) => return output,
            Poll::Pending => token.wait(inside, waker),
        }
    }
}
