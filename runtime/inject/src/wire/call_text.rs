//! Calls as lines of a trace.

use super::call::Call;
use super::read::Words;
use super::write::NONE;
use gorace_analyzer_core::{ObjIx, Order, TaskIx};
use gorace_engine::{Op, PrimitiveOp, Settled, TimerOp, WordOp};
use std::fmt::Write;

/// The call's words, each behind a blank; nothing for an operation that no unmodified program has.
pub(super) fn write(out: &mut String, call: &Call) -> std::fmt::Result {
    match *call {
        Call::Task { parent } => write!(out, " task {}", parent.0),
        Call::Word { task, made } => write!(out, " word {} {made}", task.0),
        Call::Arrive { task, op } => {
            write!(out, " arrive {}", task.0)?;
            write_op(out, op)
        }
        Call::Next => write!(out, " next"),
        Call::Settle { task, word, settled } => {
            write!(out, " settle {} {}", task.0, word.number())?;
            match settled {
                Settled::Read(value) => write!(out, " read {value}"),
                Settled::Wrote(value) => write!(out, " wrote {value}"),
                Settled::Updated(seen, value) => write!(out, " updated {seen} {value}"),
                Settled::Failed(seen, order) => write!(out, " failed {seen} {}", order.word()),
            }
        }
        Call::Wait { task, word, bits, nanos } => {
            let nanos = nanos.map_or(NONE.to_owned(), |nanos| nanos.to_string());
            write!(out, " wait {} {} {bits} {nanos}", task.0, word.number())
        }
    }
}

fn write_op(out: &mut String, op: Op) -> std::fmt::Result {
    match op {
        Op::Spawn { child } => write!(out, " spawn {}", child.0),
        Op::Exit => write!(out, " exit"),
        Op::Join { task } => write!(out, " join {}", task.0),
        Op::Yield => write!(out, " yield"),
        Op::Fence { order } => write!(out, " fence {}", order.word()),
        Op::Of(PrimitiveOp::Timer(TimerOp::Now)) => write!(out, " now"),
        Op::Of(PrimitiveOp::Timer(TimerOp::Sleep { nanos })) => write!(out, " sleep {nanos}"),
        Op::Of(PrimitiveOp::Word(op)) => match op {
            WordOp::Load { word, order } => write!(out, " load {} {}", word.number(), order.word()),
            WordOp::Store { word, order } => write!(out, " store {} {}", word.number(), order.word()),
            WordOp::Update { word, order } => write!(out, " update {} {}", word.number(), order.word()),
            WordOp::Wait { word } => write!(out, " look {}", word.number()),
            WordOp::Wake { word, most, bits } => write!(out, " wake {} {most} {bits}", word.number()),
        },
        _ => write!(out, " {NONE}"),
    }
}

/// Reads what [`write`] gives.
pub(super) fn read(words: &mut Words<'_>) -> Option<Call> {
    Some(match words.next()? {
        "task" => Call::Task { parent: TaskIx(words.number()?) },
        "word" => Call::Word { task: TaskIx(words.number()?), made: words.number()? },
        "arrive" => Call::Arrive { task: TaskIx(words.number()?), op: read_op(words)? },
        "next" => Call::Next,
        "settle" => {
            let (task, word) = (TaskIx(words.number()?), ObjIx::new(words.number()?));
            let settled = match words.next()? {
                "read" => Settled::Read(words.number()?),
                "wrote" => Settled::Wrote(words.number()?),
                "updated" => Settled::Updated(words.number()?, words.number()?),
                "failed" => Settled::Failed(words.number()?, order(words)?),
                _ => return None,
            };
            Call::Settle { task, word, settled }
        }
        "wait" => {
            let (task, word, bits) = (TaskIx(words.number()?), ObjIx::new(words.number()?), words.number()?);
            let nanos = words.next()?;
            let nanos = if nanos == NONE { None } else { Some(nanos.parse().ok()?) };
            Call::Wait { task, word, bits, nanos }
        }
        _ => return None,
    })
}

fn read_op(words: &mut Words<'_>) -> Option<Op> {
    Some(match words.next()? {
        "spawn" => Op::Spawn { child: TaskIx(words.number()?) },
        "exit" => Op::Exit,
        "join" => Op::Join { task: TaskIx(words.number()?) },
        "yield" => Op::Yield,
        "fence" => Op::Fence { order: order(words)? },
        "now" => TimerOp::Now.into(),
        "sleep" => TimerOp::Sleep { nanos: words.number()? }.into(),
        "load" => WordOp::Load { word: ObjIx::new(words.number()?), order: order(words)? }.into(),
        "store" => WordOp::Store { word: ObjIx::new(words.number()?), order: order(words)? }.into(),
        "update" => WordOp::Update { word: ObjIx::new(words.number()?), order: order(words)? }.into(),
        "look" => WordOp::Wait { word: ObjIx::new(words.number()?) }.into(),
        "wake" => {
            let word = ObjIx::new(words.number()?);
            WordOp::Wake { word, most: words.number()?, bits: words.number()? }.into()
        }
        _ => return None,
    })
}

fn order(words: &mut Words<'_>) -> Option<Order> {
    Order::from_word(words.next()?)
}

#[cfg(test)]
mod tests {
    use super::super::{Call, RawTrace};
    use gorace_analyzer_core::{ObjIx, Order, TaskIx};
    use gorace_engine::{Op, Settled, TimerOp, WordOp};

    #[test]
    fn each_call_is_read_as_it_was_written() {
        let (task, word, order) = (TaskIx(3), ObjIx::new(4), Order::AcqRel);
        let ops: [Op; 12] = [
            Op::Spawn { child: task },
            Op::Exit,
            Op::Join { task },
            Op::Yield,
            Op::Fence { order },
            TimerOp::Now.into(),
            TimerOp::Sleep { nanos: 5 }.into(),
            WordOp::Load { word, order }.into(),
            WordOp::Store { word, order }.into(),
            WordOp::Update { word, order }.into(),
            WordOp::Wait { word }.into(),
            WordOp::Wake { word, most: u32::MAX, bits: 6 }.into(),
        ];
        let mut calls: Vec<Call> = ops.map(|op| Call::Arrive { task, op }).to_vec();
        let settled =
            [Settled::Read(1), Settled::Wrote(2), Settled::Updated(3, u64::MAX), Settled::Failed(5, order)];
        calls.extend(settled.map(|settled| Call::Settle { task, word, settled }));
        calls.extend([None, Some(9)].map(|nanos| Call::Wait { task, word, bits: u32::MAX, nanos }));
        calls.extend([Call::Task { parent: task }, Call::Word { task, made: 7 }, Call::Next]);
        let raw = RawTrace { calls, ..RawTrace::default() };
        assert_eq!(RawTrace::parse(&raw.to_text()), Ok(raw));
    }
}
