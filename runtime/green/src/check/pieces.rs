//! A check as one piece of several: it goes on where an earlier one was stopped, and leaves what it does not get to.
//!
//! The pieces together run what one check in one go would, each execution once. What earlier pieces found is
//! replayed first, so that each piece reports all that was found so far.
//!
//! What is left may have been divided into shares for several machines. A check of a share runs what it was given, one
//! search after the other, and leaves what became of them; it takes over a part where it has what the part is of.

use crate::check::confirm;
use crate::check::resume::{self, Resume, ResumeError, beginning};
use crate::check::session::Session;
use crate::check::{Environment, Options, Strategy};
use gorace_analyzer::record::Misfit;
use gorace_analyzer::verdict::{Counted, Stopped};
use gorace_analyzer::{Code, Trace};
use gorace_engine::explore::{Beginning, Explorer, ResumeFile, ResumeFileError, SearchLeft, ShareOf};
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
    /// The search that is run, and what the session had counted when it began with it.
    running: Option<(SearchLeft, Counts)>,
    /// The others.
    others: Vec<SearchLeft>,
    /// The numbers of those that were run.
    ran: Vec<u64>,
}

/// Complete executions, redundant ones, steps.
type Counts = (u64, u64, u64);

impl Pieces {
    /// Looks for an earlier piece, if this check is one of several. So many of its thread came `before` it.
    pub fn of(options: &mut Options, environment: &Environment, before: u32) -> Option<Self> {
        let in_folder = environment.resume.as_ref();
        let in_folder = in_folder.map(|folder| resume::in_folder(Path::new(folder), options, before));
        let path = in_folder.or_else(|| options.resume.clone())?;
        match options.strategy {
            Strategy::Replay(_) => return None,
            // In pieces everything fits the budget in the end.
            Strategy::Auto => options.strategy = Strategy::Exhaustive,
            _ => {}
        }
        options.is_one_of_several = true;
        let opened = Resume::open(&path, options);
        let pieces = Pieces {
            path,
            opened,
            beginning: Beginning::default(),
            last: None,
            goes_on: false,
            may_begin_anew: environment.resume_anew,
            running: Some(Default::default()),
            others: Vec::new(),
            ran: Vec::new(),
        };
        // Where the first finding ends the whole of it, nobody could tell who shares it.
        options.keep_going |= pieces.share().is_some();
        Some(pieces)
    }

    /// How many runs came before this one.
    pub fn earlier_runs(&self) -> u64 {
        self.kept().map_or(0, |kept| kept.runs)
    }

    /// The schedules of what earlier pieces found.
    pub fn known(&self) -> Vec<Schedule> {
        self.kept().map_or(Vec::new(), |kept| kept.schedules.clone())
    }

    /// Which share it is, if what is left was divided.
    pub fn share(&self) -> Option<ShareOf> {
        self.kept().and_then(|kept| kept.share)
    }

    fn kept(&self) -> Option<&ResumeFile> {
        self.opened.as_ref().ok().and_then(|resume| resume.kept.as_ref())
    }

