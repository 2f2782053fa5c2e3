//! Version 1: deviations without landmarks.

use super::bytes::{read_byte, read_ordinals, read_u32, read_varint, write_varint};
use crate::plan::Deviation;
use gorace_analyzer_core::{OpKind, TaskPath};

pub(super) fn write(bytes: &mut Vec<u8>, deviation: &Deviation) {
    match deviation {
        Deviation::Switch { task, count, to, op } => {
            bytes.push(0);
            write_path(bytes, task);
            write_varint(bytes, u64::from(*count));
            write_path(bytes, to);
            bytes.push(*op as u8);
        }
        Deviation::Choice { task, count, taken } => {
            bytes.push(1);
            write_path(bytes, task);
            write_varint(bytes, u64::from(*count));
            write_varint(bytes, u64::from(*taken));
        }
    }
}

pub(super) fn read(rest: &mut &[u8]) -> Option<Deviation> {
    let tag = read_byte(rest)?;
    let task = read_path(rest)?;
    let count = read_u32(rest)?;
    match tag {
        0 => {
            let to = read_path(rest)?;
            let op = *OpKind::ALL.get(usize::from(read_byte(rest)?))?;
            Some(Deviation::Switch { task, count, to, op })
        }
        1 => Some(Deviation::Choice { task, count, taken: read_u32(rest)? }),
        _ => None,
    }
}

fn write_path(bytes: &mut Vec<u8>, path: &TaskPath) {
    let ordinals = &path.ordinals()[1..];
    write_varint(bytes, ordinals.len() as u64);
    for ordinal in ordinals {
        write_varint(bytes, u64::from(*ordinal));
    }
}

fn read_path(rest: &mut &[u8]) -> Option<TaskPath> {
    let len = read_varint(rest)?;
    read_ordinals(rest, len)
}
