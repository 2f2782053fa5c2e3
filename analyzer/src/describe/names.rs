//! What tasks, objects and places are called.

use crate::clock::VectorClock;
use crate::ids::{EventIx, ObjIx, TaskIx};
use crate::op::{ObjectKind, OpKind};
use crate::place::{Frame, Place};
use crate::record::Record;
use crate::source::{self, Sources};
use crate::trace::Trace;
use crate::verdict::Counted;
use gorace_analyzer_core::Listed;
use std::rc::Rc;

/// A record with its sources: everything that wording looks at.
pub struct Names<'a> {
    /// The finding.
    pub record: &'a Record,
    /// Its trace.
    pub trace: &'a Trace,
    /// Whether each step of the interleaving is told, and not only what matters.
    pub(crate) whole: bool,
    sources: &'a dyn Sources,
    objects: Vec<String>,
    /// The two handles of a channel that was made as a pair.
    handles: Vec<Option<[String; 2]>>,
}

impl<'a> Names<'a> {
    /// Finds the names of all objects.
    pub fn new(record: &'a Record, sources: &'a dyn Sources) -> Self {
        let trace = &record.trace;
        let mut names =
            Names { record, trace, whole: false, sources, objects: Vec::new(), handles: Vec::new() };
        let plain: Vec<(String, Place, ObjectKind)> = trace
            .objects
            .iter()
            .enumerate()
            .map(|(i, object)| (names.name_object(ObjIx::new(i as u32), object), object.made, object.kind))
            .listed();
        names.objects = plain
            .iter()
            .enumerate()
            .map(|(i, this)| {
                let same = plain.iter().filter(|other| *other == this).count();
                let before = plain[..i].iter().filter(|other| *other == this).count();
                if same > 1 { format!("{} #{}", this.0, before + 1) } else { this.0.clone() }
            })
            .listed();
        names.handles =
            trace.objects.iter().zip(&names.objects).map(|(info, name)| handles(info, name)).listed();
        names
    }

    fn name_object(&self, ix: ObjIx, object: &crate::ObjectInfo) -> String {
        if let Some(name) = &object.name {
            return name.clone();
        }
        let frame = self.frame(object.made);
        let named = frame.as_ref().and_then(|frame| {
            let text = self.text(&frame.file)?;
            source::object_name(&text, frame.line, frame.column)
                .or_else(|| source::derived_field(&text, frame.line, &object.type_name))
                .or_else(|| self.used_as(ix, &source::derived_fields(&text, frame.line, &object.type_name)))
        });
        let named = named.map(|names| own_name(object.kind, names));
        named.unwrap_or_else(|| {
            let kind = short_type(&object.type_name);
            frame.map_or_else(
                || kind.clone(),
                |frame| {
                    let file = frame.file.rsplit(['/', '\\']).next().unwrap_or_default();
                    format!("{kind} made at {file}:{}:{}", frame.line, frame.column)
                },
            )
        })
    }

    /// The one among `fields` by which the object is used.
    fn used_as(&self, object: ObjIx, fields: &[String]) -> Option<String> {
        let uses = self.trace.events.iter().filter(|event| event.object == Some(object));
        let mut receivers = uses.filter_map(|event| {
            let frame = self.frame(event.place)?;
            source::receiver(&self.text(&frame.file)?, frame.line, frame.column)
        });
        receivers.find(|name| fields.contains(name))
    }

    /// `` `hits` ``; `` `tx`/`rx` `` for a channel that has two names.
    pub fn object(&self, object: ObjIx) -> String {
        match &self.handles[object.at()] {
            Some([tx, rx]) => format!("`{}`/`{}`", shown(tx), shown(rx)),
            None => format!("`{}`", shown(&self.objects[object.at()])),
        }
    }

