//! Address space for stacks: reserved in large mappings, split into slots of one size, committed by touch.
//!
//! A slot's lowest page is its guard. Where the kernel can (Linux 6.13), guards are markers inside the mapping;
//! elsewhere they are pages without rights, which split it, and then the kernel's limit of mappings
//! (`vm.max_map_count`) bounds the number of stacks: about 32,000. What was reserved is kept for ever.
//!
//! The one file of this crate that maps memory.

use std::io;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed, Ordering::SeqCst};
use std::sync::{Mutex, PoisonError};

/// How much is reserved at a time, at first; each region is twice as large as the one before, up to the most.
const FIRST: usize = 16 << 20;
const MOST: usize = 1 << 30;

/// As many regions as a process can have.
const REGIONS: usize = 4096;

/// What the handler of faults reads; entries are written once, from the first on.
static KNOWN: [Known; REGIONS] = [const { Known::new() }; REGIONS];
static KNOWN_COUNT: AtomicUsize = AtomicUsize::new(0);
static ADDING: Mutex<()> = Mutex::new(());

struct Known {
    start: AtomicUsize,
    end: AtomicUsize,
    slot: AtomicUsize,
}

impl Known {
    const fn new() -> Self {
        Known { start: AtomicUsize::new(0), end: AtomicUsize::new(0), slot: AtomicUsize::new(0) }
    }
}

/// A part of the address space whose slots are handed out from below.
pub(super) struct Region {
    start: usize,
    end: usize,
    slot: usize,
    next: usize,
}

/// The size of a page, in bytes.
pub(crate) fn page() -> usize {
    static PAGE: AtomicUsize = AtomicUsize::new(0);
    match PAGE.load(Relaxed) {
        0 => {
            // SAFETY: asks a number of the system.
            let page = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
            let page = usize::try_from(page).unwrap_or(4096);
            PAGE.store(page, Relaxed);
            page
        }
        page => page,
    }
}

impl Region {
    /// Reserves the next region of slots of `slot` bytes, guard included; `before` is the one that is used up.
    pub fn reserve(slot: usize, before: Option<&Region>) -> io::Result<Region> {
        let size = before.map_or(FIRST, |before| (before.end - before.start) * 2).clamp(slot, MOST.max(slot));
        let size = size / slot * slot;
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;
        // SAFETY: a new mapping, where the system likes.
        let start = unsafe {
            libc::mmap(std::ptr::null_mut(), size, libc::PROT_READ | libc::PROT_WRITE, flags, -1, 0)
        };
        if start == libc::MAP_FAILED {
            return Err(io::Error::last_os_error());
        }
        #[cfg(target_os = "linux")]
        // SAFETY: advice on the mapping made above. A huge page would commit eight stacks at one touch.
        unsafe {
            libc::madvise(start, size, libc::MADV_NOHUGEPAGE);
        }
        let start = start.addr();
        let region = Region { start, end: start + size, slot, next: start };
        region.make_known()?;
        Ok(region)
    }

    fn make_known(&self) -> io::Result<()> {
        let _adding = ADDING.lock().unwrap_or_else(PoisonError::into_inner);
        let at = KNOWN_COUNT.load(Relaxed);
        let known = KNOWN.get(at).ok_or_else(|| io::Error::other("no more than 4096 regions of stacks"))?;
        known.start.store(self.start, Relaxed);
        known.end.store(self.end, Relaxed);
        known.slot.store(self.slot, Relaxed);
        KNOWN_COUNT.store(at + 1, SeqCst);
        Ok(())
    }

    /// The lowest addresses of up to `most` slots that nobody has had. Before they are used they must be given guards.
    pub fn take(&mut self, most: usize) -> impl Iterator<Item = usize> + use<> {
        let first = self.next;
        self.next = self.end.min(first + most * self.slot);
        (first..self.next).step_by(self.slot)
    }
}

/// Makes the pages at these addresses ones that nobody can touch.
pub(super) fn guard_all(addresses: &[usize]) -> io::Result<()> {
    if addresses.len() > 1 && guard_at_once(addresses) {
        return Ok(());
    }
    addresses.iter().try_for_each(|address| guard(*address))
}

/// As [`guard_all`], in one call of the kernel: `false` if that cannot be done so (before Linux 6.14).
#[cfg(target_os = "linux")]
fn guard_at_once(addresses: &[usize]) -> bool {
    static CANNOT: AtomicBool = AtomicBool::new(false);
    /// `PIDFD_SELF_THREAD_GROUP`.
    const SELF: libc::c_int = -10001;
    if CANNOT.load(Relaxed) {
        return false;
    }
    let page = page();
    let range = |address: &usize| libc::iovec {
        iov_base: std::ptr::with_exposed_provenance_mut(*address),
        iov_len: page,
    };
    let ranges: Vec<libc::iovec> = addresses.iter().map(range).collect();
    // SAFETY: as in `guard`, for each.
    let done =
        unsafe { libc::syscall(libc::SYS_process_madvise, SELF, ranges.as_ptr(), ranges.len(), INSTALL, 0) };
    let is_done = usize::try_from(done) == Ok(page * addresses.len());
    if !is_done {
        CANNOT.store(true, Relaxed);
    }
    is_done
}

#[cfg(not(target_os = "linux"))]
fn guard_at_once(_addresses: &[usize]) -> bool {
    false
}

/// `MADV_GUARD_INSTALL`.
const INSTALL: libc::c_int = 102;

/// Makes the page at `address` one that nobody can touch.
fn guard(address: usize) -> io::Result<()> {
    static NO_MARKERS: AtomicBool = AtomicBool::new(cfg!(not(target_os = "linux")));
    let at = std::ptr::with_exposed_provenance_mut::<libc::c_void>(address);
    if !NO_MARKERS.load(Relaxed) {
        // SAFETY: the page is the lowest of a slot that nobody uses yet.
        if unsafe { libc::madvise(at, page(), INSTALL) } == 0 {
            return Ok(());
        }
        let error = io::Error::last_os_error();
        if error.raw_os_error() != Some(libc::EINVAL) {
            return Err(error);
        }
        NO_MARKERS.store(true, Relaxed);
    }
    // SAFETY: as above.
    match unsafe { libc::mprotect(at, page(), libc::PROT_NONE) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

/// Gives the pages between two addresses back; they read as zeros when they are touched again.
pub(super) fn give_back(low: usize, high: usize) {
    let at = std::ptr::with_exposed_provenance_mut::<libc::c_void>(low);
    // SAFETY: the caller has the slot that the pages lie in, and nothing is kept in them. If the system refuses,
    // they stay as they are.
    unsafe { libc::madvise(at, high - low, libc::MADV_DONTNEED) };
}

/// Whether `address` is in the guard of a slot, and how many bytes the slot has above it. For handlers of signals.
pub(crate) fn guard_of(address: usize) -> Option<usize> {
    let page = page();
    KNOWN[..KNOWN_COUNT.load(SeqCst).min(REGIONS)].iter().find_map(|known| {
        let (start, end) = (known.start.load(Relaxed), known.end.load(Relaxed));
        let slot = known.slot.load(Relaxed);
        let is_guard = (start..end).contains(&address) && (address - start) % slot < page;
        is_guard.then_some(slot - page)
    })
}

/// How many bytes of address space are reserved.
pub(crate) fn reserved() -> usize {
    let known = &KNOWN[..KNOWN_COUNT.load(SeqCst).min(REGIONS)];
    known.iter().map(|known| known.end.load(Relaxed) - known.start.load(Relaxed)).sum()
}
