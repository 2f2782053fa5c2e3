//! Tasks that were only slow: they had something to do when main returned, and came to their end all the same.
//! No leak, but a note: in Go they would have been killed there.

use gorace_analyzer::Place;
use gorace_analyzer::verdict;
use gorace_engine::Execution;

/// All of a run, those that were started at one place together.
#[derive(Debug, Default)]
pub(crate) struct Slow {
    seen: Vec<Seen>,
}

#[derive(Debug)]
struct Seen {
    /// What is known of them: a name, or where they were started.
    what: What,
    schedules: u64,
    /// Whether several were slow in one schedule.
    several: bool,
    slept: bool,
}

#[derive(PartialEq, Eq, Debug)]
enum What {
    Name(String),
    Place(Place),
}

/// One of them, or several of one place, in one execution.
#[derive(PartialEq, Eq, Debug)]
pub(crate) struct SlowTask {
    what: What,
    several: bool,
    slept: bool,
}

/// Takes note of those of an execution that is over.
pub(crate) fn look(execution: &mut Execution) -> Vec<SlowTask> {
    let slow = execution.outlived_main();
    let slept = !slow.is_empty() && execution.main_slept();
    let mut here: Vec<SlowTask> = Vec::new();
    for task in slow {
        let what = match execution.task_name(task) {
            Some(name) => What::Name(name.to_owned()),
            None => What::Place(execution.spawn_place(task)),
        };
        match here.iter_mut().find(|seen| seen.what == what) {
            Some(seen) => seen.several = true,
            None => here.push(SlowTask { what, several: false, slept }),
        }
    }
    here
}

impl Slow {
    /// Adds those of one execution.
    pub fn add(&mut self, here: Vec<SlowTask>) {
        for SlowTask { what, several, slept } in here {
            let at = self.seen.iter().position(|seen| seen.what == what).unwrap_or_else(|| {
                self.seen.push(Seen { what, schedules: 0, several: false, slept: false });
                self.seen.len() - 1
            });
            let seen = &mut self.seen[at];
            seen.slept |= slept;
            seen.several |= several;
            seen.schedules += 1;
        }
    }

    /// The notes on them, after so many executions.
    pub fn notes(&self, executions: u64) -> impl Iterator<Item = String> {
        self.seen.iter().map(move |seen| {
            let tasks = seen.what.words(seen.several);
            let Seen { schedules, slept, .. } = *seen;
            verdict::Slow { tasks: &tasks, schedules, of: executions, slept }.to_string()
        })
    }
}

impl What {
    fn words(&self, several: bool) -> String {
        let tasks = if several { "tasks" } else { "the task" };
        match self {
            What::Name(name) if several => format!("tasks called `{name}`"),
            What::Name(name) => format!("`{name}`"),
            What::Place(Place::Code(at)) => {
                format!("{tasks} started at {}:{}:{}", at.file(), at.line(), at.column())
            }
            What::Place(_) => format!("{tasks} started at an unknown place"),
        }
    }
}
