//! FastTrack on shadow memory (Flanagan, Freund, PLDI 2009; cells as in ThreadSanitizer, Serebryany et al.).
//!
//! Each eight bytes of the program have a cell with their last accesses. May miss: a race with an access that later
//! ones have pushed out of its cell. Reports nothing false as far as the clocks are right: the two accesses
//! overlap, one writes, they are not both atomic, and neither task had learned of the other's.

use super::clocks::Clock;
use super::raw;
use std::arch::asm;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::Relaxed};

/// The access writes.
pub const WRITE: u8 = 1;
/// The access is atomic, or volatile, which Rust programs use where they mean that.
pub const ATOMIC: u8 = 2;
/// The access is the heap's: a block is handed out or taken back.
pub const HEAP: u8 = 4;

/// Accesses that a cell keeps.
const SLOTS: usize = 3;

/// One access. Its first eight bytes are compared as one number, see [`is_nothing_new`].
#[repr(C, align(8))]
#[derive(Clone, Copy, Debug)]
pub struct Slot {
    /// The task's own count at the time.
    pub count: u32,
    /// Who.
    pub task: u16,
    /// Which of the eight bytes.
    mask: u8,
    /// [`WRITE`], [`ATOMIC`], [`HEAP`].
    pub kind: u8,
    /// The call stack.
    pub node: u32,
    /// Where in the last function, relative to the executable; 0: not known.
    pub pc: u32,
}

#[repr(C, align(64))]
struct Cell {
    slots: [Slot; SLOTS],
    /// The first word of memory here that is known to be an atomic; 0: none.
    word: u32,
    /// Which slot goes next if none can be told to be useless.
    turn: u32,
}

/// Bytes of the program whose cells are reserved together.
const CHUNK: usize = 1 << 21;
const CELLS: usize = CHUNK / 8;
/// Addresses of programs have 47 bits.
const CHUNKS: usize = (1 << 47) / CHUNK;

/// The window: the program's heap, its stacks and what it maps. The cells of it lie in one piece, in the same order, so that
/// those of an address are found without a table. `accesses.in.rs` of the command line knows these numbers, too.
const WINDOW: usize = 1 << 44;
const WINDOW_SIZE: usize = 1 << 42;
const WINDOW_CELLS: usize = 1 << 45;

/// Shadow memory of all the program's memory; takes room where it is touched.
#[derive(Debug)]
pub struct Shadow {
    /// For each chunk outside of the window its cells, 0 if there are none yet.
    table: usize,
    last: (usize, usize),
}

/// Whether the cells of the window are there: they are made once, and there is one window.
static HAS_WINDOW: AtomicBool = AtomicBool::new(false);
/// The table of the program's shadow memory; 0 until [`is_nothing_new`] may look there.
static TABLE: AtomicUsize = AtomicUsize::new(0);
/// The running task and its own count, as a slot's first eight bytes hold them; 0: nothing is tracked.
static NOW: AtomicU64 = AtomicU64::new(0);
/// Where the executable wants to be told [`NOW`], once it may look at the window: the address of a word of its own.
static TOLD: AtomicUsize = AtomicUsize::new(0);

/// The running task is this one, and had so many events; `None`: nothing is tracked.
pub fn set_now(now: Option<(u16, u32)>) {
    NOW.store(now.map_or(0, |(task, count)| u64::from(task) << 32 | u64::from(count)), Relaxed);
    if TABLE.load(Relaxed) != 0 {
        tell_now();
    }
}

fn tell_now() {
    let told = TOLD.load(Relaxed) as *const AtomicU64;
    if !told.is_null() {
        // SAFETY: the executable has said that this is a word of its own, see `tell`.
        unsafe { &*told }.store(NOW.load(Relaxed), Relaxed);
    }
}

