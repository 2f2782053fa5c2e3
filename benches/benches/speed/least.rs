//! The least that a step can be: what a step is measured beside, so that its price can be told from the machine's.
//!
//! The program of the row `step`, by a scheduler that can do nothing else: bare coroutines, one mutex, tasks, cells and
//! objects by number. A lock arrives, chooses at random among the ready, locks or waits in a queue, writes the event and
//! whether the choice was forced, and switches only if somebody else was chosen; an unlock, which nobody could come before,
//! writes its event and lets in who waits; an access writes its event and who accessed the cell. It has no API, no locks
//! around values, no clocks, no other primitive, looks nothing up and judges nothing. It says nothing of a program, and
//! nothing but its speed is of use.

use crate::cpu;
use corosensei::{Coroutine, CoroutineResult, Yielder};
use std::cell::RefCell;
use std::panic::Location;
use std::rc::Rc;

const TASKS: usize = 3;

#[derive(Clone, Copy, PartialEq)]
enum Op {
    Lock,
    Unlock,
    Write,
    Read,
    Exit,
}

/// As large as gorace's own, less its orders and marks.
#[allow(dead_code, reason = "to be written is all that it is for")]
struct Event {
    place: &'static Location<'static>,
    value: u64,
    seen: u64,
    task: u32,
    object: u32,
    after: u32,
    forced: bool,
    op: Op,
}

#[derive(Default)]
struct World {
    ready: Vec<usize>,
    next: [Option<Op>; TASKS],
    current: usize,
    owner: Option<usize>,
    waiting: Vec<usize>,
    unlocked: u32,
    accessed_by: [Option<usize>; 2],
    events: Vec<Event>,
    random: u64,
}

impl World {
    /// The running task has come to this; who runs next, if anybody.
    #[inline(always)]
    fn step(&mut self, op: Op, place: &'static Location<'static>) -> Option<usize> {
        let last = self.current;
        self.next[last] = Some(op);
        self.ready.push(last);
        while !self.ready.is_empty() {
            let chosen = self.choose();
            let forced = chosen != last && self.ready.contains(&last);
            let Some(op) = self.next[chosen].take() else { return Some(chosen) };
            self.note(chosen, 0, op, place, forced);
            match op {
                Op::Lock if self.owner.is_some() => self.waiting.push(chosen),
                Op::Lock => {
                    self.owner = Some(chosen);
                    return Some(chosen);
                }
                _ => {}
            }
        }
        None
    }

    /// The running task unlocks.
    #[inline(always)]
    fn unlock(&mut self, place: &'static Location<'static>) {
        self.unlocked = self.events.len() as u32;
        self.note(self.current, 0, Op::Unlock, place, false);
        self.owner = (!self.waiting.is_empty()).then(|| self.waiting.remove(0));
        // Has nothing left to perform: runs on when chosen.
        self.ready.extend(self.owner);
    }

    #[inline(always)]
    fn choose(&mut self) -> usize {
        self.random =
            self.random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let at = ((self.random >> 32) * self.ready.len() as u64) >> 32;
        self.ready.swap_remove(at as usize)
    }

    #[inline(always)]
    fn access(&mut self, cell: usize, op: Op, place: &'static Location<'static>) {
        self.accessed_by[cell] = Some(self.current);
        self.note(self.current, 1 + cell, op, place, false);
    }

    #[inline(always)]
    fn note(&mut self, task: usize, object: usize, op: Op, place: &'static Location<'static>, forced: bool) {
        let (task, object, after) = (task as u32, object as u32, self.unlocked);
        self.events.push(Event { place, value: 0, seen: 0, task, object, after, forced, op });
    }
}

/// Suspends the running task with whoever runs next, unless that is itself.
#[inline(always)]
fn arrive(yielder: &Yielder<(), Option<usize>>, world: &RefCell<World>, op: Op) {
    let mut now = world.borrow_mut();
    let next = now.step(op, Location::caller());
    if next != Some(now.current) {
        drop(now);
        yielder.suspend(next);
    }
}

fn task(rounds: u64, world: Rc<RefCell<World>>) -> Coroutine<(), Option<usize>, ()> {
    Coroutine::new(move |yielder, ()| {
        for _ in 0..rounds {
            arrive(yielder, &world, Op::Lock);
            world.borrow_mut().access(0, Op::Write, Location::caller());
            world.borrow_mut().access(1, Op::Read, Location::caller());
            world.borrow_mut().unlock(Location::caller());
        }
        arrive(yielder, &world, Op::Exit);
    })
}

/// Seconds for one step with its access, of so many executions in which each task takes so many rounds of two steps.
pub fn step_cost(executions: u32, rounds: u64) -> f64 {
    let world = Rc::new(RefCell::new(World { random: 1, ..World::default() }));
    let (mut seconds, mut steps) = (0.0, 0);
    for _ in 0..executions {
        let mut tasks: Vec<_> = (0..TASKS).map(|_| task(rounds, world.clone())).collect();
        world.borrow_mut().events.clear();
        // Whoever has not begun is chosen with nothing to perform.
        world.borrow_mut().ready.extend(1..TASKS);
        seconds += cpu::time(|| run(&mut tasks, &world)).1;
        let events = &world.borrow().events;
        steps += events.iter().filter(|event| matches!(event.op, Op::Lock | Op::Unlock)).count() as u64;
    }
    assert_eq!(steps, u64::from(executions) * 2 * rounds * TASKS as u64, "everybody runs to his end");
    seconds / steps as f64
}

fn run(tasks: &mut [Coroutine<(), Option<usize>, ()>], world: &RefCell<World>) {
    let mut next = Some(0);
    while let Some(task) = next {
        world.borrow_mut().current = task;
        next = match tasks[task].resume(()) {
            CoroutineResult::Yield(next) => next,
            CoroutineResult::Return(()) => None,
        };
    }
}
