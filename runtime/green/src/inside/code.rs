//! A task's code and, once that has run, its result: one block of memory that the task and whoever joins it share.
//!
//! Whoever lets go of it last frees it, and drops a result that nobody took. Blocks of the usual size are kept by the
//! OS thread and used again, since allocating them would cost more than all else that a short task does.

use crate::inside::context::inside;
use crate::inside::task::run_catching;
use std::alloc::{Layout, alloc, dealloc, handle_alloc_error};
use std::cell::{Cell, UnsafeCell};
use std::marker::PhantomData;
use std::mem::{ManuallyDrop, needs_drop, replace};
use std::ptr::{NonNull, null_mut};
use std::sync::atomic::{AtomicU8, Ordering::AcqRel, Ordering::Acquire};
use std::thread::Result;

/// Code that has not run.
pub(crate) struct Code(NonNull<Head>);

/// The right to take what some code came to.
pub(crate) struct Packet<T>(NonNull<Head>, PhantomData<fn() -> T>);

// SAFETY: the block is shared by the mark in its head, and what is taken from it is a `Result<T>`.
unsafe impl<T: Send> Send for Packet<T> {}
// SAFETY: as above; nothing is done by reference.
unsafe impl<T: Send> Sync for Packet<T> {}

/// What every block begins with.
struct Head {
    /// Who has let go of the block: [`NOBODY`], or one of the two.
    left: AtomicU8,
    ways: &'static Ways,
}

const NOBODY: u8 = 0;
const TASK: u8 = 1;
const JOINER: u8 = 2;

/// What can be done with a block, whatever is in it.
struct Ways {
    /// Runs the code and keeps its result.
    run: unsafe fn(NonNull<Head>),
    /// Drops the code.
    forget: unsafe fn(NonNull<Head>),
    /// Writes the result, an `Option<Result<T>>`, to the place that the pointer is to.
    take: unsafe fn(NonNull<Head>, *mut ()),
    /// Drops what is left and gives the memory back.
    free: unsafe fn(NonNull<Head>),
}

#[repr(C)]
struct Block<F, T> {
    head: Head,
    content: UnsafeCell<Content<F, T>>,
}

enum Content<F, T> {
    Code(F),
    Ended(Result<T>),
    Nothing,
}

impl<F: FnOnce() -> T, T> Block<F, T> {
    const WAYS: Ways = Ways { run: Self::run, forget: Self::forget, take: Self::take, free: Self::free };

    fn make(code: F, left: u8) -> NonNull<Head> {
        let block = memory::take(Layout::new::<Self>()).cast::<Self>();
        let head = Head { left: AtomicU8::new(left), ways: &Self::WAYS };
        // SAFETY: memory of this layout that is nobody else's.
        unsafe { block.write(Block { head, content: UnsafeCell::new(Content::Code(code)) }) };
        block.cast()
    }

    /// What is in the block is replaced by `by`.
    ///
    /// # Safety
    /// The head is that of a living block of this type, whose content nobody else uses meanwhile.
    unsafe fn exchange(head: NonNull<Head>, by: Content<F, T>) -> Content<F, T> {
        // SAFETY: the caller's promise.
        replace(unsafe { &mut *head.cast::<Self>().as_ref().content.get() }, by)
    }

    unsafe fn run(head: NonNull<Head>) {
        let _task = Leaving(head);
        // SAFETY: the task's until it lets go.
        if let Content::Code(code) = unsafe { Self::exchange(head, Content::Nothing) } {
            let result = run_catching(code);
            // SAFETY: as above.
            unsafe { Self::exchange(head, Content::Ended(result)) };
        }
    }

    unsafe fn forget(head: NonNull<Head>) {
        let _task = Leaving(head);
        // SAFETY: the task's until it lets go.
        drop(unsafe { Self::exchange(head, Content::Nothing) });
    }

    unsafe fn take(head: NonNull<Head>, to: *mut ()) {
        // SAFETY: the joiner's alone, since the task has let go.
        let result = match unsafe { Self::exchange(head, Content::Nothing) } {
            Content::Ended(result) => Some(result),
            _ => None,
        };
        // SAFETY: the caller's promise.
        unsafe { to.cast::<Option<Result<T>>>().write(result) };
    }

