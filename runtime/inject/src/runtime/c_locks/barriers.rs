//! Barriers. The real one is made and destroyed, and nobody waits at it.

use super::super::state::{is_controlled, with};
use super::word::call;
use gorace_analyzer_core::Order;
use gorace_engine::Settled;

unsafe extern "C" fn pthread_barrier_init(barrier: usize, attributes: usize, count: u32) -> i32 {
    // SAFETY: the C library's function of this name, and the caller's own call.
    let result = unsafe {
        let real: unsafe extern "C" fn(usize, usize, u32) -> i32 =
            std::mem::transmute(real!(pthread_barrier_init));
        real(barrier, attributes, count)
    };
    if is_controlled() && result == 0 {
        with(|runtime| {
            let word = runtime.word(barrier);
            (word.made, word.changes, word.inside) = (count, 0, 0);
        });
    }
    result
}

/// Those who come change the word; the last of a round lets all of them go.
extern "C" fn pthread_barrier_wait(barrier: usize) -> i32 {
    let most = if is_controlled() { with(|runtime| runtime.word(barrier).made) } else { 0 };
    // One that was made before the program was under control is the C library's.
    if most == 0 {
        return call(real!(pthread_barrier_wait), barrier);
    }
    let here = thing!(barrier, pthread_barrier_wait);
    let came = here.update(Order::AcqRel, || {
        with(|runtime| {
            let word = runtime.word(barrier);
            let came = word.changes;
            (word.changes, word.inside) = (came + 1, word.inside + 1);
            (came, Settled::Updated(u64::from(came), u64::from(came) + 1))
        })
    });
    let (round, is_last) = (came / most, came % most == most - 1);
    if is_last {
        let word = with(|runtime| runtime.word(barrier).object);
        here.wake(word, u32::MAX);
    } else {
        loop {
            let seen = here.changes();
            if seen / most != round {
                break;
            }
            // Without a moment there is no error.
            _ = here.wait(seen, None);
        }
        here.learn();
    }
    let (word, is_empty) = with(|runtime| {
        let word = runtime.word(barrier);
        word.inside -= 1;
        (word.object, word.inside == 0)
    });
    if is_empty {
        here.wake(word, u32::MAX);
    }
    if is_last { libc::PTHREAD_BARRIER_SERIAL_THREAD } else { 0 }
}

/// Waits for those who are still on their way out, as the C library's does.
extern "C" fn pthread_barrier_destroy(barrier: usize) -> i32 {
    if is_controlled() {
        let here = thing!(barrier, pthread_barrier_destroy);
        let is_empty = || with(|runtime| runtime.word(barrier).inside) == 0;
        while !is_empty() {
            // Without a moment there is no error.
            _ = here.wait_unless(None, is_empty);
        }
    }
    call(real!(pthread_barrier_destroy), barrier)
}

exported! { pthread_barrier_init pthread_barrier_wait pthread_barrier_destroy }
