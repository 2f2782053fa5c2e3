//! How an object outside the engine finds its state inside: a number in the object itself.
//!
//! Constructors are `const`, so an object is made known on its first use in an execution. The slot then
//! holds that execution's generation and the object's index. A slot with another generation belongs to an
//! object that outlives executions: if it was changed in an earlier one, executions are not independent.

use crate::inside::context::{Context, Inside, inside};
use crate::inside::outsiders;
use gorace_analyzer::{ObjIx, Place};
use gorace_engine::ObjectSpec;
use std::panic::Location;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed, Ordering::SeqCst};

const CHANGED: u64 = 1;
const INDEX_SHIFT: u32 = 1;
const INDEX_BITS: u32 = 24;
const GENERATION_SHIFT: u32 = INDEX_SHIFT + INDEX_BITS;

/// `generation:39 index:24 changed:1`; 0 before first use.
#[derive(Clone, Copy)]
pub(crate) struct Key(pub u64);

impl Key {
    /// That of the first object of the execution of this generation.
    pub fn first(generation: u64) -> Self {
        Key(generation << GENERATION_SHIFT)
    }

    /// The object's index in the execution whose first object has this key.
    #[inline]
    pub fn index(self, first: Key) -> Option<ObjIx> {
        let beyond = self.0.wrapping_sub(first.0) >> INDEX_SHIFT;
        (beyond < 1 << INDEX_BITS).then_some(ObjIx::new(beyond as u32))
    }

    /// The execution that used it last.
    pub fn generation(self) -> u64 {
        self.0 >> GENERATION_SHIFT
    }

    /// Whether that one changed its contents.
    pub fn is_changed(self) -> bool {
        self.0 & CHANGED != 0
    }
}

/// In each object: which engine object it is, where it was made, what the user calls it.
#[derive(Debug)]
pub(crate) struct Slot {
    /// A [`Key`].
    key: AtomicU64,
    pub(super) made: &'static Location<'static>,
    name: Option<&'static str>,
}

impl Slot {
    #[track_caller]
    pub const fn new() -> Self {
        Slot { key: AtomicU64::new(0), made: Location::caller(), name: None }
    }

    /// Of an object that was made at `made`.
    pub fn at(made: &'static Location<'static>) -> Self {
        Slot { key: AtomicU64::new(0), made, name: None }
    }

    pub fn made(&self) -> Place {
        Place::Code(self.made)
    }

    pub fn name(&self) -> Option<&'static str> {
        self.name
    }

    pub fn set_name(&mut self, name: &'static str) {
        self.name = Some(name);
    }

    /// The object's index in the execution whose first object has this key.
    #[inline]
    pub fn index(&self, first: Key) -> Option<ObjIx> {
        Key(self.key.load(Relaxed)).index(first)
    }

    /// The object's contents were changed by an execution.
    #[inline]
    pub fn mark_changed(&self) {
        if self.key.load(Relaxed) & CHANGED == 0 {
            self.key.fetch_or(CHANGED, Relaxed);
        }
    }
}

/// Makes the object of `slot` known to the running execution.
#[cold]
pub(crate) fn register(cx: &mut Context, slot: &Slot, spec: ObjectSpec) -> ObjIx {
    // What destructors do at the end is answered without the engine, and shows nothing.
    if cx.special.tearing_down() {
        return ObjIx::new(0);
    }
    let before = slot.key.load(Relaxed);
    if before & CHANGED != 0 && cx.foreign.is_none() {
        let at = slot.made;
        let name = slot.name.map_or_else(String::new, |name| format!("`{name}`, "));
        cx.foreign = Some(format!(
            "{name}a {} made at {}:{}:{}, outlives the execution and was changed in an earlier one: make it inside \
             the checked closure",
            spec.kind.word(),
            at.file(),
            at.line(),
            at.column()
        ));
    }
    let object = cx.exec.register(cx.current, spec);
    let key = cx.first_key.0 | (u64::from(object.number()) << INDEX_SHIFT);
    let Some((peers, thread)) = &cx.peers else {
        slot.key.store(key, Relaxed);
        return object;
    };
    let is_alone = slot.key.compare_exchange(before, key, SeqCst, SeqCst).is_ok();
    if !is_alone || peers.is_running(*thread, before >> GENERATION_SHIFT) {
        peers.entangle();
    }
    if !is_alone {
        slot.key.store(key, SeqCst);
    }
    object
}

/// Numbers for executions that no other one of this process has. Only ever compared for equality, so that nothing in an
/// execution depends on them.
#[derive(Default)]
pub(crate) struct Generations {
    next: u64,
    left: u32,
}

impl Generations {
    /// The next one.
    pub fn next(&mut self) -> u64 {
        /// So many are taken from the process at once.
        const MANY: u32 = 1 << 10;
        static NEXT: AtomicU64 = AtomicU64::new(1);
        if self.left == 0 {
            (self.next, self.left) = (NEXT.fetch_add(MANY.into(), Relaxed), MANY);
        }
        self.next += 1;
        self.left -= 1;
        (self.next - 1) & ((1 << 39) - 1)
    }
}

impl Slot {
    /// The execution that the caller is in, who looks at the object. If it is in none, those that run are told.
    #[inline(always)]
    pub fn inside_to_look(&self) -> Option<Inside> {
        self.inside_to(false)
    }

    /// The same, of a caller who changes the object or takes part in what it is for.
    #[inline(always)]
    pub fn inside_to_change(&self) -> Option<Inside> {
        self.inside_to(true)
    }

    #[inline(always)]
    fn inside_to(&self, change: bool) -> Option<Inside> {
        let inside = inside();
        if inside.is_none() {
            let key = self.key.load(Relaxed);
            if key != 0 {
                outsiders::note(Key(key), change);
            }
        }
        inside
    }

    /// The running execution, if it is one that knows the object and is not being torn down.
    #[inline]
    pub fn known_inside(&self) -> Option<(Inside, ObjIx)> {
        self.known_to_running().filter(|(inside, _)| !inside.tearing_down())
    }

    /// The running execution, if it knows the object.
    #[inline(always)]
    pub fn known_to_running(&self) -> Option<(Inside, ObjIx)> {
        let inside = inside()?;
        Some((inside, self.index(inside.with(|cx| cx.first_key))?))
    }

    /// The slot of an object that its owner alone has made new.
    pub fn renewed(&self) -> Slot {
        Slot { key: AtomicU64::new(0), made: self.made, name: self.name }
    }

    /// Where the object was made, as text.
    pub fn made_at(&self) -> String {
        format!("{}:{}:{}", self.made.file(), self.made.line(), self.made.column())
    }
}
