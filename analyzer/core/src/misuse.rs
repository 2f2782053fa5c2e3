//! What objects forbid, in Go's words: written here once, so that files may be read back into them.

macro_rules! misuses {
    ($($(#[$doc:meta])* $name:ident = $lead:literal $words:literal;)*) => {
        $($(#[$doc])* pub const $name: &str = $words;)*

        /// All of them.
        pub const ALL: &[&str] = &[$($name,)*];

        /// The whole line that Go prints: `fatal error: concurrent map writes`, `panic: close of nil channel`.
        /// `None` for what only gorace forbids.
        pub fn as_go_prints(words: &str) -> Option<&'static str> {
            let line = match words { $($words => concat!($lead, $words),)* _ => return None };
            (words != NESTED_ACCESS).then_some(line)
        }
    };
}

misuses! {
    /// A send, or a sender that waits, meets a close.
    SEND_ON_CLOSED = "panic: " "send on closed channel";
    /// A channel is closed twice.
    CLOSE_OF_CLOSED = "panic: " "close of closed channel";
    /// The nil channel is closed.
    CLOSE_OF_NIL = "panic: " "close of nil channel";
    /// A closure that is inside a plain variable accesses it again.
    NESTED_ACCESS = "" "nested access to a Shared";
    /// A mutex is unlocked that nobody holds.
    UNLOCK_OF_UNLOCKED = "fatal error: " "sync: unlock of unlocked mutex";
    /// A share is given up that nobody has.
    RUNLOCK_OF_UNLOCKED = "fatal error: " "sync: RUnlock of unlocked RWMutex";
    /// A lock is given up that nobody has alone.
    UNLOCK_OF_UNLOCKED_RW = "fatal error: " "sync: Unlock of unlocked RWMutex";
    /// More `done`s than `add`s.
    NEGATIVE_COUNTER = "panic: " "sync: negative WaitGroup counter";
    /// An `add` from zero that nothing orders with a `wait`.
    ADD_WITH_WAIT = "panic: " "sync: WaitGroup misuse: Add called concurrently with Wait";
    /// An `add` from zero that nothing orders with a `wait` of the round before.
    REUSED = "panic: " "sync: WaitGroup is reused before previous Wait has returned";
    /// A map is read and written at once.
    MAP_READ_AND_WRITE = "fatal error: " "concurrent map read and map write";
    /// A map is written while somebody goes over it.
    MAP_ITERATION = "fatal error: " "concurrent map iteration and map write";
    /// A map is written twice at once.
    MAP_WRITES = "fatal error: " "concurrent map writes";
}
