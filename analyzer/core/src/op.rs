//! The vocabulary: what can happen, to what, and why one event is ordered after another.
//!
//! The engine executes operations and appends events of these kinds; the analyzer gives them meaning. One
//! row here, one in the engine's dependency table, one in the words of the analyzer's `describe`: that
//! is what a new kind of operation costs.

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        #[repr(u8)]
        pub enum $name { $($(#[$vdoc])* $variant,)* }

        impl $name {
            /// All of them, in the order of declaration.
            pub const ALL: &'static [$name] = &[$($name::$variant,)*];

            /// The word that files and tokens use; it never changes meaning.
            pub fn word(self) -> &'static str {
                match self { $($name::$variant => $word,)* }
            }

            /// Reads what [`Self::word`] gives.
            #[inline]
            pub fn from_word(word: &str) -> Option<Self> {
                match word { $($word => Some($name::$variant),)* _ => None }
            }
        }
    };
}

words!(
    /// What a task did. Failed attempts are kinds of their own, since they depend on less.
    OpKind {
        /// A task was started; `value` is the child's [`TaskIx`](crate::TaskIx).
        Spawn = "spawn",
        /// The closure is done and so are its thread-locals' destructors: joiners may go on.
        Exit = "exit",
        /// Wait for a task's exit; `object` is the task's own object.
        Join = "join",
        /// Ask whether a task has exited; `value` is the answer.
        IsFinished = "is_finished",
        /// A voluntary step back.
        Yield = "yield",
        /// Atomic load; `value` is what it saw.
        Load = "load",
        /// Atomic store; `value` is what it wrote.
        Store = "store",
        /// Successful read-modify-write; `value` is what it wrote, `seen` what it saw.
        Rmw = "rmw",
        /// Failed compare-exchange: a load; `value` is what it saw, `seen` is 1 if it failed spuriously.
        CasFail = "cas_fail",
        /// An atomic fence.
        Fence = "fence",
        /// Queue for a mutex; the task goes on once it holds it.
        Lock = "lock",
        /// `try_lock` that took the mutex.
        TryLock = "try_lock",
        /// `try_lock` that found it taken.
        TryLockFail = "try_lock_fail",
        /// Release of a mutex, or of a read-write lock by its writer; `value` is 1 if a panic poisoned it by that.
        Unlock = "unlock",
        /// Ask whether a mutex is poisoned; `value` is the answer.
        IsPoisoned = "is_poisoned",
        /// Forget a mutex's poison.
        ClearPoison = "clear_poison",
        /// Condvar wait: releases the mutex (`other`) and queues for a notification, in one step; `value` is 1 if it
        /// wakes spuriously.
        Wait = "wait",
        /// Wake one waiter.
        NotifyOne = "notify_one",
        /// Wake all waiters.
        NotifyAll = "notify_all",
        /// Queue a value in a channel; goes on once there is room or a receiver.
        Send = "send",
        /// Queue for a value; goes on once there is one or the channel is closed.
        Recv = "recv",
        /// `try_send` that handed its value over.
        TrySend = "try_send",
        /// `try_send` that found no room.
        TrySendFail = "try_send_fail",
        /// `try_recv` that got a value or saw the channel closed.
        TryRecv = "try_recv",
        /// `try_recv` that found nothing.
        TryRecvFail = "try_recv_fail",
        /// Close of a channel.
        Close = "close",
        /// Look at a channel's length.
        Len = "len",
        /// `select!` over several arms; `object` is the chosen arm's channel once it is chosen.
        Select = "select",
        /// Plain read of checked memory: no scheduling point.
        Read = "read",
        /// A step of an iteration over a checked map: a read.
        Iterate = "iterate",
        /// Plain write of checked memory: no scheduling point.
        Write = "write",
        /// An input chosen by the explorer (`gorace::any`); `value` is the choice.
        Choose = "choose",
        /// The task panicked here.
        Panic = "panic",
        /// Queue for a read-write lock, to share it.
        ReadLock = "read_lock",
        /// Queue for a read-write lock, to have it alone.
        WriteLock = "write_lock",
        /// `try_read` that took the lock.
        TryReadLock = "try_read_lock",
        /// `try_read` that found it taken or asked for.
        TryReadLockFail = "try_read_lock_fail",
        /// `try_write` that took the lock.
        TryWriteLock = "try_write_lock",
        /// `try_write` that found it taken.
        TryWriteLockFail = "try_write_lock_fail",
        /// Release of a shared read-write lock.
        ReadUnlock = "read_unlock",
        /// Queue for the right to initialise; goes on once that is done, or with the right.
        OnceBegin = "call_once",
        /// The initialisation is over; `value` is 1 if it succeeded.
        OnceEnd = "once_done",
        /// Wait until it is initialised.
        OnceWait = "once_wait",
        /// Look whether it is initialised; `value` is the answer.
        OnceGet = "once_get",
        /// Arrival at a barrier; goes on once all have arrived.
        BarrierWait = "barrier_wait",
        /// Add to a wait group; `value` is the counter after it.
        WgAdd = "wg_add",
        /// Take from a wait group; `value` is the counter after it.
        WgDone = "wg_done",
        /// Wait until a wait group's counter is zero.
        WgWait = "wg_wait",
        /// One sender of a counted channel is gone.
        DropSender = "drop_sender",
        /// The receiver of a counted channel is gone.
        DropReceiver = "drop_receiver",
        /// A timer fires; `value` is the time, `seen` the event that started it.
        Fire = "fire",
        /// Look at the clock; `value` is the time in nanoseconds.
        Now = "now",
        /// Wait for so many nanoseconds (`value`).
        Sleep = "sleep",
        /// Start a timer, of so many nanoseconds (`value`); `seen` is a ticker's period, else 0.
        Arm = "start_timer",
        /// Stop a timer.
        StopTimer = "stop_timer",
        /// Start a timer anew.
        ResetTimer = "reset_timer",
        /// A context is made, below `other`.
        NewContext = "new_context",
        /// A context is cancelled.
        Cancel = "cancel",
        /// Look whether a context is cancelled; `value` is 0 if not, 1 by a call, 2 by its deadline.
        ContextErr = "ctx_err",
        /// Register a function to be run once a context is cancelled.
        AfterFunc = "after_func",
        /// Take that back.
        StopAfterFunc = "stop_after_func",
        /// Wait for a token: a thread's `park`; `value` is 1 if it wakes spuriously.
        Park = "park",
        /// Give a thread its token.
        Unpark = "unpark",
        /// Wait for a wake-up: a future that is pending; `value` is 1 if it is polled spuriously.
        Await = "await",
        /// Wake a future's task.
        Wake = "wake",
        /// Count the tasks that have not exited; `value` is their number.
        NumGoroutine = "num_goroutine",
        /// The task ends itself here: `runtime::goexit`.
        Goexit = "goexit",
        /// The last waker of a future's task (`value`) is gone: no scheduling point.
        DropWaker = "drop_waker",
        /// Look at a word of memory, to wait for a change of it (Linux's futex).
        FutexWait = "futex_wait",
        /// Wake those who wait on a word; `value` is how many.
        FutexWake = "futex_wake",
        /// The closure is done, and destructors of thread-locals are to follow: `is_finished` says yes, and a scope ends.
        Finish = "finish",
    }
);