    unsafe fn free(head: NonNull<Head>) {
        struct Memory(NonNull<u8>, Layout);
        impl Drop for Memory {
            fn drop(&mut self) {
                memory::give(self.0, self.1);
            }
        }
        let _memory = Memory(head.cast(), Layout::new::<Self>());
        // SAFETY: nobody else knows the block any more.
        unsafe { head.cast::<Self>().drop_in_place() };
    }
}

/// Lets go of a block for its task, whatever happens.
struct Leaving(NonNull<Head>);

impl Drop for Leaving {
    fn drop(&mut self) {
        let_go(self.0, TASK);
    }
}

/// One of the two lets go of the block.
fn let_go(head: NonNull<Head>, who: u8) {
    // SAFETY: it lives until both have let go, of whom the caller is one. The other may free it right after the swap, so
    // whatever is read of it is read before.
    let (ways, before) = unsafe { (head.as_ref().ways, head.as_ref().left.swap(who, AcqRel)) };
    if before != NOBODY {
        // SAFETY: both have let go.
        unsafe { (ways.free)(head) };
    }
}

impl Code {
    /// Code whose result nobody takes.
    pub fn of<F: FnOnce() + 'static>(code: F) -> Self {
        Code(Block::make(code, JOINER))
    }

    /// Code, and the right to take its result.
    ///
    /// # Safety
    /// It has run or was dropped, and its result was taken or dropped, before anything that `F` or `T` borrows ends.
    pub unsafe fn with_packet<F: FnOnce() -> T, T>(code: F) -> (Self, Packet<T>) {
        let head = Block::make(code, NOBODY);
        (Code(head), Packet(head, PhantomData))
    }

    /// Runs it. A panic is kept for whoever joins; the unwinding of a teardown goes through.
    pub fn run(self) {
        let head = ManuallyDrop::new(self).0;
        // SAFETY: the task has not let go, and does so now.
        unsafe { (head.as_ref().ways.run)(head) };
    }
}

impl Drop for Code {
    fn drop(&mut self) {
        // SAFETY: the task has not let go, and does so now.
        unsafe { (self.0.as_ref().ways.forget)(self.0) };
    }
}

impl<T> Packet<T> {
    /// What the code came to; `None` if it has not ended, or was never run.
    pub fn take(self) -> Option<Result<T>> {
        // SAFETY: the block lives until both have let go.
        let head = unsafe { self.0.as_ref() };
        if head.left.load(Acquire) != TASK {
            return None;
        }
        let mut result = None;
        // SAFETY: the task has let go, and `result` is of the type that the block's code has. Nobody uses the block
        // once it is freed.
        unsafe {
            (head.ways.take)(self.0, (&raw mut result).cast());
            (head.ways.free)(ManuallyDrop::new(self).0);
        }
        result
    }
}

/// A limit of the execution: whoever lets go last drops the result, and no event says who that is.
#[cold]
fn note_untaken() {
    if let Some(inside) = inside()
        && !inside.tearing_down()
    {
        inside.with(|cx| cx.exec.leave_untaken());
    }
}

impl<T> Drop for Packet<T> {
    fn drop(&mut self) {
        if needs_drop::<T>() {
            note_untaken();
        }
        let_go(self.0, JOINER);
    }
}

/// Frees the blocks that the calling thread keeps, when dropped.
pub(crate) struct Kept;

impl Drop for Kept {
    fn drop(&mut self) {
        memory::empty();
    }
}

mod memory {
    //! The memory of blocks.

    use super::{Cell, Layout, NonNull, alloc, dealloc, handle_alloc_error, inside, null_mut};

    /// Blocks of at most this size and alignment are kept.
    const USUAL: Layout = match Layout::from_size_align(256, 16) {
        Ok(layout) => layout,
        Err(_) => panic!("16 is a power of two"),
    };

    thread_local! {
        /// The first free block; in each lies the address of the next one.
        static FREE: Cell<*mut u8> = const { Cell::new(null_mut()) };
    }

    #[inline]
    fn is_usual(layout: Layout) -> bool {
        layout.size() <= USUAL.size() && layout.align() <= USUAL.align()
    }

    #[inline]
    pub fn take(layout: Layout) -> NonNull<u8> {
        if !is_usual(layout) {
            return new(layout);
        }
        match NonNull::new(FREE.get()) {
            None => new(USUAL),
            Some(block) => {
                // SAFETY: whoever gave it has written the address of the next one there.
                FREE.set(unsafe { block.cast::<*mut u8>().read() });
                block
            }
        }
    }

