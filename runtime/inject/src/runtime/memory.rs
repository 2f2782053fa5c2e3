//! Plain accesses: each looks for a race in shadow memory.

use super::base;
use super::shadow::{ATOMIC, HEAP, Slot, WRITE, Who};
use super::state::{Runtime, with};
use crate::wire::Access;
use gorace_analyzer_core::{OpKind, TaskIx};

/// Races kept of one execution, at the most.
const MOST: usize = 32;

/// How many accesses come to the runtime before repeated ones are told without it: what is read before it is written costs
/// two page faults, and those are what a short execution's time goes to.
const EAGER: u64 = 1_000;

/// The running thread accesses `size` bytes at `address`.
pub fn access(address: usize, size: usize, kind: u8, pc: usize) {
    with(|runtime| runtime.access(address, size, kind, pc));
}

impl Runtime {
    /// See [`access`].
    pub fn access(&mut self, address: usize, size: usize, kind: u8, pc: usize) {
        self.accesses += 1;
        if self.accesses == EAGER {
            self.shadow.install();
        }
        if self.shadow.has(address, size, kind) {
            return;
        }
        let current = self.current;
        let thread = &mut self.threads[current.at()];
        let node = thread.calls.node(&mut self.contexts);
        let pc = u32::try_from(pc.wrapping_sub(base::base())).unwrap_or(0);
        let who = Who { task: current.0 as u16, clock: &thread.knows.now, node, pc };
        if let Some((at, earlier)) = self.shadow.access(address, size, kind, who) {
            self.race(at, size - (at - address), kind, earlier, pc);
        }
    }

    fn race(&mut self, address: usize, size: usize, kind: u8, earlier: Slot, pc: u32) {
        let current = self.current;
        let stack = |runtime: &mut Runtime, node: u32, pc: u32| {
            let pc = if pc == 0 { 0 } else { u64::from(pc) + base::base() as u64 };
            runtime.contexts.keep(node, pc)
        };
        let node = self.threads[current.at()].calls.node(&mut self.contexts);
        let (first, second) = (stack(self, earlier.node, earlier.pc), stack(self, node, pc));
        let target = self.target(address);
        let side = |task: TaskIx, count: u32, at: u32, kind: u8, stack: u32| Access {
            task,
            after: count - 1,
            at,
            op: if kind & WRITE != 0 { OpKind::Write } else { OpKind::Read },
            kind: kind & (ATOMIC | HEAP),
            stack,
            target,
            size: size.min(8) as u32,
        };
        let now = self.exec.steps() as u32;
        let count = self.threads[current.at()].knows.now.get(current.0);
        let pair = (
            side(TaskIx(u32::from(earlier.task)), earlier.count, 0, earlier.kind, first),
            side(current, count, now, kind, second),
        );
        if self.races.len() < MOST {
            self.races.push(pair);
        }
    }
}
