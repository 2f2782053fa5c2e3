//! `AtomicPtr`, with std's signatures.

use crate::sync::atomic::value::common;
use crate::sync::atomic::{Atomic, Ordering, Value};
use gorace_engine::{RmwKind, Width};
use std::fmt;

impl<T> Value for *mut T {
    type Std = std::sync::atomic::AtomicPtr<T>;
    const WIDTH: Width = Width { bits: 64, signed: false };
    #[inline]
    fn name() -> &'static str {
        "gorace::sync::atomic::AtomicPtr"
    }
    #[inline]
    fn bits(self) -> u64 {
        self.expose_provenance() as u64
    }
    #[inline]
    fn of_bits(bits: u64) -> Self {
        std::ptr::with_exposed_provenance_mut(bits as usize)
    }
    common!();
    #[inline]
    fn modify(atomic: &Self::Std, kind: RmwKind, operand: Self, order: Ordering) -> Self {
        // The others compute with an address: see `change`.
        debug_assert!(matches!(kind, RmwKind::Swap), "expected a swap of pointers, got {kind:?}");
        atomic.swap(operand, order)
    }
}

impl<T> Atomic<*mut T> {
    /// Moves the pointer on by `count` values; gives the old one.
    #[inline]
    #[track_caller]
    pub fn fetch_ptr_add(&self, count: usize, order: Ordering) -> *mut T {
        self.change(RmwKind::Add, count.wrapping_mul(size_of::<T>()), order, |old| old.wrapping_add(count))
    }

    /// Moves the pointer back by `count` values; gives the old one.
    #[inline]
    #[track_caller]
    pub fn fetch_ptr_sub(&self, count: usize, order: Ordering) -> *mut T {
        self.change(RmwKind::Sub, count.wrapping_mul(size_of::<T>()), order, |old| old.wrapping_sub(count))
    }

    /// Moves the pointer on by `bytes`; gives the old one.
    #[inline]
    #[track_caller]
    pub fn fetch_byte_add(&self, bytes: usize, order: Ordering) -> *mut T {
        self.change(RmwKind::Add, bytes, order, |old| old.wrapping_byte_add(bytes))
    }

    /// Moves the pointer back by `bytes`; gives the old one.
    #[inline]
    #[track_caller]
    pub fn fetch_byte_sub(&self, bytes: usize, order: Ordering) -> *mut T {
        self.change(RmwKind::Sub, bytes, order, |old| old.wrapping_byte_sub(bytes))
    }

    /// Bitwise and of the address; gives the old pointer.
    #[inline]
    #[track_caller]
    pub fn fetch_and(&self, bits: usize, order: Ordering) -> *mut T {
        self.change(RmwKind::And, bits, order, |old| old.map_addr(|address| address & bits))
    }

    /// Bitwise or of the address; gives the old pointer.
    #[inline]
    #[track_caller]
    pub fn fetch_or(&self, bits: usize, order: Ordering) -> *mut T {
        self.change(RmwKind::Or, bits, order, |old| old.map_addr(|address| address | bits))
    }

    /// Bitwise exclusive or of the address; gives the old pointer.
    #[inline]
    #[track_caller]
    pub fn fetch_xor(&self, bits: usize, order: Ordering) -> *mut T {
        self.change(RmwKind::Xor, bits, order, |old| old.map_addr(|address| address ^ bits))
    }

    /// One step, on the address for the engine and on the pointer for its provenance.
    #[inline]
    #[track_caller]
    fn change(
        &self,
        kind: RmwKind,
        operand: usize,
        order: Ordering,
        new: impl Fn(*mut T) -> *mut T,
    ) -> *mut T {
        let real = |inner: &std::sync::atomic::AtomicPtr<T>, order| {
            let mut old = inner.load(Ordering::Relaxed);
            while let Err(other) = inner.compare_exchange_weak(old, new(old), order, Ordering::Relaxed) {
                old = other;
            }
            old
        };
        match self.slot.inside_to_change() {
            None => real(&self.inner, order),
            Some(inside) => {
                let this = self.announce(inside, kind, operand as u64, order);
                real(&this.inner, Ordering::Relaxed)
            }
        }
    }
}

impl<T> fmt::Pointer for Atomic<*mut T> {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Pointer::fmt(&self.inner, f)
    }
}
