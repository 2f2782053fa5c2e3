//! Plain data as bytes: numbers in groups of seven bits, lists with their length in front.
//!
//! Whatever the bytes are, reading ends, takes no more memory than they give reason for, and does not panic.

use crate::AccessKind;
use crate::footprint::{Access, Footprint, Known};
use crate::made::Made;
use gorace_analyzer_core::{ObjIx, TaskIx, TaskPath};
use std::num::NonZeroU16;

/// What can be written and read again.
pub(crate) trait Coded: Sized {
    /// Appends it.
    fn write(&self, out: &mut Vec<u8>);

    /// Reads what [`Coded::write`] wrote; `None` if that is not what is there.
    fn read(from: &mut Reader<'_>) -> Option<Self>;
}

/// What is left to read.
#[derive(Debug)]
pub(crate) struct Reader<'a>(pub &'a [u8]);

impl Reader<'_> {
    pub fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    /// How many of something were run: so few that those to come can be counted too.
    pub fn count(&mut self) -> Option<u64> {
        u64::read(self).filter(|count| *count < 1 << 60)
    }

    /// The length of a list whose items take a byte each at the least.
    pub fn length(&mut self) -> Option<usize> {
        usize::read(self).filter(|length| *length <= self.0.len())
    }
}

impl Coded for u64 {
    fn write(&self, out: &mut Vec<u8>) {
        let mut rest = *self;
        while rest >= 0x80 {
            out.push(rest as u8 | 0x80);
            rest >>= 7;
        }
        out.push(rest as u8);
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = from.byte()?;
            let part = u64::from(byte & 0x7f);
            value |= part << shift;
            if byte < 0x80 {
                return (part << shift >> shift == part).then_some(value);
            }
        }
        None
    }
}

impl Coded for u32 {
    fn write(&self, out: &mut Vec<u8>) {
        u64::from(*self).write(out);
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        u64::read(from)?.try_into().ok()
    }
}

impl Coded for u16 {
    fn write(&self, out: &mut Vec<u8>) {
        u64::from(*self).write(out);
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        u64::read(from)?.try_into().ok()
    }
}

impl Coded for NonZeroU16 {
    fn write(&self, out: &mut Vec<u8>) {
        self.get().write(out);
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        NonZeroU16::new(Coded::read(from)?)
    }
}

impl Coded for usize {
    fn write(&self, out: &mut Vec<u8>) {
        (*self as u64).write(out);
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        u64::read(from)?.try_into().ok()
    }
}

impl Coded for bool {
    fn write(&self, out: &mut Vec<u8>) {
        out.push(u8::from(*self));
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        match from.byte()? {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        }
    }
}

impl<T: Coded> Coded for Option<T> {
    fn write(&self, out: &mut Vec<u8>) {
        self.is_some().write(out);
        if let Some(value) = self {
            value.write(out);
        }
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        match bool::read(from)? {
            true => T::read(from).map(Some),
            false => Some(None),
        }
    }
}

impl<T: Coded> Coded for Box<T> {
    fn write(&self, out: &mut Vec<u8>) {
        T::write(self, out);
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        T::read(from).map(Box::new)
    }
}

impl<T: Coded> Coded for Vec<T> {
    fn write(&self, out: &mut Vec<u8>) {
        self.len().write(out);
        for item in self {
            item.write(out);
        }
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        let mut items = Vec::new();
        for _ in 0..from.length()? {
            items.push(T::read(from)?);
        }
        Some(items)
    }
}

impl<T: Coded> Coded for Box<[T]> {
    fn write(&self, out: &mut Vec<u8>) {
        self.len().write(out);
        self.iter().for_each(|item| item.write(out));
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        Vec::read(from).map(Vec::into_boxed_slice)
    }
}

impl<A: Coded, B: Coded> Coded for (A, B) {
    fn write(&self, out: &mut Vec<u8>) {
        self.0.write(out);
        self.1.write(out);
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        Some((A::read(from)?, B::read(from)?))
    }
}

/// Structs as their fields one after the other.
macro_rules! coded {
    ($($name:ident { $($field:tt),* },)*) => {$(
        impl Coded for $name {
            fn write(&self, out: &mut Vec<u8>) {
                $(self.$field.write(out);)*
            }

            fn read(from: &mut Reader<'_>) -> Option<Self> {
                Some($name { $($field: Coded::read(from)?),* })
            }
        }
    )*};
}
pub(crate) use coded;

coded! {
    TaskIx { 0 },
    Access { object, kind },
    Made { 0 },
    Known { objects, tasks },
}

impl Coded for ObjIx {
    fn write(&self, out: &mut Vec<u8>) {
        self.number().write(out);
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        Some(ObjIx::new(Coded::read(from)?))
    }
}

impl Coded for AccessKind {
    fn write(&self, out: &mut Vec<u8>) {
        out.push(*self as u8);
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        AccessKind::ALL.get(usize::from(from.byte()?)).copied()
    }
}

impl Coded for Footprint {
    fn write(&self, out: &mut Vec<u8>) {
        self.op().write(out);
        self.accesses().count().write(out);
        for access in self.accesses() {
            access.write(out);
        }
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        let op = Option::read(from)?;
        let footprint = Footprint::of(&Vec::<Access>::read(from)?);
        Some(match op {
            Some(op) => footprint.of_op(op),
            None => footprint,
        })
    }
}

impl Coded for TaskPath {
    fn write(&self, out: &mut Vec<u8>) {
        self.ordinals().to_vec().write(out);
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        let ordinals = Vec::<u32>::read(from)?;
        (ordinals.first() == Some(&0)).then(|| ordinals.into_boxed_slice().into())
    }
}