    /// What `op` calls the object: a channel that has two names has one for sending and one for receiving.
    pub fn object_for(&self, op: OpKind, object: ObjIx) -> String {
        use OpKind::{DropReceiver, DropSender, Recv, Send, TryRecv, TryRecvFail, TrySend, TrySendFail};
        match (&self.handles[object.at()], op) {
            (Some([tx, _]), Send | TrySend | TrySendFail | DropSender) => format!("`{}`", shown(tx)),
            (Some([_, rx]), Recv | TryRecv | TryRecvFail | DropReceiver) => format!("`{}`", shown(rx)),
            _ => self.object(object),
        }
    }

    /// What the event calls the object: where a channel has two names, the one that stands there.
    pub(crate) fn object_at(&self, event: EventIx, object: ObjIx) -> String {
        let named = self.handles[object.at()].as_ref().and_then(|handles| {
            let frame = self.event_frame(event)?;
            let there = source::receiver(&self.text(&frame.file)?, frame.line, frame.column)?;
            handles.iter().find(|handle| **handle == there)
        });
        let op = self.trace.event(event).op;
        named.map_or_else(|| self.object_for(op, object), |name| format!("`{}`", shown(name)))
    }

    /// Whether a channel is of std's kind, whose senders are counted and which nobody closes.
    pub(crate) fn is_mpsc(&self, channel: ObjIx) -> bool {
        self.trace.object(channel).type_name.contains("mpsc::")
    }

    /// The object's bare name, for fingerprints.
    pub fn bare_object(&self, object: ObjIx) -> &str {
        &self.objects[object.at()]
    }

    /// What kind of thing it is, in a word.
    pub fn kind(&self, object: ObjIx) -> &'static str {
        match self.trace.object(object).kind {
            ObjectKind::Atomic => "atomic",
            ObjectKind::Mutex => "lock",
            ObjectKind::Condvar => "condvar",
            ObjectKind::Channel => "channel",
            ObjectKind::Cell => "variable",
            ObjectKind::Task => "task",
            ObjectKind::RwLock => "lock",
            ObjectKind::Once => "once",
            ObjectKind::Timer => "timer",
            ObjectKind::Context => "context",
            ObjectKind::Map => "map",
            ObjectKind::Barrier => "barrier",
            ObjectKind::WaitGroup => "wait group",
            ObjectKind::Parker => "thread",
            ObjectKind::Waker => "waker",
            ObjectKind::Word => "atomic",
        }
    }

    /// `` `worker` (T1) ``, or `T1`.
    pub fn task(&self, task: TaskIx) -> String {
        match &self.trace.task(task).name {
            Some(name) => format!("`{}` (T{})", shown(name), task.0),
            None => format!("T{}", task.0),
        }
    }

    /// `T1 worker`: a column's header.
    pub fn header(&self, task: TaskIx) -> String {
        match &self.trace.task(task).name {
            Some(name) => format!("T{} {}", task.0, shown(name)),
            None => format!("T{}", task.0),
        }
    }

    /// The user's own frame of a place: the innermost that is not std's.
    pub fn frame(&self, place: Place) -> Option<Frame> {
        let frames = self.trace.frames(place);
        let users = frames.iter().find(|frame| !is_std(&frame.file)).cloned();
        users.or_else(|| frames.into_iter().next())
    }

    /// The frame of an event.
    pub fn event_frame(&self, event: EventIx) -> Option<Frame> {
        self.frame(self.trace.event(event).place)
    }

    /// The user's call that led to an event, if that is in a dependency.
    pub fn caller(&self, event: EventIx) -> Option<Frame> {
        let frames = self.trace.frames(self.trace.event(event).place);
        let mut own = frames.into_iter().filter(|frame| !is_std(&frame.file));
        own.next().filter(|frame| is_dependency(&frame.file))?;
        own.find(|frame| !is_dependency(&frame.file))
    }

    /// The line of an event; 0 if not known.
    pub fn line(&self, event: EventIx) -> u32 {
        self.event_frame(event).map_or(0, |frame| frame.line)
    }

    /// A file's text, if it is still what the trace was made from.
    pub fn text(&self, file: &str) -> Option<Rc<str>> {
        let text = self.sources.text(file)?;
        let known = self.record.sources.iter().find(|(name, _)| name == file);
        let hash = crate::finding::fnv(crate::finding::FNV_START, text.as_bytes());
        known.is_none_or(|(_, then)| *then == hash).then_some(text)
    }

    /// The function around a place.
    pub fn function(&self, frame: &Frame) -> Option<String> {
        source::enclosing_function(&self.text(&frame.file)?, frame.line)
    }

    /// The clock of an event's task just after it.
    pub fn clock(&self, event: EventIx) -> VectorClock {
        crate::hb::clocks_at(self.trace, &[event]).swap_remove(0)
    }

    /// Whether `first` happens before `second`.
    pub fn is_ordered(&self, first: EventIx, second: EventIx) -> bool {
        let task = self.trace.event(first).task;
        let ordinal =
            self.trace.events[..=first.at()].iter().filter(|event| event.task == task).count() as u32;
        self.clock(second).get(task) >= ordinal
    }
}