    /// That it cannot go on, and why.
    fn misfit(&self, error: &ResumeError) -> Misfit {
        let why = format!("cannot go on from the resume file {}: {error}", self.path.display());
        Misfit { why, is_place: error.is_of_place() }
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
            self.see_beginning();
        }
    }

    /// What the program does at first is left with the rest. Who begins anew may have come to no look at it.
    fn see_beginning(&mut self) {
        let Some(mut pieces) = self.pieces.take() else { return };
        if self.misfit.is_none() {
            pieces.beginning = self.beginning();
        }
        self.pieces = Some(pieces);
    }

    fn beginning(&mut self) -> Beginning {
        let first = confirm::run(self, Selection::Follow(Schedule::default()), false);
        beginning(&self.options.program, &first.trace)
    }

    /// The file is not of this program as it is now: nothing is run, or all of it.
    fn does_not_fit(&mut self, error: &ResumeError) {
        let Some(pieces) = &mut self.pieces else { return };
        if !(pieces.may_begin_anew && error.is_stale()) {
            self.misfit = Some(pieces.misfit(error));
            return;
        }
        match Resume::anew(&pieces.path) {
            Ok(resume) => pieces.opened = Ok(resume),
            Err(error) => {
                self.misfit = Some(pieces.misfit(&error));
                return;
            }
        }
        let file = pieces.path.display();
        // What was noted until now is about going on.
        self.notes = vec![format!("begins anew, since the resume file {file} does not fit: {error:#}")];
        self.limits.clear();
        pieces.goes_on = false;
        (pieces.running, pieces.others, pieces.ran) = (Some(Default::default()), Vec::new(), Vec::new());
        self.explorer = self.new_explorer();
    }

    fn try_to_go_on(&mut self, pieces: &mut Pieces) -> Result<(), ResumeError> {
        if let Err(error) = &mut pieces.opened {
            return Err(std::mem::replace(error, ResumeFileError::Damaged.into()));
        }
        pieces.beginning = self.beginning();
        if let Ok(resume) = &pieces.opened {
            resume.compare(&pieces.beginning)?;
        }
        let Some(kept) = pieces.kept().cloned() else { return Ok(()) };
        if let Some((then, schedule)) = &kept.last
            && self.does(schedule) != *then
        {
            let what = "the schedule that was run last does something else".to_owned();
            return Err(ResumeError::Changed(what));
        }
        self.limits.extend(&kept.limits);
        self.notes.push(format!("goes on after {} of earlier runs", Counted(kept.executions(), "execution")));
        pieces.others = kept.searches;
        pieces.running = None;
        if !self.begin_next(pieces)? {
            self.explorer.interrupt(Stopped::Elsewhere);
        }
        Ok(())
    }

    /// Goes on with a search that can, or with one that cannot, if none can; whether there is one.
    fn begin_next(&mut self, pieces: &mut Pieces) -> Result<bool, ResumeError> {
        let mut place = None;
        for (at, search) in pieces.others.iter().enumerate() {
            let is_first = pieces.ran.is_empty();
            if pieces.ran.contains(&search.number) {
                continue;
            }
            let can_go_on = search.most != Some(0) && self.explorer(search)?.can_go_on();
            if can_go_on {
                place = Some(at);
                break;
            }
            place = place.or(is_first.then_some(at));
        }
        let Some(at) = place else { return Ok(false) };
        let search = pieces.others.remove(at);
        match pieces.ran.is_empty() {
            // This one knows the schedules to try first.
            true => resume(&mut self.explorer, &search)?,
            false => self.explorer = self.explorer(&search)?,
        }
        pieces.goes_on = true;
        pieces.ran.push(search.number);
        pieces.running = Some((search, self.counts()));
        Ok(true)
    }

    /// An explorer that goes on from there, with what is left of the budget.
    fn explorer(&self, search: &SearchLeft) -> Result<Explorer, ResumeError> {
        let mut budget = self.options.budget();
        budget.max_executions = budget.max_executions.saturating_sub(self.executions + self.redundant);
        let mut explorer = self.options.explorer(budget, Vec::new());
        resume(&mut explorer, search)?;
        Ok(explorer)
    }

    fn counts(&self) -> Counts {
        (self.executions, self.redundant, self.steps)
    }

    /// The search that was run has ended for now: whether there is another one to go on with.
    pub fn go_on_elsewhere(&mut self) -> bool {
        let is_over = match self.explorer.stopped() {
            Stopped::Complete | Stopped::Elsewhere => true,
            // What it was limited to, and not all that may be run.
            Stopped::MaxExecutions => self.executions + self.redundant < self.options.max_executions,
            _ => false,
        };
        if !is_over {
            return false;
        }
        let Some(mut pieces) = self.pieces.take() else { return false };
        let goes_on = self.try_to_go_on_elsewhere(&mut pieces).unwrap_or_else(|error| {
            self.misfit = Some(pieces.misfit(&error));
            false
        });
        self.pieces = Some(pieces);
        goes_on
    }

    fn try_to_go_on_elsewhere(&mut self, pieces: &mut Pieces) -> Result<bool, ResumeError> {
        if self.take_over(pieces)? {
            return Ok(true);
        }
        let is_whole = pieces.running.as_ref().is_some_and(|(search, _)| search.number == 0);
        let is_over = is_whole && self.explorer.stopped() == Stopped::Complete;
        if is_over || self.executions + self.redundant >= self.options.max_executions {
            return Ok(false);
        }
        self.let_go();
        self.put_back(pieces);
        let goes_on = self.begin_next(pieces)?;
        if !goes_on {
            // Nothing is run any more, and what was run is put back already.
            self.explorer.interrupt(Stopped::Elsewhere);
        }
        Ok(goes_on)
    }

    /// Takes over the part whose turn it is, if it is here.
    fn take_over(&mut self, pieces: &mut Pieces) -> Result<bool, ResumeError> {
        let Some(due) = self.explorer.awaits() else { return Ok(false) };
        let Some(at) = pieces.others.iter().position(|part| part.number == due) else { return Ok(false) };
        let explorer = self.explorer(&pieces.others[at])?;
        let Some((search, _)) = &mut pieces.running else { return Ok(false) };
        let part = pieces.others.remove(at);
        search.take(part, self.explorer.join(explorer));
        Ok(true)
    }

    /// Keeps how far the search has come.
    fn put_back(&self, pieces: &mut Pieces) {
        let Some((mut search, since)) = pieces.running.take() else { return };
        search.executions += self.executions - since.0;
        search.redundant += self.redundant - since.1;
        search.steps += self.steps - since.2;
        let ran = self.executions - since.0 + self.redundant - since.1;
        search.most = search.most.map(|most| most.saturating_sub(ran));
        search.state = self.explorer.state();
        pieces.others.push(search);
        pieces.others.sort_by_key(|search| search.number);
    }

    /// What the program does under a schedule.
    fn does(&mut self, schedule: &Schedule) -> u64 {
        let run = confirm::replay(self, schedule, false);
        beginning(&self.options.program, &run.trace).hash
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
        let Some(mut pieces) = self.pieces.take() else { return };
        let last = pieces.last.take().map(|schedule| (self.does(&schedule), schedule));
        let is_left = self.explorer.frontier().is_some();
        self.put_back(&mut pieces);
        if let Err(error) = self.try_to_leave(&pieces, last, is_left) {
            let path = pieces.path.display();
            let why = format!("cannot leave the resume file {path}: {error}");
            self.misfit = Some(Misfit { why, is_place: error.is_of_place() });
        }
        self.pieces = Some(pieces);
    }

    fn try_to_leave(
        &mut self,
        pieces: &Pieces,
        last: Option<(u64, Schedule)>,
        is_left: bool,
    ) -> Result<(), ResumeError> {
        let Ok(resume) = &pieces.opened else { return Ok(()) };
        let share = pieces.share();
        if share.is_none() && !is_left {
            return resume.finish();
        }
        let earlier = pieces.kept();
        let kept = ResumeFile {
            beginning: pieces.beginning.clone(),
            limits: self.limits.clone(),
            runs: pieces.earlier_runs() + 1,
            auxiliary: earlier.map_or(0, |earlier| earlier.auxiliary) + self.auxiliary,
            schedules: self.schedules(),
            last: last.or_else(|| earlier.and_then(|earlier| earlier.last.clone())),
            searches: pieces.others.clone(),
            share: share.map(|share| ShareOf { is_done: true, ..share }),
            ..ResumeFile::default()
        };
        resume.leave(kept, &self.options)?;
        let path = pieces.path.display();
        self.notes.push(match share {
            Some(ShareOf { index, of, .. }) => {
                format!("share {index} of {of}: what came of it is in {path}, for `gorace merge`")
            }
            None => format!("what is left to do is kept in {path}: the next run goes on there"),
        });
        Ok(())
    }

    /// Whether it runs one share of what several machines explore.
    pub fn is_share(&self) -> bool {
        self.pieces.as_ref().is_some_and(|pieces| pieces.share().is_some())
    }
}

/// Goes on from where a search was stopped, as far as it is to go.
fn resume(explorer: &mut Explorer, search: &SearchLeft) -> Result<(), ResumeError> {
    explorer.resume(&search.state).map_err(ResumeFileError::from)?;
    if let Some(most) = search.most {
        explorer.limit(most);
    }
    Ok(())
}
