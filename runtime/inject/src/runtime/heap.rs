//! The program's heap: at fixed addresses, so that the same schedule allocates at the same places.
//!
//! Spans of 64 KiB hold blocks of one size class each; larger blocks have spans of their own. Freed blocks are
//! handed out again, the latest first. Each block has a header that tells its size and who allocated it.
//!
//! It does no tracking of accesses: see [`super::heap_symbols`].

use super::raw;
use std::cell::UnsafeCell;
use std::sync::atomic::{AtomicBool, Ordering};

/// Where it is, in the window of the shadow memory that is found by arithmetic, and how large it may become.
const START: usize = 0x1000_0000_0000;
const SIZE: usize = 1 << 40;

const SPAN: usize = 1 << 16;
const SPANS: usize = SIZE / SPAN;

/// Bytes before each block.
const HEADER: usize = 16;
/// Blocks up to this share spans.
const SMALL: usize = SPAN / 4;
const CLASSES: usize = 96;
/// Of a span that belongs to a large block: how many classes stand for sizes in spans, as powers of two.
const LARGE: u8 = 128;
/// Marks the header at the beginning of a block whose memory begins later, for its alignment.
const SHIFTED: u64 = u64::MAX;

#[repr(C)]
struct Header {
    /// What was asked for; or [`SHIFTED`].
    size: u64,
    /// The stack that allocated it; or how many bytes later the memory begins.
    node: u32,
    pc: u32,
}

/// A block that is in use.
#[derive(Clone, Copy, Debug)]
pub struct Block {
    /// Its first byte.
    pub start: usize,
    /// What was asked for.
    pub size: usize,
    /// The stack that allocated it.
    pub node: u32,
    /// Where in the last function.
    pub pc: u32,
}

/// See the module.
pub struct Heap {
    ready: bool,
    /// The next span that was never used.
    next: usize,
    /// Freed blocks of each class, linked through their first word.
    free: [usize; CLASSES],
    /// What is left of the span from which each class takes new blocks.
    fresh: [(usize, usize); CLASSES],
    /// Freed large blocks, by the power of two of their spans.
    large: [usize; 32],
    /// For each span its class, or [`LARGE`] and the power of two; 0 within a large block.
    classes: usize,
}

/// What a new block is.
pub struct New {
    pub start: usize,
    /// Whether its memory was never used before.
    pub fresh: bool,
}

static LOCK: AtomicBool = AtomicBool::new(false);
struct Global(UnsafeCell<Heap>);

// SAFETY: only whoever has the lock uses it.
unsafe impl Sync for Global {}

static HEAP: Global = Global(UnsafeCell::new(Heap {
    ready: false,
    next: 0,
    free: [0; CLASSES],
    fresh: [(0, 0); CLASSES],
    large: [0; 32],
    classes: 0,
}));

/// Calls `f` with the heap. Out of control several threads may come at once.
pub fn with<R>(f: impl FnOnce(&mut Heap) -> R) -> R {
    while LOCK.compare_exchange(false, true, Ordering::Acquire, Ordering::Relaxed).is_err() {
        // SAFETY: no pointers.
        unsafe { raw::call(libc::SYS_sched_yield, [0; 6]) };
    }
    // SAFETY: the lock makes this the only reference; `f` does not come back here.
    let result = f(unsafe { &mut *HEAP.0.get() });
    LOCK.store(false, Ordering::Release);
    result
}

/// Sizes grow by a quarter of their power of two.
fn class_of(size: usize) -> usize {
    if size <= 64 {
        return size.div_ceil(16).max(1);
    }
    let power = (size - 1).ilog2() as usize;
    let step = 1 << (power - 2);
    4 + (power - 6) * 4 + (size - (1 << power)).div_ceil(step)
}

fn size_of_class(class: usize) -> usize {
    if class <= 4 {
        return class * 16;
    }
    let (power, quarter) = (6 + (class - 5) / 4, (class - 5) % 4 + 1);
    (1 << power) + (quarter << (power - 2))
}

/// Whether `address` is in this heap.
pub fn owns(address: usize) -> bool {
    (START..START + SIZE).contains(&address)
}

impl Heap {
    /// Reserves its addresses, if that was not done.
    pub fn prepare(&mut self) {
        if !self.ready {
            let heap = raw::reserve(START, SIZE);
            let classes = raw::reserve(0, SPANS);
            let (Some(_), Some(classes)) = (heap, classes) else {
                raw::die("cannot reserve the program's heap: the address space is limited, see `ulimit -v`");
            };
            (self.classes, self.ready) = (classes, true);
        }
    }