/// The executable compares accesses to the window by itself, and has a word for the running task and its count.
///
/// # Safety
/// The word must live as long as the process, and nobody else may write it.
pub unsafe fn tell(word: usize) {
    TOLD.store(word, Relaxed);
}

/// Whether accesses are tracked.
#[inline(always)]
pub fn is_tracking() -> bool {
    NOW.load(Relaxed) != 0
}

/// Whether an access shows nothing new: nothing is tracked, or the running task has had one like it, or stronger, since its
/// last event. This is what nearly all accesses of a long execution come to, and so it is told without entering the
/// runtime, and changes nothing.
#[inline(always)]
pub fn is_nothing_new<const SIZE: usize>(address: usize, kind: u8) -> bool {
    let now = NOW.load(Relaxed);
    now == 0 || is_repeat::<SIZE>(address, kind, now)
}

#[inline(always)]
fn is_repeat<const SIZE: usize>(address: usize, kind: u8, now: u64) -> bool {
    if SIZE > 8 {
        return is_repeat::<8>(address, kind, now) && is_repeat::<8>(address.wrapping_add(8), kind, now);
    }
    has_repeat(address, SIZE, kind, now)
}

/// As [`is_nothing_new`] for sizes that are known late, of an access that the executable could not tell of by itself.
#[inline]
pub fn is_repeated(address: usize, size: usize, kind: u8) -> bool {
    let now = NOW.load(Relaxed);
    now == 0 || has_repeat(address, size, kind, now)
}

#[inline(always)]
fn has_repeat(address: usize, size: usize, kind: u8, now: u64) -> bool {
    let (chunk, table) = (address / CHUNK, TABLE.load(Relaxed) as *const usize);
    if chunk >= CHUNKS || address % 8 + size > 8 || table.is_null() {
        return false;
    }
    let cells = match window_cells(chunk) {
        Some(cells) => cells,
        // SAFETY: the table has a word for each chunk.
        None => unsafe { *table.add(chunk) },
    } as *const Cell;
    if cells.is_null() {
        return false;
    }
    // SAFETY: the chunk has a cell for each eight bytes, and only the running thread uses it.
    unsafe { &*cells.add(address % CHUNK / 8) }.has(mask(address, size), kind, now)
}

/// The cells of a chunk of the window; `None` outside of it.
#[inline(always)]
fn window_cells(chunk: usize) -> Option<usize> {
    let within = (chunk * CHUNK).wrapping_sub(WINDOW);
    (within < WINDOW_SIZE).then(|| WINDOW_CELLS + within * (size_of::<Cell>() / 8))
}

/// Which of the eight bytes of its cell an access touches that does not leave it.
#[inline(always)]
fn mask(address: usize, size: usize) -> u8 {
    (((1_u32 << size) - 1) << (address % 8)) as u8
}

/// Who accesses.
#[derive(Clone, Copy)]
pub struct Who<'a> {
    pub task: u16,
    pub clock: &'a Clock,
    pub node: u32,
    pub pc: u32,
}

impl Shadow {
    /// Shadow memory in which nothing has happened.
    pub fn new() -> Self {
        let size = WINDOW_SIZE / 8 * size_of::<Cell>();
        let has_window = HAS_WINDOW.swap(true, Relaxed) || raw::reserve(WINDOW_CELLS, size).is_some();
        match raw::reserve(0, CHUNKS * size_of::<usize>()).filter(|_| has_window) {
            Some(table) => Shadow { table, last: (usize::MAX, 0) },
            None => raw::die("cannot reserve shadow memory: the address space is limited, see `ulimit -v`"),
        }
    }

    /// This is the program's: [`is_nothing_new`] looks here, and the executable.
    pub fn install(&self) {
        TABLE.store(self.table, Relaxed);
        tell_now();
    }

