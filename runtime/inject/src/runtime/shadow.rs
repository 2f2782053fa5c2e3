//! FastTrack on shadow memory (Flanagan, Freund, PLDI 2009; cells as in ThreadSanitizer, Serebryany et al.).
//!
//! Each eight bytes of the program have a cell with their last accesses. May miss: a race with an access that later
//! ones have pushed out of its cell. Reports nothing false as far as the clocks are right: the two accesses
//! overlap, one writes, they are not both atomic, and neither task had learned of the other's.

use super::clocks::Clock;
use super::raw;
use std::arch::asm;

/// The access writes.
pub const WRITE: u8 = 1;
/// The access is atomic, or volatile, which Rust programs use where they mean that.
pub const ATOMIC: u8 = 2;
/// The access is the heap's: a block is handed out or taken back.
pub const HEAP: u8 = 4;

/// Accesses that a cell keeps.
const SLOTS: usize = 3;

/// One access.
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

/// Shadow memory of all the program's memory; takes room where it is touched.
#[derive(Debug)]
pub struct Shadow {
    /// For each chunk its cells, 0 if there are none yet.
    table: usize,
    last: (usize, usize),
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
        match raw::reserve(0, CHUNKS * size_of::<usize>()) {
            Some(table) => Shadow { table, last: (usize::MAX, 0) },
            None => raw::die("cannot reserve shadow memory: the address space is limited, see `ulimit -v`"),
        }
    }

    fn chunk(&mut self, chunk: usize, make: bool) -> Option<usize> {
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

    /// Whether an access like this one, by this task since its last event, is known here: then it shows nothing new.
    #[inline]
    pub fn has(&mut self, address: usize, size: usize, kind: u8, task: u16, count: u32) -> bool {
        if address % 8 + size > 8 {
            return false;
        }
        let mask = (((1_u32 << size) - 1) << (address % 8)) as u8;
        self.cell(address).is_some_and(|cell| {
            cell.slots.iter().any(|slot| {
                (slot.task, slot.count) == (task, count)
                    && slot.mask & mask == mask
                    && slot.is_as_strong(kind)
            })
        })
    }

    /// An access; gives the first earlier one that races with it, with the address where the two meet.
    #[inline]
    pub fn access(&mut self, address: usize, size: usize, kind: u8, who: Who<'_>) -> Option<(usize, Slot)> {
        let (mut at, mut left, mut conflict) = (address, size, None);
        while left > 0 {
            let part = left.min(8 - at % 8);
            let mask = (((1_u32 << part) - 1) << (at % 8)) as u8;
            let met = self.cell(at)?.access(mask, kind, who);
            conflict = conflict.or(met.map(|slot| (at, slot)));
            at += part;
            left -= part;
        }
        conflict
    }
}

impl Slot {
    /// Whether whoever races with an access of this kind races with this one.
    #[inline]
    fn is_as_strong(&self, kind: u8) -> bool {
        self.kind & WRITE >= kind & WRITE && self.kind & ATOMIC <= kind & ATOMIC
    }
}

impl Cell {
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
    use super::{ATOMIC, Shadow, WRITE, Who};
    use crate::runtime::clocks::Clock;

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
}
