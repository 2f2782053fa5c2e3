//! Numbers as bytes: seven bits each, the lowest first, the last one without the eighth.

use gorace_analyzer_core::TaskPath;

pub(super) fn write_varint(bytes: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
}

/// A number below 2^35; `None` if it is larger or cut.
pub(super) fn read_varint(rest: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for shift in [0, 7, 14, 21, 28] {
        let byte = read_byte(rest)?;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

pub(super) fn read_u32(rest: &mut &[u8]) -> Option<u32> {
    read_varint(rest)?.try_into().ok()
}

pub(super) fn read_byte(rest: &mut &[u8]) -> Option<u8> {
    let (first, others) = rest.split_first()?;
    *rest = others;
    Some(*first)
}

/// As many ordinals as are said, below main.
pub(super) fn read_ordinals(rest: &mut &[u8], len: u64) -> Option<TaskPath> {
    let mut ordinals = TaskPath::main().ordinals().to_vec();
    for _ in 0..len {
        ordinals.push(read_u32(rest)?);
    }
    Some(TaskPath::from(ordinals.into_boxed_slice()))
}
