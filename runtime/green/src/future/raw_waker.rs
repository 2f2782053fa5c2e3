//! A `Waker` of an `Arc` that is told when it is cloned: [`std::task::Wake`] says when a waker is called, not when
//! one is kept.

use std::mem::ManuallyDrop;
use std::sync::Arc;
use std::task::{RawWaker, RawWakerVTable, Wake, Waker};

/// What a waker that tells of its clones is made of.
pub(super) trait Kept: Wake + Send + Sync + 'static {
    /// Somebody keeps a clone.
    fn kept(&self);
}

/// A waker that is one more owner of `kept`.
#[inline]
pub(super) fn waker<T: Kept>(kept: Arc<T>) -> Waker {
    // SAFETY: the functions of the table keep the contract of `RawWaker`: each takes a pointer of `Arc::into_raw`,
    // whose count of owners `clone` raises, and `wake` and `drop` lower, by one; `T` may be used from any thread.
    unsafe { Waker::from_raw(raw(kept)) }
}

#[inline]
fn raw<T: Kept>(kept: Arc<T>) -> RawWaker {
    RawWaker::new(Arc::into_raw(kept).cast(), Table::<T>::TABLE)
}

struct Table<T>(T);

impl<T: Kept> Table<T> {
    const TABLE: &'static RawWakerVTable =
        &RawWakerVTable::new(clone::<T>, wake::<T>, wake_by_ref::<T>, drop_waker::<T>);
}

/// The owner behind `data`, not taken from its waker.
///
/// # Safety
/// `data` is the pointer of a waker of `T` that is not dropped meanwhile.
#[inline]
unsafe fn borrow<T>(data: *const ()) -> ManuallyDrop<Arc<T>> {
    // SAFETY: the caller's promise; the count of owners is left as it is.
    ManuallyDrop::new(unsafe { Arc::from_raw(data.cast()) })
}

#[inline]
unsafe fn clone<T: Kept>(data: *const ()) -> RawWaker {
    // SAFETY: the contract of `RawWaker`.
    let kept = unsafe { borrow::<T>(data) };
    kept.kept();
    raw(Arc::clone(&kept))
}

#[inline]
unsafe fn wake<T: Kept>(data: *const ()) {
    // SAFETY: the contract of `RawWaker`: the waker is consumed.
    unsafe { Arc::<T>::from_raw(data.cast()) }.wake();
}

#[inline]
unsafe fn wake_by_ref<T: Kept>(data: *const ()) {
    // SAFETY: the contract of `RawWaker`.
    let kept = unsafe { borrow::<T>(data) };
    T::wake_by_ref(&kept);
}

#[inline]
unsafe fn drop_waker<T: Kept>(data: *const ()) {
    // SAFETY: the contract of `RawWaker`: the waker is dropped once.
    drop(unsafe { Arc::<T>::from_raw(data.cast()) });
}
