//! Plain memory as each tool has it.

/// gorace checks accesses to it for races.
pub type Checked = gorace::cell::Shared<i32>;

/// loom checks accesses to it for races.
#[derive(Debug)]
pub struct Looms(loom::cell::UnsafeCell<i32>);

// SAFETY: loom runs one thread of a model at a time and panics before an access that races.
unsafe impl Sync for Looms {}
// SAFETY: as above.
unsafe impl Send for Looms {}

impl Looms {
    pub fn new(value: i32) -> Self {
        Looms(loom::cell::UnsafeCell::new(value))
    }

    #[track_caller]
    pub fn get(&self) -> i32 {
        // SAFETY: the pointer is valid while the closure runs, and loom panics if the access races.
        self.0.with(|value| unsafe { *value })
    }

    #[track_caller]
    pub fn set(&self, new: i32) {
        // SAFETY: as in `get`.
        self.0.with_mut(|value| unsafe { *value = new });
    }
}

/// shuttle has no checked memory. This is an integer that it knows nothing of, as plain memory would be.
#[derive(Debug)]
pub struct Unchecked(std::sync::Mutex<i32>);

impl Unchecked {
    pub fn new(value: i32) -> Self {
        Unchecked(std::sync::Mutex::new(value))
    }

    pub fn get(&self) -> i32 {
        *self.0.lock().expect("nobody panics while holding it")
    }

    pub fn set(&self, value: i32) {
        *self.0.lock().expect("nobody panics while holding it") = value;
    }
}