impl OpKind {
    /// Whether it changes nothing that anybody could see, whatever its event says; see
    /// [`Event::only_looks`](crate::Event::only_looks).
    #[inline]
    pub fn only_looks(self) -> bool {
        use OpKind as K;
        matches!(
            self,
            K::Load
                | K::CasFail
                | K::Fence
                | K::TryLockFail
                | K::TryReadLockFail
                | K::TryWriteLockFail
                | K::TrySendFail
                | K::TryRecvFail
                | K::IsFinished
                | K::IsPoisoned
                | K::OnceGet
                | K::ContextErr
                | K::Len
                | K::Read
                | K::Yield
                | K::Await
                | K::DropWaker
        )
    }

    /// Whether it is the end of a task, or of its closure: nowhere in the source.
    #[inline]
    pub fn is_end(self) -> bool {
        matches!(self, OpKind::Finish | OpKind::Exit)
    }

    /// Whether this queues for a lock.
    pub fn is_lock(self) -> bool {
        matches!(self, OpKind::Lock | OpKind::ReadLock | OpKind::WriteLock)
    }

    /// Whether a task holds a lock once this is complete.
    pub fn takes_lock(self) -> bool {
        self.is_lock() || matches!(self, OpKind::TryLock | OpKind::TryReadLock | OpKind::TryWriteLock)
    }

