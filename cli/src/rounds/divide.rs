//! One test's search, divided into shares.
//!
//! Each share gets several small parts rather than a large one, since nobody knows how large they are: whoever is done
//! with one goes on with the next. What can be given away is what is planned, the largest first: near the root. Where
//! that is not enough, parts are divided in their turn.
//!
//! Where something is planned in doubt, parts may turn out to be none. What they may run before they are joined is bounded
//! then, by what came of those before, so that few executions are in vain.

use super::files::explorer;
use gorace_analyzer::finding::{FNV_START, fnv};
use gorace_engine::explore::{Explorer, LEAST, ResumeFile, ResumeFileError, SearchLeft, ShareOf, trust};

/// Parts for each share, where there are as many.
const PARTS: usize = 4;

/// The shares 1 to `of`, behind the file of what nobody is given.
///
/// # Errors
/// If the file contradicts itself.
pub fn divide(file: &ResumeFile, of: u32) -> Result<Vec<ResumeFile>, ResumeFileError> {
    let whole = fnv(FNV_START, format!("{file}{of}").as_bytes());
    let mut searches = Vec::new();
    for search in &file.searches {
        searches.push((search.clone(), explorer(file, search)?));
    }
    let taken = searches.iter().flat_map(|(search, explorer)| {
        explorer.parts().into_iter().chain([search.number]).collect::<Vec<_>>()
    });
    // Numbers are counted up from there, and names of parts have a bit less.
    let next = taken.max().unwrap_or(0).checked_add(1).filter(|next| *next < 1 << 62);
    let next = next.ok_or(ResumeFileError::Damaged)?;
    let (mut open, mut waiting) = (Vec::new(), Vec::new());
    for (search, mut explorer) in searches {
        let list = if explorer.can_go_on() { &mut open } else { &mut waiting };
        list.push((search, explorer));
    }
    let in_doubt = bound(open.iter().chain(&waiting));
    let most_parts = in_doubt.map_or(usize::MAX, |bound| (bound / LEAST) as usize);
    let is_part = |(search, _): &mut (SearchLeft, Explorer)| search.number > 0;
    let parts: Vec<_> = open.extract_if(.., is_part).collect();
    let mut parts = parts.into_iter();
    open.extend(parts.by_ref().take(most_parts));
    waiting.extend(parts);
    // The search that they are parts of stops at the first of them that is due: fewer are farther away.
    let each = if in_doubt.is_some() { 1 } else { PARTS };
    give_away(&mut open, next, (of as usize * each).min(most_parts.saturating_add(1)));
    if let Some(bound) = in_doubt {
        let parts = open.iter_mut().filter(|(search, _)| search.number > 0);
        let parts: Vec<_> = parts.map(|(search, _)| search).collect();
        let most = bound / (parts.len() as u64).max(1);
        parts.into_iter().for_each(|part| part.most = Some(most));
    }
    let share = |index| ResumeFile {
        searches: Vec::new(),
        share: Some(ShareOf { index, of, round: whole, is_done: false }),
        ..file.clone()
    };
    let mut shares: Vec<ResumeFile> = (0..=of).map(share).collect();
    shares[0].searches = waiting.into_iter().map(|(search, _)| search).collect();
    for (at, (search, explorer)) in open.into_iter().enumerate() {
        shares[1 + at % of as usize].searches.push(SearchLeft { state: explorer.state(), ..search });
    }
    Ok(shares)
}

/// Divides searches in turn until there are as many, or no more can be.
fn give_away(open: &mut Vec<(SearchLeft, Explorer)>, mut number: u64, wanted: usize) {
    loop {
        let before = open.len();
        for at in 0..before {
            if open.len() >= wanted {
                return;
            }
            if let Some(part) = open[at].1.divide(number) {
                open.push((SearchLeft { number, ..SearchLeft::default() }, part));
                number += 1;
            }
        }
        if open.len() == before {
            return;
        }
    }
}

/// How many executions all parts may run, if they may turn out to be in vain.
fn bound<'a>(searches: impl Iterator<Item = &'a (SearchLeft, Explorer)>) -> Option<u64> {
    let (mut begun, mut joined, mut in_vain, mut out, mut has_doubt) = (0u64, 0u64, 0u64, 0u64, false);
    for (search, explorer) in searches {
        let own = search.executions.saturating_add(search.redundant);
        begun = begun.saturating_add(own);
        joined = joined.saturating_add(search.joined);
        in_vain = in_vain.saturating_add(search.in_vain);
        out = out.saturating_add(if search.number > 0 { own } else { 0 });
        has_doubt |= explorer.has_doubt() || search.in_vain > 0;
    }
    has_doubt.then(|| trust(begun, joined, in_vain, out))
}
