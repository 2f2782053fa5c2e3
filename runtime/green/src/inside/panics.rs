//! How many panics unwind, by task: std counts them by OS thread.
//!
//! Whether a lock is poisoned, whether a destructor may unwind, and what `panicking` says hang on that count, and code that
//! catches a panic, or passes one on by `resume_unwind`, says so to nobody. So a task that is switched away from takes its
//! panics with it: while a task runs, the thread's count is the task's, for std's own types too.
//!
//! Std keeps the count in a thread-local of its own. Where that is, is found out once, by looking for the word that tells
//! how many panics unwind while some do, and believed only if std's own answer follows what is written there. Where it is
//! not found (other systems than Linux, a std that is linked dynamically), nothing is moved, and tasks are told apart by
//! marks that the panic hook sets: less exactly, since who catches removes none.

use std::cell::Cell;
use std::sync::atomic::{AtomicIsize, Ordering::Relaxed};

thread_local! {
    /// In the block of thread-locals in which std's count is looked for, and in place of it where it is not found: then it
    /// is always 0.
    static ANCHOR: Cell<usize> = const { Cell::new(0) };
}

/// How far behind the anchor the count is; 0 if that is not known.
static OFFSET: AtomicIsize = AtomicIsize::new(0);

/// Whether the count is by task.
#[inline]
pub(crate) fn are_by_task() -> bool {
    OFFSET.load(Relaxed) != 0
}

/// The count of one OS thread, which is the running task's.
pub(crate) struct Count(*mut usize);

impl Count {
    /// That of the calling thread, on which it is to stay.
    pub fn of_this_thread() -> Self {
        Count(ANCHOR.with(Cell::as_ptr).wrapping_byte_offset(OFFSET.load(Relaxed)))
    }

    /// How many panics unwind now, if that is known by task; else 0.
    #[inline(always)]
    pub fn get(&self) -> usize {
        // SAFETY: the anchor, or what `find` has found: a word of this thread's, of std's, that nobody refers to.
        unsafe { self.0.read() }
    }

    /// Takes them from the thread: the running task is about to be switched away from.
    #[inline(always)]
    pub fn take(&self) -> usize {
        let count = self.get();
        if count != 0 {
            self.put(0);
        }
        count
    }

    /// The task goes on whose they are, after others that have taken theirs.
    #[inline(always)]
    pub fn give_back(&self, count: usize) {
        if count != 0 {
            self.put(count);
        }
    }

    /// Whoever ran meanwhile is over, perhaps without having taken his: the thread has so many now.
    #[inline]
    pub fn set(&self, count: usize) {
        if self.get() != count {
            self.put(count);
        }
    }

    #[cold]
    fn put(&self, count: usize) {
        // SAFETY: as in `get`; the anchor is only ever written as it is.
        unsafe { self.0.write(count) };
    }
}

/// Looks for the count. The caller must not unwind.
pub(crate) fn find() {
    #[cfg(target_os = "linux")]
    OFFSET.store(search::find(), Relaxed);
}

#[cfg(target_os = "linux")]
mod search {
    //! See the module above.

    use super::ANCHOR;
    use gorace_analyzer::Listed;
    use std::cell::Cell;
    use std::ffi::c_void;
    use std::hint::black_box;
    use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

    /// The thread-locals, word by word, that lie in one block with the anchor: those of the executable, as a rule.
    #[derive(Clone, Copy)]
    struct Block {
        start: *const usize,
        words: usize,
    }

    /// How far behind the anchor the count is, or 0.
    pub fn find() -> isize {
        let anchor = ANCHOR.with(Cell::as_ptr);
        let Some(block) = Block::around(anchor) else { return 0 };
        let mut candidates = (0..block.words).listed();
        // By so many other values that live meanwhile: what counts those is not it.
        for others in [0, 3, 1] {
            let none = block.read();
            let met = |word: &usize, unwinding: usize, now: &[usize]| {
                now[*word] == none[*word].wrapping_add(unwinding)
            };
            within_panics(2, others, &mut |unwinding| {
                let now = block.read();
                candidates.retain(|word| met(word, unwinding, &now));
            });
            let now = block.read();
            candidates.retain(|word| none[*word] == 0 && met(word, 0, &now));
        }
        // Some may count along, as an allocator's of blocks as large as a panic's.
        let mut believed = candidates.iter().map(|word| block.start.wrapping_add(*word).cast_mut());
        let found = believed.find(|word| is_believed(*word));
        found.map_or(0, |word| word.addr().wrapping_sub(anchor.addr()) as isize)
    }

