//! The objects of a program, and when they become known.

use crate::tests::program::{Knowledge, Program, TICKS, own_context};
use crate::{Execution, ObjectSpec};
use gorace_analyzer_core::{ObjIx, ObjectKind, Place, TaskIx};
use std::cell::Cell;
use std::panic::Location;

pub struct Objects {
    pub registers: Vec<Lazy>,
    pub locks: Vec<Lazy>,
    pub condvars: Vec<Lazy>,
    pub channels: Vec<Lazy>,
    pub rwlocks: Vec<Lazy>,
    pub onces: Vec<Lazy>,
    pub barriers: Vec<Lazy>,
    pub groups: Vec<Lazy>,
    pub pipe: ObjIx,
    pub timer: ObjIx,
    /// The timer that starts the last task.
    pub function: ObjIx,
    /// Of the timer.
    pub period: Option<u64>,
    pub contexts: Vec<Lazy>,
    pub tokens: Vec<Lazy>,
    pub wakers: Vec<Lazy>,
    pub words: Vec<Lazy>,
}

/// An object that becomes known, and gets its number, when some task first comes to use it.
pub struct Lazy {
    kind: ObjectKind,
    initial: u64,
    made: Place,
    pub object: Cell<Option<ObjIx>>,
}

/// So many places.
const PLACES: [&Location<'static>; 8] = [
    Location::caller(),
    Location::caller(),
    Location::caller(),
    Location::caller(),
    Location::caller(),
    Location::caller(),
    Location::caller(),
    Location::caller(),
];

impl Lazy {
    pub fn get(&self, execution: &mut Execution, task: TaskIx) -> ObjIx {
        let Lazy { kind, initial, made, .. } = *self;
        let object = self.object.get().unwrap_or_else(|| register(execution, task, kind, initial, made));
        self.object.set(Some(object));
        object
    }
}

fn register(execution: &mut Execution, task: TaskIx, kind: ObjectKind, initial: u64, made: Place) -> ObjIx {
    // Landmarks tell objects apart by their types.
    let type_name: fn() -> &'static str = match kind {
        ObjectKind::Atomic => || "atomic",
        ObjectKind::Mutex => || "mutex",
        ObjectKind::Channel => || "channel",
        _ => || "other",
    };
    execution.register(task, ObjectSpec { kind, made, name: None, type_name, initial })
}

impl Objects {
    /// Those of `program`, of which few are known from the start.
    pub fn of(execution: &mut Execution, program: &Program) -> Self {
        let count = program.tasks.len();
        let mut register = |kind, initial| register(execution, TaskIx(0), kind, initial, Place::Unknown);
        let unused = |kind, initial| Lazy { kind, initial, made: Place::Unknown, object: Cell::new(None) };
        let all = |n, kind| (0..n).map(|_| unused(kind, 0)).collect();
        let mut objects = Objects {
            registers: program.registers.iter().map(|x| unused(ObjectKind::Atomic, *x as u64)).collect(),
            locks: all(program.locks, ObjectKind::Mutex),
            condvars: (1..=program.condvars)
                .map(|i| unused(ObjectKind::Condvar, u64::from(i == program.condvars)))
                .collect(),
            channels: program.channels.iter().map(|c| unused(ObjectKind::Channel, *c as u64)).collect(),
            rwlocks: all(program.rwlocks, ObjectKind::RwLock),
            onces: all(program.onces, ObjectKind::Once),
            barriers: program.barriers.iter().map(|n| unused(ObjectKind::Barrier, *n as u64)).collect(),
            groups: all(program.groups, ObjectKind::WaitGroup),
            pipe: register(ObjectKind::Channel, program.pipe),
            timer: register(ObjectKind::Timer, 1),
            function: register(ObjectKind::Timer, 0),
            period: program.is_ticker.then_some(10),
            contexts: (0..own_context(count))
                .map(|x| match x {
                    0 | 1 => Lazy {
                        object: Cell::new(Some(register(ObjectKind::Context, 0))),
                        ..unused(ObjectKind::Context, 0)
                    },
                    _ => unused(ObjectKind::Context, 0),
                })
                .collect(),
            tokens: (1..=count).map(|task| unused(ObjectKind::Parker, task as u64)).collect(),
            wakers: (1..=count).map(|task| unused(ObjectKind::Waker, task as u64)).collect(),
            words: all(program.words, ObjectKind::Word),
        };
        if program.times_out {
            objects.channels[TICKS].object.set(Some(objects.timer));
            (0..2).for_each(|x| objects.channels[TICKS + 1 + x].object.set(objects.contexts[x].object.get()));
        }
        match program.known {
            Knowledge::Nothing => {}
            Knowledge::Places => {
                for of_a_kind in objects.lists_mut() {
                    of_a_kind
                        .iter_mut()
                        .zip(PLACES)
                        .for_each(|(object, made)| object.made = Place::Code(made));
                }
                // Which of these is whose is known without.
                for token in objects.tokens.iter_mut().chain(&mut objects.wakers) {
                    token.made = Place::Code(PLACES[0]);
                }
            }
            Knowledge::Numbers => objects.all().for_each(|object| _ = object.get(execution, TaskIx(0))),
        }
        objects
    }

    fn all(&self) -> impl Iterator<Item = &Lazy> {
        let locks = self.locks.iter().chain(&self.rwlocks).chain(&self.onces).chain(&self.condvars);
        let others = self
            .channels
            .iter()
            .chain(&self.barriers)
            .chain(&self.groups)
            .chain(&self.tokens)
            .chain(&self.wakers)
            .chain(&self.contexts);
        self.registers.iter().chain(&self.words).chain(locks).chain(others)
    }

    /// Those of each kind.
    fn lists_mut(&mut self) -> [&mut Vec<Lazy>; 10] {
        [
            &mut self.registers,
            &mut self.words,
            &mut self.locks,
            &mut self.rwlocks,
            &mut self.onces,
            &mut self.condvars,
            &mut self.channels,
            &mut self.barriers,
            &mut self.groups,
            &mut self.contexts,
        ]
    }
}