    fn chunk(&mut self, chunk: usize, make: bool) -> Option<usize> {
        if let Some(cells) = window_cells(chunk) {
            return Some(cells);
        }
        if self.last.0 == chunk {
            return Some(self.last.1);
        }
        if chunk >= CHUNKS {
            return None;
        }
        // SAFETY: the table has a word for each chunk, and only this function uses it.
        let entry = unsafe { &mut *(self.table as *mut usize).add(chunk) };
        if *entry == 0 {
            if !make {
                return None;
            }
            *entry = raw::reserve(0, CELLS * size_of::<Cell>())
                .unwrap_or_else(|| raw::die("out of address space for shadow memory"));
        }
        self.last = (chunk, *entry);
        Some(*entry)
    }

    /// Reserves the cells of these addresses.
    pub fn reserve(&mut self, addresses: Range<usize>) {
        for chunk in addresses.start / CHUNK..=addresses.end / CHUNK {
            self.chunk(chunk, true);
        }
    }

    fn cell(&mut self, address: usize) -> Option<&mut Cell> {
        let cells = self.chunk(address / CHUNK, true)?;
        // SAFETY: the chunk has a cell for each eight bytes.
        let cell = unsafe { (cells as *mut Cell).add(address % CHUNK / 8) };
        // What is read first gets a page of zeros from the system, and another page when it is written: two faults for one.
        // Behind what the cell holds, since the processor would wait for it before it reads that.
        // SAFETY: the cell is ours; nothing changes.
        unsafe { asm!("or dword ptr [{cell} + 60], 0", cell = in(reg) cell, options(nostack)) };
        // SAFETY: a zeroed cell is a valid one; the borrow is of `self`.
        Some(unsafe { &mut *cell })
    }

    /// The memory is new: nobody has accessed it.
    pub fn clear(&mut self, address: usize, size: usize) {
        let (mut at, end) = (address & !7, address + size);
        while at < end {
            let chunk_end = (at / CHUNK + 1) * CHUNK;
            let stop = end.min(chunk_end);
            if let Some(cells) = self.chunk(at / CHUNK, false) {
                let count = (stop - at).div_ceil(8);
                // SAFETY: these cells are of the chunk, and zero is a valid cell.
                unsafe { std::ptr::write_bytes((cells as *mut Cell).add(at % CHUNK / 8), 0, count) };
            }
            at = chunk_end;
        }
    }

    /// The number that stands for the first atomic of the cell of `address`.
    pub fn word(&mut self, address: usize) -> Option<&mut u32> {
        self.cell(address).map(|cell| &mut cell.word)
    }

    /// As [`is_nothing_new`], for any size, while something is tracked.
    #[inline]
    pub fn has(&mut self, address: usize, size: usize, kind: u8) -> bool {
        let is_inside = address % 8 + size <= 8;
        is_inside
            && self.cell(address).is_some_and(|cell| cell.has(mask(address, size), kind, NOW.load(Relaxed)))
    }

    /// An access; gives the first earlier one that races with it, with the address where the two meet.
    #[inline]
    pub fn access(&mut self, address: usize, size: usize, kind: u8, who: Who<'_>) -> Option<(usize, Slot)> {
        let (mut at, mut left, mut conflict) = (address, size, None);
        while left > 0 {
            let part = left.min(8 - at % 8);
            let met = self.cell(at)?.access(mask(at, part), kind, who);
            conflict = conflict.or(met.map(|slot| (at, slot)));
            at += part;
            left -= part;
        }
        conflict
    }
}

impl Slot {
    /// The first eight bytes: the count, then the task, the mask and the kind.
    #[inline(always)]
    fn head(&self) -> u64 {
        u64::from(self.count)
            | u64::from(self.task) << 32
            | u64::from(self.mask) << 48
            | u64::from(self.kind) << 56
    }

    /// Whether whoever races with an access of this kind races with this one.
    #[inline]
    fn is_as_strong(&self, kind: u8) -> bool {
        self.kind & WRITE >= kind & WRITE && self.kind & ATOMIC <= kind & ATOMIC
    }
}