    /// Whether this is a plain access to checked memory (a race candidate, never a scheduling point).
    pub fn is_plain(self) -> bool {
        matches!(self, OpKind::Read | OpKind::Iterate | OpKind::Write)
    }
}

words!(
    /// What an object is.
    ObjectKind {
        /// A `std`-shaped atomic.
        Atomic = "atomic",
        /// A mutex.
        Mutex = "mutex",
        /// A condition variable.
        Condvar = "condvar",
        /// A channel.
        Channel = "channel",
        /// Checked plain memory.
        Cell = "cell",
        /// A task, seen as something to join.
        Task = "task",
        /// A read-write lock.
        RwLock = "rwlock",
        /// Something that is initialised once.
        Once = "once",
        /// A map that, as Go's, must not be used by two tasks at once.
        Map = "map",
        /// A barrier.
        Barrier = "barrier",
        /// A wait group.
        WaitGroup = "wait_group",
        /// A thread's parking place.
        Parker = "parker",
        /// A timer, seen as its channel.
        Timer = "timer",
        /// A context, seen as the channel of its `done`.
        Context = "context",
        /// The waker of a task that runs futures.
        Waker = "waker",
        /// A word of the program's own memory, used as an atomic or to wait on.
        Word = "word",
    }
);

words!(
    /// Why the target of an edge is ordered after its source.
    EdgeKind {
        /// A child starts after its spawn.
        Spawn = "spawn",
        /// A join returns after the exit.
        Join = "join",
        /// A lock is granted after the unlock that freed it.
        Unlock = "unlock",
        /// A wait returns after the notification that woke it.
        Notify = "notify",
        /// A value arrives after it was sent.
        Message = "message",
        /// A send completes after the receive that made room for it.
        Capacity = "capacity",
        /// A receive sees the close.
        Close = "close",
        /// Whoever finds it initialised comes after the initialisation.
        Once = "once",
        /// Whoever leaves a barrier comes after everybody who arrived.
        Barrier = "barrier",
        /// Whoever waited for a group comes after each of its `done`s.
        Done = "done",
        /// A parked thread goes on after it was given its token.
        Unpark = "unpark",
        /// A future's task goes on after it was woken.
        Wake = "wake",
        /// A wait on a word of memory goes on after it was woken. By itself that orders no other memory.
        FutexWake = "futex_wake",
        /// A timer fires after it was started, and a waiting that it ends goes on after that.
        Timer = "timer",
        /// An atomic read saw this store. Orders only as far as both sides' [`Order`] says.
        ReadsFrom = "reads_from",
    }
);

words!(
    /// A memory order, as written by the user.
    Order {
        /// Not an atomic operation.
        None = "none",
        /// `Ordering::Relaxed`.
        Relaxed = "relaxed",
        /// `Ordering::Release`.
        Release = "release",
        /// `Ordering::Acquire`.
        Acquire = "acquire",
        /// `Ordering::AcqRel`.
        AcqRel = "acq_rel",
        /// `Ordering::SeqCst`.
        SeqCst = "seq_cst",
    }
);

impl EdgeKind {
    /// Whether it tells which of several waiting tasks was chosen.
    pub fn tells_whom(self) -> bool {
        matches!(self, EdgeKind::Notify | EdgeKind::FutexWake)
    }
}

impl Order {
    /// Whether a read with this order synchronises with the release it reads from.
    pub fn acquires(self) -> bool {
        matches!(self, Order::Acquire | Order::AcqRel | Order::SeqCst)
    }

    /// Whether it is an atomic operation's, and weaker than `SeqCst`.
    #[inline]
    pub fn is_weak(self) -> bool {
        matches!(self, Order::Relaxed | Order::Acquire | Order::Release | Order::AcqRel)
    }

    /// Whether a write with this order publishes what came before it.
    pub fn releases(self) -> bool {
        matches!(self, Order::Release | Order::AcqRel | Order::SeqCst)
    }
}
