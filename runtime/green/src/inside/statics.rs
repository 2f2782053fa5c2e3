//! Primitives in `static`s: every execution starts with their initialisers' values.
//!
//! Before `main` runs, the initialised parts of the image's writable segments are copied. A primitive whose
//! address lies in one of them is a static; the first use in an execution makes a copy of it from those
//! first bytes, and the whole execution works on the copy. An initialiser is a constant, so its bytes own
//! nothing, and copying them is sound however the static itself was used since.
//!
//! What lies in a static but was made while the program ran, as in a `LazyLock` of std's, has no first bytes:
//! there the image does not name the line that the primitive was made at. It is worked on itself, as what
//! comes from outside.
//!
//! The copies are dropped with their execution. Only those stay for ever, and are counted, whose contents somebody
//! may still have: a guard that nobody dropped, or a cell that was set and lends for as long as a static lives.
//!
//! Linux only; elsewhere a static keeps its contents, and a change that one execution leaves to the next is
//! reported as uncontrolled nondeterminism.

use crate::inside::context::Inside;
use crate::inside::slot::Slot;
use gorace_analyzer::ObjIx;
use std::alloc::{Layout, alloc, dealloc, handle_alloc_error};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// A writable segment of the image, and its first bytes as they were before `main`. What lies behind them
/// was zero.
struct Segment {
    start: usize,
    end: usize,
    saved: Vec<u8>,
}

impl Segment {
    /// Whether the object of this slot, which lies in the segment, was there before `main`: where the image had
    /// another one or mere room, it does not hold the place that this one was made at.
    fn held(&self, slot: &Slot) -> bool {
        let at = std::ptr::from_ref(&slot.made).addr() - self.start;
        let made = std::ptr::from_ref(slot.made).addr().to_ne_bytes();
        self.saved.get(at..at + made.len()) == Some(&made)
    }
}

/// A primitive of ours, which may be a static.
pub(crate) trait Primitive {
    /// Where it keeps what it is.
    fn slot(&self) -> &Slot;

    /// Whether somebody may have its contents for longer than an execution lasts, as safe code can that reaches it by a
    /// `&'static`.
    #[inline]
    fn is_lent(&self) -> bool {
        false
    }
}

/// The image's writable segments: linkers make one or two.
static SEGMENTS: OnceLock<Vec<Segment>> = OnceLock::new();

/// Where they begin, and how far the last one reaches: most objects lie on heaps and stacks, outside of both.
static START: AtomicUsize = AtomicUsize::new(0);
static LENGTH: AtomicUsize = AtomicUsize::new(0);

#[inline]
fn segment_of(address: usize) -> Option<&'static Segment> {
    if address.wrapping_sub(START.load(Relaxed)) >= LENGTH.load(Relaxed) {
        return None;
    }
    segment_with(address)
}

#[cold]
fn segment_with(address: usize) -> Option<&'static Segment> {
    SEGMENTS.get()?.iter().find(|segment| (segment.start..segment.end).contains(&address))
}

/// The copies that one execution works on.
#[derive(Default)]
pub(crate) struct Shadows {
    /// In the order of addresses. A vector, since a tree's code costs every user's build more than it saves.
    by_address: Vec<(usize, *const u8)>,
    owned: Vec<Owned>,
}

/// One copy: its memory and its contents, dropped and freed at the end unless they are lent.
struct Owned {
    end: Box<dyn FnOnce() -> End>,
    memory: *mut u8,
    layout: Layout,
}

/// What a copy came to.
enum End {
    /// Its contents were dropped.
    Dropped,
    /// It stays as it is, for ever.
    Lent,
}

/// The object to work on in this execution: `object` itself, or its copy if it is a static.
#[inline]
pub(crate) fn resolve<T: ?Sized + Primitive>(inside: Inside, object: &T) -> &T {
    let address = std::ptr::from_ref(object).cast::<u8>().addr();
    match segment_of(address) {
        None => object,
        Some(segment) => shadow(inside, object, address, segment),
    }
}

/// As [`resolve`], with the engine's index, by `register` if it is not known yet. What the execution knows is the object to
/// work on: a static itself is never made known to it, if its copy is worked on.
#[inline(always)]
pub(crate) fn find<T: ?Sized + Primitive>(
    inside: Inside,
    object: &T,
    register: impl FnOnce(&T) -> ObjIx,
) -> (&T, ObjIx) {
    if let Some(known) = object.slot().index(inside.with(|cx| cx.first_key)) {
        return (object, known);
    }
    let object = resolve(inside, object);
    (object, register(object))
}

#[cold]
fn shadow<'a, T: ?Sized + Primitive>(
    inside: Inside,
    object: &'a T,
    address: usize,
    segment: &Segment,
) -> &'a T {
    if !segment.held(object.slot()) {
        return object;
    }
    let known = inside.with(|cx| cx.shadows.known(address));
    let data = known.unwrap_or_else(|| make_shadow(inside, object, address, segment));
    // SAFETY: `data` is a copy of the static's first bytes with its size and alignment. They are a valid value of the
    // type, since they name the line that this object was made at. It lives until the execution's teardown, when no
    // task runs any more, and for ever if it is lent then.
    unsafe { &*with_data(object, data) }
}