impl Cell {
    /// Whether an access since `now`, by the task in it, is as strong as this one.
    #[inline(always)]
    fn has(&self, mask: u8, kind: u8, now: u64) -> bool {
        let wanted = u64::from(mask) << 48 | u64::from(kind & WRITE) << 56;
        let forbidden = u64::from(ATOMIC & !kind) << 56;
        let (care, expected) = (wanted | forbidden | ((1 << 48) - 1), wanted | now);
        self.slots.iter().any(|slot| slot.head() & care == expected)
    }

    fn access(&mut self, mask: u8, kind: u8, who: Who<'_>) -> Option<Slot> {
        let count = who.clock.get(u32::from(who.task));
        let (mut place, mut conflict) = (None, None);
        for (i, slot) in self.slots.iter().enumerate() {
            if slot.mask == 0 {
                place = place.or(Some(i));
                continue;
            }
            if slot.task == who.task {
                if slot.count == count && slot.mask & mask == mask && slot.is_as_strong(kind) {
                    return None;
                }
                let weaker = kind & WRITE >= slot.kind & WRITE && kind & ATOMIC <= slot.kind & ATOMIC;
                if slot.mask & mask == slot.mask && weaker {
                    place = Some(i);
                }
                continue;
            }
            let conflicts =
                slot.mask & mask != 0 && (slot.kind | kind) & WRITE != 0 && slot.kind & kind & ATOMIC == 0;
            if conflicts && slot.count > who.clock.get(u32::from(slot.task)) {
                conflict = conflict.or(Some(*slot));
            } else if conflicts && kind & WRITE != 0 && kind & ATOMIC == 0 && slot.mask & mask == slot.mask {
                // Whoever races with that one races with this one.
                place = place.or(Some(i));
            }
        }
        let place = place.unwrap_or_else(|| {
            self.turn = self.turn.wrapping_add(1);
            self.turn as usize % SLOTS
        });
        self.slots[place] = Slot { count, task: who.task, mask, kind, node: who.node, pc: who.pc };
        conflict
    }
}

#[cfg(test)]
mod tests {
    use super::{ATOMIC, HEAP, Shadow, WRITE, Who, is_nothing_new, set_now, tell};
    use crate::runtime::clocks::Clock;
    use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

    /// An access by `task` after so many events of its own, knowing so many of the other's; whether it races.
    fn races(
        shadow: &mut Shadow,
        address: usize,
        size: usize,
        kind: u8,
        task: u16,
        own: u32,
        others: u32,
    ) -> bool {
        let mut clock = Clock::default();
        clock.set(u32::from(task), own);
        clock.set(u32::from(1 - task), others);
        shadow.access(address, size, kind, Who { task, clock: &clock, node: 0, pc: 0 }).is_some()
    }

    #[test]
    fn two_accesses_race_if_neither_knows_of_the_other_and_one_writes() {
        for (first, second, expected) in [
            (WRITE, 0, true),
            (0, WRITE, true),
            (WRITE, WRITE, true),
            (0, 0, false),
            (ATOMIC | WRITE, ATOMIC, false),
            (ATOMIC | WRITE, 0, true),
            (WRITE, ATOMIC, true),
        ] {
            let mut shadow = Shadow::new();
            assert!(!races(&mut shadow, 0x1000, 4, first, 0, 3, 0));
            assert_eq!(races(&mut shadow, 0x1000, 4, second, 1, 1, 2), expected, "{first} {second}");
            let mut shadow = Shadow::new();
            assert!(!races(&mut shadow, 0x1000, 4, first, 0, 3, 0));
            assert!(
                !races(&mut shadow, 0x1000, 4, second, 1, 1, 3),
                "it knows of the first: {first} {second}"
            );
        }
    }

