//! Atomics as std documents them, three ways: every operation of every type.
#![cfg(feature = "check")]

mod three_ways;

use std::sync::atomic::Ordering::{self, AcqRel, Acquire, Relaxed, Release, SeqCst};

/// What an operation does to a value, by std's documentation, and what it gives.
macro_rules! integers {
    ($sync:ident: $($atomic:ident $value:ident)*) => {$({
        type A = $sync::atomic::$atomic;
        let (lowest, highest) = ($value::MIN, $value::MAX);
        let a = A::new(5);
        assert_eq!(a.load(SeqCst), 5);
        a.store(6, SeqCst);
        assert_eq!((a.swap(7, SeqCst), a.load(SeqCst)), (6, 7));
        // "This operation wraps around on overflow."
        let a = A::new(highest);
        assert_eq!((a.fetch_add(1, SeqCst), a.load(SeqCst)), (highest, lowest));
        assert_eq!((a.fetch_sub(1, SeqCst), a.load(SeqCst)), (lowest, highest));
        let a = A::new(0b1100);
        assert_eq!((a.fetch_and(0b1010, SeqCst), a.load(SeqCst)), (0b1100, 0b1000));
        assert_eq!((a.fetch_or(0b0011, SeqCst), a.load(SeqCst)), (0b1000, 0b1011));
        assert_eq!((a.fetch_xor(0b0110, SeqCst), a.load(SeqCst)), (0b1011, 0b1101));
        // "Performs a bitwise "nand" operation": not (a and b).
        assert_eq!((a.fetch_nand(0b0101, SeqCst), a.load(SeqCst)), (0b1101, !0b0101));
        let a = A::new(lowest);
        assert_eq!((a.fetch_max(3, SeqCst), a.load(SeqCst)), (lowest, 3));
        assert_eq!((a.fetch_max(2, SeqCst), a.load(SeqCst)), (3, 3));
        assert_eq!((a.fetch_min(lowest, SeqCst), a.load(SeqCst)), (3, lowest));
        assert_eq!((a.fetch_min(highest, SeqCst), a.load(SeqCst)), (lowest, lowest));
        let a = A::new(1);
        assert_eq!(a.compare_exchange(1, 2, SeqCst, SeqCst), Ok(1));
        assert_eq!(a.compare_exchange(1, 3, AcqRel, Relaxed), Err(2));
        assert_eq!(a.compare_exchange_weak(1, 3, SeqCst, SeqCst), Err(2));
        while a.compare_exchange_weak(2, 4, SeqCst, SeqCst).is_err() {}
        assert_eq!(a.fetch_update(SeqCst, SeqCst, |n| n.checked_add(1)), Ok(4));
        assert_eq!(a.fetch_update(SeqCst, SeqCst, |_| None), Err(5));
        let mut a = A::from(8);
        *a.get_mut() += 1;
        assert_eq!(format!("{a:?}"), format!("{:?}", 9 as $value));
        // SAFETY: nobody else has the atomic.
        assert_eq!(unsafe { *a.as_ptr() }, 9);
        assert_eq!((a.into_inner(), A::default().into_inner()), (9, 0));
        assert_eq!((std::mem::needs_drop::<A>(), A::new(lowest).load(Relaxed)), (false, lowest));
    })*};
}

