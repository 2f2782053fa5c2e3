//! Version 2: deviations with their landmarks, short for tasks that main starts.

use super::bytes::{read_byte, read_ordinals, read_u32, read_varint, write_varint};
use crate::mark::Mark;
use crate::plan::Deviation;
use gorace_analyzer_core::{OpKind, TaskPath};

/// Starts a path that a byte does not hold; its length follows.
const LONG: u8 = 0x80;

pub(super) fn write(bytes: &mut Vec<u8>, deviation: &Deviation, mark: &Mark) {
    let (task, count, tag) = match deviation {
        Deviation::Switch { task, count, .. } => (task, *count, 0),
        Deviation::Choice { task, count, .. } => (task, *count, 1),
    };
    write_varint(bytes, u64::from(count) << 1 | tag);
    write_path(bytes, task);
    match deviation {
        Deviation::Switch { to, op, .. } => {
            write_path(bytes, to);
            bytes.push(*op as u8);
            bytes.extend_from_slice(&mark.sort.to_le_bytes());
        }
        Deviation::Choice { taken, .. } => {
            write_varint(bytes, u64::from(*taken) << 1 | u64::from(mark.sort));
        }
    }
    write_varint(bytes, u64::from(mark.nth));
    write_varint(bytes, u64::from(mark.line));
}

pub(super) fn read(rest: &mut &[u8]) -> Option<(Deviation, Mark)> {
    let head = read_varint(rest)?;
    let count = (head >> 1).try_into().ok()?;
    let task = read_path(rest)?;
    let sort;
    let deviation = if head & 1 == 0 {
        let to = read_path(rest)?;
        let op = *OpKind::ALL.get(usize::from(read_byte(rest)?))?;
        sort = u16::from_le_bytes([read_byte(rest)?, read_byte(rest)?]);
        Deviation::Switch { task, count, to, op }
    } else {
        let taken = read_varint(rest)?;
        sort = (taken & 1) as u16;
        Deviation::Choice { task, count, taken: (taken >> 1).try_into().ok()? }
    };
    Some((deviation, Mark { sort, nth: read_u32(rest)?, line: read_u32(rest)? }))
}

fn write_path(bytes: &mut Vec<u8>, path: &TaskPath) {
    match path.ordinals()[1..] {
        [] => bytes.push(0),
        [ordinal] if ordinal < u32::from(LONG) - 1 => bytes.push(ordinal as u8 + 1),
        ref ordinals => {
            bytes.push(LONG);
            write_varint(bytes, ordinals.len() as u64);
            for ordinal in ordinals {
                write_varint(bytes, u64::from(*ordinal));
            }
        }
    }
}

fn read_path(rest: &mut &[u8]) -> Option<TaskPath> {
    match read_byte(rest)? {
        0 => Some(TaskPath::main()),
        LONG => {
            let len = read_varint(rest)?;
            read_ordinals(rest, len)
        }
        short if short < LONG => Some(TaskPath::main().child(u32::from(short) - 1)),
        _ => None,
    }
}
