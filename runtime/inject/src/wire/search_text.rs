//! A step of a search as words of a request.

use gorace_analyzer_core::{ObjIx, OpKind, TaskIx, TaskPath};
use gorace_engine::{Access, AccessKind, Footprint, Selection, Step, WakeOn, WakeupStep};
use std::fmt::{self, Write};

/// Between the parts.
const THEN: &str = "/";

/// The selection's words, each behind a blank; nothing for one that is no step of a search.
pub(super) fn write(out: &mut impl Write, selection: &Selection) -> fmt::Result {
    let Selection::Search { prefix, sleep, lead, wakeup, wake_on } = selection else { return Ok(()) };
    for step in prefix {
        match step {
            Step::Task(task, footprint) => write!(out, " {}", with_footprint(*task, footprint))?,
            Step::Choice { of, taken } => write!(out, " c{taken}.{of}")?,
        }
    }
    write!(out, " {THEN}")?;
    for (task, footprint) in sleep {
        write!(out, " {}", with_footprint(*task, footprint))?;
    }
    write!(out, " {THEN}")?;
    for steps in [lead, wakeup] {
        for step in steps {
            match step {
                WakeupStep::Task(task) => write!(out, " t{}", task.0)?,
                WakeupStep::Named(path) => write!(out, " n{path}")?,
                WakeupStep::Choice(taken) => write!(out, " c{taken}")?,
                WakeupStep::Asleep(task) => write!(out, " a{}", task.0)?,
                WakeupStep::NamedAsleep(path) => write!(out, " s{path}")?,
            }
        }
        write!(out, " {THEN}")?;
    }
    let wake_on = match wake_on {
        WakeOn::Dependence => "dependence",
        WakeOn::SameObject => "object",
    };
    write!(out, " {wake_on}")
}

fn with_footprint(task: TaskIx, footprint: &Footprint) -> String {
    let accesses =
        footprint.accesses().map(|Access { object, kind }| format!(",{}.{}", object.number(), kind as u8));
    let op = footprint.op().map(|op| format!(":{}", op as u8)).unwrap_or_default();
    format!("t{}{op}{}", task.0, accesses.collect::<String>())
}

/// Reads what [`write`] gives.
pub(super) fn read(words: &mut dyn Iterator<Item = &str>) -> Option<Selection> {
    let mut part = || {
        let mut part = Vec::new();
        loop {
            match words.next()? {
                THEN => return Some(part),
                word => part.push(word.to_owned()),
            }
        }
    };
    let (prefix, sleep, lead, wakeup) = (part()?, part()?, part()?, part()?);
    let prefix = prefix.iter().map(|word| match word.strip_prefix('c') {
        Some(choice) => {
            let (taken, of) = choice.split_once('.')?;
            Some(Step::Choice { of: of.parse().ok()?, taken: taken.parse().ok()? })
        }
        None => read_footprint(word).map(|(task, footprint)| Step::Task(task, footprint)),
    });
    Some(Selection::Search {
        prefix: prefix.collect::<Option<_>>()?,
        sleep: sleep.iter().map(|word| read_footprint(word)).collect::<Option<_>>()?,
        lead: read_steps(&lead)?,
        wakeup: read_steps(&wakeup)?,
        wake_on: match words.next()? {
            "dependence" => WakeOn::Dependence,
            "object" => WakeOn::SameObject,
            _ => return None,
        },
    })
}

fn read_steps(words: &[String]) -> Option<Vec<WakeupStep>> {
    let step = |word: &String| {
        let (kind, rest) = word.split_at_checked(1)?;
        Some(match kind {
            "t" => WakeupStep::Task(TaskIx(rest.parse().ok()?)),
            "n" => WakeupStep::Named(TaskPath::parse(rest)?),
            "c" => WakeupStep::Choice(rest.parse().ok()?),
            "a" => WakeupStep::Asleep(TaskIx(rest.parse().ok()?)),
            "s" => WakeupStep::NamedAsleep(TaskPath::parse(rest)?),
            _ => return None,
        })
    };
    words.iter().map(step).collect()
}

fn read_footprint(word: &str) -> Option<(TaskIx, Footprint)> {
    let mut parts = word.strip_prefix('t')?.split(',');
    let whose = parts.next()?;
    let (task, op) = whose.split_once(':').map_or((whose, None), |(task, op)| (task, Some(op)));
    let task = TaskIx(task.parse().ok()?);
    let access = |part: &str| {
        let (object, kind) = part.split_once('.')?;
        let kind = *AccessKind::ALL.get(kind.parse::<usize>().ok()?)?;
        Some(Access { object: ObjIx::new(object.parse().ok()?), kind })
    };
    let accesses: Option<Vec<Access>> = parts.map(access).collect();
    let footprint = Footprint::of(&accesses?);
    Some(match op {
        None => (task, footprint),
        Some(op) => (task, footprint.of_op(*OpKind::ALL.get(op.parse::<usize>().ok()?)?)),
    })
}

#[cfg(test)]
mod tests {
    use super::{read, write};
    use gorace_analyzer_core::{ObjIx, OpKind, TaskIx, TaskPath};
    use gorace_engine::{Access, AccessKind, Footprint, Selection, Step, WakeOn, WakeupStep};

    #[test]
    fn a_step_is_read_as_it_was_written() {
        let access = |object, kind| Access { object: ObjIx::new(object), kind };
        let two = Footprint::of(&[access(1, AccessKind::Update), access(u32::MAX, AccessKind::Exit)]);
        let selection = Selection::Search {
            prefix: vec![
                Step::Task(TaskIx(1), two.clone()),
                Step::Choice { of: 5, taken: 3 },
                Step::Task(TaskIx(0), Footprint::NONE.of_op(OpKind::Join)),
            ],
            sleep: vec![(TaskIx(2), two)],
            lead: vec![WakeupStep::Task(TaskIx(2)), WakeupStep::Choice(0)],
            wakeup: vec![
                WakeupStep::Asleep(TaskIx(3)),
                WakeupStep::NamedAsleep(TaskPath::main().child(4).child(1)),
                WakeupStep::Task(TaskIx(1)),
                WakeupStep::Named(TaskPath::main().child(2)),
                WakeupStep::Choice(1),
            ],
            wake_on: WakeOn::SameObject,
        };
        let mut text = String::new();
        write(&mut text, &selection).expect("memory can be written");
        assert_eq!(read(&mut text.split_whitespace()), Some(selection.clone()));
        let begins = text.rsplit_once(' ').map(|(start, _)| start).unwrap_or_default();
        assert_eq!(read(&mut begins.split_whitespace()), None, "it is cut");
    }
}
