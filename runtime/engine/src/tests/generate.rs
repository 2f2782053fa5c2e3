//! Random programs, each theme about one kind of object so that its operations meet often.

use super::program::{Program, SelectArm, Stmt, guarded};

/// What a random program is about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Theme {
    Registers,
    Locks,
    Condvars,
    Channels,
    Selects,
    /// Selects against attempts, which see more than they wait for.
    Attempts,
    /// Panics under a lock.
    Poison,
    Tasks,
    Mixed,
}

impl Theme {
    pub const ALL: [Theme; 9] = [
        Theme::Registers,
        Theme::Locks,
        Theme::Condvars,
        Theme::Channels,
        Theme::Selects,
        Theme::Attempts,
        Theme::Poison,
        Theme::Tasks,
        Theme::Mixed,
    ];
}

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
    let mut random = Random::new(seed);
    let tasks = 2 + random.below(3).min(random.below(3));
    let longest = [5, 4, 2][tasks - 2];
    let lines: Vec<_> = (0..tasks)
        .map(|task| {
            let mut line = Line { random: &mut random, task, tasks, stmts: Vec::new(), held: Vec::new() };
            let operations = 1 + line.random.below(longest);
            (0..operations).for_each(|_| line.grow(theme));
            line.finish();
            line.stmts
        })
        .collect();
    let text = format!("{theme:?} {seed}: {lines:?}");
    Program::new(text, lines.into_iter().map(guarded).collect())
}

struct Line<'r> {
    random: &'r mut Random,
    task: usize,
    tasks: usize,
    stmts: Vec<(Stmt, Option<usize>)>,
    held: Vec<usize>,
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
            Theme::Mixed => {
                let theme = Theme::ALL[self.random.below(Theme::ALL.len() - 1)];
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
        match self.random.below(5) {
            0 => self.push(Stmt::IsFinished(other)),
            1 => self.push(Stmt::Join(other)),
            2 => self.push(Stmt::Choose(2)),
            _ => self.register(),
        }
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
