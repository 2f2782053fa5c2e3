//! Blocks of few sizes: a thread keeps those that were freed on it, and threads exchange them by the dozen.
//!
//! Goroutines are started on one thread and end on another. A general allocator takes a lock for each block that is freed
//! on another thread than its own, and the two threads meet there. Blocks are kept for ever, as Go keeps its
//! goroutines', so that those of tasks never hold anything else ([`TASKS`]).

use super::arena;
use super::shared::TASK;
use std::alloc::{Layout, handle_alloc_error};
use std::cell::RefCell;
use std::ptr::NonNull;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A size of blocks, by its place in [`SIZES`].
pub(super) type Class = usize;

/// The class of tasks alone.
pub(super) const TASKS: Class = 0;

/// The sizes in bytes, by class.
const SIZES: [usize; 4] = [TASK.size().next_multiple_of(ALIGN), 64, 128, 256];

/// The alignment of all blocks: that of a cache line, so that no two goroutines share one.
const ALIGN: usize = 64;

/// How many blocks threads exchange at a time.
const BATCH: usize = 32;

/// The class of blocks for other things than tasks, if there is one for this layout.
pub(super) const fn class_of(layout: Layout) -> Option<Class> {
    if layout.align() > ALIGN {
        return None;
    }
    let mut class = TASKS + 1;
    while class < SIZES.len() {
        if layout.size() <= SIZES[class] {
            return Some(class);
        }
        class += 1;
    }
    None
}

/// Free blocks of one size. Their addresses lie beside them: what was freed on another processor is not waited for
/// before it is written.
struct Batch {
    blocks: [NonNull<u8>; BATCH],
    len: usize,
}

// SAFETY: the blocks of a batch are free, and so belong to whoever has the batch.
unsafe impl Send for Batch {}

impl Batch {
    const fn new() -> Self {
        Batch { blocks: [NonNull::dangling(); BATCH], len: 0 }
    }

    const fn is_full(&self) -> bool {
        self.len == BATCH
    }

    fn push(&mut self, block: NonNull<u8>) {
        self.blocks[self.len] = block;
        self.len += 1;
    }

    fn pop(&mut self) -> Option<NonNull<u8>> {
        self.len = self.len.checked_sub(1)?;
        Some(self.blocks[self.len])
    }
}

/// The batches of a class that no thread has in hand.
static DEPOTS: [Mutex<Vec<Batch>>; SIZES.len()] = [const { Mutex::new(Vec::new()) }; SIZES.len()];

fn depot(class: Class) -> MutexGuard<'static, Vec<Batch>> {
    DEPOTS[class].lock().unwrap_or_else(PoisonError::into_inner)
}

/// Where blocks of a class have been made, [`BATCH`] at a time.
struct Made(Vec<NonNull<u8>>);

// SAFETY: the pointers are to memory that is kept for ever.
unsafe impl Send for Made {}

static MADE: [Mutex<Made>; SIZES.len()] = [const { Mutex::new(Made(Vec::new())) }; SIZES.len()];

fn made(class: Class) -> MutexGuard<'static, Made> {
    MADE[class].lock().unwrap_or_else(PoisonError::into_inner)
}

/// New blocks. No lock is held meanwhile: the kernel may have to find memory.
fn make(class: Class) -> Batch {
    let size = SIZES[class];
    let start = arena::take(BATCH * size);
    let start = start.unwrap_or_else(|| handle_alloc_error(Layout::new::<[u8; ALIGN]>()));
    made(class).0.push(start);
    // SAFETY: within what was just made.
    let block = |i| unsafe { start.add(i * size) };
    Batch { blocks: std::array::from_fn(block), len: BATCH }
}

fn batch(class: Class) -> Batch {
    let batch = depot(class).pop();
    batch.unwrap_or_else(|| make(class))
}

/// Has the processor get what will be written soon, which may lie in another one's cache.
fn fetch(block: NonNull<u8>, size: usize) {
    #[cfg(target_arch = "x86_64")]
    for at in (0..size.min(2 * ALIGN)).step_by(ALIGN) {
        use std::arch::x86_64::{_MM_HINT_ET0, _mm_prefetch};
        // SAFETY: within the block; and fetching changes nothing.
        unsafe { _mm_prefetch::<_MM_HINT_ET0>(block.as_ptr().add(at).cast()) };
    }
}

/// What a thread has of a class: a batch in hand and one beside it, so that whoever takes and gives at the edge of a
/// batch does not go to the depot each time.
struct Hand {
    batch: Batch,
    beside: Batch,
}

impl Hand {
    fn take(&mut self, class: Class) -> Option<NonNull<u8>> {
        if self.batch.len == 0 {
            std::mem::swap(&mut self.batch, &mut self.beside);
        }
        if self.batch.len == 0 {
            self.batch = batch(class);
        }
        let block = self.batch.pop();
        if let Some(next) = self.batch.len.checked_sub(1) {
            fetch(self.batch.blocks[next], SIZES[class]);
        }
        block
    }

    fn give(&mut self, class: Class, block: NonNull<u8>) {
        if self.batch.is_full() {
            let full = std::mem::replace(&mut self.beside, std::mem::replace(&mut self.batch, Batch::new()));
            if full.len > 0 {
                depot(class).push(full);
            }
        }
        self.batch.push(block);
    }
}

/// A thread's hands; what is in them goes to the depots when it ends.
struct Hands([RefCell<Hand>; SIZES.len()]);

thread_local! {
    static HANDS: Hands = const {
        Hands([const { RefCell::new(Hand { batch: Batch::new(), beside: Batch::new() }) }; SIZES.len()])
    };
}

impl Drop for Hands {
    fn drop(&mut self) {
        for (class, hand) in self.0.iter_mut().enumerate() {
            let hand = hand.get_mut();
            while let Some(block) = hand.batch.pop().or_else(|| hand.beside.pop()) {
                give_back(class, block);
            }
        }
    }
}

/// Puts one block into a depot.
fn give_back(class: Class, block: NonNull<u8>) {
    let mut depot = depot(class);
    match depot.last_mut().filter(|batch| !batch.is_full()) {
        Some(batch) => batch.push(block),
        None => {
            let mut batch = Batch::new();
            batch.push(block);
            depot.push(batch);
        }
    }
}

/// A block. Its first word is zero if it is a new one, else as it was left.
// Not inlined, so that a goroutine that moves looks for its thread's hands anew each time.
#[inline(never)]
pub(super) fn take(class: Class) -> NonNull<u8> {
    let taken = HANDS.try_with(|hands| hands.0[class].borrow_mut().take(class));
    match taken {
        Ok(Some(block)) => block,
        // The thread is about to end.
        _ => {
            let mut batch = batch(class);
            let block = batch.pop();
            while let Some(block) = batch.pop() {
                give_back(class, block);
            }
            match block {
                Some(block) => block,
                None => unreachable!("a batch of a depot is not empty"),
            }
        }
    }
}

/// Gives a block to be used again.
///
/// # Safety
/// It was taken with this class, and nobody uses it any more.
#[inline(never)]
pub(super) unsafe fn give(class: Class, block: NonNull<u8>) {
    if HANDS.try_with(|hands| hands.0[class].borrow_mut().give(class, block)).is_err() {
        give_back(class, block);
    }
}

/// All blocks of a class that were ever made, in use or not. The memory is kept for ever.
pub(super) fn each(class: Class) -> impl Iterator<Item = NonNull<u8>> {
    let made = made(class).0.clone();
    // SAFETY: within what was made.
    made.into_iter().flat_map(move |start| (0..BATCH).map(move |i| unsafe { start.add(i * SIZES[class]) }))
}
