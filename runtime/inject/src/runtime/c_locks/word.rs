//! Taking, giving back and waiting: what all of them have in common.

use super::super::atomics::perform;
use super::super::base;
use super::super::futex::ANY;
use super::super::schedule::{go_on, step};
use super::super::state::with;
use super::super::time;
use gorace_analyzer_core::{ObjIx, Order};
use gorace_engine::{Reply, Settled, WordOp};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// Bytes of a lock that count as accessed by its operations.
const SIZE: usize = 4;

/// The C library's function of this name, found once.
macro_rules! real {
    ($name:ident) => {{
        const NAME: &std::ffi::CStr =
            match std::ffi::CStr::from_bytes_with_nul(concat!(stringify!($name), "\0").as_bytes()) {
                Ok(name) => name,
                Err(_) => panic!("a name without zeros"),
            };
        static REAL: crate::runtime::threads::Real = crate::runtime::threads::Real::new(NAME);
        REAL.address()
    }};
}

/// A thing of the C library's, in a call of this function.
macro_rules! thing {
    ($address:expr, $($function:ident),+) => {
        super::word::Thing::new($address, const { crate::wire::c_function(&[$(stringify!($function)),+]) })
    };
}

/// Where the last call of one of the functions returns to. One thread of the program runs at a time.
pub static CALLER: AtomicUsize = AtomicUsize::new(0);

/// The C library's functions, each of which notes its caller and goes on in the function of this name here.
macro_rules! exported {
    ($($name:ident)*) => {$(
        const _: () = {
            #[unsafe(naked)]
            #[unsafe(no_mangle)]
            unsafe extern "C" fn $name() {
                std::arch::naked_asm!(
                    "mov rax, [rsp]",
                    "mov [rip + {caller}], rax",
                    "jmp {to}",
                    caller = sym super::word::CALLER,
                    to = sym self::$name,
                )
            }
        };
    )*};
}

/// A lock or the like, and the function that is called for it.
#[derive(Clone, Copy)]
pub struct Thing {
    pub address: usize,
    /// What stands in stacks for the function.
    pc: usize,
    /// Where the function returns to, if that is in the executable.
    caller: Option<u64>,
}

impl Thing {
    /// To be made before another thread can have run.
    pub fn new(address: usize, function: usize) -> Self {
        let caller = CALLER.load(Relaxed);
        let caller = base::is_static(caller).then_some(caller as u64);
        Thing { address, pc: base::base() + function, caller }
    }

    /// Makes a step, which was called from where the function was.
    fn step<T>(self, f: impl FnOnce() -> T) -> T {
        if let Some(caller) = self.caller {
            with(|runtime| runtime.thread().calls.enter(caller));
        }
        let result = f();
        if self.caller.is_some() {
            with(|runtime| runtime.thread().calls.leave());
        }
        result
    }

    fn perform<T>(self, op: fn(ObjIx, Order) -> WordOp, order: Order, f: impl FnOnce() -> (T, Settled)) -> T {
        self.step(|| perform((self.address, SIZE, self.pc), op, order, f))
    }

    /// An operation that reads and writes it, in its turn.
    pub fn update<T>(self, order: Order, f: impl FnOnce() -> (T, Settled)) -> T {
        self.perform(|word, order| WordOp::Update { word, order }, order, f)
    }

    /// Learns of all who have written it.
    pub fn learn(self) {
        let op = |word, order| WordOp::Load { word, order };
        self.perform(op, Order::Acquire, || ((), Settled::Read(0)));
    }

    /// Takes it, which `attempt` does if it is free; until then at the latest.
    pub fn take(self, until: Option<Until>, attempt: impl Fn() -> i32) -> i32 {
        loop {
            let mut seen = 0;
            let result = self.update(Order::AcqRel, || {
                seen = self.changes();
                tried(attempt())
            });
            if !is_taken(result) {
                return result;
            }
            if let Err(error) = self.wait(seen, until) {
                return error;
            }
        }
    }

    /// Takes it if it is free.
    pub fn try_to_take(self, attempt: impl Fn() -> i32) -> i32 {
        self.update(Order::AcqRel, || tried(attempt()))
    }

    /// Gives it back, which `give` does, and wakes so many.
    pub fn give_back(self, most: u32, give: impl Fn() -> i32) -> i32 {
        let op = |word, order| WordOp::Store { word, order };
        let write = || (give(), Settled::Wrote(0));
        let result = self.perform(op, Order::Release, write);
        self.change(most);
        result
    }

