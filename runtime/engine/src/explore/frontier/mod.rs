//! What an exploration that was stopped still has to do, as text that another process can go on from.
//!
//! Grammar, version 4: base64url without padding over
//! `search? bounded? complete to_repeat random_index truncated after_finding?`, each written as [`coded`] says. The
//! numbers of tasks and objects in it are those of executions of one program; that the program is the same is
//! for whoever keeps the text to see to. A change of what is written, or of the order in which a search goes on,
//! is a new version of the file that holds it.
//!
//! It is taken between two executions: one that was begun and not absorbed is not part of it, and is repeated.

mod coded;
mod file;

use super::{Explorer, Strategy};
use crate::base64url;
pub(crate) use coded::{Coded, Reader, coded};
pub use file::{Beginning, ResumeFile, ResumeFileError, SearchLeft, ShareOf};
use gorace_analyzer_core::verdict::Stopped;
use std::fmt;

/// A text is no frontier, or that of an exploration of another kind.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FrontierError;

impl fmt::Display for FrontierError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("expected a frontier as it was written, got something that is cut or changed")
    }
}

impl std::error::Error for FrontierError {}

impl Explorer {
    /// What is left to do, for [`Explorer::resume`]; `None` if nothing is.
    pub fn frontier(&self) -> Option<String> {
        let has_ended = self.stopped() == Stopped::Complete || matches!(self.strategy, Strategy::Replay(_));
        (!has_ended).then(|| self.state())
    }

    /// Where it stands, for [`Explorer::resume`], whether anything is left to do or not.
    pub fn state(&self) -> String {
        let mut bytes = Vec::new();
        self.search.write(&mut bytes);
        self.bounded.write(&mut bytes);
        self.complete.write(&mut bytes);
        self.to_repeat.write(&mut bytes);
        self.portfolio.index().write(&mut bytes);
        self.truncated.write(&mut bytes);
        let after_finding = self.last_begun.map(|last| last.saturating_sub(self.begun));
        after_finding.write(&mut bytes);
        base64url::encode(&bytes)
    }

    /// Goes on from where another exploration, of the same program with the same settings, was stopped. The budget
    /// is this one's own.
    ///
    /// # Errors
    /// If the text is no frontier.
    pub fn resume(&mut self, frontier: &str) -> Result<(), FrontierError> {
        let bytes = base64url::decode(frontier).ok_or(FrontierError)?;
        self.read(&mut Reader(&bytes)).ok_or(FrontierError)
    }

    fn read(&mut self, from: &mut Reader<'_>) -> Option<()> {
        let search = Option::read(from)?;
        if self.search.is_some() != search.is_some() {
            return None;
        }
        self.search = search;
        self.bounded = Coded::read(from)?;
        self.complete = from.count()?;
        self.to_repeat = from.count()?;
        self.portfolio.resume(from.count()?, self.search.is_some());
        self.truncated = Coded::read(from)?;
        let after_finding = Option::<u64>::read(from)?;
        if self.budget.after_finding.is_some() {
            self.last_begun = after_finding.map(|more| self.begun.saturating_add(more));
        }
        from.0.is_empty().then_some(())
    }
}