    /// Whether std says what is written there.
    fn is_believed(word: *mut usize) -> bool {
        let mut follows = false;
        within_panics(1, 0, &mut |unwinding| {
            // SAFETY: a word of this thread's, which was 1 in just this situation, and is so again afterwards. Nothing else
            // runs on this thread meanwhile.
            unsafe {
                word.write_volatile(0);
                follows = !std::thread::panicking();
                word.write_volatile(unwinding);
            }
            follows &= std::thread::panicking();
        });
        follows && !std::thread::panicking()
    }

    /// Calls `look` within one panic, within that and another one in a destructor, and so on, and on the way back; each time
    /// with how many there are. So many other values live meanwhile.
    fn within_panics(depth: usize, others: usize, look: &mut dyn FnMut(usize)) {
        struct Looks<'a>(usize, usize, usize, &'a mut dyn FnMut(usize));
        impl Drop for Looks<'_> {
            fn drop(&mut self) {
                let Looks(depth, others, unwinding, look) = self;
                look(*unwinding);
                if *depth > 1 {
                    nest(*depth - 1, *others, *unwinding + 1, *look);
                    look(*unwinding);
                }
            }
        }
        fn nest(depth: usize, others: usize, unwinding: usize, look: &mut dyn FnMut(usize)) {
            let live: Vec<Box<usize>> = (0..others).map(Box::new).listed();
            // No hook is called for it.
            let _ = catch_unwind(AssertUnwindSafe(|| {
                let _looks = Looks(depth, others, unwinding, look);
                resume_unwind(Box::new(()))
            }));
            black_box(live);
        }
        nest(depth, others, 1, look);
    }

    impl Block {
        fn around(anchor: *const usize) -> Option<Self> {
            struct Asked {
                anchor: usize,
                found: Option<Block>,
            }
            unsafe extern "C" fn look(
                info: *mut libc::dl_phdr_info,
                _size: usize,
                asked: *mut c_void,
            ) -> i32 {
                // SAFETY: what `dl_iterate_phdr` passes on, and the list of segments that it describes.
                let (info, asked, segments) = unsafe {
                    let info = &*info;
                    let segments = std::slice::from_raw_parts(info.dlpi_phdr, info.dlpi_phnum.into());
                    (info, &mut *asked.cast::<Asked>(), segments)
                };
                let start = info.dlpi_tls_data.cast::<usize>().cast_const();
                let of_locals = segments.iter().find(|segment| segment.p_type == libc::PT_TLS);
                let Some(size) = of_locals.map(|segment| segment.p_memsz as usize) else { return 0 };
                if start.is_null() || !(start.addr()..start.addr() + size).contains(&asked.anchor) {
                    return 0;
                }
                // Words lie at multiples of their size.
                let skipped = start.addr().wrapping_neg() % size_of::<usize>();
                let words = (size - skipped.min(size)) / size_of::<usize>();
                asked.found = Some(Block { start: start.wrapping_byte_add(skipped), words });
                1
            }
            let mut asked = Asked { anchor: anchor.addr(), found: None };
            // SAFETY: `look` has the type that is asked for, and `asked` outlives the call.
            unsafe { libc::dl_iterate_phdr(Some(look), (&raw mut asked).cast()) };
            asked.found
        }

        fn read(self) -> Vec<usize> {
            // SAFETY: within this thread's own block; whatever lies there is memory that is set to something, and nobody
            // else writes it.
            (0..self.words).map(|word| unsafe { self.start.wrapping_add(word).read_volatile() }).listed()
        }
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::{Count, are_by_task, find};
    use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

    struct Looks<'a>(&'a mut dyn FnMut());

    impl Drop for Looks<'_> {
        fn drop(&mut self) {
            (self.0)();
        }
    }

    fn within_a_panic(mut look: impl FnMut()) {
        let _ = catch_unwind(AssertUnwindSafe(|| {
            let _looks = Looks(&mut look);
            resume_unwind(Box::new(()))
        }));
    }

    #[test]
    fn std_says_what_was_taken_and_given_back() {
        find();
        assert!(are_by_task(), "std's count is found");
        let count = Count::of_this_thread();
        assert_eq!((count.get(), count.take()), (0, 0));
        let mut met = 0;
        within_a_panic(|| {
            assert_eq!((count.get(), std::thread::panicking()), (1, true));
            within_a_panic(|| assert_eq!(count.get(), 2));
            let own = count.take();
            assert_eq!((own, count.get(), std::thread::panicking()), (1, 0, false));
            within_a_panic(|| assert_eq!((count.get(), std::thread::panicking()), (1, true)));
            count.set(0);
            count.give_back(own);
            assert_eq!((count.get(), std::thread::panicking()), (1, true));
            met += 1;
        });
        assert_eq!((met, count.get(), std::thread::panicking()), (1, 0, false));
        // It is there on every thread.
        std::thread::spawn(|| within_a_panic(|| assert_eq!(Count::of_this_thread().get(), 1)))
            .join()
            .unwrap();
    }
}
