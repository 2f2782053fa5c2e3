//! One test's shares, joined: what is left, and what it all came to.
//!
//! A part is taken over when its turn comes, as far as it has come: so the executions are those that one search begins,
//! in its order, and what a part plans above itself is planned as it would have been. A part that turns out to be none
//! is thrown away, with its own parts; it counts as redundant.

use super::files::explorer;
use gorace_analyzer::verdict::Verdict;
use gorace_engine::explore::{Explorer, ResumeFile, ResumeFileError, SearchLeft};

/// What came of a round.
pub struct Joined {
    /// What is left, and how much was run so far.
    pub file: ResumeFile,
    pub is_complete: bool,
    /// What all that was run is worth, if nothing was found.
    pub verdict: Verdict,
    /// How many interleavings that is about.
    pub interleavings: Option<u64>,
}

impl Joined {
    /// Complete executions so far.
    pub fn executions(&self) -> u64 {
        self.file.executions()
    }

    /// Executions so far that were abandoned, or equivalent to others.
    pub fn redundant(&self) -> u64 {
        self.file.searches.iter().fold(0, |sum, search| sum.saturating_add(search.redundant))
    }

    /// Events of all executions so far.
    pub fn steps(&self) -> u64 {
        self.file.searches.iter().fold(0, |sum, search| sum.saturating_add(search.steps))
    }
}

/// Joins what nobody was given with all shares, which are of one division.
///
/// # Errors
/// If the files contradict themselves.
pub fn join(rest: &ResumeFile, shares: &[&ResumeFile]) -> Result<Joined, ResumeFileError> {
    let mut file = ResumeFile { share: None, ..rest.clone() };
    let mut searches: Vec<(SearchLeft, Explorer)> = Vec::new();
    for of in [rest].into_iter().chain(shares.iter().copied()) {
        for search in &of.searches {
            if searches.iter().any(|(other, _)| other.number == search.number) {
                return Err(ResumeFileError::Damaged);
            }
            searches.push((search.clone(), explorer(of, search)?));
        }
        if of.searches.iter().any(|search| search.number == 0) {
            file.last.clone_from(&of.last);
        }
        file.limits.extend(&of.limits);
        // A round is one run, on however many machines.
        file.runs = file.runs.max(of.runs);
        let new = of.auxiliary.saturating_sub(rest.auxiliary);
        file.auxiliary = file.auxiliary.saturating_add(new);
        let new: Vec<_> = of.schedules.iter().filter(|new| !file.schedules.contains(new)).cloned().collect();
        file.schedules.extend(new);
    }
    file.limits.sort_unstable();
    file.limits.dedup();
    searches.sort_by_key(|(search, _)| search.number);
    take_over(&mut searches)?;
    forget_orphans(&mut searches);
    let Some((SearchLeft { number: 0, .. }, whole)) = searches.first_mut() else {
        return Err(ResumeFileError::Damaged);
    };
    let is_complete = !whole.can_go_on();
    let (verdict, interleavings) = (whole.verdict(), whole.interleavings());
    file.searches = searches
        .into_iter()
        .map(|(search, explorer)| SearchLeft { state: explorer.state(), most: None, ..search })
        .collect();
    Ok(Joined { file, is_complete, verdict, interleavings })
}

/// Takes over all parts whose turn it is, those of parts too.
fn take_over(searches: &mut Vec<(SearchLeft, Explorer)>) -> Result<(), ResumeFileError> {
    while let Some(due) = searches.iter_mut().find_map(|(_, explorer)| explorer.awaits()) {
        let part = searches.iter().position(|(search, _)| search.number == due);
        let (part, explorer) = searches.remove(part.ok_or(ResumeFileError::Damaged)?);
        let waiting = searches
            .iter_mut()
            .find_map(|(search, explorer)| (explorer.awaits() == Some(due)).then_some((search, explorer)));
        let (search, of) = waiting.ok_or(ResumeFileError::Damaged)?;
        search.take(part, of.join(explorer));
    }
    Ok(())
}

/// What were parts of a part that was none are nobody's.
fn forget_orphans(searches: &mut Vec<(SearchLeft, Explorer)>) {
    loop {
        let parts: Vec<u64> = searches.iter().flat_map(|(_, explorer)| explorer.parts()).collect();
        let is_orphan =
            |(search, _): &(SearchLeft, Explorer)| search.number > 0 && !parts.contains(&search.number);
        let Some(at) = searches.iter().position(is_orphan) else { return };
        let (orphan, _) = searches.remove(at);
        if let Some((whole, _)) = searches.iter_mut().find(|(search, _)| search.number == 0) {
            whole.take(orphan, false);
        }
    }
}
