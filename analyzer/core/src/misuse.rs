//! What objects forbid, in Go's words: written here once, so that files may be read back into them.

macro_rules! misuses {
    ($($(#[$doc:meta])* $name:ident = $words:literal;)*) => {
        $($(#[$doc])* pub const $name: &str = $words;)*

        /// All of them.
        pub const ALL: &[&str] = &[$($name,)*];
    };
}

misuses! {
    /// A send, or a sender that waits, meets a close.
    SEND_ON_CLOSED = "send on closed channel";
    /// A channel is closed twice.
    CLOSE_OF_CLOSED = "close of closed channel";
    /// The nil channel is closed.
    CLOSE_OF_NIL = "close of nil channel";
    /// A closure that is inside a plain variable accesses it again.
    NESTED_ACCESS = "nested access to a Shared";
    /// A mutex is unlocked that nobody holds.
    UNLOCK_OF_UNLOCKED = "sync: unlock of unlocked mutex";
    /// A share is given up that nobody has.
    RUNLOCK_OF_UNLOCKED = "sync: RUnlock of unlocked RWMutex";
    /// A lock is given up that nobody has alone.
    UNLOCK_OF_UNLOCKED_RW = "sync: Unlock of unlocked RWMutex";
    /// More `done`s than `add`s.
    NEGATIVE_COUNTER = "sync: negative WaitGroup counter";
    /// An `add` from zero that nothing orders with a `wait`.
    ADD_WITH_WAIT = "WaitGroup misuse: Add called concurrently with Wait";
    /// A map is read and written at once.
    MAP_READ_AND_WRITE = "concurrent map read and map write";
    /// A map is written twice at once.
    MAP_WRITES = "concurrent map writes";
}
