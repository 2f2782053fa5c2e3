//! Random programs, each theme about one kind of object so that its operations meet often.

mod branches;
mod waits;

use super::program::{Knowledge, OnceEnd, Program, SelectArm, Stmt, guarded};
pub use super::theme::Theme;

/// Xorshift64* (Vigna 2016): the generator of programs is not the generator of schedules.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        let mut random = Random(seed.wrapping_mul(0x2545_f491_4f6c_dd1d) | 1);
        (0..4).for_each(|_| _ = random.next());
        random
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 16
    }

    pub fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }
}

/// The program of this theme and seed. Two to four tasks, few enough operations to run every interleaving.
pub fn program(theme: Theme, seed: u64) -> Program {
    longer_program(theme, seed, 0)
}

/// The same with so many more operations a task at most.
pub fn longer_program(theme: Theme, seed: u64, more: usize) -> Program {
    let mut random = Random::new(seed);
    let tasks = 2 + random.below(3).min(random.below(3));
    // A count depends on every start and end of a task, so that few of them make many interleavings.
    let (tasks, longest) = if theme == Theme::Counting { (2, 3) } else { (tasks, [5, 4, 2][tasks - 2]) };
    let longest = longest + more;
    let times_out = matches!(theme, Theme::Timeouts | Theme::Pairs | Theme::Mixed | Theme::Yields);
    let single = Theme::SINGLE as u64;
    let pair = [seed % single, seed / single % single].map(|theme| Theme::ALL[theme as usize]);
    let is_last_called = theme == Theme::Timers || theme == Theme::Contexts && seed.is_multiple_of(2);
    let lines: Vec<_> = (0..tasks)
        .map(|task| {
            let mut line = Line {
                random: &mut random,
                task,
                tasks,
                stmts: Vec::new(),
                held: Vec::new(),
                armed: false,
                has_child: false,
                has_context: false,
                is_last_called,
                times_out,
                pair,
                finished: false,
                poisons: seed.is_multiple_of(3),
                pipe_dropped: false,
            };
            let operations = 1 + line.random.below(longest);
            (0..operations).for_each(|_| line.grow(theme));
            line.finish();
            if seed % 5 == 4 {
                branches::branch(&mut line);
            }
            line.stmts
        })
        .collect();
    let text = format!("{theme:?} {seed}: {lines:?}");
    let mut program = Program::new(text, lines.into_iter().map(guarded).collect());
    program.known = Knowledge::nth(seed / 3);
    program.pipe = [0, 1, u64::MAX][(seed % 3) as usize];
    program.is_last_called = is_last_called;
    if times_out {
        program.times_out = true;
        program.channels.extend([1, 0, 0]);
    }
    program
}

struct Line<'r> {
    random: &'r mut Random,
    task: usize,
    tasks: usize,
    stmts: Vec<(Stmt, Option<usize>)>,
    held: Vec<usize>,
    /// Whether its side of the pipe is gone.
    pipe_dropped: bool,
    /// Whether it started the timer, or set a deadline.
    armed: bool,
    /// Whether it started its child, or said what starts the last task.
    has_child: bool,
    /// Whether it made a context of its own.
    has_context: bool,
    /// Whether ticks and contexts have channels that selects can wait for.
    times_out: bool,
    /// The themes of a program of two.
    pair: [Theme; 2],
    /// Whether the last task is one that a timer or a context starts.
    is_last_called: bool,
    /// Whether its closure is done.
    finished: bool,
    /// Whether it is about the poison of read-write locks, or onces, if it is about these.
    poisons: bool,
}

