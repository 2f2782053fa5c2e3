//! A check as one piece of several: it goes on where an earlier one was stopped, and leaves what it does not get to.
//!
//! The pieces together run what one check in one go would, each execution once. What earlier pieces found is
//! replayed first, so that each piece reports all that was found so far.

use crate::check::confirm;
use crate::check::resume::{Beginning, Kept, Resume, ResumeError};
use crate::check::session::Session;
use crate::check::{Environment, Options, Strategy};
use gorace_analyzer::verdict::Grouped;
use gorace_analyzer::{Code, Trace};
use gorace_engine::{Schedule, Selection};
use std::path::{Path, PathBuf};

/// The state of a check that is one of several.
pub(crate) struct Pieces {
    path: PathBuf,
    opened: Result<Resume, ResumeError>,
    /// What the program does at first, once it was run.
    beginning: Beginning,
    /// The last schedule of the search that was run to its end.
    pub last: Option<Schedule>,
    /// Whether an execution of an earlier piece is about to be repeated, up to where this one goes on.
    pub goes_on: bool,
    /// Whether it begins anew where the file does not fit.
    may_begin_anew: bool,
}

impl Pieces {
    /// Looks for an earlier piece, if this check is one of several.
    pub fn of(options: &mut Options, environment: &Environment) -> Option<Self> {
        let file = format!("{:016x}.resume", options.program.key());
        let in_folder = environment.resume.as_ref().map(|folder| Path::new(folder).join(file));
        let path = in_folder.or_else(|| options.resume.clone())?;
        match options.strategy {
            Strategy::Replay(_) => return None,
            // In pieces everything fits the budget in the end.
            Strategy::Auto => options.strategy = Strategy::Exhaustive,
            _ => {}
        }
        options.is_one_of_several = true;
        let opened = Resume::open(&path, options);
        let may_begin_anew = environment.resume_anew;
        let beginning = Beginning::default();
        Some(Pieces { path, opened, beginning, last: None, goes_on: false, may_begin_anew })
    }

    /// How many runs came before this one.
    pub fn earlier_runs(&self) -> u64 {
        self.kept().map_or(0, |kept| kept.runs)
    }

    /// The schedules of what earlier pieces found.
    pub fn known(&self) -> Vec<Schedule> {
        self.kept().map_or(Vec::new(), |kept| kept.schedules.clone())
    }

    fn kept(&self) -> Option<&Kept> {
        self.opened.as_ref().ok().and_then(|resume| resume.kept.as_ref())
    }

    /// A sentence about the file.
    fn sentence(&self, error: &ResumeError) -> String {
        format!("cannot go on from the resume file {}: {error}", self.path.display())
    }
}

impl Session {
    /// Goes on where an earlier piece was stopped, if there is one and the program is still the same.
    pub fn go_on(&mut self) {
        let Some(mut pieces) = self.pieces.take() else { return };
        let went = self.try_to_go_on(&mut pieces);
        self.pieces = Some(pieces);
        if let Err(error) = went {
            self.does_not_fit(&error);
        }
    }

    /// The file is not of this program as it is now: nothing is run, or all of it.
    fn does_not_fit(&mut self, error: &ResumeError) {
        let Some(pieces) = &mut self.pieces else { return };
        if !(pieces.may_begin_anew && error.is_stale()) {
            self.misfit = Some(pieces.sentence(error));
            return;
        }
        let file = pieces.path.display();
        // What was noted until now is about going on.
        self.notes = vec![format!("begins anew, since the resume file {file} does not fit: {error:#}")];
        pieces.opened = Ok(Resume::anew(&pieces.path));
        pieces.goes_on = false;
        self.explorer = self.new_explorer();
    }

    fn try_to_go_on(&mut self, pieces: &mut Pieces) -> Result<(), ResumeError> {
        if let Err(error) = &mut pieces.opened {
            return Err(std::mem::replace(error, ResumeError::Damaged));
        }
        let first = confirm::run(self, Selection::Follow(Schedule::default()), false);
        pieces.beginning = Beginning::of(&self.options.program, &first.trace);
        if let Ok(resume) = &pieces.opened {
            resume.compare(&pieces.beginning)?;
        }
        let Some(kept) = pieces.kept() else { return Ok(()) };
        if let Some((then, schedule)) = &kept.last
            && self.does(schedule) != *then
        {
            let what = "the schedule that was run last does something else".to_owned();
            return Err(ResumeError::Changed(what));
        }
        self.explorer.resume(&kept.frontier).map_err(|_| ResumeError::Damaged)?;
        self.limits.extend(&kept.limits);
        self.notes.push(format!("goes on after {} executions of earlier runs", Grouped(kept.executions)));
        pieces.goes_on = true;
        Ok(())
    }

    /// What the program does under a schedule.
    fn does(&mut self, schedule: &Schedule) -> u64 {
        let run = confirm::replay(self, schedule, false);
        Beginning::of(&self.options.program, &run.trace).hash
    }

    /// The first execution of this piece did not repeat what an earlier piece ran: whether that is why it diverged.
    pub fn has_changed(&mut self, trace: &Trace) -> bool {
        if !self.pieces.as_ref().is_some_and(|pieces| pieces.goes_on) {
            return false;
        }
        let Some(at) = &trace.divergence else { return false };
        let what = format!("at step {} it expected {}, and there was {}", at.step, at.expected, at.found);
        self.does_not_fit(&ResumeError::Changed(what));
        true
    }

    /// Leaves what is left to do, or no file if nothing is.
    pub fn leave_rest(&mut self) {
        // What did not repeat itself cannot go on.
        if self.misfit.is_some() || self.found().any(|code| code == Code::Nondeterminism) {
            return;
        }
        let last = self.pieces.as_mut().and_then(|pieces| pieces.last.take());
        let last = last.map(|schedule| (self.does(&schedule), schedule));
        let Some(Pieces { path, opened: Ok(resume), beginning, .. }) = &self.pieces else { return };
        let left = match self.explorer.frontier() {
            Some(frontier) => {
                let earlier = resume.kept.as_ref().map_or(0, |kept| kept.executions);
                let kept = Kept {
                    beginning: beginning.clone(),
                    limits: self.limits.clone(),
                    runs: resume.kept.as_ref().map_or(0, |kept| kept.runs) + 1,
                    executions: earlier + self.executions,
                    schedules: self.schedules(),
                    last,
                    frontier,
                    ..Kept::default()
                };
                resume.leave(kept, &self.options)
            }
            None => resume.finish(),
        };
        if left.is_ok() && self.explorer.frontier().is_some() {
            let path = path.display();
            self.notes.push(format!("what is left to do is kept in {path}: the next run goes on there"));
        }
        if let Err(error) = left {
            self.misfit = Some(format!("cannot leave the resume file {}: {error}", path.display()));
        }
    }
}