    /// A block of `size` bytes, aligned to `align`, which is a power of two; `None` if there is no room.
    pub fn allocate(&mut self, size: usize, align: usize, node: u32, pc: u32) -> Option<New> {
        self.prepare();
        let shift = if align > 16 { align } else { 0 };
        let whole = size.checked_add(HEADER + shift)?;
        let (block, fresh) = if whole <= SMALL { self.small(whole)? } else { self.spans(whole)? };
        let start = (block + HEADER).next_multiple_of(align.max(16));
        if start != block + HEADER {
            self.write_header(block, Header { size: SHIFTED, node: (start - block) as u32, pc: 0 });
        }
        self.write_header(start - HEADER, Header { size: size as u64, node, pc });
        Some(New { start, fresh })
    }

    fn small(&mut self, whole: usize) -> Option<(usize, bool)> {
        let class = class_of(whole);
        let free = self.free[class];
        if free != 0 {
            self.free[class] = self.word(free);
            return Some((free, false));
        }
        let size = size_of_class(class);
        let (mut at, mut left) = self.fresh[class];
        if left == 0 {
            at = self.new_spans(1, class as u8)?;
            left = SPAN / size;
        }
        self.fresh[class] = (at + size, left - 1);
        Some((at, true))
    }

    fn spans(&mut self, whole: usize) -> Option<(usize, bool)> {
        let spans = whole.div_ceil(SPAN).next_power_of_two();
        let power = spans.trailing_zeros() as usize;
        let free = *self.large.get(power)?;
        if free != 0 {
            self.large[power] = self.word(free);
            return Some((free, false));
        }
        self.new_spans(spans, LARGE + power as u8).map(|at| (at, true))
    }

    fn new_spans(&mut self, count: usize, class: u8) -> Option<usize> {
        if self.next + count > SPANS {
            return None;
        }
        let at = self.next;
        self.next += count;
        // SAFETY: the table has a byte for each span.
        unsafe { *((self.classes + at) as *mut u8) = class };
        Some(START + at * SPAN)
    }

    /// Takes a block back.
    pub fn free(&mut self, start: usize) {
        let Some((block, class)) = self.block_at(start) else { return };
        let head = if class >= LARGE {
            &mut self.large[usize::from(class - LARGE)]
        } else {
            &mut self.free[usize::from(class)]
        };
        let next = std::mem::replace(head, block);
        // SAFETY: the block is the heap's again.
        unsafe { *(block as *mut usize) = next };
    }

    /// The block that holds `address`, if it is in use or was.
    pub fn block(&mut self, address: usize) -> Option<Block> {
        let (block, _) = self.block_at(address)?;
        let mut header = self.header(block);
        let mut start = block + HEADER;
        if header.size == SHIFTED {
            start = block + header.node as usize;
            header = self.header(start - HEADER);
        }
        Some(Block { start, size: header.size as usize, node: header.node, pc: header.pc })
    }

    /// Where the block begins that holds `address`, and its span's class.
    fn block_at(&self, address: usize) -> Option<(usize, u8)> {
        if !self.ready || !owns(address) {
            return None;
        }
        let mut span = (address - START) / SPAN;
        // SAFETY: the table has a byte for each span.
        let class_of = |span: usize| unsafe { *((self.classes + span) as *const u8) };
        while class_of(span) == 0 {
            span = span.checked_sub(1)?;
        }
        let (class, base) = (class_of(span), START + span * SPAN);
        if class >= LARGE {
            return Some((base, class));
        }
        let size = size_of_class(usize::from(class));
        Some((base + (address - base) / size * size, class))
    }

    fn header(&self, at: usize) -> Header {
        // SAFETY: a header stands at the beginning of each block, and is plain data.
        unsafe { std::ptr::read(at as *const Header) }
    }

    fn write_header(&mut self, at: usize, header: Header) {
        // SAFETY: the header's room is part of the block.
        unsafe { std::ptr::write(at as *mut Header, header) };
    }

    fn word(&self, block: usize) -> usize {
        // SAFETY: a freed block's first word is the next one of its list.
        unsafe { *(block as *const usize) }
    }
}

#[cfg(test)]
mod tests {
    use super::{class_of, size_of_class};

    #[test]
    fn each_size_has_the_smallest_class_that_holds_it() {
        for size in 1..=20_000 {
            let class = class_of(size);
            assert!(size_of_class(class) >= size, "{size}");
            assert!(class == 1 || size_of_class(class - 1) < size, "{size}");
            assert_eq!(size_of_class(class) % 16, 0, "blocks are aligned to 16: {size}");
        }
    }
}