    #[cold]
    fn new(layout: Layout) -> NonNull<u8> {
        // SAFETY: no block is empty.
        let block = unsafe { alloc(layout) };
        NonNull::new(block).unwrap_or_else(|| handle_alloc_error(layout))
    }

    /// Gives back what `take` gave, on whichever thread.
    #[inline]
    pub fn give(block: NonNull<u8>, layout: Layout) {
        // A thread that runs no executions keeps none.
        if is_usual(layout) && inside().is_some() {
            // SAFETY: the block is large enough, and nobody's.
            unsafe { block.cast::<*mut u8>().write(FREE.get()) };
            FREE.set(block.as_ptr());
        } else {
            let layout = if is_usual(layout) { USUAL } else { layout };
            // SAFETY: allocated with this layout by `take`.
            unsafe { dealloc(block.as_ptr(), layout) };
        }
    }

    pub fn empty() {
        while let Some(block) = NonNull::new(FREE.get()) {
            // SAFETY: as in `take`.
            FREE.set(unsafe { block.cast::<*mut u8>().read() });
            // SAFETY: allocated by `new` with this layout.
            unsafe { dealloc(block.as_ptr(), USUAL) };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Code, Packet};
    use std::sync::Arc;

    /// Code that holds `kept`, and gives it back as its result.
    fn made(kept: &Arc<()>) -> (Code, Packet<Arc<()>>) {
        let kept = kept.clone();
        // SAFETY: nothing is borrowed.
        unsafe { Code::with_packet(move || kept) }
    }

    #[test]
    fn what_code_came_to_is_taken_once_it_has_run() {
        let kept = Arc::new(());
        let (code, packet) = made(&kept);
        code.run();
        assert!(matches!(packet.take(), Some(Ok(result)) if Arc::ptr_eq(&result, &kept)));
        assert_eq!(Arc::strong_count(&kept), 1);
    }

    #[test]
    fn whoever_lets_go_last_drops_what_is_left() {
        let kept = Arc::new(());
        let (code, packet) = made(&kept);
        drop(packet);
        assert_eq!(Arc::strong_count(&kept), 2, "the code is still to be run");
        code.run();
        assert_eq!(Arc::strong_count(&kept), 1, "nobody took the result");
        let (code, packet) = made(&kept);
        code.run();
        assert_eq!(Arc::strong_count(&kept), 2, "somebody may take the result");
        std::thread::scope(|scope| scope.spawn(|| drop(packet)).join()).unwrap();
        assert_eq!(Arc::strong_count(&kept), 1);
    }

    /// One of the two frees the block, and neither looks at it once the other one may have done so: the latter is seen
    /// by thread and address sanitizers.
    #[test]
    fn both_may_let_go_at_once() {
        let kept = Arc::new(());
        for _ in 0..200 {
            let (code, packet) = made(&kept);
            std::thread::scope(|scope| {
                scope.spawn(|| drop(packet));
                code.run();
            });
            assert_eq!(Arc::strong_count(&kept), 1);
        }
    }

    #[test]
    fn code_that_never_ran_has_no_result() {
        let kept = Arc::new(());
        let (code, packet) = made(&kept);
        drop(code);
        assert_eq!(Arc::strong_count(&kept), 1);
        assert!(packet.take().is_none());
        let (code, packet) = made(&kept);
        assert!(packet.take().is_none());
        assert_eq!(Arc::strong_count(&kept), 2, "the code is still to be run");
        drop(code);
        assert_eq!(Arc::strong_count(&kept), 1);
    }

    #[test]
    fn code_of_any_size_and_alignment_is_kept_whole() {
        #[repr(align(64))]
        struct Aligned([u64; 100]);
        let large = Aligned(std::array::from_fn(|i| i as u64));
        let address = |large: &Aligned| std::ptr::from_ref(large).addr();
        // SAFETY: nothing is borrowed.
        let (code, packet) =
            unsafe { Code::with_packet(move || (address(&large) % 64, large.0.iter().sum::<u64>())) };
        code.run();
        assert_eq!(packet.take().unwrap().unwrap(), (0, 99 * 100 / 2));
    }
}
