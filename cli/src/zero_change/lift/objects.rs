//! The program's objects: locks, channels, variables, with where they were made and what they are called.

use super::api::{c_type, object_kind};
use super::calls::{Group, Stacks, calls_at, site};
use super::place;
use crate::zero_change::symbols::Symbols;
use gorace_analyzer::source::{self, Sources};
use gorace_analyzer::{Event, Frame, ObjIx, ObjectInfo, ObjectKind, OpKind, Place, TaskPath, Trace};
use gorace_inject::wire::{Owner, Target};

/// The objects of the program, and for each group the one that it is about, and its second one.
pub struct Objects {
    pub infos: Vec<ObjectInfo>,
    /// The identity of each: its kind and its memory.
    keys: Vec<(ObjectKind, u64)>,
    pub of_group: Vec<(Option<ObjIx>, Option<ObjIx>)>,
}

/// What is needed to name things.
pub struct Naming<'a> {
    pub symbols: &'a Symbols,
    pub stacks: &'a Stacks,
    pub sources: &'a dyn Sources,
    pub targets: &'a [Target],
}

impl Objects {
    /// Finds them; `places` are the events' places, kept in `trace.stacks`.
    pub fn find(steps: &Trace, groups: &[Group], naming: &Naming<'_>, stacks: &mut Vec<Vec<Frame>>) -> Self {
        let mut objects = Objects { infos: Vec::new(), keys: Vec::new(), of_group: Vec::new() };
        for group in groups {
            let task = &steps.task(steps.event(group.first).task).path;
            let has_object = !matches!(
                group.op,
                OpKind::Spawn
                    | OpKind::Exit
                    | OpKind::Join
                    | OpKind::Sleep
                    | OpKind::Fire
                    | OpKind::Panic
                    | OpKind::Fence
            );
            let mut known = |machine: Option<ObjIx>, kind: ObjectKind, op: OpKind| {
                let machine = machine?;
                let of_it = group.steps.iter().find(|step| steps.event(**step).object == Some(machine));
                let c_type = of_it.and_then(|step| c_type(calls_at(naming.stacks, steps.event(*step).place)));
                Some(objects.at(group, (machine, kind, op, c_type), task, naming, stacks))
            };
            let first = if has_object { known(group.object, object_kind(group.op), group.op) } else { None };
            let second = known(group.other, ObjectKind::Mutex, OpKind::Lock);
            objects.of_group.push((first, second));
        }
        objects
    }

    fn at(
        &mut self,
        group: &Group,
        (machine, kind, op, c_type): (ObjIx, ObjectKind, OpKind, Option<&'static str>),
        task: &TaskPath,
        naming: &Naming<'_>,
        stacks: &mut Vec<Vec<Frame>>,
    ) -> ObjIx {
        let target = naming.targets[machine.at()];
        // A channel's ends use different words of one block.
        let identity = match target.owner {
            Owner::Heap { offset, .. } if kind == ObjectKind::Channel => target.address - offset,
            Owner::Static(_) => target.address,
            // What lies there may be another thing each time that memory is used.
            _ if kind == ObjectKind::Cell => (1 << 63) | u64::from(machine.number()),
            _ => target.address,
        };
        // Who writes under a read-write lock gives it back as a mutex is given back.
        let is_rw_lock = op == OpKind::Unlock && self.keys.contains(&(ObjectKind::RwLock, identity));
        let kind = if is_rw_lock { ObjectKind::RwLock } else { kind };
        let key = (kind, identity);
        if let Some(known) = self.keys.iter().position(|known| *known == key) {
            return ObjIx::new(known as u32);
        }
        let ordinal = self.infos.iter().filter(|info| info.task == *task).count() as u32;
        let mut info = ObjectInfo {
            kind,
            task: task.clone(),
            ordinal,
            made: Place::Unknown,
            name: None,
            type_name: c_type.unwrap_or(type_name(kind)).to_owned(),
            held: Vec::new(),
            capacity: None,
        };
        match target.owner {
            Owner::Static(at) => {
                let name = naming.symbols.symbol(at);
                info.name = name.and_then(|name| name.rsplit("::").next().map(str::to_owned));
            }
            Owner::Heap { stack, .. } => {
                let made = naming.stacks.get(stack as usize).and_then(|calls| site(calls));
                if let Some(made) = made {
                    stacks.push(vec![place::frame(&made, OpKind::Choose, naming.sources)]);
                    info.made = Place::Stack(stacks.len() - 1);
                }
            }
            Owner::Stack(_) | Owner::Unknown => {}
        }
        // What it is called where it is used, if nothing tells what it was made as.
        let is_named = info.name.is_some() || self.names_itself(&info, naming, stacks);
        if !is_named && let Some(call) = &group.site {
            let frame = place::frame(call, op, naming.sources);
            let text = naming.sources.text(&frame.file);
            info.name = text.and_then(|text| source::receiver(&text, frame.line, frame.column));
        }
        self.keys.push(key);
        self.infos.push(info);
        ObjIx::new(self.keys.len() as u32 - 1)
    }

    /// Whether the line that made the object gives it a name.
    fn names_itself(&self, info: &ObjectInfo, naming: &Naming<'_>, stacks: &[Vec<Frame>]) -> bool {
        let Place::Stack(at) = info.made else { return false };
        let Some(frame) = stacks.get(at).and_then(|frames| frames.first()) else { return false };
        let text = naming.sources.text(&frame.file);
        text.is_some_and(|text| source::object_name(&text, frame.line, frame.column).is_some())
    }

    /// Finds out who has what at the end.
    pub fn hold(&mut self, events: &[Event], is_complete: impl Fn(usize) -> bool) {
        use gorace_analyzer::EventIx;
        for (at, event) in events.iter().enumerate() {
            let task = event.task;
            let release = |objects: &mut Objects, object: ObjIx| {
                objects.infos[object.at()].held.retain(|(owner, _)| *owner != task);
            };
            match (event.op, event.object, event.other) {
                (op, Some(object), _) if op.takes_lock() && is_complete(at) => {
                    self.infos[object.at()].held.push((task, EventIx(at as u32)));
                }
                (OpKind::Unlock | OpKind::ReadUnlock, Some(object), _) => release(self, object),
                (OpKind::Wait, _, Some(mutex)) => release(self, mutex),
                _ => {}
            }
        }
    }
}

fn type_name(kind: ObjectKind) -> &'static str {
    match kind {
        ObjectKind::Mutex => "Mutex",
        ObjectKind::RwLock => "RwLock",
        ObjectKind::Condvar => "Condvar",
        ObjectKind::Channel => "mpsc::Channel",
        ObjectKind::Once => "Once",
        ObjectKind::Barrier => "Barrier",
        ObjectKind::Parker => "Thread",
        ObjectKind::Cell => "memory",
        _ => "atomic",
    }
}
