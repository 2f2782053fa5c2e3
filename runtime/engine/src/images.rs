//! What a task's own state was at its last looks: its stack and registers, as one number each, where whoever runs the task
//! can tell. Whoever comes back to a state that it has been in, and sees what it saw there, does no more than look.

/// The states that are kept: what a spin may look at within one round, twice.
const KEPT: usize = 8;

/// A loop that comes to other states each time counts something. So many looks may pass without anything having changed;
/// then it is taken for a spin all the same, since nothing else may ever end it.
const COUNTED: u32 = 128;

/// See the module.
#[derive(Debug)]
pub(crate) struct Images {
    last: [u64; KEPT],
    len: u8,
    /// The state in which the task has come to its next operation, if that is known.
    now: Option<u64>,
    /// How many states in a row were new.
    new: u32,
}

impl Images {
    pub const NONE: Images = Images { last: [0; KEPT], len: 0, now: None, new: 0 };

    /// The task has come to its next operation in this state.
    pub fn come(&mut self, state: u64) {
        self.now = Some(state);
    }

    /// The task looks. Whether it is known to be in a state in which it has not looked yet, and may still go on so.
    pub fn is_new(&mut self) -> bool {
        let Some(now) = self.now.take() else { return false };
        let len = usize::from(self.len);
        if self.last[..len].contains(&now) {
            return false;
        }
        self.len = (len + 1).min(KEPT) as u8;
        self.last.rotate_right(1);
        self.last[0] = now;
        self.new += 1;
        self.new > 1 && self.new < COUNTED
    }

    pub fn forget(&mut self) {
        (self.len, self.now, self.new) = (0, None, 0);
    }
}