impl Line<'_> {
    fn push(&mut self, stmt: Stmt) {
        self.stmts.push((stmt, None));
    }

    fn grow(&mut self, theme: Theme) {
        match theme {
            Theme::Registers => self.register(),
            Theme::Locks if self.random.below(4) == 0 => self.register(),
            Theme::Locks => self.lock(),
            Theme::Condvars => self.condvar(),
            Theme::Channels => self.channel(),
            Theme::Selects if self.random.below(2) == 0 => self.channel(),
            Theme::Selects => self.select(),
            Theme::Attempts if self.random.below(5) < 3 => self.attempt(),
            Theme::Attempts => self.select(),
            Theme::Poison => self.poison(),
            Theme::Tasks => self.other_task(),
            Theme::Counting => self.counting(),
            Theme::Assumptions if self.random.below(4) == 0 => {
                let (x, value) = (self.random.below(2), self.random.below(3) as i64);
                self.push(Stmt::Assume(x, value));
            }
            Theme::Assumptions => self.register(),
            Theme::Releases => self.release(),
            Theme::InLine if self.random.below(3) == 0 => self.register(),
            Theme::InLine => self.in_line(),
            Theme::RwLocks if self.poisons => self.rw_poison(),
            Theme::RwLocks => self.rwlock(),
            Theme::Onces if self.poisons => self.once_poison(),
            Theme::Onces => self.once(),
            Theme::Barriers if self.random.below(2) == 0 => self.push(Stmt::Barrier(0)),
            Theme::Barriers => self.register(),
            Theme::WaitGroups => self.wait_group(),
            Theme::Parking => self.parking(),
            Theme::Wakers => self.waker(),
            Theme::Pipes => self.pipe(),
            Theme::Time => self.time(),
            Theme::Timers => self.timer(),
            Theme::Contexts => self.context(),
            Theme::Timeouts => self.timeout(),
            Theme::Words => self.word(),
            Theme::Yields if self.random.below(3) == 0 => self.push(Stmt::Yield),
            Theme::Pairs | Theme::Yields => {
                let theme = self.pair[self.random.below(2)];
                self.grow(theme);
            }
            Theme::Mixed => {
                let theme = Theme::ALL[self.random.below(Theme::SINGLE)];
                self.grow(theme);
            }
        }
    }

    fn register(&mut self) {
        let (x, value) = (self.random.below(2), self.task as i64 + 1);
        let stmt = match self.random.below(5) {
            0 | 1 => Stmt::Read(x),
            2 => Stmt::Write(x, value),
            3 => Stmt::Add(x, 1),
            _ => Stmt::Cas(x, 0, value),
        };
        self.push(stmt);
    }

    fn lock(&mut self) {
        let m = self.random.below(2);
        match self.random.below(4) {
            0 | 1 if !self.held.contains(&m) => {
                self.held.push(m);
                self.push(Stmt::Lock(m));
            }
            2 if !self.held.contains(&m) => {
                let attempt = self.stmts.len();
                self.push(Stmt::TryLock(m));
                if self.random.below(3) > 0 {
                    self.stmts.push((Stmt::Unlock(m), Some(attempt)));
                }
            }
            _ => self.unlock(),
        }
    }

    /// All about one lock, so that whoever looks does see something.
    fn poison(&mut self) {
        let attempt = self.stmts.len();
        match self.random.below(6) {
            0 | 1 => self.push(Stmt::IsPoisoned(0)),
            2 => self.push(Stmt::ClearPoison(0)),
            3 => {
                self.push(Stmt::Lock(0));
                self.push(Stmt::Panic(0));
            }
            4 => {
                self.push(Stmt::Lock(0));
                self.push(Stmt::Unlock(0));
            }
            _ => {
                self.push(Stmt::TryLock(0));
                let end = if self.random.below(2) == 0 { Stmt::Panic(0) } else { Stmt::Unlock(0) };
                self.stmts.push((end, Some(attempt)));
            }
        }
    }

    fn attempt(&mut self) {
        let (c, value) = (self.random.below(2), (self.task * 10 + self.stmts.len()) as i64);
        let stmt = match self.random.below(10) {
            0..3 => Stmt::TrySend(c, value),
            3..7 => Stmt::TryRecv(c),
            7 => Stmt::Close(c),
            _ => Stmt::Send(c, value),
        };
        self.push(stmt);
    }

    fn unlock(&mut self) {
        if let Some(m) = self.held.pop() {
            self.push(Stmt::Unlock(m));
        }
    }

    fn condvar(&mut self) {
        let c = self.random.below(2);
        match self.random.below(4) {
            0 => self.push(Stmt::NotifyOne(c)),
            1 => self.push(Stmt::NotifyAll(c)),
            2 => {
                let m = self.random.below(2);
                if !self.held.contains(&m) {
                    self.push(Stmt::Lock(m));
                    self.push(Stmt::Wait(c, m));
                    self.push(Stmt::Lock(m));
                    self.push(Stmt::Unlock(m));
                }
            }
            _ => self.register(),
        }
    }

    fn channel(&mut self) {
        let (c, value) = (self.random.below(2), (self.task * 10 + self.stmts.len()) as i64);
        let stmt = match self.random.below(10) {
            0..3 => Stmt::Send(c, value),
            3..6 => Stmt::Recv(c),
            6 => Stmt::TrySend(c, value),
            7 => Stmt::TryRecv(c),
            8 => Stmt::Len(c),
            _ => Stmt::Close(c),
        };
        self.push(stmt);
    }

    fn select(&mut self) {
        let mut arms = Vec::new();
        for c in 0..2 {
            let value = (self.task * 10 + self.stmts.len()) as i64 + 5 * c as i64 + 100;
            if self.random.below(3) > 0 {
                arms.push(SelectArm::Recv(c));
            }
            if self.random.below(2) == 0 {
                arms.push(SelectArm::Send(c, value));
            }
        }
        let default = arms.is_empty() || self.random.below(4) == 0;
        self.push(Stmt::Select(arms, default));
    }

    fn other_task(&mut self) {
        let other = (self.task + 1 + self.random.below(self.tasks - 1)) % self.tasks;
        match self.random.below(7) {
            0 => self.push(Stmt::IsFinished(other)),
            1 => self.push(Stmt::Join(other)),
            2 => self.push(Stmt::Choose(2)),
            3 => self.push(Stmt::Await(other)),
            4 if !self.finished => {
                self.finished = true;
                self.push(Stmt::Finish);
            }
            _ => self.register(),
        }
    }

    fn counting(&mut self) {
        match self.random.below(3) {
            _ if !self.finished && self.random.below(6) == 0 => {
                self.finished = true;
                self.push(Stmt::Finish);
            }
            0 if !self.has_child => {
                self.has_child = true;
                self.push(Stmt::SpawnChild);
            }
            0 => self.register(),
            _ => self.push(Stmt::CountTasks),
        }
    }

    /// At locks of their own: Go's, which anybody may release, are not poisoned, and std's have guards.
    fn release(&mut self) {
        let (m, r) = (5, 2);
        let stmt = match self.random.below(14) {
            0 | 1 => Stmt::Lock(m),
            2 => Stmt::TryLock(m),
            3 | 4 => Stmt::Unlock(m),
            5 | 6 => Stmt::ReadLock(r),
            7 | 8 => Stmt::WriteLock(r),
            9 => Stmt::TryRead(r),
            10 => Stmt::TryWrite(r),
            11 | 12 => Stmt::ReadUnlock(r),
            _ => Stmt::WriteUnlock(r),
        };
        self.push(stmt);
    }

    /// At the condvar that wakes in the order of waiting.
    fn in_line(&mut self) {
        match self.random.below(5) {
            0 | 1 => self.push(Stmt::NotifyOne(2)),
            2 => self.push(Stmt::NotifyAll(2)),
            _ => {
                let m = self.random.below(2);
                self.push(Stmt::Lock(m));
                self.push(Stmt::Wait(2, m));
            }
        }
    }

    /// The second lock, so that nobody releases it who does not hold it.
    fn rw_poison(&mut self) {
        let attempt = self.stmts.len();
        let (taken, release) = match self.random.below(9) {
            0 => return self.push(Stmt::IsRwPoisoned(1)),
            1 | 2 => return self.push(Stmt::ClearRwPoison(1)),
            3 | 4 => (Stmt::ReadLock(1), Stmt::ReadUnlock(1)),
            5 => (Stmt::WriteLock(1), Stmt::WriteUnlock(1)),
            6 => (Stmt::WriteLock(1), Stmt::PanicUnlock(1)),
            7 => (Stmt::TryRead(1), Stmt::ReadUnlock(1)),
            _ => (Stmt::TryWrite(1), Stmt::PanicUnlock(1)),
        };
        let guard = matches!(taken, Stmt::TryRead(_) | Stmt::TryWrite(_)).then_some(attempt);
        self.push(taken);
        self.stmts.push((release, guard));
    }

    /// One lock, so that whoever tries does see something.
    fn rwlock(&mut self) {
        let attempt = self.stmts.len();
        let (taken, release) = match self.random.below(6) {
            0 | 1 => (Stmt::ReadLock(0), Stmt::ReadUnlock(0)),
            2 | 3 => (Stmt::WriteLock(0), Stmt::WriteUnlock(0)),
            4 => (Stmt::TryRead(0), Stmt::ReadUnlock(0)),
            _ => (Stmt::TryWrite(0), Stmt::WriteUnlock(0)),
        };
        let guard = matches!(taken, Stmt::TryRead(_) | Stmt::TryWrite(_)).then_some(attempt);
        self.push(taken);
        // Sometimes it is kept for ever, sometimes for a while.
        match self.random.below(6) {
            0 => {}
            1 => {
                self.register();
                self.stmts.push((release, guard));
            }
            _ => self.stmts.push((release, guard)),
        }
    }

    fn once(&mut self) {
        let attempt = self.stmts.len();
        match self.random.below(4) {
            0 => self.push(Stmt::OnceGet(0)),
            1 => self.register(),
            _ => {
                self.push(Stmt::OnceBegin(0));
                if self.random.below(3) == 0 {
                    self.register();
                }
                let end =
                    [OnceEnd::Done, OnceEnd::Done, OnceEnd::Reset, OnceEnd::Poisoned][self.random.below(4)];
                self.stmts.push((Stmt::OnceEnd(0, end), Some(attempt)));
            }
        }
    }

    /// Whoever panics goes on, as somebody takes the panic.
    fn once_poison(&mut self) {
        let attempt = self.stmts.len();
        let begin = match self.random.below(9) {
            0..3 => return self.push(Stmt::OnceWait(0)),
            3 => return self.push(Stmt::OnceWaitForce(0)),
            4 => return self.push(Stmt::OnceGet(0)),
            5 => Stmt::OnceBegin(0),
            _ => Stmt::OnceForce(0),
        };
        self.push(begin);
        let end = [OnceEnd::Done, OnceEnd::Poisoned][self.random.below(2)];
        self.stmts.push((Stmt::OnceEnd(0, end), Some(attempt)));
    }

    fn wait_group(&mut self) {
        let more = 1 + self.random.below(2) as i64;
        match self.random.below(5) {
            0 => self.push(Stmt::WgAdd(0, more)),
            1 | 2 => self.push(Stmt::WgAdd(0, -1)),
            3 => self.push(Stmt::WgWait(0)),
            _ => self.register(),
        }
    }

    fn pipe(&mut self) {
        if self.pipe_dropped {
            return self.register();
        }
        let (kind, value) = (self.random.below(6), (self.task * 10 + self.stmts.len()) as i64);
        let stmt = match (self.task, kind) {
            (0, 0..2) => Stmt::PipeRecv,
            (0, 2) => Stmt::PipeRecvTimeout(10),
            (0, 3) => Stmt::PipeTryRecv,
            (0, 4) => Stmt::PipePoll,
            (0, _) => Stmt::DropReceiver,
            (_, 0..2) => Stmt::PipeSend(value),
            (_, 2 | 3) => Stmt::PipeTrySend(value),
            _ => Stmt::DropSender,
        };
        self.pipe_dropped = matches!(stmt, Stmt::DropReceiver | Stmt::DropSender);
        self.push(stmt);
    }

    /// Mostly releases what is held.
    fn finish(&mut self) {
        if self.random.below(5) > 0 {
            while !self.held.is_empty() {
                self.unlock();
            }
        }
    }
}