fn make_shadow<T: ?Sized + Primitive>(
    inside: Inside,
    object: &T,
    address: usize,
    segment: &Segment,
) -> *const u8 {
    let layout = Layout::for_value(object);
    // SAFETY: the layout of a primitive is not empty: each holds at least its slot.
    let copy = unsafe { alloc(layout) };
    if copy.is_null() {
        handle_alloc_error(layout);
    }
    // SAFETY: `copy` has `layout.size()` bytes.
    unsafe { initial_bytes(segment, address, copy, layout.size()) };
    let place = with_data(object, copy).cast_mut();
    let end: Box<dyn FnOnce() -> End + '_> = Box::new(move || {
        // SAFETY: the copy is a valid value.
        if unsafe { (*place).is_lent() } {
            return End::Lent;
        }
        // SAFETY: nobody uses it any more, see `Shadows::end`.
        unsafe { std::ptr::drop_in_place(place) };
        End::Dropped
    });
    // SAFETY: what lies in a static lives for ever, so the value's type holds no shorter lifetime.
    let end = unsafe { std::mem::transmute::<Box<dyn FnOnce() -> End + '_>, Box<dyn FnOnce() -> End>>(end) };
    inside.with(|cx| {
        cx.shadows.add(address, Owned { end, memory: copy, layout });
    });
    copy
}

/// `object`'s pointer with another address and the same metadata.
fn with_data<T: ?Sized>(object: &T, data: *const u8) -> *const T {
    let mut pointer = std::ptr::from_ref(object);
    // SAFETY: a pointer, thin or wide, begins with its address; asserted right below.
    unsafe { *(&raw mut pointer).cast::<*const u8>() = data };
    assert_eq!(pointer.cast::<u8>(), data, "a wide pointer begins with its address");
    pointer
}

/// Writes the bytes that the image had at `address` before `main`.
///
/// # Safety
/// `to` has room for `len` bytes, and `address..address + len` lies in the segment.
unsafe fn initial_bytes(segment: &Segment, address: usize, to: *mut u8, len: usize) {
    let saved = segment.saved.get(address - segment.start..).unwrap_or_default();
    let saved = &saved[..saved.len().min(len)];
    // SAFETY: both stay within `len`, for which there is room.
    unsafe {
        std::ptr::copy_nonoverlapping(saved.as_ptr(), to, saved.len());
        std::ptr::write_bytes(to.add(saved.len()), 0, len - saved.len());
    }
}

impl Shadows {
    /// Whether nothing was copied.
    pub fn is_empty(&self) -> bool {
        self.owned.is_empty()
    }

    fn known(&self, address: usize) -> Option<*const u8> {
        let at = self.by_address.binary_search_by_key(&address, |(known, _)| *known).ok()?;
        Some(self.by_address[at].1)
    }

    fn add(&mut self, address: usize, copy: Owned) {
        let at = self.by_address.partition_point(|(known, _)| *known < address);
        self.by_address.insert(at, (address, copy.memory));
        self.owned.push(copy);
    }

    /// Drops the copies' contents and frees them, all but those that are lent; of how many bytes these are. `keep` leaks
    /// all of them instead, for tasks that may still borrow.
    pub fn end(self, keep: bool) -> u64 {
        if keep {
            std::mem::forget(self.owned);
            return 0;
        }
        let mut lent = 0;
        let mut memory = Vec::new();
        for owned in self.owned {
            // A destructor's panic has nobody to go to: the execution was judged before.
            match catch_unwind(AssertUnwindSafe(owned.end)) {
                Ok(End::Lent) => lent += owned.layout.size() as u64,
                Ok(End::Dropped) | Err(_) => memory.push((owned.memory, owned.layout)),
            }
        }
        for (memory, layout) in memory {
            // SAFETY: allocated in `make_shadow` with this layout, and not used any more.
            unsafe { dealloc(memory, layout) };
        }
        lent
    }
}

#[cfg(target_os = "linux")]
mod image {
    use super::{LENGTH, Relaxed, SEGMENTS, START, Segment};

    #[used]
    // SAFETY: the section holds pointers to functions that the loader calls once, before `main`.
    #[unsafe(link_section = ".init_array")]
    static SAVE: extern "C" fn() = save;

    extern "C" fn save() {
        let mut segments: Vec<Segment> = Vec::new();
        // SAFETY: the callback has the type that the function wants, and the vector outlives the call.
        unsafe { libc::dl_iterate_phdr(Some(visit), (&raw mut segments).cast()) };
        let start = segments.iter().map(|segment| segment.start).min().unwrap_or(0);
        let end = segments.iter().map(|segment| segment.end).max().unwrap_or(0);
        SEGMENTS.get_or_init(|| segments);
        START.store(start, Relaxed);
        LENGTH.store(end - start, Relaxed);
    }

    /// Saves the writable segments of the first object, which is the program itself.
    unsafe extern "C" fn visit(
        info: *mut libc::dl_phdr_info,
        _size: libc::size_t,
        data: *mut libc::c_void,
    ) -> libc::c_int {
        // SAFETY: the loader passes a valid description with `dlpi_phnum` headers, whose segments are mapped
        // with the sizes that the headers say, and passes on the pointer that `save` gave.
        unsafe {
            let info = &*info;
            let segments = &mut *data.cast::<Vec<Segment>>();
            let headers = std::slice::from_raw_parts(info.dlpi_phdr, usize::from(info.dlpi_phnum));
            for header in headers {
                if header.p_type == libc::PT_LOAD && header.p_flags & libc::PF_W != 0 {
                    let start = (info.dlpi_addr + header.p_vaddr) as usize;
                    let saved =
                        std::slice::from_raw_parts(start as *const u8, header.p_filesz as usize).to_vec();
                    segments.push(Segment { start, end: start + header.p_memsz as usize, saved });
                }
            }
        }
        1
    }
}
