//! The end of an execution: what it came to goes to the command line, and the process ends.

use super::base;
use super::child;
use super::raw;
use super::state::{self, Runtime, Thread, is_controlled, with};
use crate::wire::{Owner, RawTrace, Target};

use gorace_analyzer_core::trace::Ended;
use gorace_engine::Suspicion;

/// Nobody can run any more, or the execution is cut.
pub fn finish(ended: Ended) -> ! {
    with(|runtime| runtime.finish(ended))
}

/// The program ends itself, by calling `how`.
pub fn end_program(how: &'static str, code: Option<i32>) -> ! {
    with(|runtime| {
        runtime.exit_code = code;
        runtime.ended_by = Some(how);
        if let Some(panic) = runtime.thread().panic.take().filter(|_| how == "abort") {
            runtime.panics.push(panic);
        }
        runtime.finish(Ended::Quiescent)
    })
}

/// The system does not give what the execution needs: it ends, and is no finding.
pub fn outside(why: &str) -> ! {
    raw::die(why)
}

impl Runtime {
    fn finish(&mut self, ended: Ended) -> ! {
        state::control(false);
        // What goes on after main may go on for ever, and an ordinary program may be long: only who spins while nobody
        // else can run is in a livelock, which the engine sees before the limit.
        let is_long = self.main_done || self.exec.steps() >= self.max_steps;
        let is_cut = ended == Ended::StepLimit && is_long;
        let by_itself = self.ended_by.is_some();
        let unfinished = (self.exec.suspicion() != Suspicion::None) && !by_itself && !is_cut;
        let is_abandoned = ended == Ended::Abandoned;
        let suspicious = unfinished || !self.races.is_empty() || !self.panics.is_empty();
        child::report(self, is_cut && !self.main_done);
        let calls = self.exec.take_calls();
        // One that a search abandons is the beginning of another one.
        if suspicious && !is_abandoned || child::is_wanted() {
            let calls = calls.unwrap_or_default();
            let text = RawTrace { calls, ..self.raw_trace() }.to_text();
            child::leave_trace(text.as_bytes());
            raw::exit(child::TRACE);
        }
        if let Some(calls) = calls {
            child::leave_trace(RawTrace { calls, ..RawTrace::default() }.to_text().as_bytes());
        }
        raw::exit(child::CLEAN)
    }

    fn raw_trace(&mut self) -> RawTrace {
        let addresses = std::mem::take(&mut self.addresses);
        let owners = addresses.iter().map(|address| self.owner(*address)).collect();
        for thread in 0..self.threads.len() {
            if let Some(panic) = self.threads[thread].panic.take() {
                self.panics.push(panic);
            }
        }
        let mut panics = std::mem::take(&mut self.panics);
        for panic in &mut panics {
            panic.joined = self.threads[panic.task as usize].joined;
        }
        let base = base::base() as u64;
        let stacks =
            self.contexts.stacks().map(|stack| stack.iter().map(|pc| pc.wrapping_sub(base)).collect());
        let stacks = stacks.collect();
        let schedule = self.exec.schedule();
        let mut trace = self.exec.trace().clone();
        for (at, task) in trace.tasks.iter_mut().enumerate() {
            let name = self.threads.get(at).and_then(|thread: &Thread| thread.name.clone());
            task.name = name.or(task.name.take());
        }
        RawTrace {
            trace,
            schedule,
            stacks,
            owners,
            races: std::mem::take(&mut self.races),
            panics,
            stderr: String::from_utf8_lossy(&self.stderr).into_owned(),
            calls: Vec::new(),
            exit_code: self.exit_code,
            ended_by: self.ended_by.map(str::to_owned),
        }
    }

    fn owner(&mut self, address: usize) -> Target {
        if address == 0 { Target { address: 0, owner: Owner::Unknown } } else { self.target(address) }
    }
}

#[cfg_attr(not(test), unsafe(no_mangle))]
extern "C" fn exit(code: i32) -> ! {
    if is_controlled() {
        end_program("exit", Some(code));
    }
    let real = super::base::next(c"exit");
    // SAFETY: the C library's function of this name.
    let real: extern "C" fn(i32) -> ! = unsafe { std::mem::transmute(real) };
    real(code)
}

#[cfg_attr(not(test), unsafe(no_mangle))]
extern "C" fn _exit(code: i32) -> ! {
    if is_controlled() {
        end_program("exit", Some(code));
    }
    raw::exit(code)
}
