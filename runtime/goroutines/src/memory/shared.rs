//! `Shared`: what several own, as with [`Arc`](std::sync::Arc), in memory that is used again.
//!
//! The count lies in a block's first word, which is zero as long as nobody owns anything there. The blocks of tasks
//! never hold anything else: so those that somebody owns can be found from outside ([`each_task`]).

use super::blocks::{self, Class, TASKS, class_of};
use crate::task::Inner;
use std::alloc::{Layout, alloc, dealloc, handle_alloc_error};
use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;
use std::ptr::NonNull;
use std::sync::atomic::{
    AtomicUsize,
    Ordering::{Acquire, Relaxed, Release},
};

/// A value that several own; the last drops it.
///
/// ```
/// use gorace_goroutines::Shared;
/// let one = Shared::new(7);
/// let two = one.clone();
/// assert!(Shared::ptr_eq(&one, &two) && *two == 7);
/// ```
pub struct Shared<T, B: Blocks = BySize>(NonNull<Counted<T>>, PhantomData<(Counted<T>, B)>);

/// Which blocks values lie in.
pub trait Blocks {
    #[doc(hidden)]
    const OF_TASKS: bool;
}

/// Blocks of the value's size, which hold other things of that size at other times.
#[derive(Debug)]
pub enum BySize {}

/// Blocks that hold tasks alone.
#[derive(Debug)]
pub enum Tasks {}

impl Blocks for BySize {
    const OF_TASKS: bool = false;
}

impl Blocks for Tasks {
    const OF_TASKS: bool = true;
}

#[repr(C)]
struct Counted<T> {
    count: AtomicUsize,
    value: T,
}

/// What a task and its count need.
pub(super) const TASK: Layout = Layout::new::<Counted<Inner>>();

// SAFETY: as with std's `Arc`: each owner may look at the value, and the last drops it, on whatever thread.
unsafe impl<T: Send + Sync, B: Blocks> Send for Shared<T, B> {}
// SAFETY: as above.
unsafe impl<T: Send + Sync, B: Blocks> Sync for Shared<T, B> {}

/// As many owners as there may be: so few that no number of threads comes from here to an overflow.
const MOST: usize = isize::MAX as usize;

impl<T> Shared<T> {
    /// A value with one owner.
    #[inline]
    #[must_use]
    pub fn new(value: T) -> Self {
        Shared::new_in(value)
    }
}

impl<T, B: Blocks> Shared<T, B> {
    const CLASS: Option<Class> =
        { if B::OF_TASKS { Some(TASKS) } else { class_of(Layout::new::<Counted<T>>()) } };

    /// A value with one owner, in blocks of this kind.
    #[inline]
    pub(crate) fn new_in(value: T) -> Self {
        let place = match Self::CLASS {
            Some(class) => blocks::take(class).cast::<Counted<T>>(),
            None => {
                let layout = Layout::new::<Counted<T>>();
                // SAFETY: the layout has a count, and so a size.
                let place = NonNull::new(unsafe { alloc(layout) }.cast::<Counted<T>>());
                place.unwrap_or_else(|| handle_alloc_error(layout))
            }
        };
        // SAFETY: the place is ours, and large and aligned enough; of its count others may look at what they find,
        // which is an atomic's. The value is written before it is counted.
        unsafe {
            (&raw mut (*place.as_ptr()).value).write(value);
            let count = &raw mut (*place.as_ptr()).count;
            match Self::CLASS {
                Some(TASKS) => (*count).store(1, Release),
                _ => count.write(AtomicUsize::new(1)),
            }
        }
        Shared(place, PhantomData)
    }

    /// Whether two own the same value.
    #[inline]
    #[must_use]
    pub fn ptr_eq(a: &Self, b: &Self) -> bool {
        a.0 == b.0
    }

    /// Where the value lies.
    pub(crate) fn as_pointer(&self) -> NonNull<T> {
        // SAFETY: behind a count, in a block: not null.
        unsafe { NonNull::new_unchecked(&raw mut (*self.0.as_ptr()).value) }
    }

    /// An owner, of [`Shared::as_pointer`].
    ///
    /// # Safety
    /// The owner that gave the pointer, or one made of it, was forgotten, and only one is made instead.
    pub(crate) unsafe fn from_pointer(value: NonNull<T>) -> Self {
        // SAFETY: the value lies behind its count, in one place.
        let place = unsafe { value.byte_sub(std::mem::offset_of!(Counted<T>, value)) };
        Shared(place.cast(), PhantomData)
    }

    fn counted(&self) -> &Counted<T> {
        // SAFETY: there is an owner.
        unsafe { self.0.as_ref() }
    }

    #[inline(never)]
    fn free(place: NonNull<Counted<T>>) {
        // SAFETY: nobody owns the value any more: the caller was the last.
        unsafe {
            std::ptr::drop_in_place(&raw mut (*place.as_ptr()).value);
            match Self::CLASS {
                Some(class) => blocks::give(class, place.cast()),
                None => dealloc(place.as_ptr().cast(), Layout::new::<Counted<T>>()),
            }
        }
    }
}

impl<T, B: Blocks> Clone for Shared<T, B> {
    #[inline]
    fn clone(&self) -> Self {
        if self.counted().count.fetch_add(1, Relaxed) > MOST {
            std::process::abort();
        }
        Shared(self.0, PhantomData)
    }
}

impl<T, B: Blocks> Drop for Shared<T, B> {
    #[inline]
    fn drop(&mut self) {
        let count = &self.counted().count;
        if count.fetch_sub(1, Release) == 1 {
            // What the other owners did comes before the end.
            count.load(Acquire);
            Self::free(self.0);
        }
    }
}

impl<T, B: Blocks> Deref for Shared<T, B> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        &self.counted().value
    }
}

impl<T: fmt::Debug, B: Blocks> fmt::Debug for Shared<T, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        T::fmt(self, f)
    }
}

/// All tasks that somebody owns.
pub(crate) fn each_task() -> impl Iterator<Item = Shared<Inner, Tasks>> {
    blocks::each(TASKS).filter_map(|block| {
        let place = block.cast::<Counted<Inner>>();
        // SAFETY: the memory is kept for ever, and its first word was zero or a task's count at all times. Nothing else
        // of it is looked at before it is owned.
        let count = unsafe { &(*place.as_ptr()).count };
        // One that nobody owns is none, or one that is being made or dropped.
        let own = |count: usize| (count > 0).then_some(count + 1);
        count.fetch_update(Acquire, Relaxed, own).is_ok().then(|| Shared(place, PhantomData))
    })
}