    #[test]
    fn only_the_same_bytes_of_the_same_memory_meet() {
        let mut shadow = Shadow::new();
        assert!(!races(&mut shadow, 0x1003, 1, WRITE, 0, 1, 0));
        assert!(!races(&mut shadow, 0x1004, 4, WRITE, 1, 1, 0));
        assert!(races(&mut shadow, 0x0ffe, 8, WRITE, 1, 1, 0), "it reaches over two cells");
        shadow.clear(0x1000, 8);
        assert!(!races(&mut shadow, 0x1003, 1, WRITE, 0, 2, 0), "new memory was accessed by nobody");
    }

    /// Where the executable's own code looks, which knows no more than this sum.
    #[test]
    fn cells_of_the_window_are_where_the_sum_says() {
        let mut shadow = Shadow::new();
        for address in [0x1000_0000_0000, 0x1100_0000_0ff8, 0x13ff_ffff_fff8_usize] {
            assert!(!races(&mut shadow, address, 8, WRITE, 1, 5, 0));
            let cell = address * 8 - 0x6000_0000_0000;
            // SAFETY: the cell was written, and begins with a slot.
            let head = unsafe { *(cell as *const u64) };
            assert_eq!(head, 0x01ff_0001_0000_0005, "a write of all bytes by task 1 after 5 events");
            assert!(races(&mut shadow, address, 1, 0, 0, 1, 0));
        }
        assert_eq!(shadow.last.0, usize::MAX, "no chunk was made for it");
        for outside in [0x0fff_ffff_fff8, 0x1400_0000_0000] {
            assert!(!races(&mut shadow, outside, 8, WRITE, 1, 5, 0));
            assert!(races(&mut shadow, outside, 8, 0, 0, 1, 0));
        }
    }

    #[test]
    fn an_access_is_nothing_new_after_one_of_the_same_task_and_time_that_is_as_strong() {
        let (address, mut shadow) = (0x2000, Shadow::new());
        assert!(is_nothing_new::<8>(address, WRITE), "nothing is tracked");
        set_now(Some((1, 3)));
        assert!(!races(&mut shadow, address, 8, WRITE | HEAP, 1, 3, 0));
        assert!(!races(&mut shadow, address + 8, 4, 0, 1, 3, 0));
        assert!(!races(&mut shadow, address + 16, 8, ATOMIC | WRITE, 1, 3, 0));
        assert!(!is_nothing_new::<8>(address, 0), "nobody may look yet");
        static WORD: AtomicU64 = AtomicU64::new(7);
        // SAFETY: the word is a static, and nobody else writes it.
        unsafe { tell(&raw const WORD as usize) };
        set_now(Some((1, 3)));
        assert_eq!(WORD.load(Relaxed), 7, "the executable may not look yet either");
        shadow.install();
        assert_eq!(WORD.load(Relaxed), 1 << 32 | 3);
        assert!(is_nothing_new::<8>(address, 0) && is_nothing_new::<8>(address, WRITE));
        assert!(is_nothing_new::<2>(address + 6, WRITE), "a part of it");
        assert!(!is_nothing_new::<4>(address + 6, 0), "it goes beyond the cell");
        assert!(!is_nothing_new::<16>(address, 0), "half of the second cell is not read");
        assert!(is_nothing_new::<4>(address + 8, 0) && is_nothing_new::<4>(address + 8, ATOMIC));
        assert!(!is_nothing_new::<4>(address + 8, WRITE), "a read is weaker than a write");
        assert!(!is_nothing_new::<4>(address + 12, 0), "other bytes");
        assert!(is_nothing_new::<8>(address + 16, ATOMIC), "both atomic");
        assert!(!is_nothing_new::<8>(address + 16, 0), "an atomic is weaker than a plain access");
        for now in [(1, 4), (1, 2), (0, 3)] {
            set_now(Some(now));
            assert!(!is_nothing_new::<8>(address, 0), "another time or task: {now:?}");
        }
        set_now(None);
        assert_eq!(WORD.load(Relaxed), 0);
    }
}
