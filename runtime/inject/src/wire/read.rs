//! Reading a trace.

use super::call_text;
use super::trace::{Access, Owner, Panic, RawTrace, Target};
use super::write::{NONE, ended};
use gorace_analyzer_core::trace::{Divergence, Ended};
use gorace_analyzer_core::{
    Edge, EdgeKind, Event, EventIx, ObjIx, ObjectInfo, ObjectKind, OpKind, Order, Place, TaskEnd, TaskInfo,
    TaskIx, TaskPath, Waiting,
};
use gorace_engine::Token;
use std::fmt;
use std::str::FromStr;

/// A line that is not what the library writes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ReadError {
    /// Counted from 1; 0 if the end is missing.
    pub line: usize,
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => f.write_str("expected a whole trace, got one without its end"),
            line => write!(f, "expected a trace, got something else in line {line}"),
        }
    }
}

impl std::error::Error for ReadError {}

impl RawTrace {
    /// Reads what [`RawTrace::to_text`] gives.
    ///
    /// # Errors
    /// If it is something else, or cut short.
    ///
    /// ```
    /// use gorace_inject::wire::RawTrace;
    /// let raw = RawTrace { stderr: "two words\n".to_owned(), exit_code: Some(1), ..RawTrace::default() };
    /// assert_eq!(RawTrace::parse(&raw.to_text()), Ok(raw));
    /// assert!(RawTrace::parse("ended").is_err());
    /// ```
    pub fn parse(text: &str) -> Result<Self, ReadError> {
        let mut raw = RawTrace::default();
        for (at, line) in text.lines().enumerate() {
            if line == "end" {
                return Ok(raw);
            }
            raw.line(&mut Words(line.split(' '))).ok_or(ReadError { line: at + 1 })?;
        }
        Err(ReadError { line: 0 })
    }

    fn line(&mut self, words: &mut Words<'_>) -> Option<()> {
        match words.next()? {
            "ended" => {
                let word = words.next()?;
                let all =
                    [Ended::Quiescent, Ended::StepLimit, Ended::Abandoned, Ended::Dropped, Ended::Diverged];
                self.trace.ended = all.into_iter().find(|one| ended(*one) == word)?;
            }
            "schedule" => self.schedule = Token::parse(words.next()?).ok()?.schedule,
            "stack" => {
                let pcs: Option<Vec<u64>> = words.map(|pc| u64::from_str_radix(pc, 16).ok()).collect();
                self.stacks.push(pcs?);
            }
            "task" => {
                let path = TaskPath::parse(words.next()?)?;
                let name = words.text()?;
                let (by, event) = (words.optional()?, words.optional()?);
                self.trace.tasks.push(TaskInfo {
                    path,
                    name,
                    spawned: by.zip(event).map(|(by, event)| (TaskIx(by), EventIx(event))),
                    detached: words.number::<u8>()? == 1,
                    end: words.end()?,
                });
            }
            "object" => {
                self.trace.objects.push(ObjectInfo {
                    kind: ObjectKind::from_word(words.next()?)?,
                    task: TaskPath::parse(words.next()?)?,
                    ordinal: words.number()?,
                    made: Place::Unknown,
                    name: None,
                    type_name: String::new(),
                    held: Vec::new(),
                    capacity: None,
                });
                self.owners.push(words.target()?);
            }
            "event" => self.trace.events.push(Event {
                task: TaskIx(words.number()?),
                op: OpKind::from_word(words.next()?)?,
                object: words.optional()?.map(ObjIx::new),
                other: None,
                order: Order::from_word(words.next()?)?,
                value: words.number()?,
                seen: words.number()?,
                place: words.place()?,
            }),
            "edge" => self.trace.edges.push(Edge {
                from: EventIx(words.number()?),
                to: EventIx(words.number()?),
                task: TaskIx(words.number()?),
                at: words.number()?,
                kind: EdgeKind::from_word(words.next()?)?,
            }),
            "switch" => self.trace.forced_switches.push(EventIx(words.number()?)),
            "divergence" => {
                let step = words.number()?;
                let (expected, found) = (words.text()??, words.text()??);
                self.trace.divergence = Some(Divergence { step, expected, found });
            }
            "race" => self.races.push((words.access()?, words.access()?)),
            "panic" => self.panics.push(Panic {
                task: words.number()?,
                raised: words.number()?,
                unwound: words.number()?,
                said: words.text()??,
                joined: words.number::<u8>()? == 1,
            }),
            "call" => self.calls.push(call_text::read(words)?),
            "stderr" => self.stderr = words.text()??,
            "exit" => self.exit_code = Some(words.number()?),
            "by" => self.ended_by = Some(words.text()??),
            _ => return None,
        }
        Some(())
    }
}

/// The words of a line.
pub(super) struct Words<'t>(std::str::Split<'t, char>);

impl<'t> Iterator for Words<'t> {
    type Item = &'t str;

    fn next(&mut self) -> Option<&'t str> {
        self.0.next()
    }
}

impl Words<'_> {
    pub(super) fn number<T: FromStr>(&mut self) -> Option<T> {
        self.next()?.parse().ok()
    }

    fn optional(&mut self) -> Option<Option<u32>> {
        let word = self.next()?;
        if word == NONE { Some(None) } else { word.parse().ok().map(Some) }
    }

    fn place(&mut self) -> Option<Place> {
        Some(self.optional()?.map_or(Place::Unknown, |stack| Place::Stack(stack as usize)))
    }

    /// Text, or nothing.
    fn text(&mut self) -> Option<Option<String>> {
        let word = self.next()?;
        if word == NONE {
            return Some(None);
        }
        let mut chars = word.strip_prefix('\'')?.chars();
        let mut text = String::new();
        while let Some(c) = chars.next() {
            text.push(match c {
                '\\' => match chars.next()? {
                    's' => ' ',
                    'u' => {
                        let digits: String = chars.by_ref().take_while(|c| *c != ';').collect();
                        char::from_u32(u32::from_str_radix(&digits, 16).ok()?)?
                    }
                    c => c,
                },
                c => c,
            });
        }
        Some(Some(text))
    }

    fn end(&mut self) -> Option<TaskEnd> {
        Some(match self.next()? {
            "finished" => TaskEnd::Finished,
            "overflowed" => TaskEnd::Overflowed,
            "running" => TaskEnd::Running,
            "panicked" => TaskEnd::Panicked {
                message: self.text()??,
                place: self.place()?,
                taken: self.number::<u8>()? == 1,
                misuse: None,
            },
            "blocked" => TaskEnd::Blocked(Waiting::On { event: EventIx(self.number()?) }),
            "forever" => TaskEnd::Blocked(Waiting::Forever { event: EventIx(self.number()?) }),
            _ => return None,
        })
    }

    fn target(&mut self) -> Option<Target> {
        let address = self.number()?;
        let (word, first, second) = (self.next()?, self.number::<u64>()?, self.number::<u32>()?);
        let owner = match word {
            "static" => Owner::Static(first),
            "heap" => Owner::Heap { offset: first, stack: second },
            "stack" => Owner::Stack(TaskIx(first as u32)),
            "unknown" => Owner::Unknown,
            _ => return None,
        };
        Some(Target { address, owner })
    }

    fn access(&mut self) -> Option<Access> {
        Some(Access {
            task: TaskIx(self.number()?),
            after: self.number()?,
            at: self.number()?,
            op: OpKind::from_word(self.next()?)?,
            kind: self.number()?,
            stack: self.number()?,
            size: self.number()?,
            target: self.target()?,
        })
    }
}
