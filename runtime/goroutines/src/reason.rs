//! Why a goroutine waits, in the words of Go's goroutine dumps.

/// Why a task waits.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
#[non_exhaustive]
pub enum Reason {
    /// It does not.
    Running,
    /// For a value.
    ChanReceive,
    /// For a receiver, or for room.
    ChanSend,
    /// For a value on the nil channel.
    ChanReceiveNil,
    /// For a receiver on the nil channel.
    ChanSendNil,
    /// For one of several channels.
    Select,
    /// For none at all.
    SelectNoCases,
    /// For a lock.
    Mutex,
    /// For a read-write lock, to read.
    RwLockRead,
    /// For a read-write lock, to write.
    RwLockWrite,
    /// For a condition.
    Cond,
    /// For a counter that is to come to zero, an initialisation, or the like.
    Semacquire,
    /// For an end.
    Join,
    /// For a point in time.
    Sleep,
    /// For a socket.
    Io,
    /// For a call that blocks.
    Syscall,
    /// For its token.
    Park,
}

const WORDS: [&str; 17] = [
    "running",
    "chan receive",
    "chan send",
    "chan receive (nil chan)",
    "chan send (nil chan)",
    "select",
    "select (no cases)",
    "sync.Mutex.Lock",
    "sync.RWMutex.RLock",
    "sync.RWMutex.Lock",
    "sync.Cond.Wait",
    "semacquire",
    "join",
    "sleep",
    "IO wait",
    "syscall",
    "park",
];

const ALL: [Reason; 17] = [
    Reason::Running,
    Reason::ChanReceive,
    Reason::ChanSend,
    Reason::ChanReceiveNil,
    Reason::ChanSendNil,
    Reason::Select,
    Reason::SelectNoCases,
    Reason::Mutex,
    Reason::RwLockRead,
    Reason::RwLockWrite,
    Reason::Cond,
    Reason::Semacquire,
    Reason::Join,
    Reason::Sleep,
    Reason::Io,
    Reason::Syscall,
    Reason::Park,
];

impl Reason {
    pub(crate) fn of(number: u8) -> Reason {
        ALL.get(number as usize).copied().unwrap_or(Reason::Running)
    }

    /// Go's word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        WORDS[self as usize]
    }
}