/// Of the names of a pair, the one that is the object's: `ctx` of `ctx, cancel`. A channel's ends are both it.
fn own_name(kind: ObjectKind, names: String) -> String {
    let mut parts = names.split(", ");
    let own = match kind {
        ObjectKind::Context => parts.clone().find(|name| name.contains("ctx")).or(parts.next()),
        ObjectKind::WaitGroup | ObjectKind::Once => parts.next(),
        _ => None,
    };
    own.map(str::to_owned).unwrap_or(names)
}

/// The names of both ends, if the channel was made as a pair: `tx, rx` of `let (tx, rx) = chan(1)`.
fn handles(info: &crate::ObjectInfo, name: &str) -> Option<[String; 2]> {
    if info.kind != ObjectKind::Channel || info.name.is_some() {
        return None;
    }
    let (name, number) =
        name.split_once(" #").map_or((name, String::new()), |(name, n)| (name, format!(" #{n}")));
    let (tx, rx) = name.split_once(", ")?;
    let both = [tx, rx].into_iter().all(source::is_identifier);
    both.then(|| [tx, rx].map(|name| format!("{name}{number}")))
}

/// Whether a file is std's, or the C library's that calls main.
pub(crate) fn is_std(file: &str) -> bool {
    ["/rustc/", "csu/", "../csu/", "../sysdeps/"].iter().any(|start| file.starts_with(start))
        || file.contains("/library/std/")
        || file.contains("/library/core/")
}

/// Whether a file is of a package that cargo has fetched.
fn is_dependency(file: &str) -> bool {
    file.contains("/.cargo/registry/src/") || file.contains("/.cargo/git/checkouts/")
}

/// `gorace::cell::Shared<u64>` as `Shared<u64>`.
fn short_type(name: &str) -> String {
    let mut short = String::new();
    let mut word = String::new();
    for c in name.chars() {
        if c.is_alphanumeric() || c == '_' {
            word.push(c);
        } else if c == ':' {
            word.clear();
        } else {
            short.push_str(&word);
            word.clear();
            short.push(c);
        }
    }
    short + &word
}

/// Text from outside made harmless: control characters, escapes and direction marks are shown, not obeyed.
pub fn clean(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\t' => clean.push(' '),
            c if c.is_control() || turns(c) => clean.extend(c.escape_unicode()),
            c => clean.push(c),
        }
    }
    clean
}

/// At most the first [`WORDS`] characters of `text`, with how many were left out.
pub(crate) fn brief(text: &str) -> String {
    match text.char_indices().nth(WORDS) {
        Some((at, _)) => {
            format!("{}.. ({})", &text[..at], Counted(text[at..].chars().count() as u64, "more character"))
        }
        None => text.to_owned(),
    }
}

/// Characters of a message, at the most.
const WORDS: usize = 400;
/// Characters of a name, at the most.
const NAME: usize = 48;

/// A name as it is shown.
fn shown(name: &str) -> String {
    let name = clean(name);
    match name.char_indices().nth(NAME) {
        Some((at, _)) => format!("{}..", &name[..at]),
        None => name,
    }
}

/// Whether `c` is a mark that changes the direction of the text after it.
pub(crate) fn turns(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}