    /// Something has changed: so many of those who wait look again.
    pub fn change(self, most: u32) {
        let word = with(|runtime| {
            let word = runtime.word(self.address);
            word.changes = word.changes.wrapping_add(1);
            word.object
        });
        self.wake(word, most);
    }

    /// Wakes so many of those who wait.
    pub fn wake(self, word: ObjIx, most: u32) {
        if with(|runtime| runtime.exec.is_awaited(word)) {
            self.step(|| step(WordOp::Wake { word, most, bits: ANY }.into(), self.pc));
        }
    }

    pub fn changes(self) -> u32 {
        with(|runtime| runtime.word(self.address).changes)
    }

    /// Waits for another change than the one that was `seen`.
    ///
    /// # Errors
    /// `ETIMEDOUT` if time was up, `EINVAL` if there is no such time.
    pub fn wait(self, seen: u32, until: Option<Until>) -> Result<(), i32> {
        let nanos = until.map(Until::left).transpose()?;
        self.wait_unless(nanos, || self.changes() != seen)
    }

    /// Waits to be woken, unless that is not to be waited for any more; for so many nanoseconds.
    ///
    /// # Errors
    /// `ETIMEDOUT` if time was up.
    pub fn wait_unless(self, nanos: Option<u64>, is_over: impl Fn() -> bool) -> Result<(), i32> {
        let word = with(|runtime| runtime.word(self.address).object);
        self.step(|| step(WordOp::Wait { word }.into(), self.pc));
        if is_over() {
            return Ok(());
        }
        let me = with(|runtime| {
            let me = runtime.current;
            runtime.timed |= nanos.is_some();
            runtime.exec.wait_on(me, word, ANY, nanos);
            me
        });
        go_on(me);
        match with(|runtime| runtime.exec.reply(me)) {
            Reply::Flag(true) => Err(libc::ETIMEDOUT),
            _ => Ok(()),
        }
    }
}

/// What a function of the C library says of a lock that is taken.
pub fn is_taken(result: i32) -> bool {
    result == libc::EBUSY
}

fn tried(result: i32) -> (i32, Settled) {
    match is_taken(result) {
        true => (result, Settled::Failed(1, Order::Relaxed)),
        false => (result, Settled::Updated(0, 1)),
    }
}

/// A moment of one of the two clocks.
#[derive(Clone, Copy)]
pub struct Until {
    at: libc::timespec,
    is_real: bool,
}

impl Until {
    /// # Safety
    /// `until` points to a time.
    pub unsafe fn new(until: *const libc::timespec, clock: i32) -> Self {
        // SAFETY: the caller's promise.
        Until { at: unsafe { *until }, is_real: time::is_real(clock) }
    }

    /// How many nanoseconds are left.
    fn left(self) -> Result<u64, i32> {
        if !(0..1_000_000_000).contains(&self.at.tv_nsec) {
            return Err(libc::EINVAL);
        }
        match time::until(time::nanos_of(self.at), self.is_real) {
            0 => Err(libc::ETIMEDOUT),
            left => Ok(left),
        }
    }
}

type Function = unsafe extern "C" fn(usize) -> i32;

/// Calls the C library's own function, which takes the thing alone.
pub fn call(function: usize, address: usize) -> i32 {
    // SAFETY: `real!` finds functions of this type, by their names; the thing is the caller's own.
    unsafe {
        let function: Function = std::mem::transmute(function);
        function(address)
    }
}

type Timed = unsafe extern "C" fn(usize, *const libc::timespec) -> i32;

/// Calls the C library's own function, which takes the thing and a time of day.
///
/// # Safety
/// `until` points to a time.
pub unsafe fn call_until(function: usize, address: usize, until: *const libc::timespec) -> i32 {
    // SAFETY: `real!` finds functions of this type, by their names; the thing is the caller's own.
    unsafe {
        let function: Timed = std::mem::transmute(function);
        function(address, until)
    }
}

type Clocked = unsafe extern "C" fn(usize, i32, *const libc::timespec) -> i32;

/// Calls the C library's own function, which takes the thing, a clock and a time of that.
///
/// # Safety
/// `until` points to a time.
pub unsafe fn call_by(function: usize, address: usize, clock: i32, until: *const libc::timespec) -> i32 {
    // SAFETY: `real!` finds functions of this type, by their names; the thing is the caller's own.
    unsafe {
        let function: Clocked = std::mem::transmute(function);
        function(address, clock, until)
    }
}