three_ways! {
    fn integers() {
        thread::yield_now();
        integers!(sync: AtomicU8 u8 AtomicU16 u16 AtomicU32 u32 AtomicU64 u64 AtomicUsize usize);
        integers!(sync: AtomicI8 i8 AtomicI16 i16 AtomicI32 i32 AtomicI64 i64 AtomicIsize isize);
    }

    fn booleans() {
        use sync::atomic::AtomicBool;
        let a = AtomicBool::new(true);
        assert!(a.load(SeqCst) && a.swap(false, SeqCst) && !a.load(SeqCst));
        a.store(true, SeqCst);
        assert_eq!((a.fetch_and(false, SeqCst), a.load(SeqCst)), (true, false));
        assert_eq!((a.fetch_or(true, SeqCst), a.load(SeqCst)), (false, true));
        assert_eq!((a.fetch_xor(true, SeqCst), a.load(SeqCst)), (true, false));
        assert_eq!((a.fetch_nand(true, SeqCst), a.load(SeqCst)), (false, true));
        assert_eq!((a.fetch_nand(true, SeqCst), a.load(SeqCst)), (true, false));
        assert_eq!((a.fetch_not(SeqCst), a.load(SeqCst)), (false, true));
        assert_eq!(a.compare_exchange(true, false, SeqCst, SeqCst), Ok(true));
        assert_eq!(a.compare_exchange(true, false, SeqCst, SeqCst), Err(false));
        assert_eq!(a.fetch_update(SeqCst, SeqCst, |set| Some(!set)), Ok(false));
        let mut a = AtomicBool::from(false);
        *a.get_mut() = true;
        assert_eq!((format!("{a:?}"), a.into_inner()), ("true".to_owned(), true));
        assert!(!AtomicBool::default().into_inner());
    }

    fn pointers() {
        use sync::atomic::AtomicPtr;
        let (mut one, mut two) = (1, 2);
        let (first, second): (*mut i32, *mut i32) = (&mut one, &mut two);
        let a = AtomicPtr::new(first);
        assert_eq!((a.swap(second, AcqRel), a.load(Acquire)), (first, second));
        assert_eq!(a.compare_exchange(first, second, SeqCst, SeqCst), Err(second));
        assert_eq!(a.compare_exchange(second, first, SeqCst, SeqCst), Ok(second));
        // SAFETY: it points to `one`, which nobody else uses meanwhile.
        unsafe { *a.load(Acquire) += 10 };
        a.store(std::ptr::null_mut(), Release);
        assert!(a.load(SeqCst).is_null() && AtomicPtr::<u8>::default().into_inner().is_null());
        assert_eq!(one, 11);
        let mut array = [1_u16, 2, 3];
        let base = array.as_mut_ptr();
        let a = AtomicPtr::from(base);
        // "Offsets the pointer's address by adding `val` (in units of `T`)".
        assert_eq!(a.fetch_ptr_add(2, SeqCst), base);
        assert_eq!(a.fetch_ptr_sub(1, SeqCst), base.wrapping_add(2));
        assert_eq!(a.fetch_byte_add(2, SeqCst), base.wrapping_add(1));
        assert_eq!(a.fetch_byte_sub(4, SeqCst), base.wrapping_add(2));
        assert_eq!(a.fetch_or(1, SeqCst), base);
        assert_eq!(a.fetch_and(!1, SeqCst).addr(), base.addr() | 1);
        assert_eq!(a.fetch_xor(1, SeqCst), base);
        assert_eq!(a.load(SeqCst).addr(), base.addr() ^ 1);
        assert_eq!(a.fetch_update(SeqCst, SeqCst, |_| Some(base)).unwrap().addr(), base.addr() ^ 1);
        assert_eq!(format!("{a:p}"), format!("{base:p}"));
        assert_eq!(format!("{a:?}"), format!("{base:?}"));
    }

    fn fences() {
        sync::atomic::fence(SeqCst);
        sync::atomic::compiler_fence(Acquire);
        let relaxed = std::hint::black_box(Ordering::Relaxed);
        let relaxed = std::panic::catch_unwind(|| sync::atomic::fence(relaxed));
        assert!(relaxed.is_err(), "\"Panics if order is Relaxed.\"");
    }

    /// "Panics if order is Release or AcqRel"; "Panics if order is Acquire or AcqRel".
    fn orders_that_make_no_sense_panic() {
        use std::panic::catch_unwind;
        thread::yield_now();
        for order in [Release, AcqRel] {
            let load = catch_unwind(|| sync::atomic::AtomicU8::new(1).load(order));
            assert!(load.is_err(), "load with {order:?}");
            let failure = catch_unwind(|| sync::atomic::AtomicU8::new(1).compare_exchange(1, 2, SeqCst, order));
            assert!(failure.is_err(), "compare_exchange that fails with {order:?}");
        }
        for order in [Acquire, AcqRel] {
            let store = catch_unwind(|| sync::atomic::AtomicU8::new(1).store(2, order));
            assert!(store.is_err(), "store with {order:?}");
        }
    }

    fn an_update_by_two_is_never_lost() {
        let n = sync::Arc::new(sync::atomic::AtomicU32::new(0));
        let theirs = n.clone();
        let task = thread::spawn(move || {
            theirs.fetch_update(SeqCst, SeqCst, |n| Some(n + 1)).unwrap();
        });
        n.fetch_add(1, SeqCst);
        task.join().unwrap();
        assert_eq!(n.load(SeqCst), 2);
    }
}
