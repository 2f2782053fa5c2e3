//! `AtomicPtr`, with std's signatures.

use crate::inside::context::{Inside, inside};
use crate::inside::slot::Slot;
use crate::inside::statics;
use crate::sync::atomic::Ordering;
use crate::sync::atomic::base::{atomic, check_load, check_store, value, word};
use gorace_analyzer::{ObjIx, ObjectKind, Place};
use gorace_engine::{Op, Reply, RmwKind, Width};
use std::fmt;

atomic! {
    /// An atomic pointer.
    AtomicPtr[T] *mut T, std::ptr::null_mut(), Width { bits: 64, signed: false },
    |value: *mut T| value.expose_provenance() as u64,
    |bits: u64| std::ptr::with_exposed_provenance_mut(bits as usize)
}

impl<T> AtomicPtr<T> {
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
        match inside() {
            None => real(&self.inner, order),
            Some(inside) => {
                let operand = std::ptr::without_provenance_mut(operand);
                self.update_by(inside, kind, operand, order, |inner| real(inner, Ordering::Relaxed))
            }
        }
    }
}

impl<T> fmt::Pointer for AtomicPtr<T> {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Pointer::fmt(&self.inner, f)
    }
}
